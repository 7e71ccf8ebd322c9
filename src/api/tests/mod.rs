//! Requests over real sockets and their whole answers. The engine's clock stands still; what is random is masked.

mod access;
mod executions;
mod kept;
mod others;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Access, Api, ApiOptions, Ended, Outlet, Parts, StartError};
use crate::asl::Resource;
use crate::engine::{
    Answer, Call, Connector, Connectors, Definition, Engine, EngineOptions, ManualClock, Registry,
};
use crate::history::HistoryEvent;
use crate::machine::{TaskError, TaskResult, Timestamp};
use crate::value::{Text, Value};

/// Knows one function, which gives back its input or fails with it.
#[derive(Debug)]
struct Echo;

impl Connectors for Echo {
    fn resolve(&self, _: &str, _: &str, r: &Resource) -> Result<Arc<dyn Connector>, String> {
        match r.arn.ends_with(":function:echo") {
            true => Ok(Arc::new(Self)),
            false => Err("there is only 'echo'".to_owned()),
        }
    }
}

impl Connector for Echo {
    fn call(&self, call: Call, answer: Answer) {
        if let Some(trace) = answer.trace() {
            trace.sent(Value::from(trace.reveals_secrets()));
            trace.received(call.payload.clone());
        }
        answer.complete(match call.payload.get("fail") {
            None => TaskResult::Succeeded(call.payload),
            Some(cause) => TaskResult::Failed(TaskError {
                error: Text::new_static("Echo.Failed"),
                cause: Some(cause.to_json()),
            }),
        });
    }
}

/// Writes down what it is told.
#[derive(Debug, Default)]
struct Notes {
    told: Mutex<Vec<String>>,
    records: Mutex<Vec<HistoryEvent>>,
    is_full: bool,
}

impl Outlet for Notes {
    fn ended(&self, ended: &Ended<'_>) {
        let Ended {
            finished,
            owes_outcome,
            log_group,
        } = ended;
        let mut records = self.records.lock().unwrap();
        records.extend(finished.records.iter().cloned());
        self.told.lock().unwrap().push(format!(
            "{} {} outcome:{owes_outcome} group:{log_group:?} records:{}",
            finished.revision.name,
            finished.outcome.status.as_str(),
            finished.records.len()
        ));
    }

    fn is_full(&self) -> bool {
        self.is_full
    }
}

/// An API of its own, with the workflow `of-settings`.
struct World {
    api: Option<Api>,
    address: SocketAddr,
    engine: Engine,
    registry: Arc<Registry>,
    notes: Arc<Notes>,
}

const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine";

impl World {
    fn new(change: impl FnOnce(&mut ApiOptions), is_full: bool) -> Self {
        let (mut options, parts, notes) = stand(is_full);
        change(&mut options);
        Self::start(options, parts, notes).unwrap()
    }

    fn start(options: ApiOptions, parts: Parts, notes: Arc<Notes>) -> Result<Self, StartError> {
        let (engine, registry) = (parts.engine.clone(), Arc::clone(&parts.registry));
        let api = Api::start(options, parts)?;
        Ok(Self {
            address: api.address(),
            api: Some(api),
            engine,
            registry,
            notes,
        })
    }

    /// The head and the body of an answer.
    fn exchange(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    /// Status and body, without ids.
    fn ask(&self, operation: &str, body: &str) -> String {
        let (head, body) = self.exchange(&request(operation, body));
        let status = head.split(' ').nth(1).unwrap_or("none");
        format!("{status} {}", masked(&body))
    }

    /// The body.
    fn answer(&self, operation: &str, body: &str) -> Value {
        let (_, body) = self.exchange(&request(operation, body));
        Value::parse(body.as_bytes()).unwrap()
    }

    fn stop(mut self) -> Vec<String> {
        let open = self.api.take().map(|api| api.stop(Duration::from_secs(60)));
        assert_eq!(open, Some(0));
        let stopped = self.engine.shutdown(Duration::from_secs(60));
        assert_eq!(stopped.stuck_workers + stopped.panicked_workers, 0);
        std::mem::take(&mut *self.notes.told.lock().unwrap())
    }
}

/// What an API stands on: the workflow `of-settings`, and a clock that stands still.
fn stand(is_full: bool) -> (ApiOptions, Parts, Arc<Notes>) {
    let clock = ManualClock::new(Timestamp::from_millis(1_700_000_000_250));
    let options = EngineOptions {
        workers: 1,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, Arc::new(clock)).unwrap();
    let registry = Arc::new(Registry::new(Arc::new(Echo)));
    let workflow = Definition::new("of-settings", PASS);
    let identity = workflow.machine.clone();
    registry.put(workflow).unwrap();
    let options = ApiOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        threads: 1,
        ..ApiOptions::new(identity)
    };
    let notes = Arc::new(Notes {
        is_full,
        ..Notes::default()
    });
    let parts = Parts {
        engine,
        registry,
        workflows: vec!["of-settings".to_owned()],
        outlet: Some(Arc::clone(&notes) as Arc<dyn Outlet>),
        shelf: None,
        access: Access::default(),
        tls: None,
    };
    (options, parts, notes)
}

fn request(operation: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// UUIDs become `ID`.
fn masked(text: &str) -> String {
    let uuid = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    uuid.replace_all(text, "ID").into_owned()
}

fn create(name: &str, more: &str) -> String {
    let definition = Value::from(PASS).to_json();
    format!(
        r#"{{"name":"{name}","definition":{definition},"roleArn":"arn:aws:iam::1:role/r"{more}}}"#
    )
}

#[test]
fn each_request_has_its_answer() {
    let world = World::new(|_| {}, false);
    let express = create("e", r#","type":"EXPRESS","publish":true"#);
    let standard = create("s", "");
    let task = r#"{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:123456789012:function:echo\",\"End\":true}"#;
    #[rustfmt::skip]
    let cases: Vec<(&str, String, String)> = vec![
        ("CreateStateMachine", express.clone(), format!(r#"200 {{"creationDate":1700000000.250,"stateMachineArn":"{MACHINE}:e","stateMachineVersionArn":"{MACHINE}:e:1"}}"#)),
        ("CreateStateMachine", standard, format!(r#"200 {{"creationDate":1700000000.250,"stateMachineArn":"{MACHINE}:s"}}"#)),
        ("CreateStateMachine", express.replace("EXPRESS", "QUICK"), r#"400 {"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error detected: Value 'QUICK' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"}"#.to_owned()),
        ("CreateStateMachine", create("k", r#","encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"}"#), r#"400 {"__type":"com.amazonaws.swf.service.v2.model#InvalidEncryptionConfiguration","message":"Invalid Encryption Configuration: Stepstream has no keys of KMS"}"#.to_owned()),
        ("CreateStateMachine", create("r", "").replace("arn:aws:iam", "nonsense"), r#"400 {"__type":"com.amazonaws.swf.service.v2.model#InvalidArn","message":"Invalid Role Arn: 'Invalid ARN prefix: nonsense::1:role/r'"}"#.to_owned()),
        ("DescribeStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:e:1"}}"#), format!(r#"200 {{"creationDate":1700000000.250,"description":"","name":"e","stateMachineArn":"{MACHINE}:e:1","status":"ACTIVE","type":"EXPRESS","definition":{},"encryptionConfiguration":{{"type":"AWS_OWNED_KEY"}},"loggingConfiguration":{{"includeExecutionData":false,"level":"OFF"}},"roleArn":"arn:aws:iam::1:role/r","tracingConfiguration":{{"enabled":false}},"variableReferences":{{}}}}"#, Value::from(PASS).to_json())),
        ("ListStateMachines", r#"{"maxResults":1}"#.to_owned(), format!(r#"200 {{"nextToken":"TGlzdFN0YXRlTWFjaGluZXMKZQ","stateMachines":[{{"creationDate":1700000000.250,"name":"e","stateMachineArn":"{MACHINE}:e","type":"EXPRESS"}}]}}"#)),
        ("ListStateMachines", r#"{"maxResults":1,"nextToken":"TGlzdFN0YXRlTWFjaGluZXMKb2Ytc2V0dGluZ3M"}"#.to_owned(), format!(r#"200 {{"stateMachines":[{{"creationDate":1700000000.250,"name":"s","stateMachineArn":"{MACHINE}:s","type":"STANDARD"}}]}}"#)),
        ("StartSyncExecution", format!(r#"{{"stateMachineArn":"{MACHINE}:e","name":"n","input":"[1.10]"}}"#), format!(r#"200 {{"billingDetails":{{"billedDurationInMilliseconds":100,"billedMemoryUsedInMB":64}},"executionArn":"arn:aws:states:us-east-1:123456789012:express:e:n:ID","input":"[1.10]","inputDetails":{{"included":true}},"name":"n","output":"[1.10]","outputDetails":{{"included":true}},"startDate":1700000000.250,"stateMachineArn":"{MACHINE}:e","status":"SUCCEEDED","stopDate":1700000000.250}}"#)),
        ("StartSyncExecution", format!(r#"{{"stateMachineArn":"{MACHINE}:e:1","name":"n","includedData":"METADATA_ONLY"}}"#), format!(r#"200 {{"billingDetails":{{"billedDurationInMilliseconds":100,"billedMemoryUsedInMB":64}},"executionArn":"arn:aws:states:us-east-1:123456789012:express:e:n:ID","inputDetails":{{"included":false}},"name":"n","outputDetails":{{"included":false}},"startDate":1700000000.250,"stateMachineArn":"{MACHINE}:e","status":"SUCCEEDED","stopDate":1700000000.250}}"#)),
        ("StartSyncExecution", format!(r#"{{"stateMachineArn":"{MACHINE}:s"}}"#), r#"400 {"__type":"com.amazonaws.swf.service.v2.model#StateMachineTypeNotSupported","message":"This operation is not supported by this type of state machine"}"#.to_owned()),
        ("StartSyncExecution", format!(r#"{{"stateMachineArn":"{MACHINE}:e:live"}}"#), format!(r#"400 {{"__type":"com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist","message":"State Machine Does Not Exist: '{MACHINE}:e:live'"}}"#)),
        ("StartExecution", format!(r#"{{"stateMachineArn":"{MACHINE}:s","name":"n"}}"#), r#"200 {"executionArn":"arn:aws:states:us-east-1:123456789012:execution:s:n","startDate":1700000000.250}"#.to_owned()),
        ("TestState", format!(r#"{{"definition":"{task}","roleArn":"r","input":"{{\"a\":1}}"}}"#), r#"200 {"output":"{\"a\":1}","status":"SUCCEEDED"}"#.to_owned()),
        ("TestState", format!(r#"{{"definition":"{task}","roleArn":"r","input":"{{\"a\":1}}","inspectionLevel":"TRACE","revealSecrets":true}}"#), r#"200 {"output":"{\"a\":1}","inspectionData":{"input":"{\"a\":1}","afterInputPath":"{\"a\":1}","afterParameters":"{\"a\":1}","result":"{\"a\":1}","afterResultSelector":"{\"a\":1}","afterResultPath":"{\"a\":1}","request":true,"response":{"a":1}},"status":"SUCCEEDED"}"#.to_owned()),
        ("TestState", format!(r#"{{"definition":"{task}","roleArn":"r","input":"{{\"fail\":1}}"}}"#), r#"200 {"error":"Echo.Failed","cause":"1","status":"FAILED"}"#.to_owned()),
        ("TestState", format!(r#"{{"definition":"{}","roleArn":"r"}}"#, task.replace("echo", "other")), r#"200 {"error":"States.Runtime","cause":"Nothing is configured that does the task 'arn:aws:lambda:us-east-1:123456789012:function:other': there is only 'echo'","status":"FAILED"}"#.to_owned()),
        ("UpdateStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:e:1","roleArn":"arn:x"}}"#), format!(r#"400 {{"__type":"com.amazonaws.swf.service.v2.model#InvalidArn","message":"Invalid Arn: 'A qualified state machine ARN is not valid in this context: {MACHINE}:e:1'"}}"#)),
        ("UpdateStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:e","roleArn":"arn:x"}}"#), r#"200 {"revisionId":"ID","updateDate":1700000000.250}"#.to_owned()),
        ("PublishStateMachineVersion", format!(r#"{{"stateMachineArn":"{MACHINE}:e"}}"#), format!(r#"200 {{"creationDate":1700000000.250,"stateMachineVersionArn":"{MACHINE}:e:2"}}"#)),
        ("CreateStateMachineAlias", format!(r#"{{"name":"a","routingConfiguration":[{{"stateMachineVersionArn":"{MACHINE}:e:1","weight":99}},{{"stateMachineVersionArn":"{MACHINE}:s:1","weight":1}}]}}"#), r#"400 {"__type":"com.amazon.coral.validate#ValidationException","message":"Routing configuration must contain versions of one state machine","reason":"INVALID_ROUTING_CONFIGURATION"}"#.to_owned()),
        ("CreateStateMachineAlias", r#"{"name":"a","routingConfiguration":[]}"#.to_owned(), r#"400 {"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error detected: Value '[]' at 'routingConfiguration' failed to satisfy constraint: Member must have length greater than or equal to 1"}"#.to_owned()),
        ("DeleteStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:of-settings"}}"#), r#"400 {"__type":"com.amazon.coral.validate#ValidationException","message":"The state machine of-settings belongs to the settings of this process: change it there"}"#.to_owned()),
        ("DeleteStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:e"}}"#), "200 {}".to_owned()),
        ("DescribeStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:e"}}"#), format!(r#"400 {{"__type":"com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist","message":"State Machine Does Not Exist: '{MACHINE}:e'"}}"#)),
        ("RedriveExecution", "{}".to_owned(), r#"400 {"__type":"com.amazon.coral.service#UnknownOperationException","message":"Stepstream does not offer RedriveExecution: Express workflows have no redrive"}"#.to_owned()),
    ];
    for (operation, body, expected) in cases {
        assert_eq!(world.ask(operation, &body), expected, "{operation} {body}");
    }
    world.stop();
}

#[test]
fn a_swapped_definition_of_the_settings_is_shown_and_run() {
    let world = World::new(|_| {}, false);
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:of-settings"}}"#);
    let sync = || world.ask("StartSyncExecution", &body);
    assert!(sync().contains(r#""output":"{}""#));
    let other = PASS.replace(r#""End""#, r#""Result":"other","End""#);
    let put = world.registry.put(Definition::new("of-settings", &other));
    assert_eq!(put.unwrap().number, 2);
    assert!(sync().contains(r#""output":"\"other\"""#), "{}", sync());
    let shown = world.ask("DescribeStateMachine", &body);
    assert!(
        shown.contains(&Value::from(other.as_str()).to_json()),
        "{shown}"
    );
    world.stop();
}

#[test]
fn ends_are_told_with_what_they_owe() {
    let world = World::new(|_| {}, false);
    let logging = r#","type":"EXPRESS","loggingConfiguration":{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:r:1:log-group:g:*"}}]}"#;
    for (name, more) in [("quiet", r#","type":"EXPRESS""#), ("told", logging)] {
        assert!(
            world
                .ask("CreateStateMachine", &create(name, more))
                .starts_with("200")
        );
    }
    for name in ["quiet", "told", "of-settings"] {
        let body = format!(r#"{{"stateMachineArn":"{MACHINE}:{name}"}}"#);
        assert!(world.ask("StartSyncExecution", &body).starts_with("200"));
        assert!(world.ask("StartExecution", &body).starts_with("200"));
    }
    let group = r#"Some("arn:aws:logs:r:1:log-group:g:*")"#;
    let expected = [
        "quiet SUCCEEDED outcome:false group:None records:0".to_owned(),
        "quiet SUCCEEDED outcome:true group:None records:0".to_owned(),
        format!("told SUCCEEDED outcome:false group:{group} records:4"),
        format!("told SUCCEEDED outcome:true group:{group} records:4"),
        "of-settings SUCCEEDED outcome:false group:None records:0".to_owned(),
        "of-settings SUCCEEDED outcome:true group:None records:0".to_owned(),
    ];
    assert_eq!(world.stop(), expected);
}

#[test]
fn at_a_bound_callers_are_told_to_come_again() {
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:of-settings"}}"#);
    let throttled = "429 com.amazon.coral.availability#ThrottlingException 1";
    let unavailable = "503 com.amazon.coral.availability#ServiceUnavailableException 1";
    let no_more_requests: fn(&mut ApiOptions) = |options| options.requests_max = 0;
    let no_more_bytes: fn(&mut ApiOptions) = |options| options.bodies_bytes_max = 10;
    let unchanged: fn(&mut ApiOptions) = |_| {};
    // What is changed, whether the outlet is full, whether the engine has stopped; operation, its answer.
    let cases = [
        (
            no_more_requests,
            false,
            false,
            "ListStateMachines",
            throttled,
        ),
        (no_more_bytes, false, false, "ListStateMachines", throttled),
        (unchanged, true, false, "StartExecution", unavailable),
        (unchanged, true, false, "StartSyncExecution", "200  "),
        (unchanged, false, true, "StartExecution", unavailable),
        (unchanged, false, true, "StartSyncExecution", unavailable),
        (unchanged, false, true, "ListStateMachines", "200  "),
    ];
    for (change, is_full, has_stopped, operation, expected) in cases {
        let world = World::new(change, is_full);
        if has_stopped {
            let stopped = world.engine.shutdown(Duration::from_secs(60));
            assert_eq!(stopped.stuck_workers, 0);
        }
        let (head, answer) = world.exchange(&request(operation, &body));
        let status = head.split(' ').nth(1).unwrap_or_default();
        let retry_after = head
            .lines()
            .find_map(|line| line.strip_prefix("retry-after: "));
        let answer = Value::parse(answer.as_bytes()).unwrap();
        let error = answer.get("__type").and_then(Value::as_str);
        let found = format!(
            "{status} {} {}",
            error.unwrap_or_default(),
            retry_after.unwrap_or_default()
        );
        assert_eq!(found, expected, "{operation}");
        world.stop();
    }
}

#[test]
fn slow_clients_are_left_alone() {
    let world = World::new(
        |options| {
            options.connections_max = 3;
            options.head_time_max = Duration::from_millis(50);
            options.body_time_max = Duration::from_millis(50);
        },
        false,
    );
    let halves = [
        "",
        "POST / HTTP/1.1\r\nHost: x",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ];
    let mut slow: Vec<TcpStream> = halves
        .iter()
        .cycle()
        .take(9)
        .map(|half| {
            let mut stream = TcpStream::connect(world.address).unwrap();
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert!(world.ask("ListStateMachines", "{}").starts_with("200"));
    for stream in &mut slow {
        // The end of the connection, with an answer before it where a head had come.
        drop(stream.read_to_end(&mut Vec::new()));
    }
    world.stop();
}
