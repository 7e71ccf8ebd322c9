//! The text of a call to its arguments.

use super::signature::{Function, Signature};
use super::{Argument, Call, NESTING_MAX};
use crate::expr::cursor::{Cursor, PathError};
use crate::expr::path::{self, TEXT_BYTES_MAX};
use crate::value::{Text, Value};

pub(super) fn call(text: &str) -> Result<Call, PathError> {
    let mut cursor = Cursor::new(text);
    if text.len() > TEXT_BYTES_MAX {
        return Err(cursor.error(format!("the call is longer than {TEXT_BYTES_MAX} bytes")));
    }
    let call = nested(&mut cursor, 1)?;
    cursor.spaces();
    if !cursor.at_end() {
        return Err(cursor.error("nothing may follow the call"));
    }
    Ok(call)
}

fn nested(cursor: &mut Cursor<'_>, depth: usize) -> Result<Call, PathError> {
    let start = cursor.clone();
    if depth > NESTING_MAX {
        return Err(start.error(format!("calls are nested deeper than {NESTING_MAX}")));
    }
    if !cursor.eat("States.") {
        return Err(start.error("expected a path or a call of an intrinsic function"));
    }
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric());
    let signature = Signature::find(name)
        .ok_or_else(|| start.error(format!("there is no intrinsic function 'States.{name}'")))?;
    cursor.spaces();
    cursor.expect("(")?;
    cursor.spaces();
    let mut arguments = Vec::new();
    while !cursor.eat(")") {
        let argument = argument(cursor, signature.function, arguments.is_empty(), depth)?;
        let kind = signature.kind(arguments.len());
        if let Argument::Literal(value) = &argument
            && !kind.accepts(value)
        {
            let (at, kind) = (arguments.len() + 1, kind.name());
            return Err(cursor.error(format!("argument {at} of States.{name} must be {kind}")));
        }
        arguments.push(argument);
        cursor.spaces();
        if cursor.eat(",") {
            cursor.spaces();
            if cursor.peek() == Some(')') {
                return Err(cursor.error("expected an argument"));
            }
        } else if cursor.peek() != Some(')') {
            return Err(cursor.error("expected ',' or ')'"));
        }
    }
    let count = arguments.len();
    if let Err(expected) = signature.check_count(count) {
        let message = format!("States.{name} takes {expected} arguments, not {count}");
        return Err(start.error(message));
    }
    if let Some(Argument::Pattern(pieces)) = arguments.first() {
        let places = pieces.len() - 1;
        if places != count - 1 {
            let message = format!("{places} '{{}}' in the pattern, {} values", count - 1);
            return Err(start.error(message));
        }
    }
    Ok(Call {
        function: signature.function,
        arguments: arguments.into_boxed_slice(),
        text: Text::new(cursor.since(start.at())),
    })
}

fn argument(
    cursor: &mut Cursor<'_>,
    function: Function,
    first: bool,
    depth: usize,
) -> Result<Argument, PathError> {
    match cursor.peek() {
        Some('$') => path::argument(cursor).map(Argument::Path),
        Some('S') => nested(cursor, depth + 1).map(Argument::Call),
        Some('\'') => {
            let pieces = string(cursor)?;
            Ok(if function == Function::Format && first {
                Argument::Pattern(pieces.into_iter().map(Text::from).collect())
            } else {
                Argument::Literal(pieces.join("{}").into())
            })
        }
        _ => literal(cursor).map(Argument::Literal),
    }
}

/// A string in single quotes, cut at each `{}` that is not escaped.
fn string(cursor: &mut Cursor<'_>) -> Result<Vec<String>, PathError> {
    let start = cursor.clone();
    cursor.expect("'")?;
    let mut pieces = Vec::new();
    let mut piece = String::new();
    loop {
        let here = cursor.clone();
        if cursor.eat("{}") {
            pieces.push(std::mem::take(&mut piece));
            continue;
        }
        match cursor.next() {
            None => return Err(start.error("the quote is not closed")),
            Some('\'') => break,
            Some('\\') => match cursor.next() {
                Some(c @ ('\'' | '{' | '}' | '\\')) => piece.push(c),
                _ => return Err(here.error(r"only \', \{, \} and \\ are escapes")),
            },
            Some(c) => piece.push(c),
        }
    }
    pieces.push(piece);
    Ok(pieces)
}

fn literal(cursor: &mut Cursor<'_>) -> Result<Value, PathError> {
    for (word, value) in [
        ("null", Value::NULL),
        ("true", Value::TRUE),
        ("false", Value::FALSE),
    ] {
        if cursor.eat(word) {
            return Ok(value);
        }
    }
    let start = cursor.clone();
    let number = cursor.number();
    Value::parse(number.as_bytes()).map_err(|_| {
        start.error(
            "expected a path, a call, a number, null, true, false or a string in single quotes",
        )
    })
}
