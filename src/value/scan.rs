//! Finding what is special in a string's bytes, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// How many bytes stand before the first that a JSON string cannot hold as it is: a quote, a backslash, a control
/// character. All of them if there is none.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let special = special_bits(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let special = match bytes.last_chunk::<8>() {
        // The last word again, without what was looked at.
        Some(word) if !rest.is_empty() => {
            special_bits(u64::from_le_bytes(*word) >> (8 * (8 - rest.len())) | filler(rest.len()))
        }
        Some(_) => 0,
        None => special_bits(short(rest)),
    };
    if special == 0 {
        return bytes.len();
    }
    at + special.trailing_zeros() as usize / 8
}

/// Blanks behind so many bytes, which are 1 to 7.
const fn filler(bytes: usize) -> u64 {
    (ONES * b' ' as u64) << (8 * bytes)
}

/// Less than eight bytes, and blanks behind them.
fn short(bytes: &[u8]) -> u64 {
    let word = bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    word | filler(bytes.len())
}

/// The high bit of each special byte; only the lowest bit that is set can be trusted, for borrows run upwards.
const fn special_bits(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let zero_in_quote = quote.wrapping_sub(ONES) & !quote;
    let zero_in_backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | zero_in_quote | zero_in_backslash) & HIGHS
}
