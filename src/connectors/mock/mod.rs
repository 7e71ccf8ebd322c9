//! Task answers from a file, in the format of Step Functions Local (`MockConfigFile.json`).
//!
//! ```json
//! {
//!   "StateMachines": {"Orders": {"TestCases": {"HappyPath": {"Charge": "ChargeTwice"}}}},
//!   "MockedResponses": {"ChargeTwice": {
//!     "0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "busy"}},
//!     "1-2": {"Return": {"paid": true}}
//!   }}
//! }
//! ```
//!
//! A response is chosen by the number of the state's call within its execution, from 0. What it returns is the raw result of the
//! task, before `ResultSelector`.

mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use parse::{MockConfigError, MockFault};

use crate::asl::Resource;
use crate::engine::{Answer, Call, CallBounds, Connector, Connectors};
use crate::machine::{TaskError, TaskResult};
use crate::value::Text;

/// A parsed file of mocked responses.
#[derive(Clone, Debug, Default)]
pub struct MockConfig {
    /// Test cases by machine and name.
    cases: BTreeMap<Text, BTreeMap<Text, Arc<TestCase>>>,
}

/// Responses by state.
type TestCase = BTreeMap<Text, Arc<MockedResponse>>;

/// What the calls of a state are answered with.
#[derive(Debug)]
struct MockedResponse {
    name: Text,
    /// First and last number of the calls that get it.
    results: Vec<(u32, u32, TaskResult)>,
}

/// There is no such test case in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the mock file has no test case '{test_case}' of state machine '{machine}'; it has: {known}"
)]
pub struct UnknownTestCase {
    machine: String,
    test_case: String,
    known: String,
}

impl MockConfig {
    /// Parses a file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(json: &[u8]) -> Result<Self, MockConfigError> {
        parse::parse(json)
    }

    /// What the call `invocation` (from 0, counted per state and execution) of `state` is answered with. `None` if the
    /// test case does not mock the state, or there is no such test case.
    ///
    /// A mocked state that has no response for the call fails with `States.Runtime`, which neither Retry nor Catch
    /// of `States.ALL` takes.
    #[must_use]
    pub fn answer(
        &self,
        machine: &str,
        test_case: &str,
        state: &str,
        invocation: u32,
    ) -> Option<TaskResult> {
        let response = self.cases.get(machine)?.get(test_case)?.get(state)?;
        Some(response.answer(state, invocation))
    }

    /// Connectors that answer the mocked states of a test case and know no others.
    ///
    /// # Errors
    /// If there is no such test case.
    pub fn connectors(
        &self,
        machine: &str,
        test_case: &str,
    ) -> Result<MockConnectors, UnknownTestCase> {
        let case = self.cases.get(machine).and_then(|m| m.get(test_case));
        let case = case.ok_or_else(|| UnknownTestCase {
            machine: machine.to_owned(),
            test_case: test_case.to_owned(),
            known: self.known(),
        })?;
        Ok(MockConnectors {
            case: Arc::clone(case),
            others: None,
        })
    }

    /// Whether some test case of the machine mocks the state.
    #[must_use]
    pub fn mocks(&self, machine: &str, state: &str) -> bool {
        let mut cases = self.cases.get(machine).into_iter().flatten();
        cases.any(|(_, case)| case.contains_key(state))
    }

    /// The names of a machine's test cases, in alphabetical order.
    pub fn test_cases<'a>(&'a self, machine: &str) -> impl Iterator<Item = &'a str> {
        let cases = self.cases.get(machine).into_iter().flatten();
        cases.map(|(name, _)| name.as_str())
    }

    /// All test cases as `Machine#Case`, the form in which Step Functions Local takes them.
    fn known(&self) -> String {
        let of_machine = |(machine, cases): (&Text, &BTreeMap<Text, _>)| {
            let names = cases.keys().map(|case| format!("{machine}#{case}"));
            names.collect::<Vec<_>>()
        };
        let all: Vec<_> = self.cases.iter().flat_map(of_machine).collect();
        if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(", ")
        }
    }
}

/// The connectors of one test case.
#[derive(Clone, Debug)]
pub struct MockConnectors {
    case: Arc<TestCase>,
    others: Option<Arc<dyn Connectors>>,
}

impl MockConnectors {
    /// States that the test case does not mock are done by `others`.
    #[must_use]
    pub fn or(mut self, others: Arc<dyn Connectors>) -> Self {
        self.others = Some(others);
        self
    }
}

impl Connectors for MockConnectors {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        if let Some(response) = self.case.get(state) {
            return Ok(Arc::clone(response) as Arc<dyn Connector>);
        }
        match &self.others {
            Some(others) => others.resolve(machine, state, resource),
            None => Err(format!(
                "add the state '{state}' to the test case in the mock file"
            )),
        }
    }

    fn bounds(&self, resource: &Resource) -> Option<Arc<CallBounds>> {
        self.others.as_ref()?.bounds(resource)
    }
}

impl Connector for MockedResponse {
    fn call(&self, call: Call, answer: Answer) {
        answer.complete(self.answer(&call.state, call.invocation));
    }
}

impl MockedResponse {
    fn answer(&self, state: &str, invocation: u32) -> TaskResult {
        let result = self
            .results
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&invocation));
        result.map_or_else(
            || {
                let name = &self.name;
                TaskResult::Failed(TaskError {
                    error: Text::new_static("States.Runtime"),
                    cause: Some(format!(
                        "The mocked response '{name}' has no entry for call {invocation} of the state '{state}'."
                    )),
                })
            },
            |(_, _, result)| result.clone(),
        )
    }
}
