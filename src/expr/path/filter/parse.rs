//! The text of a filter to its condition.

use super::super::parse::{Within, quoted, steps};
use super::super::{NESTING_MAX, Step, Steps};
use super::pattern::Pattern;
use super::{Filter, Operand, Operator};
use crate::expr::cursor::{Cursor, PathError};
use crate::value::{Text, Value};

/// Parses `(…)`; `depth` counts the filters and parentheses around it.
pub(in crate::expr::path) fn parse(
    cursor: &mut Cursor<'_>,
    depth: usize,
) -> Result<Filter, PathError> {
    cursor.expect("(")?;
    let filter = or(cursor, depth + 1)?;
    cursor.spaces();
    cursor.expect(")")?;
    Ok(filter)
}

fn or(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut conditions = vec![and(cursor, depth)?];
    while {
        cursor.spaces();
        cursor.eat("||")
    } {
        conditions.push(and(cursor, depth)?);
    }
    Ok(single(conditions, Filter::Or))
}

fn and(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    let mut conditions = vec![condition(cursor, depth)?];
    while {
        cursor.spaces();
        cursor.eat("&&")
    } {
        conditions.push(condition(cursor, depth)?);
    }
    Ok(single(conditions, Filter::And))
}

fn single(conditions: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match <[Filter; 1]>::try_from(conditions) {
        Ok([condition]) => condition,
        Err(conditions) => many(conditions),
    }
}

fn condition(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, PathError> {
    if depth > NESTING_MAX {
        return Err(cursor.error(format!("the filter is nested deeper than {NESTING_MAX}")));
    }
    cursor.spaces();
    let start = cursor.clone();
    if cursor.eat("!") {
        cursor.spaces();
        let is_grouped = cursor.peek() == Some('(');
        let negated = condition(cursor, depth + 1)?;
        // Jayway would drop the negation.
        if !is_grouped && matches!(negated, Filter::Compare(..) | Filter::Matches(..)) {
            return Err(start.error("a comparison is negated in parentheses: !(…)"));
        }
        return Ok(Filter::Not(Box::new(negated)));
    }
    if cursor.peek() == Some('(') {
        return parse(cursor, depth);
    }
    if cursor.peek() == Some('/') {
        let pattern = Pattern::parse(cursor)?;
        cursor.spaces();
        cursor.expect("=~")?;
        cursor.spaces();
        return Ok(Filter::Matches(operand(cursor, depth)?, pattern));
    }
    let left = operand(cursor, depth)?;
    cursor.spaces();
    if cursor.eat("=~") {
        cursor.spaces();
        return Ok(Filter::Matches(left, Pattern::parse(cursor)?));
    }
    let Some(operator) = operator(cursor)? else {
        return match left {
            Operand::Literal(..) => Err(cursor.error("expected an operator")),
            Operand::Item(_) | Operand::Root(_) => Ok(Filter::Exists(left)),
        };
    };
    cursor.spaces();
    Ok(Filter::Compare(left, operator, operand(cursor, depth)?))
}

fn operator(cursor: &mut Cursor<'_>) -> Result<Option<Operator>, PathError> {
    const SIGNS: [(&str, Operator); 6] = [
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    const WORDS: [(&str, Operator); 8] = [
        ("in", Operator::In),
        ("nin", Operator::NotIn),
        ("subsetof", Operator::SubsetOf),
        ("anyof", Operator::AnyOf),
        ("noneof", Operator::NoneOf),
        ("contains", Operator::Contains),
        ("size", Operator::Size),
        ("empty", Operator::Empty),
    ];
    if let Some((_, sign)) = SIGNS.iter().find(|(text, _)| cursor.eat(text)) {
        return Ok(Some(*sign));
    }
    let start = cursor.clone();
    let word = cursor.take_while(|c| c.is_ascii_alphabetic());
    let known = |(text, _): &&(&str, Operator)| word.eq_ignore_ascii_case(text);
    match WORDS.iter().find(known) {
        Some((_, operator)) => Ok(Some(*operator)),
        None if word.is_empty() => Ok(None),
        None => Err(start.error(format!("there is no operator '{word}'"))),
    }
}

fn operand(cursor: &mut Cursor<'_>, depth: usize) -> Result<Operand, PathError> {
    let start = cursor.clone();
    match cursor.peek() {
        Some('@') => {
            cursor.next();
            Ok(Operand::Item(definite(cursor, depth, &start)?))
        }
        Some('$') => {
            cursor.next();
            Ok(Operand::Root(definite(cursor, depth, &start)?))
        }
        Some('\'' | '"') => {
            let text = Text::from(quoted(cursor)?);
            Ok(Operand::Literal(text.clone().into(), text))
        }
        Some('/') => Err(cursor.error("a regular expression stands beside '=~'")),
        Some('[' | '{') => {
            let value = json_literal(cursor)?;
            Ok(Operand::Literal(value, Text::new(cursor.since(start.at()))))
        }
        _ => word(cursor),
    }
}

fn definite(cursor: &mut Cursor<'_>, depth: usize, start: &Cursor<'_>) -> Result<Steps, PathError> {
    let steps = steps(cursor, Within::Operand, depth)?;
    let many = |step: &Step| {
        matches!(
            step,
            Step::Indexes(_) | Step::Slice(_) | Step::Wildcard | Step::Scan | Step::Filter(_)
        )
    };
    if steps.list.iter().any(many) {
        return Err(start.error("a path in a filter must lead to one value"));
    }
    Ok(steps)
}

/// A number, `true`, `false`, `null`, or a string without quotes, which AWS accepts: `@.Name==Receipt`.
fn word(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    let start = cursor.clone();
    let in_word = |c| !matches!(c, ')' | '&' | '|' | '=' | '!' | '<' | '>' | '\'' | '"');
    let first = cursor.take_while(|c| c != ' ' && in_word(c));
    if let Ok(value) = Value::parse(first.as_bytes()) {
        return Ok(Operand::Literal(value, Text::new(first)));
    }
    cursor.take_while(in_word);
    let text = cursor.since(start.at()).trim_end();
    if text.is_empty() {
        return Err(start.error("expected a path or a literal"));
    }
    Ok(Operand::Literal(Value::from(text), Text::new(text)))
}

/// A JSON value; strings may stand in single quotes, as in `['a','b']`.
pub(in crate::expr::path) fn json_literal(cursor: &mut Cursor<'_>) -> Result<Value, PathError> {
    let start = cursor.clone();
    let mut json = String::new();
    let mut open = 0_usize;
    loop {
        match cursor.peek() {
            Some('\'' | '"') => json.push_str(&Value::from(quoted(cursor)?).to_json()),
            Some(c @ ('[' | '{')) => {
                open += 1;
                json.push(c);
                cursor.next();
            }
            Some(c @ (']' | '}')) if open > 0 => {
                open -= 1;
                json.push(c);
                cursor.next();
            }
            Some(c) if open > 0 || !matches!(c, ',' | ')' | ' ') => {
                json.push(c);
                cursor.next();
                continue;
            }
            _ => {}
        }
        if open == 0 {
            break;
        }
        if cursor.at_end() {
            return Err(start.error("the literal is not closed"));
        }
    }
    Value::parse(json.as_bytes()).map_err(|_| start.error("expected a literal"))
}
