//! Runs recorded cases of AWS Step Functions, and cases of the project's own, in virtual time.
//!
//! The recordings are looked for in the folder that `STEPSTREAM_CONFORMANCE` names, else in `../shared/conformance` beside
//! the package; where there are none only the project's own cases run (`tests/conformance/cases`), unless
//! `STEPSTREAM_CONFORMANCE_REQUIRED` is set. Arguments that are no options filter by the case's id.
//!
//! Definitions that are only to be accepted or refused stand beside the recordings, in `validate` and `real-world`.
//!
//! A case is skipped only if the loader refuses its definition for what Express workflows do not have on AWS either, and the
//! recording says that Express could not run it, or its task is an activity's.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test of its own harness: it prints its table, and a panic is a failure"
)]

mod case;
mod compare;
mod execution;
mod loading;
mod report;
mod tasks;
mod test_state;
mod verdicts;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use case::Case;
use report::Report;

/// What became of a case.
enum Verdict {
    Passed,
    /// Each difference on a line.
    Failed(Vec<String>),
    /// What of it Express does not have.
    BeyondExpress(String),
    /// It differs on purpose: why.
    Listed(&'static str),
}

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = Report::default();

    run_folder(
        &package.join("tests/conformance/cases"),
        &filters,
        &mut report,
    );
    match recordings(package) {
        Some(folder) => {
            run_folder(&folder, &filters, &mut report);
            if let Some(root) = folder.parent() {
                verdicts::run(root, &filters, &mut report);
            }
        }
        None if std::env::var_os("STEPSTREAM_CONFORMANCE_REQUIRED").is_some() => {
            println!("no recordings found, and STEPSTREAM_CONFORMANCE_REQUIRED is set");
            return ExitCode::FAILURE;
        }
        None => println!("no recordings found: only the project's own cases run"),
    }

    report.print();
    if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn recordings(package: &Path) -> Option<PathBuf> {
    let root = std::env::var_os("STEPSTREAM_CONFORMANCE")
        .map_or_else(|| package.join("../shared/conformance"), PathBuf::from);
    let folder = root.join("asl");
    [folder, root].into_iter().find(|folder| folder.is_dir())
}

fn run_folder(folder: &Path, filters: &[String], report: &mut Report) {
    let files = case::files(folder);
    assert!(!files.is_empty(), "no case in {}", folder.display());
    for file in files {
        let case = Case::read(&file);
        if is_wanted(&case.id, filters) {
            let verdict = skipped_for_a_reason(&case, judge(&case));
            report.add(&case.area, &case.id, verdict);
        }
    }
}

fn is_wanted(id: &str, filters: &[String]) -> bool {
    filters.is_empty() || filters.iter().any(|filter| id.contains(filter.as_str()))
}

fn judge(case: &Case) -> Verdict {
    match case.kind.as_str() {
        "execution" => execution::judge(case),
        "create" => loading::judge_create(case),
        "validate" => loading::judge_validate(case),
        "variableReferences" => loading::judge_variable_references(case),
        "testState" => test_state::judge(case),
        kind => Verdict::Failed(vec![format!("nobody knows the operation {kind}")]),
    }
}

/// A case that Express can run is not skipped.
fn skipped_for_a_reason(case: &Case, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::BeyondExpress(what) if case.is_for_express() && !case.has_activity() => {
            Verdict::Failed(vec![format!("skipped: {what}")])
        }
        other => other,
    }
}
