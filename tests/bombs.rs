//! Bombs: definitions, inputs and expressions made to exhaust time, stack or memory. Each must end as it should, within its
//! budget of steps and bytes; no clock is read, so what is counted are events, which every entered state makes.
//!
//! A bomb that takes too long hangs this test, and one that goes too deep aborts it.

#![expect(
    clippy::unwrap_in_result,
    reason = "a panic is a failure of the test, an error the refusal that some bombs want"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stepstream::asl::{self, CompileOptions};
use stepstream::expr::{Path, Randomness, Scope, Variables};
use stepstream::history::LogLevel;
use stepstream::machine::{
    ExecutionKind, Identity, Limits, MachineIdentity, Options, Outcome, Recording, TaskError,
    TaskResult, Timestamp, run_virtual,
};
use stepstream::value::Value;

/// The time that an execution has; in virtual time every 1,000 states take a tenth of a second.
const RUN_MS_MAX: i64 = 3_000;
/// Events that an execution can make in that time: a Task state that fails makes five, and there are 30,000 turns of one state.
const EVENTS_MAX: u64 = 5 * 30_000 + 10;

/// How a definition must end.
enum End {
    /// It is refused, with this code.
    Refused(&'static str),
    Succeeds,
    /// It fails with this error, and a cause that contains this.
    Fails(&'static str, &'static str),
    TimesOut,
}

fn run(name: &str, definition: &str, input: &str) -> Result<Outcome, Vec<asl::Diagnostic>> {
    let options = CompileOptions { express: true };
    let (program, diagnostics) = asl::compile_with(definition, &options);
    let Some(program) = program else {
        return Err(diagnostics);
    };
    let machine = MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        name: "bomb".into(),
        role_arn: "arn:aws:iam::123456789012:role/bomb".into(),
    };
    let options = Options {
        identity: Identity {
            machine: Arc::new(machine),
            name: "one".into(),
            uuid: 1,
            kind: ExecutionKind::Express,
        },
        limits: Limits {
            duration_ms: RUN_MS_MAX,
            ..Limits::default()
        },
        seed: 7,
        recording: Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
        context: Value::NULL,
    };
    let input = Value::parse(input.as_bytes()).expect("a bomb's input is JSON");
    let begin = Timestamp::from_millis(1_767_225_600_000);
    let run = run_virtual(Arc::new(program), input, options, begin, |_, _| {
        let error = TaskError {
            error: "Busy".into(),
            cause: None,
        };
        Some(TaskResult::Failed(error).into())
    });
    let outcome = run.outcome.unwrap_or_else(|| panic!("{name} does not end"));
    let took_ms = outcome.stop.as_millis() - outcome.start.as_millis();
    assert!(took_ms <= RUN_MS_MAX + 100, "{name} took {took_ms} ms");
    assert!(
        outcome.last_event_id <= EVENTS_MAX,
        "{name} made {} events",
        outcome.last_event_id
    );
    Ok(outcome)
}

/// A machine of one state, whose name is its own.
fn state(fields: &str) -> String {
    static NAMES: AtomicUsize = AtomicUsize::new(0);
    let name = NAMES.fetch_add(1, Ordering::Relaxed);
    format!(r#"{{"StartAt": "A{name}", "States": {{"A{name}": {fields}}}}}"#)
}

fn looping(name: char) -> String {
    format!(
        r#"{{"StartAt": "{name}1", "States": {{
            "{name}1": {{"Type": "Pass", "Next": "{name}2"}},
            "{name}2": {{"Type": "Choice", "Choices": [{{"Variable": "$", "IsNull": true, "Next": "{name}3"}}], "Default": "{name}1"}},
            "{name}3": {{"Type": "Succeed"}}
        }}}}"#
    )
}

/// A state that leads to itself, so that whatever it does is done until a bound is met.
fn around(fields: &str) -> String {
    format!(
        r#"{{"StartAt": "A", "States": {{
            "A": {{{fields}, "Next": "B"}},
            "B": {{"Type": "Choice", "Choices": [{{"Variable": "$", "IsNull": true, "Next": "C"}}], "Default": "A"}},
            "C": {{"Type": "Succeed"}}
        }}}}"#
    )
}

fn pass(template: &str) -> String {
    state(&format!(
        r#"{{"Type": "Pass", "Parameters": {template}, "End": true}}"#
    ))
}

fn call(call: &str) -> String {
    pass(&format!(r#"{{"x.$": "{call}"}}"#))
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

fn parallel(inner: &str) -> String {
    state(&format!(
        r#"{{"Type": "Parallel", "End": true, "Branches": [{inner}]}}"#
    ))
}

/// Two branches, each of which has two branches, and so on.
fn doubled(times: usize) -> String {
    if times == 0 {
        return state(r#"{"Type": "Pass", "End": true}"#);
    }
    parallel(&format!("{}, {}", doubled(times - 1), doubled(times - 1)))
}

fn map(items: &str, inner: &str) -> String {
    state(&format!(
        r#"{{"Type": "Map", "ItemsPath": "{items}", "ItemProcessor": {inner}, "End": true}}"#
    ))
}

#[test]
fn definitions_and_their_executions_end_within_their_bounds() {
    let leaf = || state(r#"{"Type": "Pass", "End": true}"#);
    let zeros = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
    let long = |bytes: usize| format!(r#"{{"s": "{}"}}"#, "a".repeat(bytes));
    let many_states: String = (0..5_000)
        .map(|n| format!(r#""S{n}": {{"Type": "Pass", "Next": "S{}"}},"#, n + 1))
        .collect();
    let maps = (0..6).fold(leaf(), |inner, _| map("$$.Execution.Input.items", &inner));
    let retrying = r#"{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 99999999, "BackoffRate": 1.0}], "End": true}"#;
    let catching = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
              "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}], "End": true}}}"#;
    let none = "{}".to_owned();
    #[rustfmt::skip]
    let bombs: Vec<(&str, String, String, End)> = vec![
        ("a loop of states", looping('a'), none.clone(), End::TimesOut),
        ("a loop of caught failures", catching.to_owned(), none.clone(), End::TimesOut),
        ("a retrier that never gives up", state(retrying), none.clone(), End::TimesOut),
        ("a loop in both branches", parallel(&format!("{}, {}", looping('a'), looping('b'))), none.clone(), End::TimesOut),
        ("a loop in every iteration", map("$", &looping('a')), zeros(1_000), End::TimesOut),
        ("a wait of years", state(r#"{"Type": "Wait", "Seconds": 99999999, "End": true}"#), none.clone(), End::TimesOut),
        ("a wait until the last year", state(r#"{"Type": "Wait", "Timestamp": "9999-12-31T23:59:59Z", "End": true}"#), none.clone(), End::Fails("States.Runtime", "Wait state delay is too long.")),
        ("a wait of many digits", state(r#"{"Type": "Wait", "SecondsPath": "$.s", "End": true}"#), format!(r#"{{"s": {}}}"#, "9".repeat(10_000)), End::Fails("States.Runtime", "")),
        ("a text that doubles", around(r#""Type": "Pass", "Parameters": {"s.$": "States.Format('{}{}', $.s, $.s)"}"#), long(2), End::Fails("States.DataLimitExceeded", "A")),
        ("an array that doubles", around(r#""Type": "Pass", "Parameters": {"s.$": "States.Array($.s, $.s)"}"#), long(2), End::Fails("States.DataLimitExceeded", "A")),
        ("a value that deepens", around(r#""Type": "Pass", "ResultPath": "$.a.b.c.d", "InputPath": "$""#), none.clone(), End::Fails("States.Runtime", "")),
        ("an array that deepens", around(r#""Type": "Pass", "Parameters": {"a.$": "States.Array($)"}"#), none.clone(), End::Fails("States.Runtime", "")),
        ("a variable that doubles", around(r#""Type": "Pass", "Assign": {"s.$": "States.Format('{}{}', $.s, $.s)"}, "Parameters": {"s.$": "States.Format('{}{}', $.s, $.s)"}"#), long(2), End::Fails("States.DataLimitExceeded", "A")),
        ("a range of millions", call("States.ArrayRange(1, 100000000, 1)"), none.clone(), End::Fails("States.IntrinsicFailure", "")),
        ("a range without end", call("States.ArrayRange(1, 10, 0)"), none.clone(), End::Fails("States.IntrinsicFailure", "")),
        ("a range over the whole of numbers", call("States.ArrayRange(-9223372036854775808, 9223372036854775807, 1)"), none.clone(), End::Fails("States.IntrinsicFailure", "")),
        ("partitions of nothing", call("States.ArrayPartition($, 0)"), zeros(3), End::Fails("States.IntrinsicFailure", "")),
        ("a partition for each element", call("States.ArrayPartition($, 1)"), zeros(100_000), End::Fails("States.DataLimitExceeded", "A")),
        ("distinct elements of many", call("States.ArrayUnique($)"), zeros(100_000), End::Succeeds),
        ("a search through many", call("States.ArrayContains($, 1)"), zeros(100_000), End::Succeeds),
        ("a split into single characters", call("States.StringSplit($.s, 'b')"), format!(r#"{{"s": "{}"}}"#, "ab".repeat(100_000)), End::Fails("States.DataLimitExceeded", "A")),
        ("a text of JSON that is deep", call("States.StringToJson($.s)"), format!(r#"{{"s": "{}"}}"#, "[".repeat(100_000)), End::Fails("States.IntrinsicFailure", "")),
        ("a text to be hashed that is long", call("States.Hash($.s, 'SHA-512')"), long(200_000), End::Fails("States.IntrinsicFailure", "")),
        ("a text to be decoded that is long", call("States.Base64Decode($.s)"), long(200_000), End::Fails("States.IntrinsicFailure", "")),
        ("a number without end", call("States.MathAdd($.n, 1)"), format!(r#"{{"n": {}}}"#, "9".repeat(100_000)), End::Fails("States.IntrinsicFailure", "")),
        ("an exponent without end", call("States.MathAdd($.n, 1)"), r#"{"n": 1e999999999}"#.to_owned(), End::Fails("States.IntrinsicFailure", "")),
        ("calls within calls", call(&nested("States.Array(", "1", ")", 2_000)), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("a path of many steps", pass(&format!(r#"{{"x.$": "${}"}}"#, ".a".repeat(4_000))), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("filters within filters", pass(&format!(r#"{{"x.$": "$.a{}"}}"#, nested("[?(@.a", "", ")]", 1_000))), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("parentheses within parentheses", pass(&format!(r#"{{"x.$": "$.a[?({})]"}}"#, nested("(", "@.a", ")", 2_000))), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("scans of scans of scans", call("$..*..*..*..*..*..*"), format!(r#"{{"a": {}}}"#, nested("[", "", "]", 100)), End::Fails("States.Runtime", "")),
        ("everything below everything", call("$..*"), zeros(100_000), End::Succeeds),
        ("a filter over all for each", call("$[?(@ in $[*])]"), zeros(10_000), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("a pattern that backtracks", call("$.l[?(@.s =~ /(a+)+b/)]"), format!(r#"{{"l": [{}]}}"#, long(100_000)), End::Succeeds),
        ("a pattern that backtracks twice", call("$.l[?(@.s =~ /(a|a)*(a|a)*c/)]"), format!(r#"{{"l": [{}]}}"#, long(100_000)), End::Succeeds),
        ("a pattern that grows", call("$.l[?(@.s =~ /((a{100}){100}){100}/)]"), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("a pattern of parentheses", call(&format!("$.l[?(@.s =~ /{}/)]", nested("(", "a", ")", 1_000))), none.clone(), End::Refused("SCHEMA_VALIDATION_FAILED")),
        ("branches within branches, doubled", doubled(6), r#"{"a": 1}"#.to_owned(), End::Succeeds),
        ("iterations within iterations", maps, format!(r#"{{"items": {}}}"#, zeros(40)), End::TimesOut),
        ("twenty thousand iterations", map("$", &leaf()), zeros(20_000), End::Succeeds),
        ("branches of large outputs", parallel(&(0..40).map(|_| leaf()).collect::<Vec<_>>().join(",")), long(200_000), End::Fails("States.DataLimitExceeded", "A")),
        ("an input of one large text", leaf(), long(262_144), End::Fails("States.DataLimitExceeded", "")),
        ("many states", format!(r#"{{"StartAt": "S0", "States": {{{many_states} "S5000": {{"Type": "Succeed"}}}}}}"#), none.clone(), End::Succeeds),
        ("a definition of more than a megabyte", state(&format!(r#"{{"Type": "Pass", "Comment": "{}", "End": true}}"#, "x".repeat(1 << 20))), none.clone(), End::Refused("")),
        ("a definition that is deep", nested("[", "", "]", 500_000), none.clone(), End::Refused("")),
        ("conditions within conditions", state(&format!(r#"{{"Type": "Choice", "Choices": [{}]}}"#, nested(r#"{"Not": "#, "1", "}", 10_000))), none.clone(), End::Refused("")),
        ("branches within branches, deep", (0..300).fold(leaf(), |inner, _| parallel(&inner)), none, End::Refused("")),
    ];
    let count = bombs.len();
    let mut report = String::new();
    for (name, definition, input, end) in bombs {
        let ran = run(name, &definition, &input);
        let (is_right, was) = match (&ran, &end) {
            (Err(diagnostics), End::Refused(code)) => {
                let codes: Vec<&str> = diagnostics.iter().map(|d| d.code).collect();
                let is_right = code.is_empty() || codes.contains(code);
                (is_right, codes.join(", "))
            }
            (Err(diagnostics), _) => {
                let first = diagnostics.first().map(|d| d.message.clone());
                (false, format!("refused: {first:?}"))
            }
            (Ok(outcome), end) => {
                let status = outcome.status.as_str();
                let (error, cause) = (outcome.error.as_deref(), outcome.cause.as_deref());
                let is_right = match end {
                    End::Succeeds => status == "SUCCEEDED",
                    End::TimesOut => status == "TIMED_OUT",
                    End::Fails(expected, part) => {
                        error == Some(expected) && cause.unwrap_or_default().contains(part)
                    }
                    End::Refused(_) => false,
                };
                let cause: String = cause.unwrap_or_default().chars().take(150).collect();
                (is_right, format!("{status} {error:?} {cause}"))
            }
        };
        if !is_right {
            writeln!(report, "{name}: {was}").expect("a string takes it");
        }
    }
    assert!(report.is_empty(), "\n{report}");
    println!("{count} bombs");
}

#[test]
fn values_that_are_deep_or_long_are_bounded() {
    let deep = |open: &str, close: &str| nested(open, "1", close, 1_000_000);
    for (name, json) in [
        ("arrays", deep("[", "]")),
        ("objects", deep(r#"{"a":"#, "}")),
        ("both", deep(r#"[{"a":"#, "}]")),
        ("arrays without an end", "[".repeat(1_000_000)),
    ] {
        let error = Value::parse(json.as_bytes()).expect_err(name).to_string();
        assert!(error.contains("deep"), "{name}: {error}");
    }
    // Long values have as many bytes as their text: nothing is built that was not written.
    for json in [
        format!("1{}", "0".repeat(1_000_000)),
        format!("0.{}1", "0".repeat(1_000_000)),
        "1e999999999999".to_owned(),
        format!(r#""{}""#, "a".repeat(1_000_000)),
        format!(
            "{{{}\"z\":1}}",
            (0..50_000)
                .map(|n| format!("\"k{n}\":0,"))
                .collect::<String>()
        ),
    ] {
        let value = Value::parse(json.as_bytes()).expect("it is JSON");
        assert_eq!(value.json_bytes(), json.len());
    }
    // Of equal names one is kept.
    let same = format!("{{{}\"k\":1}}", "\"k\":0,".repeat(200_000));
    let value = Value::parse(same.as_bytes()).expect("it is JSON");
    assert_eq!(value.to_json(), r#"{"k":1}"#);
}

#[test]
fn a_path_says_which_bound_it_met() {
    let deep = Value::parse(nested("[", "1", "]", 120).as_bytes()).expect("it is JSON");
    let scope = Scope {
        input: &deep,
        context: &Value::NULL,
        variables: Variables::NONE,
        randomness: &Randomness::new(1),
    };
    let path = Path::compile("$..*..*..*..*..*").expect("it is a path");
    let miss = path.find(&scope).expect_err("it looks at too many values");
    assert!(miss.to_string().contains("1000000"), "{miss}");
}
