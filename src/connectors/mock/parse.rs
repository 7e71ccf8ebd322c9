//! The mock file's text → responses, with all faults at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MockConfig, MockedResponse, TestCase};
use crate::machine::{TaskError, TaskResult};
use crate::value::{Object, Text, Value};

/// A mock file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockConfigError {
    /// All that is wrong with it, in the order of the text.
    pub faults: Vec<MockFault>,
}

/// One fault of a mock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockFault {
    /// Where, as a JSON pointer; empty for the whole file.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl std::error::Error for MockConfigError {}

impl std::fmt::Display for MockConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the mock file is refused")?;
        for MockFault { place, message } in &self.faults {
            write!(f, "\n{place}: {message}")?;
        }
        Ok(())
    }
}

pub(super) fn parse(json: &[u8]) -> Result<MockConfig, MockConfigError> {
    let mut reader = Reader { faults: Vec::new() };
    let config = match Value::parse(json) {
        Ok(file) => reader.file(&file),
        Err(e) => {
            reader.fault("", format!("it is not JSON: {e}"));
            MockConfig::default()
        }
    };
    if reader.faults.is_empty() {
        Ok(config)
    } else {
        Err(MockConfigError {
            faults: reader.faults,
        })
    }
}

type Responses = BTreeMap<Text, Arc<MockedResponse>>;

struct Reader {
    faults: Vec<MockFault>,
}

impl Reader {
    fn file(&mut self, file: &Value) -> MockConfig {
        self.known_keys(file, "", &["StateMachines", "MockedResponses"]);
        let mut responses = Responses::new();
        for (name, entries, place) in self.members(file.get("MockedResponses"), "/MockedResponses")
        {
            let response = self.response(name, entries, &place);
            responses.insert(name.clone(), Arc::new(response));
        }
        let mut cases = BTreeMap::new();
        for (name, machine, place) in self.members(file.get("StateMachines"), "/StateMachines") {
            let machine = self.machine(machine, &place, &responses);
            cases.insert(name.clone(), machine);
        }
        MockConfig { cases }
    }

    fn machine(
        &mut self,
        machine: &Value,
        place: &str,
        responses: &Responses,
    ) -> BTreeMap<Text, Arc<TestCase>> {
        self.known_keys(machine, place, &["TestCases"]);
        let mut cases = BTreeMap::new();
        let place = format!("{place}/TestCases");
        for (name, states, place) in self.members(machine.get("TestCases"), &place) {
            let mut case = TestCase::new();
            for (state, response, place) in self.members(Some(states), &place) {
                match response.as_str().map(|name| (name, responses.get(name))) {
                    Some((_, Some(response))) => {
                        case.insert(state.clone(), Arc::clone(response));
                    }
                    Some((name, None)) => {
                        self.fault(&place, format!("there is no mocked response '{name}'"));
                    }
                    None => self.fault(&place, "the name of a mocked response is expected"),
                }
            }
            cases.insert(name.clone(), Arc::new(case));
        }
        cases
    }

    fn response(&mut self, name: &Text, entries: &Value, place: &str) -> MockedResponse {
        let mut results: Vec<(u32, u32, TaskResult)> = Vec::new();
        for (key, entry, place) in self.members(Some(entries), place) {
            let Some((first, last)) = range(key) else {
                let message = "the number of a call from 0, or a range such as 1-2, is expected";
                self.fault(&place, message);
                continue;
            };
            if results.iter().any(|(f, l, _)| first <= *l && *f <= last) {
                self.fault(&place, "another entry covers the same call");
            }
            if let Some(result) = self.entry(entry, &place) {
                results.push((first, last, result));
            }
        }
        MockedResponse {
            name: name.clone(),
            results,
        }
    }

    fn entry(&mut self, entry: &Value, place: &str) -> Option<TaskResult> {
        self.known_keys(entry, place, &["Return", "Throw"]);
        match (entry.get("Return"), entry.get("Throw")) {
            (Some(result), None) => Some(TaskResult::Succeeded(result.clone())),
            (None, Some(thrown)) => {
                let place = format!("{place}/Throw");
                self.known_keys(thrown, &place, &["Error", "Cause"]);
                let error = thrown.get("Error").and_then(Value::as_text);
                let cause = thrown.get("Cause").and_then(Value::as_str);
                if error.is_none() || cause.is_none() {
                    self.fault(&place, "Error and Cause are expected, both strings");
                }
                Some(TaskResult::Failed(TaskError {
                    error: error?.clone(),
                    cause: Some(cause?.to_owned()),
                }))
            }
            (Some(_), Some(_)) | (None, None) => {
                self.fault(place, "either Return or Throw is expected");
                None
            }
        }
    }

    /// The members of what should be an object, each with its place.
    fn members<'v>(
        &mut self,
        value: Option<&'v Value>,
        place: &str,
    ) -> Vec<(&'v Text, &'v Value, String)> {
        let Some(object) = value.and_then(Value::as_object) else {
            self.fault(place, "an object is expected");
            return Vec::new();
        };
        let place = |key: &Text| format!("{place}/{}", escape(key));
        let members = object.iter().map(|(key, value)| (key, value, place(key)));
        members.collect()
    }

    fn known_keys(&mut self, value: &Value, place: &str, known: &[&str]) {
        let members = value.as_object().into_iter().flat_map(Object::iter);
        for (key, _) in members.filter(|(key, _)| !known.contains(&key.as_str())) {
            let message = format!("unknown; expected is {}", known.join(" or "));
            self.fault(&format!("{place}/{}", escape(key)), message);
        }
    }

    fn fault(&mut self, place: &str, message: impl Into<String>) {
        self.faults.push(MockFault {
            place: place.to_owned(),
            message: message.into(),
        });
    }
}

/// `3` or `1-2`, both ends included.
fn range(key: &str) -> Option<(u32, u32)> {
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// A key within a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
