//! What TestState answers.

use crate::value::{ObjectBuilder, Text, Value};

/// How the state ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// It has an output.
    Succeeded,
    /// With an error that nobody handles.
    Failed,
    /// With an error that a retrier takes.
    Retriable,
    /// With an error that a catcher takes.
    CaughtError,
}

impl TestStatus {
    /// `SUCCEEDED`, `FAILED`, `RETRIABLE`, `CAUGHT_ERROR`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Retriable => "RETRIABLE",
            Self::CaughtError => "CAUGHT_ERROR",
        }
    }
}

/// An answer of TestState.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStateAnswer {
    /// `status`
    pub status: TestStatus,
    /// `output`: what the next state would get.
    pub output: Option<Value>,
    /// `error`
    pub error: Option<Text>,
    /// `cause`
    pub cause: Option<String>,
    /// `nextState`; none where the workflow would end.
    pub next_state: Option<Text>,
    /// `inspectionData`, which the level `INFO` leaves out.
    pub inspection: InspectionData,
}

/// `inspectionData`: what the state made of its data, as far as it came. Absent is what its type and language do not have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InspectionData {
    /// `input`
    pub input: Option<Value>,
    /// `afterInputPath`
    pub after_input_path: Option<Value>,
    /// `afterParameters`
    pub after_parameters: Option<Value>,
    /// `afterArguments`
    pub after_arguments: Option<Value>,
    /// `afterItemsPath`
    pub after_items_path: Option<Value>,
    /// `afterItemSelector`: an array of what each iteration would get.
    pub after_item_selector: Option<Value>,
    /// `afterItemBatcher`: an array of batches.
    pub after_item_batcher: Option<Value>,
    /// `afterItemsPointer`: what of the reader's data the items are.
    pub after_items_pointer: Option<Value>,
    /// `result`
    pub result: Option<Value>,
    /// `afterResultSelector`
    pub after_result_selector: Option<Value>,
    /// `afterResultPath`
    pub after_result_path: Option<Value>,
    /// `variables`: those given and those assigned.
    pub variables: Option<Value>,
    /// `request`: what an HTTP task sent, at the level `TRACE`.
    pub request: Option<Value>,
    /// `response`: what came back.
    pub response: Option<Value>,
    /// `errorDetails`
    pub error_details: ErrorDetails,
    /// `toleratedFailureCount`
    pub tolerated_failure_count: Option<Value>,
    /// `toleratedFailurePercentage`
    pub tolerated_failure_percentage: Option<Value>,
    /// `maxConcurrency`
    pub max_concurrency: Option<Value>,
}

/// `errorDetails`: who handles the error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErrorDetails {
    /// `catchIndex`
    pub catch_index: Option<usize>,
    /// `retryIndex`: the retrier that names the error, even if it has no retry left.
    pub retry_index: Option<usize>,
    /// `retryBackoffIntervalSeconds`: how long it would wait.
    pub retry_backoff_seconds: Option<f64>,
}

impl TestStateAnswer {
    /// The answer as AWS writes it: data is text of JSON. `with_inspection` is false at the level `INFO`.
    #[must_use]
    pub fn to_value(&self, with_inspection: bool) -> Value {
        let mut members = ObjectBuilder::with_capacity(6);
        let text = |text: &str| Value::from(text);
        if let Some(output) = &self.output {
            members.insert("output", Value::from(output.to_json()));
        }
        if let Some(error) = &self.error {
            members.insert("error", text(error));
        }
        if let Some(cause) = &self.cause {
            members.insert("cause", text(cause));
        }
        if with_inspection {
            members.insert("inspectionData", self.inspection.to_value());
        }
        if let Some(next) = &self.next_state {
            members.insert("nextState", text(next));
        }
        members.insert("status", text(self.status.as_str()));
        members.finish().expect("texts and numbers are not deep")
    }
}

impl InspectionData {
    pub(super) fn to_value(&self) -> Value {
        let mut members = ObjectBuilder::with_capacity(16);
        let data = [
            ("input", &self.input),
            ("afterInputPath", &self.after_input_path),
            ("afterParameters", &self.after_parameters),
            ("afterArguments", &self.after_arguments),
            ("afterItemsPath", &self.after_items_path),
            ("afterItemSelector", &self.after_item_selector),
            ("afterItemBatcher", &self.after_item_batcher),
            ("afterItemsPointer", &self.after_items_pointer),
            ("result", &self.result),
            ("afterResultSelector", &self.after_result_selector),
            ("afterResultPath", &self.after_result_path),
            ("variables", &self.variables),
        ];
        for (name, data) in data {
            if let Some(data) = data {
                members.insert(name, Value::from(data.to_json()));
            }
        }
        for (name, exchanged) in [("request", &self.request), ("response", &self.response)] {
            if let Some(exchanged) = exchanged {
                members.insert(name, exchanged.clone());
            }
        }
        if self.error_details != ErrorDetails::default() {
            members.insert("errorDetails", self.error_details.to_value());
        }
        let numbers = [
            ("toleratedFailureCount", &self.tolerated_failure_count),
            (
                "toleratedFailurePercentage",
                &self.tolerated_failure_percentage,
            ),
            ("maxConcurrency", &self.max_concurrency),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                members.insert(name, number.clone());
            }
        }
        members.finish().expect("texts and numbers are not deep")
    }
}

impl ErrorDetails {
    fn to_value(self) -> Value {
        let index = |index: usize| Value::from(i64::try_from(index).unwrap_or(i64::MAX));
        let members = [
            ("catchIndex", self.catch_index.map(index)),
            ("retryIndex", self.retry_index.map(index)),
            (
                "retryBackoffIntervalSeconds",
                self.retry_backoff_seconds.map(number),
            ),
        ];
        let mut object = ObjectBuilder::with_capacity(3);
        for (name, value) in members {
            if let Some(value) = value {
                object.insert(name, value);
            }
        }
        object.finish().expect("numbers are not deep")
    }
}

/// Whole seconds without a point.
fn number(seconds: f64) -> Value {
    Value::parse(seconds.to_string().as_bytes()).expect("a finite number is JSON")
}
