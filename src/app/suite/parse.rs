//! The file of tests → tests, with all faults at once.

use super::{Expected, Test};
use crate::machine::Status;
use crate::value::{Text, Value};

/// A file of tests is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tests are refused{}", .faults.iter().map(|f| format!("\n{}: {}", f.place, f.message)).collect::<String>())]
pub struct SuiteError {
    /// All that is wrong with it.
    pub faults: Vec<Fault>,
}

/// One fault of a file of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON pointer; empty for the whole file.
    pub place: String,
    /// What is wrong there, and what is expected.
    pub message: String,
}

const KEYS: [&str; 7] = [
    "Comment", "TestCase", "Input", "Status", "Output", "Error", "Cause",
];
const PATH: &str = "Path";
const STATUSES: [Status; 4] = [
    Status::Succeeded,
    Status::Failed,
    Status::TimedOut,
    Status::Aborted,
];

/// Parses a file: an object of tests by name.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(json: &[u8]) -> Result<Vec<Test>, SuiteError> {
    let mut faults = Vec::new();
    let mut tests = Vec::new();
    let mut fault = |place: &str, message: String| {
        faults.push(Fault {
            place: place.to_owned(),
            message,
        });
    };
    match Value::parse(json) {
        Err(error) => fault("", format!("it is not JSON: {error}")),
        Ok(file) => match file.as_object() {
            None => fault("", "an object of tests by name is expected".to_owned()),
            Some(object) if object.is_empty() => fault("", "there is no test in it".to_owned()),
            Some(object) => {
                for (name, test) in object.iter() {
                    let place = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                    tests.extend(read(name, test, &place, &mut fault));
                }
            }
        },
    }
    if faults.is_empty() {
        Ok(tests)
    } else {
        Err(SuiteError { faults })
    }
}

fn read(
    name: &str,
    test: &Value,
    place: &str,
    fault: &mut impl FnMut(&str, String),
) -> Option<Test> {
    let Some(object) = test.as_object() else {
        fault(place, "an object is expected".to_owned());
        return None;
    };
    for (key, _) in object.iter() {
        if !KEYS.contains(&&**key) && *key != PATH {
            let known = KEYS.join(", ");
            let message = format!("unknown key; known are {known} and {PATH}");
            fault(&format!("{place}/{key}"), message);
        }
    }
    let mut text = |key: &str| {
        let value = object.get(key)?;
        if value.as_text().is_none() {
            fault(&format!("{place}/{key}"), "a string is expected".to_owned());
        }
        value.as_text().cloned()
    };
    let test_case = text("TestCase");
    let (error, cause) = (text("Error"), text("Cause"));
    let status = text("Status");
    let output = object.get("Output").cloned();
    let named = status.as_deref().map(|name| {
        let status = STATUSES.into_iter().find(|s| s.as_str() == name);
        if status.is_none() {
            let known = STATUSES.map(Status::as_str).join(", ");
            fault(
                &format!("{place}/Status"),
                format!("one of {known} is expected"),
            );
        }
        status
    });
    let implied = if error.is_some() || cause.is_some() {
        Status::Failed
    } else {
        Status::Succeeded
    };
    let status = named.flatten().unwrap_or(implied);
    if output.is_some() && status != Status::Succeeded {
        let message = "only an execution that succeeds has an output".to_owned();
        fault(&format!("{place}/Output"), message);
    }
    let path = object.get(PATH).and_then(|path| {
        let names = path.as_array().and_then(|names| {
            let names = names.iter().map(|name| name.as_text().cloned());
            names.collect::<Option<Vec<Text>>>()
        });
        if names.is_none() {
            let message = "an array of the names of states is expected".to_owned();
            fault(&format!("{place}/{PATH}"), message);
        }
        names
    });
    Some(Test {
        name: Text::new(name),
        test_case,
        input: object
            .get("Input")
            .cloned()
            .unwrap_or_else(Value::empty_object),
        expected: Expected {
            status,
            output,
            error,
            cause,
            path,
        },
    })
}
