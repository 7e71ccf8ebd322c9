//! A workflow's tests: what is expected of its executions, run in virtual time.
//!
//! ```json
//! {
//!   "HappyPath": {"Input": {"order": 7}, "Output": {"paid": true}},
//!   "Declined": {"Input": {"order": 8}, "Error": "CardDeclined", "Path": ["Charge", "Refuse"]},
//!   "DeclinedTwice": {"TestCase": "Declined", "Status": "FAILED"}
//! }
//! ```
//!
//! A test's tasks are answered by the test case of its name in a mock file of Step Functions Local, or by that of `TestCase`.
//!
//! *Not here*: how a report looks.

mod coverage;
mod difference;
mod parse;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use coverage::Coverage;
pub use parse::{Fault, SuiteError, parse};

use super::solo::{Happening, Pace, Solo};
use crate::asl::{Program, Resource};
use crate::connectors::MockConfig;
use crate::engine::{Answer, Call, Connector, Connectors, ManualClock};
use crate::history::{Detail, HistoryEvent, LogLevel};
use crate::machine::{
    Identity, Limits, Options, Outcome, Recording, Status, TaskError, TaskResult, Timestamp,
};
use crate::value::{Text, Value};
use difference::first_difference;

/// One test.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// The mock file's test case that answers its tasks; its own name if it says none.
    pub test_case: Option<Text>,
    /// The execution's input.
    pub input: Value,
    /// What must come of it.
    pub expected: Expected,
}

/// What must come of a test's execution; what is absent is not looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// How it ends.
    pub status: Status,
    /// Its output, numbers by value, members in any order.
    pub output: Option<Value>,
    /// Its error's name.
    pub error: Option<Text>,
    /// Its error's cause.
    pub cause: Option<Text>,
    /// The states that are entered, in order.
    pub path: Option<Vec<Text>>,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The test's name.
    pub name: Text,
    /// How its execution ended.
    pub outcome: Outcome,
    /// What is not as expected; the test passed if that is nothing.
    pub faults: Vec<String>,
}

/// The tests of one state machine.
#[derive(Debug)]
pub struct Suite<'a> {
    /// What is tested.
    pub program: &'a Arc<Program>,
    /// Who executions are.
    pub identity: &'a Identity,
    /// Answers of its tasks.
    pub mocks: &'a MockConfig,
    /// When every execution begins.
    pub begin: Timestamp,
    /// The seed of every execution.
    pub seed: u64,
}

impl Suite<'_> {
    /// Runs one test, and counts in `coverage` what it went through.
    #[must_use]
    pub fn run(&self, test: &Test, coverage: &mut Coverage) -> Ran {
        let machine = &self.identity.machine.name;
        let case = test.test_case.as_ref().unwrap_or(&test.name);
        let unmocked = Unmocked {
            test_case: case.clone(),
        };
        let connectors: Box<dyn Connectors> = match self.mocks.connectors(machine, case) {
            Ok(mocked) => Box::new(mocked.or(Arc::new(unmocked))),
            Err(_) => Box::new(unmocked),
        };
        let solo = Solo::new(Arc::clone(self.program), machine, &*connectors)
            .expect("what is not mocked is taken by Unmocked");
        let mut records: Vec<HistoryEvent> = Vec::new();
        let options = Options {
            identity: self.identity.clone(),
            limits: Limits::default(),
            seed: self.seed,
            recording: Recording {
                level: LogLevel::All,
                include_execution_data: false,
            },
            context: Value::NULL,
        };
        let clock = ManualClock::new(self.begin);
        let outcome = solo.run(
            test.input.clone(),
            options,
            Pace::Virtual,
            &clock,
            &mut |happening, _| {
                if let Happening::Record(record) = happening {
                    records.push(record.clone());
                }
            },
        );
        coverage.count(&records);
        Ran {
            name: test.name.clone(),
            faults: test.expected.faults(&outcome, &records),
            outcome,
        }
    }
}

impl Expected {
    fn faults(&self, outcome: &Outcome, records: &[HistoryEvent]) -> Vec<String> {
        let mut faults = Vec::new();
        if self.status != outcome.status {
            let (expected, was) = (self.status.as_str(), outcome.status.as_str());
            let why = match (&outcome.error, &outcome.cause) {
                (Some(error), Some(cause)) => format!(" ({error}: {cause})"),
                (Some(error), None) => format!(" ({error})"),
                (None, _) => String::new(),
            };
            faults.push(format!("status: expected {expected}, was {was}{why}"));
        }
        if let Some(expected) = &self.output {
            match &outcome.output {
                Some(output) => faults.extend(first_difference("output", expected, output)),
                None => faults.push(format!("output: expected {}, was none", expected.to_json())),
            }
        }
        let error = outcome.error.as_deref();
        let cause = outcome.cause.as_deref();
        for (name, expected, was) in [("error", &self.error, error), ("cause", &self.cause, cause)]
        {
            if let Some(expected) = expected
                && was != Some(expected)
            {
                let was = was.unwrap_or("none");
                faults.push(format!("{name}: expected {expected}, was {was}"));
            }
        }
        if let Some(expected) = &self.path {
            let path: Vec<&str> = records.iter().filter_map(entered).collect();
            if !path.iter().copied().eq(expected.iter().map(|name| &**name)) {
                let (expected, path) = (expected.join(" > "), path.join(" > "));
                faults.push(format!("path: expected {expected}, was {path}"));
            }
        }
        faults
    }
}

/// The state that this event says is entered.
fn entered(event: &HistoryEvent) -> Option<&str> {
    event.event_type.is_state_entered().then(|| name(event))?
}

/// The state that this event says is left.
fn exited(event: &HistoryEvent) -> Option<&str> {
    event.event_type.is_state_exited().then(|| name(event))?
}

fn name(event: &HistoryEvent) -> Option<&str> {
    let entries = event.details.entries();
    entries.iter().find_map(|(name, detail)| {
        if let Detail::Text(text) = detail
            && *name == "name"
        {
            Some(&**text)
        } else {
            None
        }
    })
}

/// Takes every task, and fails those that are called: a test need mock only the states that it goes through.
#[derive(Clone, Debug)]
struct Unmocked {
    test_case: Text,
}

impl Connectors for Unmocked {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Ok(Arc::new(self.clone()))
    }
}

impl Connector for Unmocked {
    fn call(&self, call: Call, answer: Answer) {
        answer.complete(TaskResult::Failed(TaskError {
            error: Text::new_static("States.Runtime"),
            cause: Some(format!(
                "The state '{}' makes a call that the test case '{}' of the mock file does not answer.",
                call.state, self.test_case
            )),
        }));
    }
}
