//! `$base64encode`, `$base64decode` and the functions for URLs.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Arguments, new_text};
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::Evaluator;
use crate::value::Value;

/// Padding may be missing, and bits that say nothing may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What `encodeURIComponent` leaves as it is, beside letters and digits.
const COMPONENT: &str = "-_.!~*'()";
/// What `encodeURI` leaves as it is beyond that, and `decodeURI` does not decode.
const RESERVED: &str = ";/?:@&=+$,#";

pub(super) fn base64encode(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    match arguments.text(0) {
        Some(text) => new_text(evaluator, BASE64.encode(text.as_bytes())),
        None => Ok(Datum::Nothing),
    }
}

/// What is no UTF-8 is taken byte by byte.
pub(super) fn base64decode(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let bytes = BASE64.decode(text.as_bytes()).map_err(|error| {
        let message = format!("Malformed Base64 passed to $base64decode(): {error}");
        fault("D3137", message)
    })?;
    let decoded = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect());
    new_text(evaluator, decoded)
}

pub(super) fn encode_url(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    encode(evaluator, &arguments, RESERVED)
}

pub(super) fn encode_url_component(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    encode(evaluator, &arguments, "")
}

fn encode(
    evaluator: &mut Evaluator<'_>,
    arguments: &Arguments,
    also: &str,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || COMPONENT.contains(c) || also.contains(c) {
            encoded.push(c);
        } else {
            let digit = |nibble: u8| {
                char::from_digit(u32::from(nibble), 16).map_or('0', |c| c.to_ascii_uppercase())
            };
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    new_text(evaluator, encoded)
}

pub(super) fn decode_url(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    decode(evaluator, &arguments, "decodeUrl", RESERVED)
}

pub(super) fn decode_url_component(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    decode(evaluator, &arguments, "decodeUrlComponent", "")
}

fn decode(
    evaluator: &mut Evaluator<'_>,
    arguments: &Arguments,
    name: &str,
    kept: &str,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    match decoded(text, kept) {
        Some(decoded) => new_text(evaluator, decoded),
        None => {
            let shown = Value::from(text.clone());
            let message = format!("Malformed URL passed to ${name}(): {shown}");
            Err(fault("D3140", message))
        }
    }
}

/// `None` if an escape is cut short, or the bytes are no UTF-8.
fn decoded(text: &str, kept: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if kept.contains(char::from(byte)) {
            bytes.extend_from_slice(b"%");
            continue;
        }
        bytes.push(byte);
        rest = rest.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}
