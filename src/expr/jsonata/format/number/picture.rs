//! One sub-picture of `$formatNumber`: its rules (section 4.7.3 of XPath Functions 3.1) and what it asks for (4.7.4).

use super::FormatError;
use super::Options;
use super::is;

/// What one sub-picture asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SubPicture {
    pub(super) prefix: String,
    pub(super) suffix: String,
    /// Distances of separators from the point, leftwards, in the picture's order.
    pub(super) integer_groups: Vec<usize>,
    /// Distances of separators from the point, rightwards.
    pub(super) fraction_groups: Vec<usize>,
    pub(super) integer_digits_min: usize,
    pub(super) fraction_digits_min: usize,
    pub(super) fraction_digits_max: usize,
    pub(super) exponent_digits_min: usize,
    pub(super) has_point: bool,
    scale: Scale,
    scaling_factor: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    One,
    Percent,
    PerMille,
}

impl SubPicture {
    /// The mantissa to write and its power of ten, if the picture has an exponent.
    pub(super) fn scaled(&self, value: f64) -> (f64, Option<i32>) {
        let adjusted = match self.scale {
            Scale::One => value,
            Scale::Percent => value * 100.0,
            Scale::PerMille => value * 1000.0,
        };
        if self.exponent_digits_min == 0 {
            return (adjusted, None);
        }
        if adjusted == 0.0 || !adjusted.is_finite() {
            return (adjusted, Some(0));
        }
        let factor = i32::try_from(self.scaling_factor).unwrap_or(i32::MAX);
        let (max, min) = (10f64.powi(factor), 10f64.powi(factor.saturating_sub(1)));
        let (mut mantissa, mut exponent) = (adjusted, 0);
        // At most some hundred turns: a double has 308 powers of ten, and a bound beyond them stops at infinity.
        while mantissa < min && mantissa.is_finite() {
            mantissa *= 10.0;
            exponent -= 1;
        }
        while mantissa > max && mantissa.is_finite() {
            mantissa /= 10.0;
            exponent += 1;
        }
        (mantissa, Some(exponent))
    }
}

/// The pieces of a sub-picture, in characters.
struct Parts<'a> {
    text: &'a str,
    prefix: &'a [char],
    suffix: &'a [char],
    active: &'a [char],
    mantissa: &'a [char],
    exponent: Option<&'a [char]>,
    integer: &'a [char],
    fraction: &'a [char],
}

pub(super) fn analyse(text: &str, options: &Options) -> Result<SubPicture, FormatError> {
    let characters: Vec<char> = text.chars().collect();
    let parts = split(text, &characters, options);
    check(&parts, &characters, options)?;
    Ok(asked_for(&parts, options))
}

fn is_active(character: char, options: &Options) -> bool {
    options.is_digit(character)
        || [
            &options.decimal_separator,
            &options.exponent_separator,
            &options.grouping_separator,
            &options.digit,
            &options.pattern_separator,
        ]
        .iter()
        .any(|option| is(character, option))
}

fn split<'a>(text: &'a str, characters: &'a [char], options: &Options) -> Parts<'a> {
    let stands = |c: &char| is_active(*c, options) && !is(*c, &options.exponent_separator);
    // Text without an active character is all of it active, so that a rule refuses it.
    let from = characters.iter().position(stands).unwrap_or(0);
    let to = characters
        .iter()
        .rposition(stands)
        .map_or(characters.len(), |last| last + 1);
    let active = slice(characters, from, to);
    // The place is that in the whole sub-picture although it parts the active piece: so does JSONata, and so an exponent after a prefix is refused.
    let separator = characters
        .iter()
        .skip(from)
        .position(|c| is(*c, &options.exponent_separator))
        .map(|at| at + from)
        .filter(|at| *at <= to);
    let (mantissa, exponent) = match separator {
        Some(at) => (
            slice(active, 0, at),
            Some(slice(active, at + 1, active.len())),
        ),
        None => (active, None),
    };
    let point = mantissa
        .iter()
        .position(|c| is(*c, &options.decimal_separator));
    let suffix = slice(characters, to, characters.len());
    let (integer, fraction) = match point {
        Some(at) => (
            slice(mantissa, 0, at),
            slice(mantissa, at + 1, mantissa.len()),
        ),
        None => (mantissa, suffix),
    };
    Parts {
        text,
        prefix: slice(characters, 0, from),
        suffix,
        active,
        mantissa,
        exponent,
        integer,
        fraction,
    }
}

/// `characters[from..to]`, cut to what there is.
fn slice(characters: &[char], from: usize, to: usize) -> &[char] {
    let to = to.min(characters.len());
    characters.get(from.min(to)..to).unwrap_or_default()
}

fn check(parts: &Parts<'_>, characters: &[char], options: &Options) -> Result<(), FormatError> {
    let digits = |piece: &[char]| piece.iter().any(|c| options.is_digit(*c));
    let grouping = |at: Option<&char>| at.is_some_and(|c| is(*c, &options.grouping_separator));
    let times = |option: &str| occurrences(parts.text, option);
    let (percents, per_milles) = (times(&options.percent), times(&options.per_mille));
    let point = characters
        .iter()
        .position(|c| is(*c, &options.decimal_separator));
    let beside_point = point.is_some_and(|at| {
        grouping(characters.get(at + 1))
            || at
                .checked_sub(1)
                .is_some_and(|before| grouping(characters.get(before)))
    });
    let optional = |c: &char| options.is_optional_digit(*c);
    let rules = [
        (
            times(&options.decimal_separator) > 1,
            "D3081",
            "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
        ),
        (
            percents > 1,
            "D3082",
            "The sub-picture must not contain more than one instance of the 'percent' character",
        ),
        (
            per_milles > 1,
            "D3083",
            "The sub-picture must not contain more than one instance of the 'per-mille' character",
        ),
        (
            percents > 0 && per_milles > 0,
            "D3084",
            "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
        ),
        (
            !digits(parts.mantissa) && !parts.mantissa.iter().any(optional),
            "D3085",
            "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a \
             member of the 'decimal digit family'",
        ),
        (
            parts.active.iter().any(|c| !is_active(*c, options)),
            "D3086",
            "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by \
             another active character",
        ),
        (
            beside_point,
            "D3087",
            "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
        ),
        (
            point.is_none() && grouping(parts.integer.last()),
            "D3088",
            "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
        ),
        (
            characters
                .windows(2)
                .any(|pair| pair.iter().all(|c| grouping(Some(c)))),
            "D3089",
            "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character",
        ),
        (
            parts
                .integer
                .iter()
                .position(optional)
                .is_some_and(|at| digits(slice(parts.integer, 0, at))),
            "D3090",
            "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an \
             instance of the 'optional digit character'",
        ),
        (
            parts
                .fraction
                .iter()
                .rposition(optional)
                .is_some_and(|at| digits(slice(parts.fraction, at, parts.fraction.len()))),
            "D3091",
            "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed \
             by a member of the 'decimal digit family'",
        ),
        (
            parts.exponent.is_some_and(|part| !part.is_empty()) && percents + per_milles > 0,
            "D3092",
            "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an \
             'exponent-separator'",
        ),
        (
            parts
                .exponent
                .is_some_and(|part| part.is_empty() || part.iter().any(|c| !options.is_digit(*c))),
            "D3093",
            "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal \
             digit family'",
        ),
    ];
    match rules.iter().rfind(|(broken, _, _)| *broken) {
        Some((_, code, message)) => Err(FormatError::new(code, *message)),
        None => Ok(()),
    }
}

fn occurrences(text: &str, option: &str) -> usize {
    if option.is_empty() {
        return 0;
    }
    text.matches(option).count()
}

fn asked_for(parts: &Parts<'_>, options: &Options) -> SubPicture {
    let digits = |piece: &[char]| piece.iter().filter(|c| options.is_digit(**c)).count();
    let optional = |piece: &[char]| {
        let marks = piece.iter().filter(|c| options.is_optional_digit(**c));
        marks.count()
    };
    let all = |piece: &[char]| digits(piece) + optional(piece);
    let is_grouping = |c: &char| is(*c, &options.grouping_separator);
    let is_place = |c: &char| options.is_digit(*c) || options.is_optional_digit(*c);
    // How many places are right of each separator, or left of each character of the fraction.
    let mut integer_groups = Vec::new();
    let mut places = 0;
    for character in parts.integer.iter().rev() {
        if is_grouping(character) {
            integer_groups.push(places);
        }
        places += usize::from(is_place(character));
    }
    integer_groups.reverse();
    let mut fraction_places = vec![0];
    places = 0;
    for character in parts.fraction {
        places += usize::from(is_place(character));
        fraction_places.push(places);
    }
    // After the first separator of a fraction JSONata goes on at the places of those before the point; so do its results.
    let first = parts.fraction.iter().position(is_grouping);
    let fraction_groups = first
        .into_iter()
        .flat_map(|first| {
            let others = (first + 1..parts.integer.len())
                .filter(|at| parts.integer.get(*at).is_some_and(is_grouping));
            std::iter::once(first).chain(others)
        })
        .map(|at| fraction_places.get(at).copied().unwrap_or(places))
        .collect();
    let mut integer_digits_min = digits(parts.integer);
    let scaling_factor = integer_digits_min;
    let mut fraction_digits_min = digits(parts.fraction);
    let mut fraction_digits_max = all(parts.fraction);
    let has_exponent = parts.exponent.is_some();
    if integer_digits_min == 0 && fraction_digits_max == 0 {
        if has_exponent {
            fraction_digits_min = 1;
            fraction_digits_max = 1;
        } else {
            integer_digits_min = 1;
        }
    }
    if has_exponent && integer_digits_min == 0 && optional(parts.integer) > 0 {
        integer_digits_min = 1;
    }
    if integer_digits_min == 0 && fraction_digits_min == 0 {
        fraction_digits_min = 1;
    }
    let scale = if occurrences(parts.text, &options.percent) > 0 {
        Scale::Percent
    } else if occurrences(parts.text, &options.per_mille) > 0 {
        Scale::PerMille
    } else {
        Scale::One
    };
    SubPicture {
        prefix: parts.prefix.iter().collect(),
        suffix: parts.suffix.iter().collect(),
        integer_groups,
        fraction_groups,
        integer_digits_min,
        fraction_digits_min,
        fraction_digits_max,
        exponent_digits_min: parts.exponent.map_or(0, digits),
        has_point: occurrences(parts.text, &options.decimal_separator) > 0,
        scale,
        scaling_factor,
    }
}
