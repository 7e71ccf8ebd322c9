//! Integers in English words, cardinal and ordinal, written and read.

const UNITS: [(&str, &str); 20] = [
    ("Zero", "Zeroth"),
    ("One", "First"),
    ("Two", "Second"),
    ("Three", "Third"),
    ("Four", "Fourth"),
    ("Five", "Fifth"),
    ("Six", "Sixth"),
    ("Seven", "Seventh"),
    ("Eight", "Eighth"),
    ("Nine", "Ninth"),
    ("Ten", "Tenth"),
    ("Eleven", "Eleventh"),
    ("Twelve", "Twelfth"),
    ("Thirteen", "Thirteenth"),
    ("Fourteen", "Fourteenth"),
    ("Fifteen", "Fifteenth"),
    ("Sixteen", "Sixteenth"),
    ("Seventeen", "Seventeenth"),
    ("Eighteen", "Eighteenth"),
    ("Nineteen", "Nineteenth"),
];

const TENS: [(&str, &str); 8] = [
    ("Twenty", "Twentieth"),
    ("Thirty", "Thirtieth"),
    ("Forty", "Fortieth"),
    ("Fifty", "Fiftieth"),
    ("Sixty", "Sixtieth"),
    ("Seventy", "Seventieth"),
    ("Eighty", "Eightieth"),
    ("Ninety", "Ninetieth"),
];

/// Above the last one it stands once more: `thousand trillion`.
const MAGNITUDES: [(f64, &str, &str); 4] = [
    (1e3, "Thousand", "Thousandth"),
    (1e6, "Million", "Millionth"),
    (1e9, "Billion", "Billionth"),
    (1e12, "Trillion", "Trillionth"),
];

const HUNDRED: (&str, &str) = ("Hundred", "Hundredth");

/// `size` in words, each with an initial capital.
pub(super) fn written(size: f64, ordinal: bool) -> String {
    let mut text = String::new();
    if size.is_finite() {
        write(&mut text, size, false, ordinal);
    }
    text
}

/// What is above a thousand trillions is itself a number of trillions: no deeper than the 26 trillions of trillions of a double.
fn write(text: &mut String, size: f64, joined: bool, ordinal: bool) {
    if size < 1e15 {
        return below_quadrillion(text, size, joined, ordinal);
    }
    let head = (size / 1e12).floor();
    let rest = size - head * 1e12;
    if joined {
        text.push_str(", ");
    }
    write(text, head, false, false);
    let ends = ordinal && rest <= 0.0;
    text.push_str(if ends { " Trillionth" } else { " Trillion" });
    if rest > 0.0 {
        write(text, rest, true, ordinal);
    }
}

/// Words of a number below a thousand trillions.
fn below_quadrillion(text: &mut String, size: f64, joined: bool, ordinal: bool) {
    let mut rest = size;
    let mut joined = joined;
    for (value, name, ordinal_name) in MAGNITUDES.iter().rev() {
        let count = (rest / value).floor();
        if count < 1.0 {
            continue;
        }
        rest -= count * value;
        if joined {
            text.push_str(", ");
        }
        below_thousand(text, count, false, false);
        text.push(' ');
        let ends = ordinal && rest <= 0.0;
        text.push_str(if ends { ordinal_name } else { name });
        joined = true;
        if rest <= 0.0 {
            return;
        }
    }
    below_thousand(text, rest, joined, ordinal);
}

fn below_thousand(text: &mut String, size: f64, joined: bool, ordinal: bool) {
    // Below a thousand, so that the cast keeps it whole.
    let size = size as usize;
    let pick = |(cardinal, ordinal_name): &(&'static str, &'static str), ends: bool| {
        if ends && ordinal {
            *ordinal_name
        } else {
            *cardinal
        }
    };
    let (hundreds, rest) = (size / 100, size % 100);
    let mut joined = joined;
    if let Some(unit) = UNITS.get(hundreds).filter(|_| hundreds > 0) {
        if joined {
            text.push_str(", ");
        }
        text.push_str(unit.0);
        text.push(' ');
        text.push_str(pick(&HUNDRED, rest == 0));
        if rest == 0 {
            return;
        }
        joined = true;
    }
    if joined {
        text.push_str(" and ");
    }
    if let Some(unit) = UNITS.get(rest) {
        text.push_str(pick(unit, true));
        return;
    }
    let (tens, units) = (rest / 10, rest % 10);
    if let Some(ten) = TENS.get(tens.saturating_sub(2)) {
        text.push_str(pick(ten, units == 0));
    }
    if let Some(unit) = UNITS.get(units).filter(|_| units > 0) {
        text.push('-');
        text.push_str(pick(unit, true));
    }
}

/// Every word that is a number, with its value: titles as written above.
fn vocabulary() -> impl Iterator<Item = (&'static str, f64)> {
    let units = (0u32..).zip(UNITS).map(|(value, names)| (names, value));
    let tens = (2u32..).zip(TENS).map(|(ten, names)| (names, ten * 10));
    let small = units
        .chain(tens)
        .chain([(HUNDRED, 100)])
        .map(|(names, value)| (names, f64::from(value)));
    let large = MAGNITUDES
        .iter()
        .map(|(value, name, ordinal)| ((*name, *ordinal), *value));
    small
        .chain(large)
        .flat_map(|((cardinal, ordinal), value)| [(cardinal, value), (ordinal, value)])
}

/// Reads lower-case words; `None` when one of them is no number.
pub(super) fn read(text: &str) -> Option<f64> {
    let mut segments = vec![0.0];
    let mut rest = Some(text);
    while let Some(words) = rest {
        let (word, after) = first_word(words);
        rest = after;
        let (_, value) = vocabulary().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
        let top = segments.pop().unwrap_or(0.0);
        if value >= 100.0 {
            segments.push(top * value);
        } else if top >= 1000.0 {
            segments.extend([top, value]);
        } else {
            segments.push(top + value);
        }
    }
    Some(segments.iter().sum())
}

/// The text before the first `, `, ` and `, white space, hyphen or backslash, and that after it.
fn first_word(text: &str) -> (&str, Option<&str>) {
    for (at, character) in text.char_indices() {
        let (word, from) = text.split_at(at);
        let mut after = from.chars();
        after.next();
        let spaced = |text: &str, word: &str| {
            let mut after = text.strip_prefix(word)?.chars();
            after.next().filter(|c| c.is_whitespace())?;
            Some(after.as_str().len())
        };
        let left = match character {
            ',' => spaced(from, ","),
            '-' | '\\' => Some(after.as_str().len()),
            c if c.is_whitespace() => {
                Some(spaced(after.as_str(), "and").unwrap_or(after.as_str().len()))
            }
            _ => None,
        };
        if let Some(left) = left {
            return (word, text.get(text.len() - left..));
        }
    }
    (text, None)
}

/// Where words as [`read`] takes them may end that start `text`, in any case: lengths in bytes, the longest last.
pub(in super::super) fn runs(text: &str) -> Vec<usize> {
    let mut ends = vec![0];
    let mut next = 0;
    while let Some(from) = ends.get(next).copied() {
        next += 1;
        let rest = text.get(from..).unwrap_or_default();
        let mut found = |length: usize| {
            if let Err(at) = ends.binary_search(&(from + length)) {
                ends.insert(at, from + length);
            }
        };
        if rest.starts_with(['-', ',', ' ']) {
            found(1);
        }
        let names = vocabulary().map(|(name, _)| name);
        for name in names.chain(["and"]) {
            let head = rest.get(..name.len()).unwrap_or_default();
            if name.eq_ignore_ascii_case(head) {
                found(name.len());
            }
        }
    }
    ends.remove(0);
    ends
}
