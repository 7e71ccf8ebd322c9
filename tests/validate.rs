//! Definitions that must be accepted or refused: those of the conformance data, where they are at hand, and our own.
//!
//! The verdict on a definition is *valid* if it has no error, *not supported* if its only errors are that we cannot run
//! it yet, else *invalid*. A definition that is not supported counts as valid.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test code outside of test functions: a panic is a failure, and counts are printed"
)]

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use stepstream::asl::{CompileOptions, Diagnostic, Severity, compile_with};

#[test]
fn our_own_definitions_get_the_expected_verdict() {
    #[rustfmt::skip]
    let cases = [
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}"#, Verdict::Valid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.x", "End": true}}}"#, Verdict::Valid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "End": true}}}"#, Verdict::Valid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "end": true}}}"#, Verdict::Invalid),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true}}}"#, Verdict::Invalid),
        ("{", Verdict::Invalid),
    ];
    for (text, expected) in cases {
        assert_eq!(verdict(&compile_as("EXPRESS", text)), expected, "{text}");
    }
    let (callback, _) = cases[4];
    let standard = verdict(&compile_as("STANDARD", callback));
    assert_eq!(standard, Verdict::NotSupported, "{callback}");
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

const ACTIVITY_ARN: &str = "arn:aws:states:us-east-1:111111111111:activity:dummy";

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
            "{} valid, {} not supported, {} invalid",
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

/// The errors other than that something is not supported.
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
