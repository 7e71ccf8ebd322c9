//! What AWS Step Functions adds: `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`.
//!
//! Numbers that must be whole are rounded down. AWS documents no codes for their errors; they have that of `$error`.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{Arguments, new_text};
use crate::expr::jsonata::datum::{Datum, plain_array, sequence};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::Evaluator;
use crate::value::Value;

/// How many elements `$range` gives at most.
const RANGE_MAX: f64 = 1000.0;

fn refused(message: impl Into<String>) -> Fault {
    fault("D3137", message)
}

pub(super) fn partition(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let (Some(elements), Some(size)) = (arguments.at(0).elements(), arguments.number(1)) else {
        return Ok(Datum::Nothing);
    };
    if size < 1.0 {
        return Err(refused(
            "The second argument of the partition function must be a positive integer",
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and no array is longer than the largest length"
    )]
    let size = size as usize;
    evaluator.take_elements(elements.len() * 2)?;
    let items: Vec<Datum> = elements.iter().collect();
    let chunks = items.chunks(size).map(|chunk| plain_array(chunk.to_vec()));
    plain_array(chunks.collect::<Result<_, _>>()?)
}

pub(super) fn range(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let whole = |place: usize| arguments.number(place).map(f64::floor);
    let (Some(first), Some(last), Some(step)) = (whole(0), whole(1), whole(2)) else {
        return Ok(Datum::Nothing);
    };
    if step == 0.0 {
        return Err(refused(
            "The third argument of the range function must not be zero",
        ));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > RANGE_MAX {
        return Err(refused(format!(
            "The range function must not give more than {RANGE_MAX} elements"
        )));
    }
    let mut numbers = Vec::new();
    let mut number = first;
    while if step > 0.0 {
        number <= last
    } else {
        number >= last
    } {
        evaluator.steps(1)?;
        numbers.push(Datum::number(number)?);
        number += step;
    }
    sequence(numbers)
}

pub(super) fn hash(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let (Some(text), Some(algorithm)) = (arguments.text(0), arguments.text(1)) else {
        return Ok(Datum::Nothing);
    };
    let bytes = text.as_bytes();
    let digest = match algorithm.as_str() {
        "MD5" => Md5::digest(bytes).to_vec(),
        "SHA-1" => Sha1::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        other => {
            return Err(refused(format!(
                "The hash function knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512, but not {other}"
            )));
        }
    };
    let mut hexadecimal = String::with_capacity(2 * digest.len());
    for byte in digest {
        for nibble in [byte >> 4, byte & 15] {
            hexadecimal.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    new_text(evaluator, hexadecimal)
}

/// A number from 0 to below 1: the same for the same seed, else the next one of the execution.
pub(super) fn random(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let bits = match arguments.number(0) {
        Some(seed) => mixed(seed.to_bits()),
        None => (evaluator.environment.randomness)(),
    };
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exactly a double's")]
    let fraction = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    Datum::number(fraction)
}

/// The finalizer of SplitMix64, whose every bit depends on every bit of its input.
const fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A UUID of version 4.
pub(super) fn uuid(evaluator: &mut Evaluator<'_>, _: Arguments) -> Result<Datum, Fault> {
    let draw = evaluator.environment.randomness;
    let high = draw() & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = draw() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    Ok(Datum::text(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )))
}

pub(super) fn parse(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    evaluator.take(text.len())?;
    match Value::parse(text.as_bytes()) {
        Ok(value) => Ok(Datum::Value(value)),
        Err(error) => Err(refused(format!(
            "The argument of the parse function is not JSON: {error}"
        ))),
    }
}
