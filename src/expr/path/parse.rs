//! The text of a path to its steps.

use super::filter;
use super::function::Call;
use super::{
    NESTING_MAX, NESTING_OF_PATH, Path, Root, STEPS_MAX, Slice, Step, Steps, TEXT_BYTES_MAX,
};
use crate::expr::Slot;
use crate::expr::cursor::{Cursor, PathError};
use crate::expr::variables::{is_name_part, is_name_start};
use crate::value::{Hint, Text};

pub(super) fn path(text: &str) -> Result<Path, PathError> {
    let mut cursor = Cursor::new(text);
    if text.len() > TEXT_BYTES_MAX {
        return Err(cursor.error(format!("the path is longer than {TEXT_BYTES_MAX} bytes")));
    }
    let (root, steps) = rooted(&mut cursor, Within::Field)?;
    cursor.spaces();
    if !cursor.at_end() {
        return Err(cursor.error("expected '.' or '['"));
    }
    Ok(Path {
        text: Text::new(text),
        root,
        steps,
    })
}

/// A path that is an argument of an intrinsic call: it ends where it cannot go on.
pub(in crate::expr) fn argument(cursor: &mut Cursor<'_>) -> Result<Path, PathError> {
    let start = cursor.at();
    let (root, steps) = rooted(cursor, Within::Argument)?;
    Ok(Path {
        text: Text::new(cursor.since(start)),
        root,
        steps,
    })
}

fn rooted(cursor: &mut Cursor<'_>, within: Within) -> Result<(Root, Steps), PathError> {
    cursor.expect("$")?;
    let root = if cursor.eat("$") {
        Root::Context
    } else if cursor.peek().is_some_and(is_name_start) {
        Root::Variable {
            name: Text::new(cursor.take_while(is_name_part)),
            slot: Slot::NONE,
        }
    } else {
        Root::Input
    };
    Ok((root, steps(cursor, within, 0)?))
}

/// Where a path stands, which decides where it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// It is the whole text.
    Field,
    /// It is an operand of a filter.
    Operand,
    /// It is an argument of a function.
    Argument,
}

/// Everything behind `$` or `@`; `depth` counts the filters around it.
pub(super) fn steps(
    cursor: &mut Cursor<'_>,
    within: Within,
    depth: usize,
) -> Result<Steps, PathError> {
    if depth > NESTING_MAX {
        return Err(cursor.error(format!("the path is nested deeper than {NESTING_MAX}")));
    }
    let mut list = Vec::new();
    while let Some('.' | '[') = cursor.peek() {
        if matches!(list.last(), Some(Step::Function(_))) {
            return Err(cursor.error("nothing may follow a function"));
        }
        if cursor.eat("..") {
            list.push(Step::Scan);
        } else {
            cursor.eat(".");
        }
        if list.len() >= STEPS_MAX {
            return Err(cursor.error(format!("the path has more than {STEPS_MAX} steps")));
        }
        list.push(match cursor.peek() {
            Some('[') => bracket(cursor, depth)?,
            _ => dotted(cursor, within, depth)?,
        });
    }
    Ok(Steps::new(list))
}

/// `*`, a name, or a function, behind a dot.
fn dotted(cursor: &mut Cursor<'_>, within: Within, depth: usize) -> Result<Step, PathError> {
    if cursor.eat("*") {
        return Ok(Step::Wildcard);
    }
    let from = cursor.at();
    let name = cursor.take_while(|c| match c {
        '.' | '[' | '(' | ' ' | '\t' | '\n' | '\r' => false,
        ',' | ')' => within == Within::Field,
        '=' | '<' | '>' | '!' | '&' | '|' | ']' | '~' => within != Within::Operand,
        _ => true,
    });
    match cursor.peek() {
        _ if name.is_empty() => Err(cursor.error("expected a name, '*' or '['")),
        Some('(') => Call::parse(name, cursor, depth).map(|call| Step::Function(Box::new(call))),
        Some(c) if c.is_whitespace() && within == Within::Field && !rest_is_blank(cursor) => {
            Err(PathError {
                message: "a name with blanks needs brackets: ['my name']".to_owned(),
                at: from,
            })
        }
        _ => Ok(Step::Name(Text::new(name), Hint::default())),
    }
}

fn rest_is_blank(cursor: &Cursor<'_>) -> bool {
    cursor.rest().trim().is_empty()
}

fn bracket(cursor: &mut Cursor<'_>, depth: usize) -> Result<Step, PathError> {
    cursor.expect("[")?;
    cursor.spaces();
    let step = match cursor.peek() {
        Some('\'' | '"') => names(cursor)?,
        Some('*') => {
            cursor.next();
            Step::Wildcard
        }
        Some('?') => {
            cursor.next();
            cursor.spaces();
            let within = depth + NESTING_OF_PATH;
            Step::Filter(Box::new(filter::parse(cursor, within)?))
        }
        Some('(') => from_end(cursor)?,
        Some('0'..='9' | '-' | ':') => indexes(cursor)?,
        _ => return Err(cursor.error("expected a quoted name, an index, '*', ':' or '?('")),
    };
    cursor.spaces();
    cursor.expect("]")?;
    Ok(step)
}

fn names(cursor: &mut Cursor<'_>) -> Result<Step, PathError> {
    let mut names = Vec::new();
    loop {
        cursor.spaces();
        names.push(Text::from(quoted(cursor)?));
        cursor.spaces();
        if !cursor.eat(",") {
            break;
        }
    }
    Ok(match <[Text; 1]>::try_from(names) {
        Ok([name]) => Step::Name(name, Hint::default()),
        Err(names) => Step::Names(names.into_boxed_slice()),
    })
}

/// A string in either quotes, with Java's escapes.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, PathError> {
    let start = cursor.clone();
    let Some(quote @ ('\'' | '"')) = cursor.next() else {
        return Err(start.error("expected a quoted string"));
    };
    let mut out = String::new();
    loop {
        match cursor.next() {
            None => return Err(start.error("the quote is not closed")),
            Some(c) if c == quote => return Ok(out),
            Some('\\') => out.push(escape(cursor)?),
            Some(c) => out.push(c),
        }
    }
}

fn escape(cursor: &mut Cursor<'_>) -> Result<char, PathError> {
    let start = cursor.clone();
    Ok(match cursor.next() {
        None => return Err(start.error("the escape is not finished")),
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => {
            let digits = cursor.rest().get(..4).unwrap_or("");
            cursor.eat(digits);
            u32::from_str_radix(digits, 16)
                .ok()
                .and_then(char::from_u32)
                .ok_or_else(|| start.error("expected four hexadecimal digits of a character"))?
        }
        Some(c) => c,
    })
}

/// `[1]`, `[0,2]`, `[1:]`, `[:2]`, `[0:10]`
fn indexes(cursor: &mut Cursor<'_>) -> Result<Step, PathError> {
    let first = integer(cursor)?;
    cursor.spaces();
    if cursor.eat(":") {
        cursor.spaces();
        return slice(cursor, first);
    }
    let mut list = vec![first.ok_or_else(|| cursor.error("expected an index"))?];
    while cursor.eat(",") {
        cursor.spaces();
        list.push(integer(cursor)?.ok_or_else(|| cursor.error("expected an index"))?);
        cursor.spaces();
    }
    Ok(match <[i64; 1]>::try_from(list) {
        Ok([index]) => Step::Index(index),
        Err(list) => Step::Indexes(list.into_boxed_slice()),
    })
}

fn slice(cursor: &mut Cursor<'_>, from: Option<i64>) -> Result<Step, PathError> {
    let to = integer(cursor)?;
    cursor.spaces();
    if cursor.peek() == Some(':') {
        return Err(cursor.error("a slice has no step: AWS would ignore it"));
    }
    if from.is_none() && to.is_none() {
        return Err(cursor.error("expected an index"));
    }
    Ok(Step::Slice(Slice { from, to }))
}

/// An index of Java's `int`, if one stands here.
fn integer(cursor: &mut Cursor<'_>) -> Result<Option<i64>, PathError> {
    let start = cursor.clone();
    let digits = cursor.take_while(|c| c == '-' || c.is_ascii_digit());
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse::<i32>() {
        Ok(index) => Ok(Some(index.into())),
        Err(_) => Err(start.error("expected an index")),
    }
}

/// `(@.length-1)`, also `@.length()` and `@.size()`: an index from the end.
fn from_end(cursor: &mut Cursor<'_>) -> Result<Step, PathError> {
    cursor.expect("(")?;
    cursor.spaces();
    cursor.expect("@.")?;
    if !cursor.eat("length") && !cursor.eat("size") {
        return Err(cursor.error("expected 'length' or 'size()'"));
    }
    if cursor.eat("(") {
        cursor.expect(")")?;
    }
    cursor.spaces();
    cursor.expect("-")?;
    cursor.spaces();
    let back = integer(cursor)?.filter(|back| *back > 0);
    let back = back.ok_or_else(|| cursor.error("expected a positive number"))?;
    cursor.spaces();
    cursor.expect(")")?;
    Ok(Step::FromEnd(back))
}
