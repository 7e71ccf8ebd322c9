//! Diagnostics of a definition, as a person reads them and as a program does.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::asl::{Diagnostic, Severity};

/// Of a longer source line only the part around the fault is shown, in characters.
const SHOWN_CHARS_MAX: usize = 100;
/// How much of that stands before the fault.
const SHOWN_CHARS_BEFORE: usize = 40;

/// All diagnostics, each with its source line and a caret below the place.
#[must_use]
pub fn render_text(file_name: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out = String::new();
    for (i, diagnostic) in diagnostics.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let at = diagnostic.line.checked_sub(1);
        let line = at.and_then(|at| lines.get(at)).copied().unwrap_or("");
        render(&mut out, file_name, line.trim_end_matches('\r'), diagnostic)
            .expect("writing to a String cannot fail");
    }
    out
}

/// The answer of ValidateStateMachineDefinition, plus `line`, `column` and `hint`.
#[must_use]
pub fn render_json(diagnostics: &[Diagnostic]) -> Value {
    let is_refused = diagnostics.iter().any(|d| d.severity == Severity::Error);
    let listed: Vec<Value> = diagnostics.iter().map(diagnostic_json).collect();
    json!({
        "result": if is_refused { "FAIL" } else { "OK" },
        "diagnostics": listed,
        "truncated": false,
    })
}

fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
    let mut json = json!({
        "severity": match diagnostic.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
        },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "line": diagnostic.line,
        "column": diagnostic.column,
    });
    if let Some(fields) = json.as_object_mut() {
        let optional = [
            ("location", &diagnostic.location),
            ("hint", &diagnostic.hint),
        ];
        for (name, text) in optional {
            if let Some(text) = text {
                fields.insert(name.to_owned(), text.as_str().into());
            }
        }
    }
    json
}

fn render(
    out: &mut String,
    file_name: &str,
    line: &str,
    diagnostic: &Diagnostic,
) -> std::fmt::Result {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // AWS repeats the place of a syntax fault in a second line of the message, and as the location.
    let (message, place_repeated) = match diagnostic.message.split_once('\n') {
        Some((first, _)) => (first, true),
        None => (diagnostic.message.as_str(), false),
    };
    let number = diagnostic.line.to_string();
    let gutter = " ".repeat(number.len());
    let excerpt = Excerpt::around(line, diagnostic.column.saturating_sub(1));
    writeln!(
        out,
        "{severity}[{}]: {}",
        diagnostic.code,
        printable(message)
    )?;
    writeln!(
        out,
        "{gutter}--> {}:{number}:{}",
        printable(file_name),
        diagnostic.column
    )?;
    writeln!(out, "{gutter} |")?;
    writeln!(out, "{number} | {}", excerpt.source)?;
    writeln!(out, "{gutter} | {}{}", excerpt.indent, excerpt.underline)?;
    if let (Some(location), false) = (&diagnostic.location, place_repeated) {
        writeln!(out, "{gutter} = at: {}", printable(location))?;
    }
    if let Some(hint) = &diagnostic.hint {
        writeln!(out, "{gutter} = help: {}", printable(hint))?;
    }
    Ok(())
}

/// What is shown of a source line.
struct Excerpt {
    source: String,
    /// As wide as what stands before the place.
    indent: String,
    underline: String,
}

impl Excerpt {
    fn around(line: &str, at: usize) -> Self {
        let chars: Vec<char> = line.chars().collect();
        let at = at.min(chars.len());
        let is_long = chars.len() > SHOWN_CHARS_MAX;
        let start = match is_long {
            true => at.saturating_sub(SHOWN_CHARS_BEFORE),
            false => 0,
        };
        let end = chars.len().min(start + SHOWN_CHARS_MAX);
        let slice = |from: usize, to: usize| chars.get(from..to).unwrap_or_default();
        let mut source = String::new();
        let mut indent = String::new();
        if start > 0 {
            source.push('…');
            indent.push(' ');
        }
        source.extend(slice(start, end).iter().map(|c| visible(*c)));
        if end < chars.len() {
            source.push('…');
        }
        indent.extend(slice(start, at).iter().filter_map(|c| blank_like(*c)));
        let token = token_len(slice(at, end));
        let width: usize = slice(at, at + token).iter().map(|c| width(*c)).sum();
        Self {
            source,
            indent,
            underline: "^".repeat(width.max(1)),
        }
    }
}

/// How many characters the JSON token at the start of `chars` has.
fn token_len(chars: &[char]) -> usize {
    let is_word = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '+' | '.' | '_' | '$');
    match chars.first() {
        Some('"') => {
            let mut escaped = false;
            let closing = chars.iter().skip(1).position(|c| {
                let closes = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                closes
            });
            closing.map_or(1, |at| at + 2)
        }
        Some(_) => chars.iter().take_while(|c| is_word(c)).count().max(1),
        None => 0,
    }
}

/// Text without control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(c: char) -> char {
    let is_harmful = (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if is_harmful { '\u{fffd}' } else { c }
}

/// A blank as wide as the character, if that has a width.
fn blank_like(c: char) -> Option<char> {
    match (c, width(c)) {
        ('\t', _) => Some('\t'),
        (_, 0) => None,
        (_, 1) => Some(' '),
        _ => Some('\u{3000}'),
    }
}

/// How many cells of a terminal a character takes: close enough for a caret.
fn width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{render_json, render_text};
    use crate::asl::compile;

    fn rendered(text: &str) -> String {
        render_text("a.json", text, &compile(text).1)
    }

    #[test]
    fn faults_are_shown_in_their_lines() {
        let text = "{\n  \"StartAt\": \"A\",\n  \"States\": {\n    \"A\": {\n      \"Type\": \"Pass\",\n      \"InptuPath\": \"$.a\",\n      \"Result\": \"$.b\",\n      \"Next\": \"B\"\n    }\n  }\n}\n";
        let expected = "\
error[MISSING_END_STATE]: Workflow has no terminal state
 --> a.json:3:3
  |
3 |   \"States\": {
  |   ^^^^^^^^
  = help: end it with a state of type Succeed or Fail, or with \"End\": true in a state

error[SCHEMA_VALIDATION_FAILED]: Field 'InptuPath' is not supported
 --> a.json:6:7
  |
6 |       \"InptuPath\": \"$.a\",
  |       ^^^^^^^^^^^
  = at: /States/A
  = help: did you mean 'InputPath'?

warning[PASS_RESULT_IS_STATIC]: 'Result' is static: a path in it is not evaluated
 --> a.json:7:17
  |
7 |       \"Result\": \"$.b\",
  |                 ^^^^^
  = at: /States/A/Result
  = help: use 'Parameters', with keys that end in '.$'

error[MISSING_TRANSITION_TARGET]: Missing 'Next' target: B
 --> a.json:8:15
  |
8 |       \"Next\": \"B\"
  |               ^^^
  = at: /States/A/Next
  = help: did you mean 'A'?
";
        assert_eq!(rendered(text), expected);
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_caret_in_place() {
        let text = "{\"StartAt\": \"名\", \"States\": {\r\n\t\"名前e\u{301}\": {\"Type\": \"Succeed\", \"x\": 1}, \"名\": {\"Type\": \"Succeed\"}}}";
        let found = rendered(text);
        let lines: Vec<&str> = found.lines().collect();
        assert_eq!(lines[1], " --> a.json:2:2");
        assert_eq!(
            &lines[3..5],
            &[
                "2 | \t\"名前e\u{301}\": {\"Type\": \"Succeed\", \"x\": 1}, \"名\": {\"Type\": \"Succeed\"}}}",
                "  | \t^^^^^^^",
            ]
        );
        assert_eq!(
            lines[7],
            "error[SCHEMA_VALIDATION_FAILED]: Field 'x' is not supported"
        );
        assert_eq!(
            lines[11],
            "  | \t \u{3000}\u{3000}                        ^^^"
        );
    }

    #[test]
    fn a_fault_of_the_syntax_is_shown_once() {
        let expected = "\
error[INVALID_JSON_DESCRIPTION]: Unexpected character ('}' (code 125)): was expecting double-quote to start field name
 --> a.json:1:12
  |
1 | {\"a\": true,}
  |            ^
";
        assert_eq!(rendered("{\"a\": true,}"), expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_fault_and_controls_are_not_printed() {
        let states = "\"B\": {\"Type\": \"Succeed\"}, ".repeat(8);
        let text = format!(
            "{{\"StartAt\": \"A\", \"States\": {{{states}\"A\": {{\"Type\": \"\\u001b[31m\"}}}}}}"
        );
        let found = rendered(&text);
        let block = found.split("\n\n").last().unwrap();
        let expected = "\
error[SCHEMA_VALIDATION_FAILED]: The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]
 --> a.json:1:251
  |
1 | …\"B\": {\"Type\": \"Succeed\"}, \"A\": {\"Type\": \"\\u001b[31m\"}}}
  |                                          ^^^^^^^^^^^^
  = at: /States/A/Type
";
        assert_eq!(block, expected);
        assert!(!rendered("{\"a\u{1b}[31m\": 1}").contains('\u{1b}'));
        assert!(
            !rendered(r#"{"StartAt": "\u001b[31m", "States": {"A": {"Type": "Succeed"}}}"#)
                .contains('\u{1b}')
        );
    }

    #[test]
    fn json_is_the_answer_of_aws_with_places() {
        let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": "yes"}}}"#;
        let expected = serde_json::json!({
            "result": "FAIL",
            "diagnostics": [
                {
                    "severity": "ERROR",
                    "code": "MISSING_END_STATE",
                    "message": "Workflow has no terminal state",
                    "line": 1,
                    "column": 18,
                    "hint": "end it with a state of type Succeed or Fail, or with \"End\": true in a state",
                },
                {
                    "severity": "ERROR",
                    "code": "SCHEMA_VALIDATION_FAILED",
                    "message": "Expected value of type Boolean",
                    "location": "/States/A/End",
                    "line": 1,
                    "column": 58,
                    "hint": "this is a string",
                },
            ],
            "truncated": false,
        });
        assert_eq!(render_json(&compile(text).1), expected);
        let fine = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
        assert_eq!(
            render_json(&compile(fine).1),
            serde_json::json!({"result": "OK", "diagnostics": [], "truncated": false})
        );
    }
}
