//! A picture of an integer: its primary format token, digit family, separators and modifier.

use super::super::quoted;
use super::super::regular_repeat;
use super::FormatError;

/// The zeros of the digit families (Unicode category Nd within the basic plane) that JSONata knows.
const ZEROS: [u32; 37] = [
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
];

/// How an integer is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct IntegerPicture {
    pub(in super::super) kind: Kind,
    pub(in super::super) ordinal: bool,
    pub(in super::super) mandatory_digits: usize,
    pub(in super::super) optional_digits: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Letters {
        upper: bool,
    },
    Roman {
        upper: bool,
    },
    Words(Case),
    Decimal {
        zero: char,
        /// The distance of separators, if they repeat.
        regular: Option<usize>,
        /// From right to left.
        separators: Vec<Separator>,
    },
    /// A sequence that starts with this token, which is not there.
    Sequence(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Case {
    Upper,
    Lower,
    Title,
}

/// A character with `position` digits right of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Separator {
    pub(in super::super) position: usize,
    pub(in super::super) character: char,
}

pub(in super::super) fn unsupported(token: &str) -> FormatError {
    FormatError::new(
        "D3130",
        format!(
            "Formatting or parsing an integer as a sequence starting with {} is not supported by this implementation",
            quoted(token)
        ),
    )
}

impl IntegerPicture {
    /// # Errors
    /// `D3131` for digits of two families.
    pub(in super::super) fn parse(picture: &str) -> Result<Self, FormatError> {
        let (primary, modifier) = picture.rsplit_once(';').unwrap_or((picture, ""));
        let mut parsed = Self {
            kind: Kind::Sequence(primary.to_owned()),
            ordinal: modifier.starts_with('o'),
            mandatory_digits: 0,
            optional_digits: 0,
        };
        match primary {
            "A" => parsed.kind = Kind::Letters { upper: true },
            "a" => parsed.kind = Kind::Letters { upper: false },
            "I" => parsed.kind = Kind::Roman { upper: true },
            "i" => parsed.kind = Kind::Roman { upper: false },
            "W" => parsed.kind = Kind::Words(Case::Upper),
            "w" => parsed.kind = Kind::Words(Case::Lower),
            "Ww" => parsed.kind = Kind::Words(Case::Title),
            _ => parsed.read_digits(primary)?,
        }
        Ok(parsed)
    }

    fn read_digits(&mut self, primary: &str) -> Result<(), FormatError> {
        let mut family = None;
        let mut separators = Vec::new();
        for character in primary.chars().rev() {
            let code = u32::from(character);
            let zero = ZEROS
                .iter()
                .find(|zero| (**zero..**zero + 10).contains(&code));
            if let Some(zero) = zero {
                if *family.get_or_insert(*zero) != *zero {
                    return Err(FormatError::new(
                        "D3131",
                        "In a decimal digit pattern, all digits must be from the same decimal group",
                    ));
                }
                self.mandatory_digits += 1;
            } else if character == '#' {
                self.optional_digits += 1;
            } else {
                separators.push(Separator {
                    position: self.mandatory_digits + self.optional_digits,
                    character,
                });
            }
        }
        if let Some(zero) = family.and_then(char::from_u32) {
            let first = separators.first().map(|one: &Separator| one.character);
            let alike = separators.iter().all(|one| Some(one.character) == first);
            let regular = alike
                .then(|| regular_repeat(separators.iter().map(|one| one.position)))
                .flatten();
            self.kind = Kind::Decimal {
                zero,
                regular,
                separators,
            };
        }
        Ok(())
    }
}
