//! The table of settings → `config/stepstream.toml`: every key, its meaning, its default.

use super::environment::variable;
use super::section::{Absent, Section, Setting, Shape};
use super::table::sections;

const HEAD: &str = "\
Every setting of Stepstream with its default. Made by `stepstream config`; edit a copy. An environment variable wins over \
the file: kafka.group is STEPSTREAM_KAFKA_GROUP. A key that is not in this list is refused. Names of workflows and topics \
are examples.";

/// The text of `config/stepstream.toml`.
#[must_use]
pub fn document() -> String {
    let mut lines = Vec::new();
    comment(&mut lines, HEAD);
    for section in sections() {
        describe_section(&mut lines, section);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn describe_section(lines: &mut Vec<String>, section: &Section) {
    let path = section.path;
    lines.push(String::new());
    comment(lines, section.doc);
    lines.push(match section.shape {
        Shape::List => format!("[[{path}]]"),
        Shape::Table | Shape::Properties => format!("[{path}]"),
        // What is optional as a whole stands there as a comment.
        Shape::OptionalList => format!("# [[{path}]]"),
        Shape::Optional | Shape::Free => format!("# [{path}]"),
    });
    for setting in section.settings {
        if !matches!(section.shape, Shape::Properties | Shape::Free) {
            lines.push(String::new());
            comment(lines, setting.doc);
            comment(lines, &kind_and_variable(section, setting));
        }
        lines.push(line(section, setting));
    }
}

fn kind_and_variable(section: &Section, setting: &Setting) -> String {
    let kind = setting.kind.describe();
    match section.shape {
        Shape::Table => {
            let path = format!("{}.{}", section.path, setting.key);
            format!("({kind}; {})", variable(&path))
        }
        Shape::Properties | Shape::List | Shape::OptionalList | Shape::Optional | Shape::Free => {
            format!("({kind})")
        }
    }
}

fn line(section: &Section, setting: &Setting) -> String {
    let key = setting.key;
    match (section.shape, setting.default) {
        (Shape::Properties, Absent::Value(text) | Absent::Unset(text) | Absent::Required(text)) => {
            format!("# {key:?} = {text}")
        }
        (
            Shape::OptionalList | Shape::Optional | Shape::Free,
            Absent::Value(text) | Absent::Unset(text) | Absent::Required(text),
        )
        | (Shape::Table | Shape::List, Absent::Unset(text)) => format!("# {key} = {text}"),
        (Shape::Table | Shape::List, Absent::Value(text) | Absent::Required(text)) => {
            format!("{key} = {text}")
        }
    }
}

/// Writes `words` as comment lines of at most 118 characters.
fn comment(lines: &mut Vec<String>, words: &str) {
    const WIDTH: usize = 118;
    let mut line = String::from("#");
    for word in words.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            lines.push(std::mem::replace(&mut line, String::from("#")));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
}
