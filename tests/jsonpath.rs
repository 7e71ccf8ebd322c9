//! What Jayway JsonPath answers to the project's own paths, beside what this package answers.
//!
//! `jsonpath/golden.jsonl` holds for each case the answers of two versions of Jayway: AWS runs 2.0.0, which decides, but
//! for the tables whose paths 2.0.0 cannot read ([`LATER`]). Every case in which this package answers something else is
//! in `jsonpath/differences.txt` with its answer and the reason. `jsonpath/regenerate.sh` makes the golden file anew.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test: a panic is a failure"
)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;

use stepstream::expr::{Path, Randomness, Scope};
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
        let scope = Scope {
            input: document,
            context: &Value::NULL,
            randomness: &Randomness::new(0),
        };
        let answer = match path.find(&scope) {
            Ok(found) => Self::Gives(found.into_owned()),
            Err(miss) => Self::Fails(miss.to_string()),
        };
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

fn read(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/jsonpath");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Document, path and answer to the reason, from lines of four fields.
fn differences(text: &str) -> HashMap<(String, String), (&str, &str)> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut differences = HashMap::new();
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
    let golden = read("golden.jsonl");
    let text = read("differences.txt");
    let mut differences = differences(&text);
    let mut documents: HashMap<String, Value> = HashMap::new();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut report = String::new();
    for line in golden.lines() {
        let case = Value::parse(line.as_bytes()).unwrap();
        let field = |name: &str| case.get(name).and_then(Value::as_str).unwrap();
        let (table, name, path) = (field("table"), field("document"), field("path"));
        let document = documents.entry(name.to_owned()).or_insert_with(|| {
            Value::parse(read(&format!("documents/{name}.json")).as_bytes()).unwrap()
        });
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
