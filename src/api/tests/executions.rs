//! What is asked about executions that have begun.

use super::{MACHINE, World, create};
use crate::history::write_history_event;
use crate::value::Value;

const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#;
const EXECUTION: &str = "arn:aws:states:us-east-1:123456789012:execution";

fn machine(name: &str, definition: &str, more: &str) -> String {
    create(name, more).replace(
        &Value::from(super::PASS).to_json(),
        &Value::from(definition).to_json(),
    )
}

fn created(world: &World, name: &str, definition: &str, more: &str) {
    let made = world.ask("CreateStateMachine", &machine(name, definition, more));
    assert!(made.starts_with("200"), "{made}");
}

/// The ARN of an execution that is begun now.
fn started(world: &World, machine: &str, more: &str) -> String {
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:{machine}"{more}}}"#);
    let answer = world.answer("StartExecution", &body);
    let arn = answer.get("executionArn").and_then(Value::as_str);
    arn.unwrap_or_else(|| panic!("{}", answer.to_json()))
        .to_owned()
}

/// What DescribeExecution answers when the execution has ended.
fn ended(world: &World, arn: &str) -> Value {
    loop {
        let described = world.answer(
            "DescribeExecution",
            &format!(r#"{{"executionArn":"{arn}"}}"#),
        );
        if described.get("status").and_then(Value::as_str) != Some("RUNNING") {
            return described;
        }
        std::thread::yield_now();
    }
}

#[test]
fn each_question_has_its_answer() {
    let world = World::new(|_| {}, false);
    created(&world, "s", super::PASS, "");
    created(&world, "w", WAIT, r#","publish":true"#);
    created(&world, "e", super::PASS, r#","type":"EXPRESS""#);
    for more in [r#","name":"a","input":"{ \"n\": 1 }""#, r#","name":"b""#] {
        let arn = started(&world, "s", more);
        ended(&world, &arn);
    }
    started(
        &world,
        "w:1",
        r#","name":"r","input":"[]","traceHeader":"t""#,
    );
    let execution = |rest: &str| format!(r#"{{"executionArn":"{EXECUTION}:{rest}"#);
    let does_not_exist = |arn: &str| {
        format!(
            r#"400 {{"__type":"com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist","message":"Execution Does Not Exist: '{arn}'"}}"#
        )
    };
    let listed = |name: &str| {
        format!(
            r#"{{"executionArn":"{EXECUTION}:s:{name}","name":"{name}","redriveCount":0,"startDate":1700000000.250,"stateMachineArn":"{MACHINE}:s","status":"SUCCEEDED","stopDate":1700000000.250}}"#
        )
    };
    let event = |details: &str, id: u64, previous: u64, name: &str| {
        format!(
            r#"{{{details}"id":{id},"previousEventId":{previous},"timestamp":1700000000.250,"type":"{name}"}}"#
        )
    };
    let first = event(
        r#""executionStartedEventDetails":{"input":"{\"n\":1}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::1:role/r"},"#,
        1,
        0,
        "ExecutionStarted",
    );
    let second = event(
        r#""stateEnteredEventDetails":{"input":"{\"n\":1}","inputDetails":{"truncated":false},"name":"P"},"#,
        2,
        0,
        "PassStateEntered",
    );
    let bare_third = event(
        r#""stateExitedEventDetails":{"name":"P"},"#,
        3,
        2,
        "PassStateExited",
    );
    let bare_last = event(
        r#""executionSucceededEventDetails":{},"#,
        4,
        3,
        "ExecutionSucceeded",
    );
    let wait_first = event(
        &format!(
            r#""executionStartedEventDetails":{{"input":"[]","inputDetails":{{"truncated":false}},"roleArn":"arn:aws:iam::1:role/r","stateMachineVersionArn":"{MACHINE}:w:1"}},"#
        ),
        1,
        0,
        "ExecutionStarted",
    );
    let wait_second = event(
        r#""stateEnteredEventDetails":{"input":"[]","inputDetails":{"truncated":false},"name":"W"},"#,
        2,
        0,
        "WaitStateEntered",
    );
    let aborted = event(
        r#""executionAbortedEventDetails":{"cause":"c","error":"E"},"#,
        3,
        0,
        "ExecutionAborted",
    );
    let refused = |kind: &str, message: &str| {
        format!(
            r#"400 {{"__type":"com.amazonaws.swf.service.v2.model#{kind}","message":"{message}"}}"#
        )
    };
    let start = |name: &str, input: &str| {
        format!(r#"{{"stateMachineArn":"{MACHINE}:{name}","input":"{input}"}}"#)
    };
    #[rustfmt::skip]
    let cases: Vec<(&str, String, String)> = vec![
        ("DescribeExecution", execution(r#"s:a"}"#), format!(r#"200 {{"executionArn":"{EXECUTION}:s:a","input":"{{ \"n\": 1 }}","inputDetails":{{"included":true}},"name":"a","output":"{{\"n\":1}}","outputDetails":{{"included":true}},"redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","startDate":1700000000.250,"stateMachineArn":"{MACHINE}:s","status":"SUCCEEDED","stopDate":1700000000.250}}"#)),
        ("DescribeExecution", execution(r#"s:a","includedData":"METADATA_ONLY"}"#), format!(r#"200 {{"executionArn":"{EXECUTION}:s:a","inputDetails":{{"included":false}},"name":"a","outputDetails":{{"included":false}},"redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","startDate":1700000000.250,"stateMachineArn":"{MACHINE}:s","status":"SUCCEEDED","stopDate":1700000000.250}}"#)),
        ("DescribeExecution", execution(r#"s:c"}"#), does_not_exist(&format!("{EXECUTION}:s:c"))),
        ("DescribeExecution", execution(r#"s:a"}"#).replace("us-east-1", "eu-west-1"), does_not_exist(&format!("{EXECUTION}:s:a").replace("us-east-1", "eu-west-1"))),
        ("DescribeExecution", format!(r#"{{"executionArn":"{MACHINE}:s"}}"#), refused("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: stateMachine'")),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s"}}"#), format!(r#"200 {{"executions":[{},{}]}}"#, listed("b"), listed("a"))),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s","maxResults":1}}"#), format!(r#"200 {{"executions":[{}],"nextToken":"TGlzdEV4ZWN1dGlvbnMKMg"}}"#, listed("b"))),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s","maxResults":1,"nextToken":"TGlzdEV4ZWN1dGlvbnMKMg"}}"#), format!(r#"200 {{"executions":[{}]}}"#, listed("a"))),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s","statusFilter":"RUNNING"}}"#), r#"200 {"executions":[]}"#.to_owned()),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s","redriveFilter":"REDRIVEN"}}"#), r#"200 {"executions":[]}"#.to_owned()),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:w:1","statusFilter":"RUNNING"}}"#), format!(r#"200 {{"executions":[{{"executionArn":"{EXECUTION}:w:r","name":"r","redriveCount":0,"startDate":1700000000.250,"stateMachineArn":"{MACHINE}:w","stateMachineVersionArn":"{MACHINE}:w:1","status":"RUNNING"}}]}}"#)),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:w:2"}}"#), r#"200 {"executions":[]}"#.to_owned()),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:nobody"}}"#), refused("StateMachineDoesNotExist", &format!("State Machine Does Not Exist: '{MACHINE}:nobody'"))),
        ("ListExecutions", format!(r#"{{"stateMachineArn":"{MACHINE}:s","nextToken":"x"}}"#), refused("InvalidToken", "Invalid Token: 'Invalid token'")),
        ("GetExecutionHistory", execution(r#"s:a","maxResults":2}"#), format!(r#"200 {{"events":[{first},{second}],"nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSBmYWxzZSBhcm46YXdzOnN0YXRlczp1cy1lYXN0LTE6MTIzNDU2Nzg5MDEyOmV4ZWN1dGlvbjpzOmEKMg"}}"#)),
        ("GetExecutionHistory", execution(r#"s:a","includeExecutionData":false,"nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSBmYWxzZSBhcm46YXdzOnN0YXRlczp1cy1lYXN0LTE6MTIzNDU2Nzg5MDEyOmV4ZWN1dGlvbjpzOmEKMg"}"#), format!(r#"200 {{"events":[{bare_third},{bare_last}]}}"#)),
        ("GetExecutionHistory", execution(r#"s:b","nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSBmYWxzZSBhcm46YXdzOnN0YXRlczp1cy1lYXN0LTE6MTIzNDU2Nzg5MDEyOmV4ZWN1dGlvbjpzOmEKMg"}"#), refused("InvalidToken", "Invalid Token: 'Invalid token'")),
        ("GetExecutionHistory", execution(r#"s:a","includeExecutionData":false,"reverseOrder":true,"maxResults":1}"#), format!(r#"200 {{"events":[{bare_last}],"nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSB0cnVlIGFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnM6YQo0"}}"#)),
        ("GetExecutionHistory", execution(r#"s:a","includeExecutionData":false,"reverseOrder":true,"maxResults":1,"nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSB0cnVlIGFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnM6YQo0"}"#), format!(r#"200 {{"events":[{bare_third}],"nextToken":"R2V0RXhlY3V0aW9uSGlzdG9yeSB0cnVlIGFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnM6YQoz"}}"#)),
        ("StartExecution", start("s", r#"{ \"n\": 1 }"#).replace(r#","input""#, r#","name":"a","input""#), refused("ExecutionAlreadyExists", &format!("Execution Already Exists: '{EXECUTION}:s:a'"))),
        ("StartExecution", start("w:1", "[]").replace(r#","input""#, r#","name":"r","input""#), format!(r#"200 {{"executionArn":"{EXECUTION}:w:r","startDate":1700000000.250}}"#)),
        ("StartExecution", start("w:1", "[1]").replace(r#","input""#, r#","name":"r","input""#), refused("ExecutionAlreadyExists", &format!("Execution Already Exists: '{EXECUTION}:w:r'"))),
        ("StopExecution", execution(r#"w:nobody"}"#), does_not_exist(&format!("{EXECUTION}:w:nobody"))),
        ("StopExecution", execution(r#"w:r","error":"E","cause":"c"}"#), r#"200 {"stopDate":1700000000.250}"#.to_owned()),
        ("StopExecution", execution(r#"w:r","error":"other"}"#), r#"200 {"stopDate":1700000000.250}"#.to_owned()),
        ("DescribeExecution", execution(r#"w:r"}"#), format!(r#"200 {{"cause":"c","error":"E","executionArn":"{EXECUTION}:w:r","input":"[]","inputDetails":{{"included":true}},"name":"r","redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is ABORTED and cannot be redriven","startDate":1700000000.250,"stateMachineArn":"{MACHINE}:w","stateMachineVersionArn":"{MACHINE}:w:1","status":"ABORTED","stopDate":1700000000.250,"traceHeader":"t"}}"#)),
        ("GetExecutionHistory", execution(r#"w:r"}"#), format!(r#"200 {{"events":[{wait_first},{wait_second},{aborted}]}}"#)),
        ("StartExecution", start("w:1", "[]").replace(r#","input""#, r#","name":"r","input""#), refused("ExecutionAlreadyExists", &format!("Execution Already Exists: '{EXECUTION}:w:r'"))),
        ("DeleteStateMachine", format!(r#"{{"stateMachineArn":"{MACHINE}:w"}}"#), "200 {}".to_owned()),
        ("DescribeExecution", execution(r#"w:r"}"#), does_not_exist(&format!("{EXECUTION}:w:r"))),
    ];
    for (operation, body, expected) in cases {
        assert_eq!(world.ask(operation, &body), expected, "{operation} {body}");
    }
    let told = world.stop();
    assert_eq!(
        told.last().map(String::as_str),
        Some("w ABORTED outcome:true group:None records:0")
    );
}

#[test]
fn express_is_told_of_unless_the_rules_are_strict() {
    for is_strict in [false, true] {
        let world = World::new(|options| options.is_strict = is_strict, false);
        created(&world, "e", super::PASS, r#","type":"EXPRESS""#);
        created(&world, "s", super::PASS, "");
        let sync = world.answer(
            "StartSyncExecution",
            &format!(r#"{{"stateMachineArn":"{MACHINE}:e"}}"#),
        );
        let arn = sync.get("executionArn").and_then(Value::as_str).unwrap();
        let execution = format!(r#"{{"executionArn":"{arn}"}}"#);
        let of = |name: &str| format!(r#"{{"stateMachineArn":"{MACHINE}:{name}"}}"#);
        let mut kinds = Vec::new();
        for (operation, body) in [
            ("DescribeExecution", &execution),
            ("GetExecutionHistory", &execution),
            ("StopExecution", &execution),
            ("DescribeStateMachineForExecution", &execution),
            ("ListExecutions", &of("e")),
            ("ListExecutions", &of("s")),
        ] {
            let answer = world.answer(operation, body);
            let message = answer.get("message").and_then(Value::as_str);
            kinds.push(message.unwrap_or("well").to_owned());
        }
        let not_here = "Invalid Arn: 'Resource type not valid in this context: express'";
        let unsupported = "This operation is not supported by this type of state machine";
        let expected = match is_strict {
            true => [not_here, not_here, not_here, not_here, unsupported, "well"],
            false => ["well"; 6],
        };
        assert_eq!(kinds, expected);
        world.stop();
    }
}

#[test]
fn an_execution_is_told_of_by_the_revision_that_it_began_with() {
    let world = World::new(|_| {}, false);
    created(&world, "e", WAIT, r#","type":"EXPRESS""#);
    let arn = started(&world, "e", "");
    let other = Value::from(super::PASS).to_json();
    let update = format!(r#"{{"stateMachineArn":"{MACHINE}:e","definition":{other}}}"#);
    assert!(world.ask("UpdateStateMachine", &update).starts_with("200"));
    let body = format!(r#"{{"executionArn":"{arn}"}}"#);
    let shown = world.answer("DescribeStateMachineForExecution", &body);
    assert_eq!(shown.get("definition").and_then(Value::as_str), Some(WAIT));
    assert!(world.ask("StopExecution", &body).starts_with("200"));
    world.stop();
}

/// Tasks that succeed, fail and are caught, branches, iterations and variables; what is random is drawn, too.
const MANY: &str = r#"{"StartAt":"Split","States":{
  "Split":{"Type":"Parallel","Next":"Each","ResultPath":"$.split","Branches":[
    {"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:echo","End":true}}},
    {"StartAt":"Fails","States":{
      "Fails":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:echo","Parameters":{"fail":true},
        "Catch":[{"ErrorEquals":["Echo.Failed"],"Next":"Caught"}],"End":true},
      "Caught":{"Type":"Pass","Parameters":{"id.$":"States.UUID()"},"Assign":{"seen.$":"$.id"},"End":true}}}]},
  "Each":{"Type":"Map","ItemsPath":"$.items","End":true,"ItemProcessor":{"StartAt":"One","States":{
    "One":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:echo","End":true}}}}}}"#;

#[test]
fn a_history_has_the_events_that_were_recorded_when_it_happened() {
    let world = World::new(|_| {}, false);
    let logging = r#","type":"EXPRESS","loggingConfiguration":{"level":"ALL","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:r:1:log-group:g:*"}}]}"#;
    created(&world, "m", MANY, logging);
    let arn = started(&world, "m", r#","input":"{\"items\":[1,2,3]}""#);
    let described = ended(&world, &arn);
    let status = described.get("status").and_then(Value::as_str);
    assert_eq!(status, Some("SUCCEEDED"), "{}", described.to_json());
    let body = format!(r#"{{"executionArn":"{arn}","maxResults":1000}}"#);
    let history = world.answer("GetExecutionHistory", &body);
    let notes = std::sync::Arc::clone(&world.notes);
    world.stop();
    let records = notes.records.lock().unwrap();
    let mut expected = b"[".to_vec();
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            expected.push(b',');
        }
        write_history_event(record, &[], &mut expected);
    }
    expected.push(b']');
    assert!(records.len() > 30, "{}", records.len());
    let events = history.get("events").unwrap();
    assert_eq!(events.to_json(), String::from_utf8(expected).unwrap());
}

#[test]
fn what_ended_first_makes_room() {
    type Case = (fn(&mut super::ApiOptions), [bool; 4]);
    let cases: [Case; 4] = [
        (
            |options| options.recent_executions_max = 2,
            [true, false, false, true],
        ),
        (
            |options| options.recent_executions_bytes_max = 2_700,
            [true, false, true, true],
        ),
        (|options| options.recent_executions_max = 0, [false; 4]),
        (|_| {}, [true; 4]),
    ];
    for (change, expected) in cases {
        let world = World::new(change, false);
        created(&world, "w", WAIT, "");
        created(&world, "s", super::PASS, "");
        let mut arns = vec![started(&world, "w", r#","name":"0""#)];
        for name in 1..4 {
            arns.push(started(&world, "s", &format!(r#","name":"{name}""#)));
            if expected.contains(&true) {
                ended(&world, &arns[name]);
            }
        }
        let is_there = |arn: &String| {
            let body = format!(r#"{{"executionArn":"{arn}"}}"#);
            world.ask("DescribeExecution", &body).starts_with("200")
        };
        let found: Vec<bool> = arns.iter().map(is_there).collect();
        assert_eq!(found, expected);
        world.ask(
            "StopExecution",
            &format!(r#"{{"executionArn":"{}"}}"#, arns[0]),
        );
        if expected[0] {
            world.stop();
        }
    }
}
