//! Runs the official suite of JSONata.
//!
//! It is looked for in the folder that `STEPSTREAM_CONFORMANCE` names, else in `../shared/conformance` beside the package;
//! where it is not there this says so, unless `STEPSTREAM_CONFORMANCE_REQUIRED` is set: then it fails. Arguments that
//! are no options filter by `group/case`.
//!
//! Left out are cases for versions after 2.0.6, those of `$eval`, those that bound the time, and those in `OUT_OF_REACH`.

#![expect(
    clippy::print_stdout,
    reason = "a test of its own harness: it prints what differs"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use stepstream::expr::jsonata::{Environment, Evaluated, Expression, Limits, Variables};
use stepstream::value::{Value, View};

/// Cases that this engine cannot pass, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[
    (
        "function-string/case019",
        "a number beyond the doubles is refused where it arises",
    ),
    (
        "function-encodeUrl/case002",
        "a text holds no lone surrogate",
    ),
    (
        "function-encodeUrlComponent/case002",
        "a text holds no lone surrogate",
    ),
];

struct Bindings(BTreeMap<String, Value>);

impl Variables for Bindings {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.get(name).map(Cow::Borrowed)
    }
}

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let Some(suite) = suite() else {
        println!("the JSONata suite is not there");
        return match std::env::var_os("STEPSTREAM_CONFORMANCE_REQUIRED") {
            Some(_) => ExitCode::FAILURE,
            None => ExitCode::SUCCESS,
        };
    };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for file in json_files(&suite.join("groups")) {
        let group = stem(&file);
        for case in read(&file).as_array().unwrap_or_default() {
            let name = format!("{group}/{}", text(case, "case"));
            if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter)) {
                continue;
            }
            if is_left_out(case, &name) {
                skipped += 1;
                continue;
            }
            match judge(&suite, case) {
                Ok(()) => passed += 1,
                Err(difference) => {
                    failed += 1;
                    println!("{name}: {}\n    {difference}", text(case, "expr"));
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 && passed + skipped > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn is_left_out(case: &Value, name: &str) -> bool {
    case.get("newerThan2.0.6").is_some()
        || case.get("timelimit").is_some()
        || text(case, "expr").contains("$eval(")
        || OUT_OF_REACH.iter().any(|(known, _)| *known == name)
}

fn judge(suite: &Path, case: &Value) -> Result<(), String> {
    let input = match case.get("dataset").and_then(Value::as_str) {
        Some(name) => Some(read(&suite.join(format!("datasets/{name}.json")))),
        None => case.get("data").cloned(),
    };
    let bindings = case.get("bindings").and_then(Value::as_object);
    let bindings = bindings.into_iter().flat_map(|bindings| bindings.iter());
    let bindings = Bindings(bindings.map(|(k, v)| (k.to_string(), v.clone())).collect());
    let randomness = std::cell::Cell::new(0x5eed_u64);
    let environment = Environment {
        input: input.as_ref(),
        variables: &bindings,
        now_ms: 1_764_000_000_000,
        randomness: &|| {
            let next = randomness
                .get()
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(1);
            randomness.set(next);
            next
        },
        limits: Limits::default(),
    };
    let result = match Expression::compile(text(case, "expr")) {
        Ok(expression) => expression
            .eval(&environment)
            .map_err(|e| (e.code, e.message)),
        Err(error) => Err((error.code, error.message)),
    };
    let expected_error = case.get("error");
    let expected_code = case
        .get("code")
        .or_else(|| expected_error?.get("code"))
        .and_then(Value::as_str);
    match (expected_code, result) {
        (Some(expected), Err((code, message))) => {
            let wanted = expected_error.and_then(|error| error.get("message")?.as_str());
            if code != expected || wanted.is_some_and(|wanted| wanted != message) {
                return Err(format!(
                    "expected {expected} {wanted:?}, got {code}: {message}"
                ));
            }
            Ok(())
        }
        (Some(expected), Ok(result)) => Err(format!("expected {expected}, got {result:?}")),
        (None, Err((code, message))) => Err(format!(
            "expected {:?}, got {code}: {message}",
            case.get("result")
        )),
        (None, Ok(Evaluated::Value(result))) => {
            let Some(expected) = case.get("result") else {
                return Err(format!("expected nothing, got {result}"));
            };
            if same(&result, expected, case.get("unordered").is_some()) {
                return Ok(());
            }
            Err(format!("expected {expected}, got {result}"))
        }
        (None, Ok(other)) => match case.get("result") {
            None => Ok(()),
            Some(expected) => Err(format!("expected {expected}, got {other:?}")),
        },
    }
}

/// Whether a result is what is expected, numbers as doubles.
fn same(result: &Value, expected: &Value, unordered: bool) -> bool {
    match (result.view(), expected.view()) {
        (View::Number(a), View::Number(b)) => {
            let (a, b) = (a.as_f64(), b.as_f64());
            (a - b).abs() <= 1e-14 * a.abs().max(b.abs())
        }
        (View::Array(a), View::Array(b)) if unordered => {
            a.len() == b.len() && b.iter().all(|y| a.iter().any(|x| same(x, y, true)))
        }
        (View::Array(a), View::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y, false))
        }
        (View::Object(a), View::Object(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(k, y)| a.get(k).is_some_and(|x| same(x, y, unordered)))
        }
        _ => result == expected,
    }
}

fn suite() -> Option<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("STEPSTREAM_CONFORMANCE")
        .map_or_else(|| package.join("../shared/conformance"), PathBuf::from);
    let suite = root.join("jsonata");
    suite.join("groups").is_dir().then_some(suite)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// A lone surrogate of a file becomes U+FFFD.
fn read(file: &Path) -> Value {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Value::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case.get(field).and_then(Value::as_str).unwrap_or_default()
}
