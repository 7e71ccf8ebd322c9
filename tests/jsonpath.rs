//! What Jayway JsonPath answers to the project's own paths, beside what this package answers.
//!
//! `jsonpath/golden.jsonl` holds for each case the answers of two versions of Jayway: AWS runs 2.0.0, which decides, but
//! for the tables whose paths 2.0.0 cannot read ([`LATER`]). Every case in which this package answers something else is
//! in `jsonpath/differences.txt` with its answer and the reason. `jsonpath/regenerate.sh` makes the golden file anew.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test: a panic is a failure"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use stepstream::expr::{Path, Randomness, ReferencePath, Scope, Template, Variables};
use stepstream::value::Value;

const AWS: &str = "2.0.0";
/// The tables that the newest version decides, and the version.
const LATER: (&[&str], &str) = (&["functions", "grouping", "operators", "quotes"], "2.10.0");

/// An answer to a path.
#[derive(Debug, PartialEq)]
enum Answer {
    Refused,
    Fails(String),
    Gives(Value),
}

impl Answer {
    fn of_jayway(answer: &Value) -> Self {
        if answer.get("refused").is_some() {
            return Self::Refused;
        }
        match answer.get("value") {
            Some(value) => Self::Gives(value.clone()),
            None => Self::Fails(
                answer
                    .get("message")
                    .and_then(Value::as_str)
                    .unwrap_or("")
                    .to_owned(),
            ),
        }
    }

    fn of_this_package(path: &str, document: &Value) -> (Self, Option<bool>) {
        let Ok(path) = Path::compile(path) else {
            return (Self::Refused, None);
        };
        let answer = with_scope(document, |scope| match path.find(scope) {
            Ok(found) => Self::Gives(found.into_owned()),
            Err(miss) => Self::Fails(miss.to_string()),
        });
        (answer, Some(path.is_definite()))
    }

    /// As in the list of differences.
    fn shown(&self) -> String {
        match self {
            Self::Refused => "refused".to_owned(),
            Self::Fails(message) => format!("fails: {message}"),
            Self::Gives(value) => value.to_json(),
        }
    }
}

fn with_scope<T>(document: &Value, work: impl FnOnce(&Scope<'_>) -> T) -> T {
    work(&Scope {
        input: document,
        context: &Value::NULL,
        variables: Variables::NONE,
        randomness: &Randomness::new(0),
    })
}

/// The cases, each with its document.
fn cases() -> Vec<(Value, Value)> {
    let mut documents: BTreeMap<String, Value> = BTreeMap::new();
    let golden = read("golden.jsonl");
    let cases = golden.lines().map(|line| {
        let case = Value::parse(line.as_bytes()).unwrap();
        let name = text(&case, "document");
        let document = documents.entry(name.to_owned()).or_insert_with(|| {
            Value::parse(read(&format!("documents/{name}.json")).as_bytes()).unwrap()
        });
        let document = document.clone();
        (case, document)
    });
    cases.collect()
}

fn text<'v>(case: &'v Value, name: &str) -> &'v str {
    case.get(name).and_then(Value::as_str).unwrap()
}

fn read(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/jsonpath");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Document, path and answer to the reason, from lines of four fields.
fn differences(text: &str) -> BTreeMap<(String, String), (&str, &str)> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut differences = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[reason, document, path, answer] = fields.as_slice() else {
            panic!("a difference has four fields: {line}");
        };
        differences.insert((document.to_owned(), path.to_owned()), (reason, answer));
    }
    differences
}

#[test]
fn every_path_is_answered_as_by_jayway() {
    let listed = read("differences.txt");
    let mut differences = differences(&listed);
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut report = String::new();
    for (case, document) in &cases() {
        let (table, name, path) = (
            text(case, "table"),
            text(case, "document"),
            text(case, "path"),
        );
        let (later, version) = LATER;
        let governs = if later.contains(&table) { version } else { AWS };
        let jayway = case.get(governs).unwrap();
        let expected = Answer::of_jayway(jayway);
        let (answer, definite) = Answer::of_this_package(path, document);

        let is_same_kind =
            definite.is_none() || definite == jayway.get("definite").and_then(Value::as_bool);
        let agrees = answer == expected && is_same_kind;
        let (agreeing, all) = counts.entry(table.to_owned()).or_default();
        *agreeing += usize::from(agrees);
        *all += 1;
        let shown = answer.shown();
        match (
            agrees,
            differences.remove(&(name.to_owned(), path.to_owned())),
        ) {
            (true, None) => {}
            (true, Some(_)) => writeln!(report, "no difference any more\t{name}\t{path}").unwrap(),
            (false, Some((reason, ours))) if ours == shown => {
                *reasons.entry(reason).or_default() += 1;
            }
            (false, _) => {
                writeln!(report, "{table}\t{name}\t{path}\t{shown}").unwrap();
                writeln!(report, "    {governs} says {}", expected.shown()).unwrap();
            }
        }
    }
    for ((document, path), _) in differences {
        writeln!(report, "no such case\t{document}\t{path}").unwrap();
    }
    for (table, (agreeing, all)) in &counts {
        println!("{table:12} {agreeing:4} of {all:4} agree");
    }
    println!("differences by reason: {reasons:?}");
    assert!(report.is_empty(), "\n{report}");
    assert!(counts.len() > 10, "the tables are found");
}

/// A path means the same as the whole value of a field, in a payload template, and as an argument of a call.
#[test]
fn a_path_means_the_same_everywhere() {
    let mut compared = 0;
    let mut report = String::new();
    for (case, document) in &cases() {
        let path = text(case, "path");
        let (answer, definite) = Answer::of_this_package(path, document);
        if definite.is_none() || !path.starts_with('$') || path.starts_with("$$") {
            continue;
        }
        let call = format!("States.Array({path})");
        let missing = format!("could not be found in the input '{document}'");
        let (in_template, in_call) = match &answer {
            Answer::Gives(value) => {
                let value = value.to_json();
                (Ok(value.clone()), Ok(format!("[{value}]")))
            }
            Answer::Fails(_) => (
                Err(format!(
                    "The JSONPath '{path}' specified for the field 'x.$' {missing}"
                )),
                Err(format!(
                    "The function '{call}' had the following error: The JsonPath argument for the field '{path}' {missing}"
                )),
            ),
            Answer::Refused => unreachable!("a refused path is passed over"),
        };
        for (text, expected) in [(path, in_template), (&call, in_call)] {
            // A name without quotes ends there if it stands in a call.
            if text == call && ["$.x,y", "$.device)"].contains(&path) {
                continue;
            }
            let template = Template::compile_expression(text, "x.$");
            let given = template.map_err(|e| e.to_string()).and_then(|template| {
                with_scope(document, |scope| template.eval(scope))
                    .map(|value| value.to_json())
                    .map_err(|failure| failure.cause)
            });
            if given != expected {
                writeln!(report, "{text}\n    {given:?}\n    {expected:?}").unwrap();
            }
            compared += 1;
        }
    }
    println!("{compared} paths in templates and calls");
    assert!(report.is_empty(), "\n{report}");
}

/// Where a reference path finds something it puts something, and finds it again.
#[test]
fn a_reference_path_puts_where_it_finds() {
    let mark = Value::from("put here");
    let mut compared = 0;
    for (case, document) in &cases() {
        let path = text(case, "path");
        let (Ok(reference), (answer, definite)) = (
            ReferencePath::compile(path),
            Answer::of_this_package(path, document),
        ) else {
            continue;
        };
        assert_eq!(definite, Some(true), "{path}");
        let put = reference.put(document.clone(), mark.clone());
        let found = put
            .as_ref()
            .map(|changed| Answer::of_this_package(path, changed).0);
        match (answer, found) {
            (_, Ok(found)) => assert_eq!(found, Answer::Gives(mark.clone()), "{path}"),
            (Answer::Gives(_), Err(failure)) => panic!("{path}: {failure:?}"),
            (Answer::Fails(_) | Answer::Refused, Err(failure)) => {
                assert_eq!(failure.error, "States.ReferencePathConflict", "{path}");
            }
        }
        compared += 1;
    }
    println!("{compared} reference paths");
    assert!(compared > 100, "the reference paths are found");
}
