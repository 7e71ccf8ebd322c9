//! YAML → JSON, each key and each value on a line of its own, so that a line leads back to the place in the YAML text.
//!
//! The core schema of YAML 1.2: plain `null`, `true`, `false` and numbers are what they look like, everything else is text.
//! Aliases are written out, up to the size of a definition. No tags but the core schema's, no merge keys, one document.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::fault;
use super::places::{At, Places};
use crate::asl::{DEFINITION_BYTES_MAX, Diagnostic};
use crate::value::Value;

/// Converts a text.
///
/// # Errors
/// The first reason why it is no YAML, or no JSON can say the same.
pub(super) fn to_json(text: &str) -> Result<(String, Places), Diagnostic> {
    if text.len() > DEFINITION_BYTES_MAX {
        let message = format!("The definition is longer than {DEFINITION_BYTES_MAX} bytes");
        return Err(refuse(message, (1, 1)));
    }
    let document = Document::parse(text)?;
    let mut writer = Writer::default();
    // What is still to be written: the document, and above it the aliases that are being written out.
    let mut open = vec![(0, document.events.len())];
    while let Some((next, end)) = open.last_mut() {
        let event = document.events.get(*next).filter(|_| *next < *end);
        let Some((event, span)) = event else {
            open.pop();
            continue;
        };
        *next += 1;
        if let Event::Alias(anchor) = event {
            open.extend(document.anchors.get(anchor));
        } else {
            writer.write(event, *span)?;
        }
        if writer.out.len() > DEFINITION_BYTES_MAX {
            let message = format!(
                "Written as JSON the definition is longer than {DEFINITION_BYTES_MAX} bytes"
            );
            return Err(refuse(message, start(*span)));
        }
    }
    Ok((writer.out, writer.places))
}

fn refuse(message: String, at: At) -> Diagnostic {
    fault("INVALID_YAML", message, at, None)
}

/// The parser counts columns from 0.
fn start(span: Span) -> At {
    (span.start.line(), span.start.col() + 1)
}

/// A parsed text.
struct Document<'t> {
    events: Vec<(Event<'t>, Span)>,
    /// Which events an anchor stands for: from, to.
    anchors: HashMap<usize, (usize, usize)>,
}

impl<'t> Document<'t> {
    fn parse(text: &'t str) -> Result<Self, Diagnostic> {
        let mut document = Self {
            events: Vec::new(),
            anchors: HashMap::new(),
        };
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut has_document = false;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let marker = error.marker();
                refuse(error.info().to_owned(), (marker.line(), marker.col() + 1))
            })?;
            let at = document.events.len();
            match &event {
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {
                    continue;
                }
                Event::DocumentStart(_) if has_document => {
                    let message = "A definition is one YAML document".to_owned();
                    return Err(refuse(message, start(span)));
                }
                Event::DocumentStart(_) => {
                    has_document = true;
                    continue;
                }
                // What an alias stands for has ended before it, so writing it out ends, too.
                Event::Alias(anchor) if !document.anchors.contains_key(anchor) => {
                    let message = "An alias stands within what it stands for".to_owned();
                    return Err(refuse(message, start(span)));
                }
                Event::Alias(_) => {}
                Event::Scalar(_, _, anchor, _) => {
                    document.anchors.insert(*anchor, (at, at + 1));
                }
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                    open.push((*anchor, at));
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some((anchor, from)) = open.pop() {
                        document.anchors.insert(anchor, (from, at + 1));
                    }
                }
            }
            document.events.push((event, span));
        }
        Ok(document)
    }
}

/// What is written to.
#[derive(Default)]
struct Writer {
    out: String,
    line: usize,
    places: Places,
    open: Vec<Open>,
}

/// A container whose end has not come.
#[derive(Clone, Copy)]
enum Open {
    Array {
        is_empty: bool,
    },
    /// Before a key.
    Object {
        is_empty: bool,
    },
    /// After a key.
    Member,
}

impl Writer {
    fn write(&mut self, event: &Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let is_key = matches!(self.open.last(), Some(Open::Object { .. }));
                let is_text = is_key || is_text(*style, tag.as_deref(), span)?;
                self.before_node();
                let plain = (!is_text).then(|| plain(text)).flatten();
                let (json, is_string) = match plain {
                    Some(json) => (json, false),
                    None => (Value::from(&**text).to_string(), true),
                };
                self.token(&json, span, is_string.then_some((text.as_ref(), *style)));
                self.after_node();
            }
            Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => {
                no_tag(tag.as_deref(), span)?;
                if matches!(self.open.last(), Some(Open::Object { .. })) {
                    return Err(refuse("A key must be text".to_owned(), start(span)));
                }
                self.before_node();
                let is_array = matches!(event, Event::SequenceStart(..));
                self.token(if is_array { "[" } else { "{" }, span, None);
                self.open.push(match is_array {
                    true => Open::Array { is_empty: true },
                    false => Open::Object { is_empty: true },
                });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                let is_array = matches!(event, Event::SequenceEnd);
                self.token(if is_array { "]" } else { "}" }, span, None);
                self.after_node();
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Alias(_) => {}
        }
        Ok(())
    }

    fn before_node(&mut self) {
        if let Some(Open::Array { is_empty } | Open::Object { is_empty }) = self.open.last_mut()
            && !std::mem::replace(is_empty, false)
        {
            self.out.push(',');
        }
    }

    /// A key awaits its value; a value ends its member.
    fn after_node(&mut self) {
        match self.open.last() {
            Some(Open::Object { .. }) => {
                self.out.push(':');
                self.open.push(Open::Member);
            }
            Some(Open::Member) => {
                self.open.pop();
            }
            Some(Open::Array { .. }) | None => {}
        }
    }

    /// Writes a line. The places within a string are known if it stands in the YAML text as it is.
    fn token(&mut self, json: &str, span: Span, string: Option<(&str, ScalarStyle)>) {
        if self.line > 0 {
            self.out.push('\n');
        }
        self.line += 1;
        let from = start(span);
        self.places.made((self.line, 1), from);
        if let Some((text, style)) = string {
            let quotes = usize::from(style != ScalarStyle::Plain);
            let is_verbatim =
                span.len() == text.chars().count() + 2 * quotes && json.len() == text.len() + 2;
            if is_verbatim {
                self.places
                    .copied((self.line, 2), (from.0, from.1 + quotes));
            }
        }
        self.out.push_str(json);
    }
}

/// Whether a scalar is text whatever it looks like.
fn is_text(style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<bool, Diagnostic> {
    match tag {
        None => Ok(style != ScalarStyle::Plain),
        Some(tag) if tag.is_yaml_core_schema() => Ok(tag.suffix == "str"),
        Some(_) => no_tag(tag, span).map(|()| true),
    }
}

fn no_tag(tag: Option<&Tag>, span: Span) -> Result<(), Diagnostic> {
    match tag {
        Some(tag) if !tag.is_yaml_core_schema() => {
            let message = format!(
                "The tag {}{} has no meaning in JSON",
                tag.handle, tag.suffix
            );
            Err(refuse(message, start(span)))
        }
        _ => Ok(()),
    }
}

/// A plain scalar of the core schema as JSON, if it is no text.
fn plain(text: &str) -> Option<String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some("null".to_owned()),
        "true" | "True" | "TRUE" => return Some("true".to_owned()),
        "false" | "False" | "FALSE" => return Some("false".to_owned()),
        _ => {}
    }
    let radix = |prefix, radix| {
        let digits = text.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok()
    };
    if let Some(integer) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(integer.to_string());
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let looks_numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    if !looks_numeric {
        return None;
    }
    // JSON has no sign in front of a positive number, no zeros there, and digits on both sides of a point.
    let sign = if text.starts_with('-') { "-" } else { "" };
    let split = unsigned.find(['.', 'e', 'E']).unwrap_or(unsigned.len());
    let (whole, rest) = unsigned.split_at(split);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) if !fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            format!(".0{fraction}")
        }
        _ => rest.to_owned(),
    };
    let json = format!("{sign}{whole}{rest}");
    let is_number = Value::parse(json.as_bytes()).is_ok_and(|value| value.as_number().is_some());
    is_number.then_some(json)
}
