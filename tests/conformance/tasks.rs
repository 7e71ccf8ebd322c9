//! Answers the tasks of a case: from its recorded mocks, else by what its functions are said to do.

use serde_json::{Value as Json, json};
use stepstream::asl::{Program, Resource, ResourceKind};
use stepstream::machine::{TaskCall, TaskError, TaskResult, VirtualAnswer};
use stepstream::value::Value;

use crate::case::Case;
use crate::compare::Names;

/// Who answers, and what was asked in vain.
pub(crate) struct Tasks<'a> {
    case: &'a Case,
    used: Vec<bool>,
    /// How many outcomes were taken from the events.
    lost: usize,
    pub(crate) complaints: Vec<String>,
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(case: &'a Case) -> Self {
        let mocks = case.json["mocks"].as_array().map_or(0, Vec::len);
        Self {
            case,
            used: vec![false; mocks],
            lost: 0,
            complaints: Vec::new(),
        }
    }

    /// The answer to a call; `None` if the recording has none: the task was still running at the end, or timed out.
    pub(crate) fn answer(&mut self, program: &Program, call: &TaskCall) -> Option<VirtualAnswer> {
        let state = program.state(call.state);
        let payload = call.payload.to_serde();
        let Some(mocks) = self.case.json["mocks"].as_array() else {
            return self.answer_by_function(program, call);
        };
        let mut differences = Vec::new();
        for (at, mock) in mocks.iter().enumerate() {
            let is_state = mock["state"].is_null() || mock["state"] == state.name.as_str();
            if self.used[at] || !is_state {
                continue;
            }
            match Names::of(self.case).difference(&mock["request"], &payload, "request") {
                None => {
                    self.used[at] = true;
                    let by_arn = mock["scheduled"] == "LambdaFunctionScheduled";
                    let outcome = &mock["outcome"];
                    let answer = result(outcome, by_arn).or_else(|| self.lost(mocks));
                    return answer.map(Into::into);
                }
                Some(difference) => differences.push(difference),
            }
        }
        self.complaints.push(format!(
            "no mock for '{}': {}",
            state.name,
            differences.join("; ")
        ));
        None
    }

    /// A failure that a recording without order tells of, though no mock has it: its event stood before that of its task.
    fn lost(&mut self, mocks: &[Json]) -> Option<TaskResult> {
        if self.case.expect()["eventsUnordered"] != true {
            return None;
        }
        let events = self.case.expect()["events"].as_array()?;
        let is_lost = |details: &&Json| {
            let same = |key: &str, mock: &Json| mock["outcome"][key] == details[key];
            !mocks
                .iter()
                .any(|mock| same("error", mock) && same("cause", mock))
        };
        let failed = events.iter().filter(|event| event["type"] == "TaskFailed");
        let mut lost = failed.map(|event| &event["details"]).filter(is_lost);
        let details = lost.nth(self.lost)?;
        self.lost += 1;
        result(
            &json!({"type": "fail", "error": details["error"], "cause": details["cause"]}),
            false,
        )
    }

    /// Whether every recorded task was asked for.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let unused = self.used.iter().filter(|used| !**used).count();
        if unused > 0 && self.complaints.is_empty() {
            self.complaints
                .push(format!("{unused} recorded tasks were not asked for"));
        }
        self.complaints
    }

    fn answer_by_function(&mut self, program: &Program, call: &TaskCall) -> Option<VirtualAnswer> {
        let state = program.state(call.state);
        let resource = program.resources().find(|r| program.states().iter().any(|s| {
            std::ptr::eq(s, state) && matches!(&s.kind, stepstream::asl::Kind::Task(t) if std::ptr::eq(&t.resource, *r))
        }))?;
        self.by_function(resource, &state.name, call)
    }

    /// The answer of the function that a resource or a payload names.
    pub(crate) fn by_function(
        &mut self,
        resource: &Resource,
        state: &str,
        call: &TaskCall,
    ) -> Option<VirtualAnswer> {
        let by_service = matches!(resource.kind, ResourceKind::Integration { .. });
        let payload = call.payload.to_serde();
        let (name, event) = if by_service {
            (
                payload["FunctionName"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                // A function is called with an object where there is no payload.
                match &payload["Payload"] {
                    Json::Null => json!({}),
                    payload => payload.clone(),
                },
            )
        } else {
            (
                resource
                    .arn
                    .rsplit(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                payload,
            )
        };
        let function = &self.case.json["functions"][&name];
        match function["behaviour"].as_str() {
            Some("returns its input event") if by_service => {
                Some(succeeded(&envelope(&event)).into())
            }
            Some("returns its input event") => Some(succeeded(&event).into()),
            Some("returns a constant") => {
                let text = function["result"].as_str().unwrap_or_default();
                let result = serde_json::from_str(text).unwrap_or(Json::Null);
                Some(
                    succeeded(&if by_service {
                        envelope(&result)
                    } else {
                        result
                    })
                    .into(),
                )
            }
            Some("fails") => {
                let error = function["error"].as_str().unwrap_or_default();
                let cause = failure_text(
                    error,
                    function["errorMessage"].as_str().unwrap_or_default(),
                    by_service,
                );
                Some(
                    TaskResult::Failed(TaskError {
                        error: error.into(),
                        cause: Some(cause),
                    })
                    .into(),
                )
            }
            _ => {
                self.complaints
                    .push(format!("no function answers '{state}' ({name})"));
                None
            }
        }
    }
}

/// A recorded cause that is an object was a text; a function called by its ARN writes it with spaces.
fn result(outcome: &Json, by_arn: bool) -> Option<TaskResult> {
    match outcome["type"].as_str() {
        Some("succeed") => Some(succeeded(&outcome["output"])),
        Some("fail") => Some(TaskResult::Failed(TaskError {
            error: outcome["error"].as_str().unwrap_or_default().into(),
            cause: match &outcome["cause"] {
                Json::Null => None,
                Json::String(text) => Some(text.clone()),
                json if by_arn => Some(spaced(json)),
                json => Some(json.to_string()),
            },
        })),
        _ => None,
    }
}

fn succeeded(json: &Json) -> TaskResult {
    TaskResult::Succeeded(Value::try_from(json).expect("recorded outputs are not deep"))
}

/// The answer of `lambda:invoke` to a function that returned `event`, with the recordings' stand-ins.
fn envelope(event: &Json) -> Json {
    let metadata = json!({
        "Connection": "keep-alive",
        "Content-Length": spaced(event).len().to_string(),
        "Content-Type": "application/json",
        "Date": "<<date>>",
        "X-Amz-Executed-Version": "$LATEST",
        "X-Amzn-Trace-Id": "X-Amzn-Trace-Id",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": "x-amzn-RequestId",
    });
    let mut all = metadata.clone();
    for key in [
        "Connection",
        "Content-Length",
        "Content-Type",
        "X-Amz-Executed-Version",
        "x-amzn-Remapped-Content-Length",
    ] {
        all[key] = json!([metadata[key]]);
    }
    json!({
        "ExecutedVersion": "$LATEST",
        "Payload": event,
        "SdkHttpMetadata": {"AllHttpHeaders": all, "HttpHeaders": metadata, "HttpStatusCode": 200},
        "SdkResponseMetadata": {"RequestId": "RequestId"},
        "StatusCode": 200,
    })
}

/// The text of a function's exception; the two ways to a function differ in its spaces.
fn failure_text(error: &str, message: &str, by_service: bool) -> String {
    let line = format!("raise {error}(\"{message}\")");
    let trace = format!("  File \"/var/task/handler.py\", line 2, in handler\n    {line}\n");
    let failure = json!({
        "errorMessage": message,
        "errorType": error,
        "requestId": "00000000-0000-0000-0000-000000000000",
        "stackTrace": [trace],
    });
    if by_service {
        failure.to_string()
    } else {
        spaced(&failure)
    }
}

/// JSON as the recorded functions, written in Python, write it: a space after each comma and colon.
fn spaced(json: &Json) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match json {
        Json::Object(entries) => {
            let entry =
                |(key, value): (&String, &Json)| format!("{}: {}", json!(key), spaced(value));
            format!("{{{}}}", list(entries.iter().map(entry).collect()))
        }
        Json::Array(elements) => format!("[{}]", list(elements.iter().map(spaced).collect())),
        scalar => scalar.to_string(),
    }
}
