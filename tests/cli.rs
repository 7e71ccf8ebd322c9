//! The binary: what it prints and the exit code it ends with.

#![cfg(feature = "cli")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// No command of these tests takes a tenth of it; it only keeps a hung one from holding up the others.
const HUNG_AFTER: Duration = Duration::from_secs(120);

/// What a run of the binary gave.
#[derive(Debug, PartialEq)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the binary in the package's folder, without variables of ours.
fn stepstream(arguments: &[&str]) -> Ran {
    stepstream_with(arguments, &[])
}

/// The same with these variables.
fn stepstream_with(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepstream"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("STEPSTREAM_") {
            command.env_remove(name);
        }
    }
    let child = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let id = child.id().to_string();
    let (done, output) = channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = output.recv_timeout(HUNG_AFTER) else {
        let killed = Command::new("kill").args(["-9", &id]).status();
        panic!("{arguments:?} does not end; kill: {killed:?}");
    };
    let output = output.expect("its output can be read");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A file for one test.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    std::fs::create_dir_all(&folder).expect("a folder for test files");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a test file");
    path
}

#[test]
fn usage_faults_end_with_2_and_say_what_is_known() {
    for (arguments, expected) in [
        (&["srve"][..], "tip: a similar subcommand exists: 'serve'"),
        (&["serve", "x"], "unexpected argument 'x' found"),
        (
            &["serve", "--confg", "x"],
            "tip: a similar argument exists: '--config'",
        ),
        (&["run"], "<DEFINITION>"),
        (&["validate"], "<FILE>..."),
        (&["demo", "--events", "0"], "0 is not in 1..=100000000"),
        (&["demo", "--rate", "fast"], "invalid digit found in string"),
    ] {
        let ran = stepstream(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(
            ran.stderr.contains(expected),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
}

#[test]
fn help_and_version_end_with_0() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["demo", "--help"],
        &["serve", "--help"],
        &["run", "--help"],
        &["validate", "--help"],
        &["test", "--help"],
        &["test-state", "--help"],
        &["config", "--help"],
    ] {
        let ran = stepstream(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stderr, "", "{arguments:?}");
        assert!(
            ran.stdout.contains("stepstream"),
            "{arguments:?}: {}",
            ran.stdout
        );
    }
}

#[test]
fn all_faults_of_the_settings_are_listed_and_nothing_starts() {
    let path = file(
        "faulty.toml",
        "[kafka]\nbootstrp_servers = 'x'\n[server]\nlisten = 1\n",
    );
    let path = path.display().to_string();
    let ran = stepstream(&["serve", "--config", &path]);
    let expected = format!(
        "error: the settings are refused\n\
         {path}:2:1: kafka.bootstrp_servers: unknown key; the nearest known one is kafka.bootstrap_servers\n\
         {path}:4:1: server.listen: must be IP-ADDRESS:PORT\n"
    );
    assert_eq!(ran.stderr, expected);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}

#[test]
fn the_examples_are_good() {
    for (settings, workflows) in [
        ("config/stepstream.toml", 1),
        ("config/examples/one-topic.toml", 1),
        ("config/examples/several-workflows.toml", 3),
        ("config/examples/services.toml", 2),
        ("config/examples/order-check.toml", 1),
        ("config/examples/order-saga.toml", 3),
    ] {
        let secret = ("STEPSTREAM_SECRET_SITES", "key");
        let ran = stepstream_with(&["serve", "--check", "--config", settings], &[secret]);
        assert_eq!(ran.stderr, "", "{settings}");
        assert_eq!(
            ran.stdout,
            format!("the settings are good: {workflows} workflows\n")
        );
        assert_eq!(ran.code, Some(0));
    }
}

#[test]
fn a_task_that_nobody_was_configured_for_is_refused_with_a_hint() {
    let task = |name: &str, resource: &str| {
        let text = format!(
            r#"{{"StartAt": "Call", "States": {{"Call": {{"Type": "Task", "Resource": "{resource}", "End": true}}}}}}"#
        );
        let definition = file(&format!("{name}.asl.json"), &text)
            .display()
            .to_string();
        let settings = format!(
            "[[workflows]]\nname = '{name}'\ndefinition = '{definition}'\ntopics = ['in']\ndead_letters = 'dead'\n"
        );
        let settings = file(&format!("{name}.toml"), &settings)
            .display()
            .to_string();
        stepstream(&["serve", "--check", "--config", &settings])
    };
    for (name, resource, hint) in [
        (
            "service",
            "arn:aws:states:::lambda:invoke",
            "set lambda.endpoint, or name the functions in [[lambda.functions]]",
        ),
        (
            "function",
            "arn:aws:lambda:us-east-1:123456789012:function:enrich",
            "set lambda.endpoint, or name enrich in [[lambda.functions]]",
        ),
        (
            "http",
            "arn:aws:states:::http:invoke",
            "name in http.allow where HTTP tasks may go",
        ),
    ] {
        let ran = task(name, resource);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(hint), "{resource}: {}", ran.stderr);
    }
}

#[test]
fn a_run_is_traced_step_by_step() {
    let definition = file("pause.asl.json", PAUSE);
    let definition = definition.display().to_string();
    let input = file("pause.json", r#"{"n":1}"#).display().to_string();
    let ran = stepstream(&["run", &definition, "--input", &input, "--virtual-time"]);
    let expected = r#"    0.000  > Pause (wait)               {"n":1}
    0.000      waits                    90.000 s
   90.000  < Pause
   90.000  > Small? (choice)
   90.000  < Small?
   90.000  > Mark (pass)
   90.000  < Mark                       {"n":1,"small":true}

SUCCEEDED after 90.000 s
{"n":1,"small":true}
"#;
    assert_eq!(ran.stdout, expected);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_trace_tells_iterations_apart() {
    let text = r#"{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor": {
            "StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}},
        {"StartAt": "Soon", "States": {
            "Soon": {"Type": "Wait", "Seconds": 2, "Next": "Bad"}, "Bad": {"Type": "Fail", "Error": "Oh"}}}]}}}"#;
    let definition = file("both.asl.json", text).display().to_string();
    let input = file("both.json", "[1,9]").display().to_string();
    let ran = stepstream(&["run", &definition, "--input", &input, "--virtual-time"]);
    let expected = "    0.000  > Both (parallel)            [1,9]
    0.000  > Each (map)
    0.000      items                    2
    0.000  > Soon (wait)
    0.000  > Pause (wait) [0]           1
    0.000  > Pause (wait) [1]           9
    0.000      waits                    1.000 s
    1.000  < Pause [0]                  1
    1.000      waits                    1.000 s
    2.000  < Soon                       [1,9]
    2.000  > Bad (fail)
    2.000      iteration of Each is aborted [1]

FAILED after 2.000 s
error  Oh
";
    assert_eq!(ran.stdout, expected);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
}

#[test]
fn a_run_that_fails_ends_with_1() {
    let definition = file("fails.asl.json", PAUSE).display().to_string();
    let input = file("fails.json", r#"{"n":7}"#).display().to_string();
    let run = ["run", &definition, "--input", &input, "--virtual-time"];
    let ran = stepstream(&run);
    let expected = "\
FAILED after 90.000 s
error  TooLarge
cause  7 is too large
";
    assert!(ran.stdout.ends_with(expected), "{ran:?}");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));

    let ran = stepstream(&[&run[..], &["--json"]].concat());
    let expected = "{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:express:fails:run:00000000-0000-0000-0000-0000000007ea\",\
\"stateMachineArn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:fails\",\"name\":\"run\",\
\"startDate\":\"2026-01-01T00:00:00Z\",\"stopDate\":\"2026-01-01T00:01:30Z\",\"status\":\"FAILED\",\
\"error\":\"TooLarge\",\"cause\":\"7 is too large\",\"input\":\"{\\\"n\\\":7}\"}\n";
    assert_eq!(ran.stdout, expected);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
}

#[test]
fn mocked_tasks_are_tried_again_in_virtual_time() {
    let run = [
        "run",
        "config/workflows/iot-register.asl.json",
        "--input",
        "config/workflows/iot-event.json",
        "--virtual-time",
        "--mocks",
        "config/workflows/iot-register.mocks.json",
    ];
    for (test_case, took, output) in [
        (
            "Busy",
            "1.000",
            r#"{"device":"dev-000042","registration":"r-1","registered":true}"#,
        ),
        (
            "Down",
            "7.000",
            r#"{"device":"dev-000042","problem":"Lambda.TooManyRequestsException","registered":false}"#,
        ),
    ] {
        let ran = stepstream(&[&run[..], &["--test-case", test_case]].concat());
        let expected = format!("\nSUCCEEDED after {took} s\n{output}\n");
        assert!(ran.stdout.ends_with(&expected), "{test_case}: {ran:?}");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
    let ran = stepstream(&[&run[..], &["--test-case", "Busy", "--json", "--history"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one JSON object");
    let types: Vec<&str> = answer["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, expected);
}

#[test]
fn a_run_calls_the_services_of_its_settings() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                let value = line.to_lowercase();
                if let Some(value) = value.strip_prefix("content-length: ") {
                    length = value.trim().parse().expect("a length");
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("the whole body");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            let answer = [head.as_bytes(), &body].concat();
            reader.get_mut().write_all(&answer).expect("who asks");
        }
    });
    let definition = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:echo", "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true}}}"#;
    let definition = file("services.asl.json", definition).display().to_string();
    let mocks = r#"{"StateMachines": {"services": {"TestCases": {"B": {"B": "B"}}}},
        "MockedResponses": {"B": {"0": {"Return": "mocked"}}}}"#;
    let mocks = file("services.mocks.json", mocks).display().to_string();
    let endpoint = format!("http://{address}");
    let settings = format!("[lambda]\nendpoint = '{endpoint}'\n");
    let settings = file("services.toml", &settings).display().to_string();
    let run = ["run", &definition, "--mocks", &mocks, "--json", "--history"];
    let by_variable = stepstream_with(&run, &[("LAMBDA_ENDPOINT", &endpoint)]);
    let by_file = stepstream(&[&run[..], &["--config", &settings]].concat());
    for ran in [by_variable, by_file] {
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stdout.contains(r#""output":"\"mocked\"""#), "{ran:?}");
        assert!(ran.stdout.contains("LambdaFunctionSucceeded"), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_a_hint() {
    let faulty = file("no-input.json", "{\"n\":").display().to_string();
    let enrich = "config/workflows/iot-enrich.asl.json";
    let register = "config/workflows/iot-register.asl.json";
    let mocks = "config/workflows/iot-register.mocks.json";
    for (arguments, expected) in [
        (
            &["run", register][..],
            "error: Register: nothing does the task arn:aws:states:::lambda:invoke: set lambda.endpoint, or name the functions in [[lambda.functions]]\n\
             mock it: --mocks FILE, in the format of Step Functions Local; or --config FILE with services\n",
        ),
        (
            &["run", register, "--mocks", mocks],
            "error: config/workflows/iot-register.mocks.json: it has several test cases of the state machine iot-register: say which (Busy, Down)\n",
        ),
        (
            &["run", enrich, "--mocks", mocks],
            "error: config/workflows/iot-register.mocks.json: it has no test case of the state machine iot-enrich\n",
        ),
        (
            &["run", "nowhere.json"],
            "error: nowhere.json: it cannot be read: No such file or directory (os error 2)\n",
        ),
    ] {
        let ran = stepstream(arguments);
        assert_eq!(ran.stderr, expected, "{arguments:?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    }
    let ran = stepstream(&["run", enrich, "--input", &faulty]);
    let expected = format!("error: {faulty}: the input is not JSON: ");
    assert!(ran.stderr.starts_with(&expected), "{ran:?}");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}

#[test]
fn definitions_are_validated_with_all_their_faults() {
    let good = "config/workflows/iot-check.asl.json";
    let ran = stepstream(&["validate", good, "config/workflows/iot-enrich.asl.json"]);
    let expected =
        "config/workflows/iot-check.asl.json: good\nconfig/workflows/iot-enrich.asl.json: good\n";
    assert_eq!(ran.stdout, expected);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));

    let faulty = PAUSE.replace("\"Next\": \"Small?\"", "\"Next\": \"Smal?\", \"Foo\": 1");
    let faulty = file("faulty.asl.json", &faulty).display().to_string();
    let ran = stepstream(&["validate", &faulty, good]);
    let expected = format!("\n{faulty}: refused, 2 errors\n{good}: good\n");
    assert!(ran.stdout.contains("'Foo' is not supported"), "{ran:?}");
    assert!(ran.stdout.contains("did you mean 'Small?'?"), "{ran:?}");
    assert!(ran.stdout.ends_with(&expected), "{ran:?}");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));

    let ran = stepstream(&["validate", &faulty, good, "--format", "json"]);
    let results: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect();
    let results: Vec<(&str, &str)> = results
        .iter()
        .filter_map(|result| Some((result["file"].as_str()?, result["result"].as_str()?)))
        .collect();
    assert_eq!(results, [(faulty.as_str(), "FAIL"), (good, "OK")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));
}

#[test]
fn yaml_and_placeholders_are_validated_in_their_own_places() {
    let yaml = "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: ${Worker}\n    TimeoutSeconds: ${Seconds}\n    Next: B\n  C:\n    Type: Succeed\n";
    let yaml = file("task.asl.yaml", yaml).display().to_string();
    let worker = "Worker=arn:aws:lambda:us-east-1:111111111111:function:w";
    let given = ["--substitute", worker, "--substitute", "Seconds=5"];
    let ran = stepstream(&[&["validate", &yaml][..], &given].concat());
    let expected = format!(
        "error[MISSING_TRANSITION_TARGET]: Missing 'Next' target: B\n --> {yaml}:7:11\n  |\n7 |     Next: B\n  |           ^"
    );
    assert!(ran.stdout.starts_with(&expected), "{ran:?}");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));

    let ran = stepstream(&["validate", &yaml, "--substitute", "Seconds=5"]);
    let expected = "There is no substitution for ${Worker}";
    assert!(ran.stdout.contains(expected), "{ran:?}");
    assert!(
        ran.stdout.contains("there are substitutions for Seconds"),
        "{ran:?}"
    );
    assert_eq!(ran.code, Some(2));

    let looping = PAUSE.replace(
        "\"ResultPath\": \"$.small\", \"End\": true",
        "\"Next\": \"Mark\"",
    );
    let looping = file("looping.asl.json", &looping).display().to_string();
    let ran = stepstream(&["validate", &looping]);
    assert!(ran.stdout.ends_with(": good, 1 warning\n"), "{ran:?}");
    assert_eq!(ran.code, Some(0));
    let ran = stepstream(&["validate", &looping, &yaml, "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one log");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let found: Vec<(&str, &str)> = results
        .iter()
        .filter_map(|result| Some((result["ruleId"].as_str()?, result["level"].as_str()?)))
        .collect();
    assert!(found.contains(&("NO_WAY_TO_END", "warning")), "{log}");
    assert!(
        found.contains(&("MISSING_TRANSITION_TARGET", "error")),
        "{log}"
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));
}

#[test]
fn a_state_is_tested_with_a_mock() {
    let task = "Type: Task\nResource: arn:aws:states:::lambda:invoke\nParameters: {FunctionName: f, Payload.$: $.a}\nOutputPath: $.Payload\nCatch: [{ErrorEquals: [Lambda.Unknown], Next: Unknown}]\nNext: Done\n";
    let task = file("task-state.yaml", task).display().to_string();
    let input = file("task-input.json", "{\"a\": 1}").display().to_string();
    let test = |more: &[&str]| {
        let ran = stepstream(&[&["test-state", &task, "--input", &input][..], more].concat());
        let answer = serde_json::from_str(&ran.stdout).unwrap_or(serde_json::Value::Null);
        (ran.code, answer, ran.stderr)
    };
    let (code, answer, _) = test(&["--mock-result", "{\"StatusCode\": 200, \"Payload\": 2}"]);
    assert_eq!(code, Some(0), "{answer}");
    assert_eq!(
        (&answer["status"], &answer["nextState"]),
        (&"SUCCEEDED".into(), &"Done".into())
    );
    assert_eq!(answer["output"], "2");
    let parameters = "{\"FunctionName\":\"f\",\"Payload\":1}";
    assert_eq!(answer["inspectionData"]["afterParameters"], parameters);

    let (code, answer, _) = test(&[
        "--mock-error",
        "Lambda.Unknown",
        "--inspection-level",
        "INFO",
    ]);
    assert_eq!((code, &answer["nextState"]), (Some(0), &"Unknown".into()));
    assert!(answer.get("inspectionData").is_none(), "{answer}");

    let (code, answer, _) = test(&["--mock-error", "Other", "--mock-cause", "why"]);
    assert_eq!((code, &answer["status"]), (Some(1), &"FAILED".into()));
    assert_eq!(answer["cause"], "why");

    let (code, _, stderr) = test(&["--mock-result", "{\"StatusCode\": \"200\"}"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("Field 'StatusCode' must be a number"),
        "{stderr}"
    );

    let (code, _, stderr) = test(&[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--mock-result JSON"), "{stderr}");
}

#[test]
fn a_faulty_definition_keeps_serve_from_starting() {
    let faulty = PAUSE.replace("\"Default\": \"TooLarge\"", "\"Default\": \"Nowhere\"");
    file("serve-faulty.asl.json", &faulty);
    let settings = "\
[[workflows]]
name = 'faulty'
definition = 'serve-faulty.asl.json'
topics = ['in']
dead_letters = 'dead'

[[workflows]]
name = 'missing'
definition = 'serve-missing.asl.json'
topics = ['other']
dead_letters = 'dead'
";
    let both = file("serve-both.toml", settings).display().to_string();
    let ran = stepstream(&["serve", "--config", &both]);
    assert!(
        ran.stderr
            .contains("serve-missing.asl.json: it cannot be read"),
        "{ran:?}"
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));

    let (one, _) = settings.split_once("\n\n").expect("two workflows");
    let one = file("serve-one.toml", one).display().to_string();
    for arguments in [
        &["serve", "--config", &one][..],
        &["serve", "--check", "--config", &one],
    ] {
        let ran = stepstream(arguments);
        assert!(ran.stderr.contains("MISSING_TRANSITION_TARGET"), "{ran:?}");
        assert!(ran.stderr.contains("serve-faulty.asl.json:"), "{ran:?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    }
}

#[test]
fn printed_settings_are_those_of_the_repository() {
    let ran = stepstream(&["config"]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/stepstream.toml");
    let file = std::fs::read_to_string(path).expect("config/stepstream.toml is there");
    assert!(ran.stdout == file, "see tests/config.rs");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

/// Every bench verifies its answers, and says the same of itself however it ran.
#[test]
fn a_bench_verifies_its_answers_and_reports_them() {
    let events = file(
        "bench.event.json",
        r#"{"deviceId":"d{{key}}","number":{{number}},"temperature":{{20..40}}}"#,
    );
    let failing = file(
        "bench.asl.json",
        r#"{"StartAt": "C", "States": {
            "C": {"Type": "Choice", "Default": "F", "Choices": [
                {"Variable": "$.temperature", "NumericGreaterThan": 30, "Next": "S"}]},
            "S": {"Type": "Succeed"}, "F": {"Type": "Fail", "Error": "Cold"}}}"#,
    );
    let (events, failing) = (events.display().to_string(), failing.display().to_string());
    let kafka: &[&str] = &[
        "--log", "ALL", "--order", "key", "--rate", "2000", "--spread", "skewed",
    ];
    let inside: &[&str] = &["--in-process"];
    let own: &[&str] = &[
        "--in-process",
        &failing,
        "--event",
        &events,
        "--bytes",
        "100",
    ];
    for (mode, all_succeed, arguments) in [
        ("kafka", true, kafka),
        ("in-process", true, inside),
        ("in-process", false, own),
    ] {
        let common = ["bench", "--events", "1000", "--warm-up", "200", "--json"];
        let ran = stepstream(&[&common, arguments].concat());
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?} {}",
            ran.stdout
        );
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(report["mode"], mode);
        assert_eq!(report["verified"], true);
        for (name, value) in [
            ("events", 1000),
            ("warm_up", 200),
            ("lost", 0),
            ("duplicates", 0),
            ("foreign", 0),
            ("dead_letters", 0),
        ] {
            assert_eq!(report[name], value, "{name} of {report}");
        }
        let count = |name: &str| {
            report[name]
                .as_u64()
                .unwrap_or_else(|| panic!("{name} of {report}"))
        };
        assert_eq!(count("results") + count("failures"), 1200);
        assert_eq!(count("failures") == 0, all_succeed, "{report}");
        assert!(
            count("bytes_in") >= 100_000 && count("bytes_out") > 0,
            "{report}"
        );
        let figures = [
            "events_per_s",
            "p50_ms",
            "p90_ms",
            "p99_ms",
            "p99_9_ms",
            "p99_99_ms",
            "max_ms",
        ];
        let figures = figures.map(|name| {
            report[name]
                .as_f64()
                .unwrap_or_else(|| panic!("{name} of {report}"))
        });
        assert!(figures.iter().all(|figure| *figure > 0.0), "{report}");
        assert!(figures[1..].is_sorted(), "{report}");
        assert!(report.get("cpu_s_per_million").is_some() && report.get("peak_mib").is_some());
    }
}

#[test]
fn every_event_of_a_short_demo_is_answered_exactly_once() {
    let ran = stepstream(&["demo", "--events", "2000", "--json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one JSON object");
    let number = |name: &str| {
        summary[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{summary}"))
    };
    assert_eq!(number("events_in"), 2_000);
    assert_eq!(
        (number("lost"), number("duplicates"), number("misplaced")),
        (0, 0, 0)
    );
    assert_eq!(
        number("results") + number("failures") + number("dead_letters"),
        2_000
    );
    // About one in a hundred is poison, and as many fail.
    assert!(
        number("failures") > 0 && number("dead_letters") > 0,
        "{summary}"
    );
    assert!(number("log_records") >= number("failures"), "{summary}");
    assert_eq!(summary["answered_exactly_once"], true);
    for name in ["events_per_second", "p50_ms", "p99_ms"] {
        assert!(
            summary[name].as_f64().is_some_and(|n| n > 0.0),
            "{name}: {summary}"
        );
    }
}

/// Waits, and fails if `n` is more than 3.
const PAUSE: &str = r#"{
  "StartAt": "Pause",
  "States": {
    "Pause": { "Type": "Wait", "Seconds": 90, "Next": "Small?" },
    "Small?": {
      "Type": "Choice",
      "Choices": [{ "Variable": "$.n", "NumericLessThanEquals": 3, "Next": "Mark" }],
      "Default": "TooLarge"
    },
    "Mark": { "Type": "Pass", "Result": true, "ResultPath": "$.small", "End": true },
    "TooLarge": {
      "Type": "Fail",
      "Error": "TooLarge",
      "CausePath": "States.Format('{} is too large', $.n)"
    }
  }
}
"#;

#[test]
fn the_tests_of_a_workflow_are_run_and_reported() {
    let definition = "config/workflows/iot-register.asl.json";
    let mocks = "config/workflows/iot-register.mocks.json";
    let junit = file("junit.xml", "");
    let junit = junit.display().to_string();
    let good = stepstream(&["test", definition, "--mocks", mocks, "--junit", &junit]);
    let expected = "iot-register\n\
        \n  ok      Busy             SUCCEEDED    1.000 s\
        \n  ok      Down             SUCCEEDED    7.000 s\
        \n  ok      WithoutFirmware  FAILED       0.000 s\n\
        \nstates       3 of 3\
        \ntransitions  2 of 2\n\
        \n3 passed, 0 failed\n";
    assert_eq!((good.code, good.stdout.as_str()), (Some(0), expected));
    let xml = std::fs::read_to_string(&junit).expect("the report is written");
    assert!(xml.contains("<testsuite name=\"iot-register\" tests=\"3\" failures=\"0\""));

    let wrong = file("wrong.json", r#"{"Busy": {"Output": {"registered": 1}}}"#);
    let wrong = wrong.display().to_string();
    let ran = stepstream(&["test", definition, "--mocks", mocks, "--tests", &wrong]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for line in [
        "  FAILED  Busy  FAILED       0.000 s\n",
        "          output: expected {\"registered\":1}, was none\n",
        "states       1 of 3; never entered: Registered, ForAPerson\n",
        "transitions  0 of 2; never taken: Register > Registered, Register > ForAPerson\n",
        "\n0 passed, 1 failed\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}{}", ran.stdout);
    }

    let faulty = file("faulty.tests.json", r#"{"A": {"Inptu": 1, "Path": 2}}"#);
    let faulty = faulty.display().to_string();
    let ran = stepstream(&["test", definition, "--mocks", mocks, "--tests", &faulty]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("/A/Inptu") && ran.stderr.contains("/A/Path"),
        "{ran:?}"
    );
    let ran = stepstream(&["test", definition, "--mocks", mocks, "--only", "Nothing"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}
