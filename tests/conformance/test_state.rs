//! Cases of the kind `testState`.

use serde_json::{Value as Json, json};
use stepstream::history::LogLevel;
use stepstream::machine::test_state::{
    FieldValidation, Mock, StateConfiguration, TestStateRefusal, TestStateRequest, test_state,
};
use stepstream::machine::{
    ExecutionKind, Identity, Limits, MachineIdentity, Options, Recording, TaskResult, Timestamp,
};
use stepstream::value::Value;

use crate::Verdict;
use crate::case::Case;
use crate::compare::Names;
use crate::execution::refused;
use crate::tasks::Tasks;

pub(crate) fn judge(case: &Case) -> Verdict {
    let asked = &case.json["request"];
    let definition = text(&asked["definition"]);
    let mut request = TestStateRequest::new(&definition);
    request.state_name = asked["stateName"].as_str();
    request.input = data(&asked["input"]).unwrap_or_else(Value::empty_object);
    request.has_role = has_role(case);
    request.reveals_secrets = asked["revealSecrets"] == true;
    request.variables = data(&asked["variables"]).unwrap_or_else(Value::empty_object);
    request.context = data(&asked["context"]);
    request.mock = mock(&asked["mock"]);
    request.configuration = configuration(&asked["stateConfiguration"]);

    let mut tasks = Tasks::new(case);
    let answer = test_state(&request, options(case), now(), |resource, call| {
        let answer = tasks.by_function(resource, "the state", call);
        answer.map_or(TaskResult::TimedOut, |answer| answer.result)
    });
    let complaints = tasks.finish();
    if !complaints.is_empty() {
        return Verdict::Failed(complaints);
    }
    let actual = match answer {
        Ok(answer) => parsed(
            answer
                .to_value(asked["inspectionLevel"].as_str().unwrap_or("INFO") != "INFO")
                .to_serde(),
        ),
        Err(TestStateRefusal::InvalidDefinition(errors))
            if errors.iter().all(|error| error.is_not_supported()) =>
        {
            return refused(&errors);
        }
        Err(refusal) => json!({"requestError": {
            "type": refusal.error_type(),
            "message": refusal.to_string(),
        }}),
    };
    let difference = Names::of(case).difference(&expected(case), &actual, "expect");
    difference.map_or(Verdict::Passed, |difference| {
        Verdict::Failed(vec![difference])
    })
}

/// The recordings leave the role out: a Task state without a mock had one, unless it was refused for that, and elsewhere
/// the context object shows it.
fn has_role(case: &Case) -> bool {
    !case.expect().to_string().contains("RoleArn must be")
}

fn mock(json: &Json) -> Option<Mock<'_>> {
    json.as_object()?;
    let error = &json["errorOutput"];
    Some(Mock {
        result: json["result"].as_str(),
        error_output: error
            .is_object()
            .then(|| (error["error"].as_str(), error["cause"].as_str())),
        validation: match json["fieldValidationMode"].as_str() {
            Some("PRESENT") => FieldValidation::Present,
            Some("NONE") => FieldValidation::None,
            _ => FieldValidation::Strict,
        },
    })
}

fn configuration(json: &Json) -> StateConfiguration<'_> {
    StateConfiguration {
        retrier_retry_count: json["retrierRetryCount"].as_u64(),
        error_caused_by_state: json["errorCausedByState"].as_str(),
        map_iteration_failure_count: json["mapIterationFailureCount"].as_u64(),
        map_item_reader_data: json["mapItemReaderData"]
            .as_str()
            .and_then(|text| Value::parse(text.as_bytes()).ok()),
    }
}

fn options(case: &Case) -> Options {
    let shows_no_role = case.expect().to_string().contains("\"RoleArn\":null");
    let role = match shows_no_role {
        true => "",
        false => "arn:aws:iam::111111111111:role/role",
    };
    let machine = MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "111111111111".into(),
        name: "machine".into(),
        role_arn: role.into(),
    };
    Options {
        identity: Identity {
            machine: machine.into(),
            name: "execution".into(),
            uuid: 1,
            kind: ExecutionKind::ExpressSync,
        },
        limits: Limits::default(),
        seed: 1,
        recording: Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
        context: Value::NULL,
    }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-01-01T00:00:00Z").expect("an instant")
}

/// The recordings hold most texts of JSON parsed.
fn data(json: &Json) -> Option<Value> {
    (!json.is_null()).then(|| Value::try_from(json).expect("recorded data is not deep"))
}

fn text(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

/// The expected answer, comparable with [`parsed`].
fn expected(case: &Case) -> Json {
    let mut expected = case.expect().clone();
    if let Some(error) = expected
        .get_mut("requestError")
        .and_then(Json::as_object_mut)
    {
        error.remove("operation");
    }
    parsed(expected)
}

/// An answer with its data parsed: that of an inspection is text, and so is the output.
fn parsed(mut answer: Json) -> Json {
    let parse = |member: &mut Json| {
        if let Some(parsed) = member.as_str().and_then(|t| serde_json::from_str(t).ok()) {
            *member = parsed;
        }
    };
    if let Some(output) = answer.get_mut("output") {
        parse(output);
    }
    let inspection = answer.get_mut("inspectionData");
    if let Some(inspection) = inspection.and_then(Json::as_object_mut) {
        inspection.values_mut().for_each(parse);
    }
    answer
}
