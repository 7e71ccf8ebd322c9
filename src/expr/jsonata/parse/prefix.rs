//! What an expression can begin with.

use super::ast::{Id, Kind};
use super::lexer::Token;
use super::{Parser, Refusal};
use crate::value::{Text, Value, View};

impl Parser<'_> {
    pub(super) fn prefix(&mut self) -> Result<Id, Refusal> {
        let at = self.at;
        let token = std::mem::replace(&mut self.token, Token::End);
        let symbol = match token {
            Token::End => {
                return Err(Refusal::new("S0207", "Unexpected end of expression", at));
            }
            Token::Literal(value) => {
                self.advance()?;
                return self.add(Kind::Literal(value), at, &[]);
            }
            Token::Variable(name) => {
                self.advance()?;
                return self.add(Kind::Variable(name), at, &[]);
            }
            Token::Name(name) => {
                self.advance()?;
                return self.name(name, at);
            }
            Token::Symbol("/") => return self.regular_expression(at),
            Token::Symbol(symbol) => symbol,
        };
        self.advance()?;
        match symbol {
            "and" | "or" | "in" => self.name(Text::new_static(symbol), at),
            "*" => self.add(Kind::Wildcard, at, &[]),
            "**" => self.add(Kind::Descendants, at, &[]),
            "%" => self.parent(at),
            "-" => self.negate(at),
            "(" => self.block(at),
            "[" => self.array(at),
            "{" => {
                let pairs = self.pairs()?;
                let children = flat(&pairs);
                self.add(Kind::Object(pairs), at, &children)
            }
            "|" => self.transform(at),
            other => {
                let message = format!("The symbol {other:?} cannot be used as a unary operator");
                Err(Refusal::new("S0211", message, at))
            }
        }
    }

    /// A name is a path of one step.
    fn name(&mut self, name: Text, at: usize) -> Result<Id, Refusal> {
        let step = self.add(Kind::Name(name), at, &[])?;
        let path = Kind::Path {
            steps: vec![step],
            keeps_array: false,
        };
        self.add(path, at, &[])
    }

    fn regular_expression(&mut self, at: usize) -> Result<Id, Refusal> {
        let (pattern, flags) = self.lexer.regular_expression(at)?;
        let kind = Kind::Regex {
            pattern: pattern.to_owned(),
            flags: flags.to_owned(),
        };
        self.advance()?;
        self.add(kind, at, &[])
    }

    fn negate(&mut self, at: usize) -> Result<Id, Refusal> {
        let operand = self.expression(70)?;
        let node = self.node_mut(operand);
        if let Kind::Literal(value) = &mut node.kind
            && node.predicates.is_empty()
            && node.group.is_none()
            && let Some(negative) = negative(value)
        {
            *value = negative;
            return Ok(operand);
        }
        self.add(Kind::Negate(operand), at, &[operand])
    }

    fn block(&mut self, at: usize) -> Result<Id, Refusal> {
        let mut expressions = Vec::new();
        while !self.is(")") {
            expressions.push(self.expression(0)?);
            if !self.takes(";")? {
                break;
            }
        }
        self.expect(")")?;
        let constructs = expressions.iter().any(|e| self.begins_with_array(*e));
        let children = expressions.clone();
        let id = self.add(Kind::Block(expressions), at, &children)?;
        self.node_mut(id).constructs = constructs;
        Ok(id)
    }

    fn begins_with_array(&self, id: Id) -> bool {
        let node = self.node(id);
        if let Kind::Path { steps, .. } = &node.kind {
            return steps
                .first()
                .is_some_and(|first| self.node(*first).constructs);
        }
        node.constructs
    }

    fn array(&mut self, at: usize) -> Result<Id, Refusal> {
        let mut items = Vec::new();
        if !self.is("]") {
            loop {
                let mut item = self.expression(0)?;
                let range_at = self.at;
                if self.takes("..")? {
                    let last = self.expression(0)?;
                    item = self.add(Kind::Range(item, last), range_at, &[item, last])?;
                }
                items.push(item);
                if !self.takes(",")? {
                    break;
                }
            }
        }
        self.expect("]")?;
        let children = items.clone();
        self.add(Kind::Array(items), at, &children)
    }

    /// The rest of `{key: value, …}`.
    pub(super) fn pairs(&mut self) -> Result<Vec<(Id, Id)>, Refusal> {
        let mut pairs = Vec::new();
        if !self.is("}") {
            loop {
                let key = self.expression(0)?;
                self.expect(":")?;
                pairs.push((key, self.expression(0)?));
                if !self.takes(",")? {
                    break;
                }
            }
        }
        self.expect("}")?;
        Ok(pairs)
    }

    /// The rest of `|pattern|update, delete|`.
    fn transform(&mut self, at: usize) -> Result<Id, Refusal> {
        let pattern = self.expression(0)?;
        self.expect("|")?;
        let update = self.expression(0)?;
        let delete = if self.takes(",")? {
            Some(self.expression(0)?)
        } else {
            None
        };
        self.expect("|")?;
        let kind = Kind::Transform {
            pattern,
            update,
            delete,
        };
        let mut children = vec![pattern, update];
        children.extend(delete);
        self.add(kind, at, &children)
    }
}

pub(super) fn flat(pairs: &[(Id, Id)]) -> Vec<Id> {
    pairs
        .iter()
        .flat_map(|(key, value)| [*key, *value])
        .collect()
}

/// The number with its sign turned, every digit kept.
fn negative(value: &Value) -> Option<Value> {
    let View::Number(number) = value.view() else {
        return None;
    };
    if number.as_f64() == 0.0 {
        return Some(value.clone());
    }
    let text = value.to_json();
    let turned = match text.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        None => format!("-{text}"),
    };
    Value::parse(turned.as_bytes()).ok()
}
