//! `$boolean`, `$not`, `$exists`, `$type`, `$error`, `$assert`.

use super::Arguments;
use crate::expr::jsonata::datum::{Datum, kind_letter};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::{Evaluator, truth};
use crate::value::Value;

pub(super) fn boolean(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    Ok(if datum.is_nothing() {
        Datum::Nothing
    } else {
        Datum::Value(Value::from(truth(datum)))
    })
}

pub(super) fn not(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    Ok(if datum.is_nothing() {
        Datum::Nothing
    } else {
        Datum::Value(Value::from(!truth(datum)))
    })
}

pub(super) fn exists(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    Ok(Datum::Value(Value::from(!arguments.at(0).is_nothing())))
}

pub(super) fn kind(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let name = match kind_letter(arguments.at(0)) {
        b'l' => "null",
        b'b' => "boolean",
        b'n' => "number",
        b's' => "string",
        b'a' => "array",
        b'o' => "object",
        b'f' => "function",
        _ => return Ok(Datum::Nothing),
    };
    Ok(Datum::text(name))
}

pub(super) fn error(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let given = arguments.text(0).filter(|text| !text.is_empty());
    Err(fault(
        "D3137",
        given.map_or("$error() function evaluated", |text| text.as_str()),
    ))
}

pub(super) fn assert(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    if truth(arguments.at(0)) {
        return Ok(Datum::Nothing);
    }
    let given = arguments.text(1).filter(|text| !text.is_empty());
    Err(fault(
        "D3141",
        given.map_or("$assert() statement failed", |text| text.as_str()),
    ))
}
