//! Definitions without a recording: those that other validators accept or refuse (`validate`), and those that people
//! deploy (`real-world`), which must all be accepted.
//!
//! A definition is invalid if it has an error other than that Express workflows do not have something.

use std::path::Path;

use stepstream::asl::{CompileOptions, Diagnostic, code, compile_with, lint};

use crate::case;
use crate::report::Report;
use crate::{Verdict, is_wanted};

const LITERAL: &str =
    "AWS takes any string that does not begin with {% and end with %} literally (recorded)";
const SPACES: &str = "spaces do not matter in an expression, nor between it and its braces";
const ROLE_ARN: &str = "AWS requires 'RoleArn' (recorded)";

/// Files whose verdict differs on purpose, and why.
#[rustfmt::skip]
const DIFFERENCES: &[(&str, &str)] = &[
    ("invalid/asl-validator__json-surround-syntax-extra-spaces", SPACES),
    ("invalid/asl-validator__jsonata-surround-syntax-no-close", LITERAL),
    ("invalid/asl-validator__jsonata-surround-syntax-no-open", LITERAL),
    ("invalid/asl-validator__jsonata-surround-syntax-no-spaces", SPACES),
    ("real-world/workflows-collection__shared-fallback-state-jsonata_statemachine_statemachine.asl",
        "a field of the machine stands among its states: AWS refuses it, too"),
    ("valid/asl-validator__assign", "AWS takes letters, digits and _ in a variable's name (its guide)"),
    ("valid/asl-validator__map-with-item-batcher-jsonata", "AWS refuses JSONPath in a JSONata machine (recorded)"),
    ("valid/asl-validator__task-credentials", ROLE_ARN),
    ("valid/asl-validator__task-intrisic-function", "a resource of CloudFormation's functions is no definition yet"),
    ("valid/statelint__task-with-credentials", ROLE_ARN),
];

/// Adds what became of all definitions below `root`, where there are any.
pub(crate) fn run(root: &Path, filters: &[String], report: &mut Report) {
    for (folder, is_valid) in [
        ("validate/valid", true),
        ("validate/invalid", false),
        ("real-world", true),
    ] {
        let path = root.join(folder);
        if !path.is_dir() {
            continue;
        }
        for file in case::files(&path) {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let id = format!("{}/{stem}", folder.trim_start_matches("validate/"));
            if is_wanted(&id, filters) {
                let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{id}: {e}"));
                let text = substitute(&text);
                report.add(folder, &id, judge(&text, &id, is_valid));
                if folder == "real-world" && errors(&text, true).is_empty() {
                    report.add("lints on real-world", &id, judge_lints(&text));
                }
            }
        }
    }
}

fn judge(text: &str, id: &str, is_valid: bool) -> Verdict {
    let errors = errors(text, false);
    let listed = DIFFERENCES.iter().find(|(name, _)| *name == id);
    match (errors.is_empty() == is_valid, listed) {
        (true, None) => Verdict::Passed,
        (true, Some((_, reason))) => {
            Verdict::Failed(vec![format!("listed, and does not differ: {reason}")])
        }
        (false, Some((_, reason))) => Verdict::Listed(reason),
        (false, None) if is_valid => Verdict::Failed(errors),
        (false, None) => Verdict::Failed(vec!["accepted".to_owned()]),
    }
}

/// The errors of a definition other than that Express has no such thing.
fn errors(text: &str, express: bool) -> Vec<String> {
    let (_, diagnostics) = compile_with(text, &CompileOptions { express });
    let is_error = |d: &&Diagnostic| d.is_error() && !d.is_not_supported();
    let errors = diagnostics.iter().filter(is_error);
    errors.map(ToString::to_string).collect()
}

/// There is no false alarm. Retries are simple arithmetic, and many who deploy them do not mind.
fn judge_lints(text: &str) -> Verdict {
    let warnings: Vec<String> = lint(text)
        .iter()
        .filter(|d| d.code != code::RETRIES_NEVER_FIT)
        .map(ToString::to_string)
        .collect();
    if warnings.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed(warnings)
    }
}

/// Replaces `${Name}`: a whole string becomes an ARN, a part of one a word, anything else a number.
fn substitute(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut quoted = false;
    while let Some(at) = rest.find(['$', '"', '\\']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let placeholder = from.strip_prefix("${").and_then(|p| p.split_once('}'));
        if let Some((name, after)) = placeholder {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            let is_whole = out.ends_with('"') && after.starts_with('"');
            let stand_in = match (quoted, is_whole) {
                (true, true) => format!("arn:aws:lambda:us-east-1:111111111111:function:{name}"),
                (true, false) => name,
                (false, _) => "60".to_owned(),
            };
            out.push_str(&stand_in);
            rest = after;
        } else {
            let len = if from.starts_with('\\') { 2 } else { 1 };
            quoted ^= from.starts_with('"');
            out.push_str(&from[..len]);
            rest = &from[len..];
        }
    }
    out + rest
}
