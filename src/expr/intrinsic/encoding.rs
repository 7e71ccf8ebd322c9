//! Base64, hashes and UUIDs.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::Digest as _;

use super::DATA_CHARS_MAX;
use super::eval::Wrong;
use crate::expr::Randomness;
use crate::value::Value;

/// Like Java's decoder it does not insist on padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn base64_encode(data: &str) -> Result<Value, Wrong> {
    bounded(data)?;
    Ok(BASE64.encode(data).into())
}

pub(super) fn base64_decode(data: &str) -> Result<Value, Wrong> {
    bounded(data)?;
    let bytes = BASE64.decode(data);
    let bytes = bytes.map_err(|error| Wrong(format!("The data is not Base64: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// The hash of a string's bytes, or of any other value's JSON, in lowercase hexadecimal.
pub(super) fn hash(data: &Value, algorithm: &str) -> Result<Value, Wrong> {
    let json;
    let data = match data.as_str() {
        Some(string) => string,
        None => {
            json = data.to_json();
            &json
        }
    };
    bounded(data)?;
    match algorithm {
        "MD5" => Ok(hexadecimal(&md5::Md5::digest(data))),
        "SHA-1" => Ok(hexadecimal(&sha1::Sha1::digest(data))),
        "SHA-256" => Ok(hexadecimal(&sha2::Sha256::digest(data))),
        "SHA-384" => Ok(hexadecimal(&sha2::Sha384::digest(data))),
        "SHA-512" => Ok(hexadecimal(&sha2::Sha512::digest(data))),
        _ => Err(Wrong(format!(
            "The algorithm '{algorithm}' is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512"
        ))),
    }
}

/// A random UUID (version 4).
pub(super) fn uuid(randomness: &Randomness) -> Value {
    let high = randomness.next_u64() & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = randomness.next_u64() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        push_hexadecimal(*byte, &mut text);
    }
    text.into()
}

fn bounded(data: &str) -> Result<(), Wrong> {
    if data.chars().count() > DATA_CHARS_MAX {
        return Err(Wrong(format!(
            "The data must not be longer than {DATA_CHARS_MAX} characters"
        )));
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> Value {
    let mut text = String::with_capacity(2 * bytes.len());
    bytes
        .iter()
        .for_each(|byte| push_hexadecimal(*byte, &mut text));
    text.into()
}

fn push_hexadecimal(byte: u8, text: &mut String) {
    let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    text.extend(digits.into_iter().flatten());
}
