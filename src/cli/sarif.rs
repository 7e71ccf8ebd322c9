//! Diagnostics as a SARIF 2.1.0 log, for code hosts and editors.

use serde_json::{Value, json};

use crate::asl::{Diagnostic, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run over files, each given with its name.
#[must_use]
pub(super) fn render(files: &[(String, Vec<Diagnostic>)]) -> Value {
    let all = files.iter().flat_map(|(_, diagnostics)| diagnostics);
    let mut codes: Vec<&str> = all.map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Value> = files
        .iter()
        .flat_map(|(name, diagnostics)| diagnostics.iter().map(move |d| (name, d)))
        .map(|(name, diagnostic)| result(name, diagnostic, &codes))
        .collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stepstream",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(file: &str, diagnostic: &Diagnostic, codes: &[&str]) -> Value {
    let place = diagnostic.location.iter();
    let logical: Vec<Value> = place
        .map(|place| json!({"fullyQualifiedName": place}))
        .collect();
    let location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file)},
            "region": {"startLine": diagnostic.line, "startColumn": diagnostic.column},
        },
        "logicalLocations": logical,
    });
    let text = match &diagnostic.hint {
        Some(hint) => format!("{} ({hint})", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    json!({
        "ruleId": diagnostic.code,
        "ruleIndex": codes.binary_search(&diagnostic.code).unwrap_or_default(),
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": {"text": text},
        "locations": [location],
    })
}

/// A path as a URI: relative to where the command ran, unless it begins with a slash.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.extend(percent(byte)),
        }
    }
    uri
}

fn percent(byte: u8) -> [char; 3] {
    let digit = |nibble: u8| {
        let digit = char::from_digit(u32::from(nibble), 16);
        digit.map_or('0', |digit| digit.to_ascii_uppercase())
    };
    ['%', digit(byte >> 4), digit(byte & 0xf)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let cases = [
            ("a/b-1.asl.json", "a/b-1.asl.json"),
            ("/a b/c.yaml", "file:///a%20b/c.yaml"),
            ("grün%.json", "gr%C3%BCn%25.json"),
        ];
        for (path, expected) in cases {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn a_log_holds_what_readers_need() {
        let (_, diagnostics) = crate::asl::compile(r#"{"StartAt": "A", "States": {}}"#);
        let log = render(&[("a.json".to_owned(), diagnostics)]);
        let run = &log["runs"][0];
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(
            run["tool"]["driver"]["rules"][0]["id"],
            "SCHEMA_VALIDATION_FAILED"
        );
        let expected = json!({
            "ruleId": "SCHEMA_VALIDATION_FAILED",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "Value cannot be empty"},
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": {"uri": "a.json"},
                    "region": {"startLine": 1, "startColumn": 28},
                },
                "logicalLocations": [{"fullyQualifiedName": "/States"}],
            }],
        });
        assert_eq!(run["results"], json!([expected]));
        assert_eq!(render(&[])["runs"][0]["results"], json!([]));
    }
}
