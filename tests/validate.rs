//! Definitions that must be accepted or refused: those of the conformance data, where they are at hand, and our own.
//!
//! The verdict on a definition is *valid* if it has no error, *not supported* if its only errors are that we cannot run
//! it yet, else *invalid*. A definition that is not supported counts as valid.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "test code outside of test functions: a panic is a failure, and counts are printed"
)]

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use stepstream::asl::{CompileOptions, Diagnostic, Severity, compile_with};

const JSONATA: &str = "JSONata is not supported yet, so its expressions are not looked at";
const ROLE_ARN: &str = "AWS requires 'RoleArn' (recorded)";

/// Files whose verdict differs on purpose, and why.
#[rustfmt::skip]
const DIFFERENCES: &[(&str, &str)] = &[
    ("invalid/asl-validator__assign", JSONATA),
    ("invalid/asl-validator__json-surround-syntax-extra-spaces", JSONATA),
    ("invalid/asl-validator__jsonata-surround-syntax-no-close", JSONATA),
    ("invalid/asl-validator__jsonata-surround-syntax-no-open", JSONATA),
    ("invalid/asl-validator__jsonata-surround-syntax-no-spaces", JSONATA),
    ("invalid/asl-validator__jsonata-syntax-arithmetic", JSONATA),
    ("invalid/asl-validator__jsonata-syntax-jsonpath-in-jsonata-surround", JSONATA),
    ("invalid/asl-validator__jsonata-syntax-mismatched-parens", JSONATA),
    ("valid/asl-validator__map-with-item-batcher-jsonata", "AWS refuses JSONPath in a JSONata machine (recorded)"),
    ("valid/asl-validator__task-credentials", ROLE_ARN),
    ("valid/asl-validator__task-intrisic-function", "a resource of CloudFormation's functions is no definition yet"),
    ("valid/statelint__task-with-credentials", ROLE_ARN),
];

/// A deployed file that AWS refuses: a field of the machine stands among its states.
const BROKEN_IN_THE_WILD: &str =
    "workflows-collection__shared-fallback-state-jsonata_statemachine_statemachine.asl";

#[test]
fn our_own_definitions_get_the_expected_verdict() {
    #[rustfmt::skip]
    let cases = [
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}"#, Verdict::Valid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.x", "End": true}}}"#, Verdict::Valid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "End": true}}}"#, Verdict::NotSupported),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "end": true}}}"#, Verdict::Invalid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true}}}"#, Verdict::Invalid),
        ("{", Verdict::Invalid),
    ];
    for (text, expected) in cases {
        assert_eq!(verdict(&compile_as("EXPRESS", text)), expected, "{text}");
    }
}

#[test]
fn listed_definitions_get_the_expected_verdict() {
    let Some(folder) = conformance_folder() else {
        println!("no conformance data: validate/valid and validate/invalid were not checked");
        return;
    };
    let mut differing = Vec::new();
    for (name, is_valid) in [("valid", true), ("invalid", false)] {
        let mut counts = Counts::default();
        for file in json_files(&folder.join("validate").join(name)) {
            let text = substitute(&std::fs::read_to_string(&file).unwrap());
            let diagnostics = compile_as("STANDARD", &text);
            counts.add(&diagnostics);
            if verdict(&diagnostics).is_valid() != is_valid {
                let file = format!("{name}/{}", stem(&file));
                println!("{file} gets another verdict");
                print_errors(&diagnostics);
                differing.push(file);
            }
        }
        println!("validate/{name}: {counts}");
    }
    differing.sort();
    let expected: Vec<_> = DIFFERENCES.iter().map(|(file, _)| *file).collect();
    assert_eq!(differing, expected);
}

#[test]
fn definitions_that_people_deploy_are_accepted() {
    let Some(folder) = conformance_folder() else {
        println!("no conformance data: real-world was not checked");
        return;
    };
    let mut counts = Counts::default();
    let mut refused = Vec::new();
    for file in json_files(&folder.join("real-world")) {
        let text = substitute(&std::fs::read_to_string(&file).unwrap());
        let diagnostics = compile_as("STANDARD", &text);
        counts.add(&diagnostics);
        if !verdict(&diagnostics).is_valid() {
            refused.push(stem(&file));
            print_errors(&diagnostics);
        }
    }
    println!("real-world: {counts}");
    assert_eq!(refused, [BROKEN_IN_THE_WILD]);
}

#[test]
fn definitions_that_ran_on_aws_are_accepted() {
    let Some(folder) = conformance_folder() else {
        println!("no conformance data: asl was not checked");
        return;
    };
    let mut counts = Counts::default();
    for (file, case) in cases(&folder) {
        if case["kind"] != "execution" || case["definition"].get("$text").is_some() {
            continue;
        }
        // The recording of activities lost their ARNs.
        let text = case["definition"].to_string();
        let text = text.replace("\"activity_arn\"", &format!("\"{ACTIVITY_ARN}\""));
        let diagnostics = compile_as("STANDARD", &text);
        counts.add(&diagnostics);
        if !verdict(&diagnostics).is_valid() {
            println!("{}", file.display());
            print_errors(&diagnostics);
        }
    }
    println!("asl, executions: {counts}");
    assert_eq!(counts.invalid, 0);
}

#[test]
fn refusals_read_as_on_aws() {
    let Some(folder) = conformance_folder() else {
        println!("no conformance data: the refusals of asl were not checked");
        return;
    };
    let mut checked = 0;
    for (file, case) in cases(&folder) {
        let text = match case["definition"]["$text"].as_str() {
            Some(text) => text.to_owned(),
            None => case["definition"].to_string(),
        };
        let workflow_type = case["type"].as_str().unwrap_or("STANDARD");
        let expect = &case["expect"];
        match case["kind"].as_str() {
            Some("validate") => {
                let found = answer(&compile_as(workflow_type, &text));
                assert_eq!(&found, expect, "{}", file.display());
            }
            Some("create") if expect["createError"]["type"] == "InvalidDefinition" => {
                let found = compile_as(workflow_type, &text);
                let found: Vec<_> = errors(&found).map(ToString::to_string).collect();
                assert_eq!(
                    format!("Invalid State Machine Definition: '{}'", found.join(", ")),
                    expect["createError"]["message"],
                    "{}",
                    file.display()
                );
            }
            _ => continue,
        }
        checked += 1;
    }
    println!("asl, refusals: {checked} equal");
    assert!(checked > 0);
}

const ACTIVITY_ARN: &str = "arn:aws:states:us-east-1:111111111111:activity:dummy";

/// What ValidateStateMachineDefinition answers.
fn answer(diagnostics: &[Diagnostic]) -> Json {
    let listed: Vec<_> = errors(diagnostics)
        .map(|d| {
            let mut json = json!({"severity": "ERROR", "code": d.code, "message": d.message});
            if let Some(location) = &d.location {
                json["location"] = json!(location);
            }
            json
        })
        .collect();
    let result = if listed.is_empty() { "OK" } else { "FAIL" };
    json!({"result": result, "diagnostics": listed, "truncated": false})
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Valid,
    NotSupported,
    Invalid,
}

impl Verdict {
    fn is_valid(self) -> bool {
        self != Self::Invalid
    }
}

#[derive(Default)]
struct Counts {
    valid: usize,
    not_supported: usize,
    invalid: usize,
}

impl Counts {
    fn add(&mut self, diagnostics: &[Diagnostic]) {
        match verdict(diagnostics) {
            Verdict::Valid => self.valid += 1,
            Verdict::NotSupported => self.not_supported += 1,
            Verdict::Invalid => self.invalid += 1,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} valid, {} not supported yet, {} invalid",
            self.valid, self.not_supported, self.invalid
        )
    }
}

fn verdict(diagnostics: &[Diagnostic]) -> Verdict {
    let has_errors = diagnostics.iter().any(|d| d.severity == Severity::Error);
    match (has_errors, errors(diagnostics).next()) {
        (false, _) => Verdict::Valid,
        (true, None) => Verdict::NotSupported,
        (true, Some(_)) => Verdict::Invalid,
    }
}

/// The errors other than that something is not supported yet.
fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error && !d.is_not_supported())
}

fn compile_as(workflow_type: &str, text: &str) -> Vec<Diagnostic> {
    let options = CompileOptions {
        express: workflow_type == "EXPRESS",
    };
    let (program, diagnostics) = compile_with(text, &options);
    let is_whole = verdict(&diagnostics) == Verdict::Valid;
    assert_eq!(program.is_some(), is_whole, "{text}");
    diagnostics
}

fn print_errors(diagnostics: &[Diagnostic]) {
    for diagnostic in errors(diagnostics) {
        println!("    {diagnostic}");
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
            out.push_str(&match (quoted, is_whole) {
                (true, true) => format!("arn:aws:lambda:us-east-1:111111111111:function:{name}"),
                (true, false) => name,
                (false, _) => "60".to_owned(),
            });
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

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

fn conformance_folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("STEPSTREAM_CONFORMANCE") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
    };
    folder.is_dir().then_some(folder)
}

fn cases(folder: &Path) -> Vec<(PathBuf, Json)> {
    let mut areas: Vec<_> = std::fs::read_dir(folder.join("asl"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    areas.sort();
    let files = areas.iter().flat_map(|area| json_files(area));
    files
        .map(|file| {
            let text = std::fs::read(&file).unwrap();
            (file, serde_json::from_slice(&text).unwrap())
        })
        .collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}
