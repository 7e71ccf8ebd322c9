//! `stepstream serve` as a process: a broker inside the test, real signals, the topics read back.

#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use stepstream::kafka::Embedded;

/// Nothing here takes a tenth of it; it only keeps a hung process from holding up the other tests.
const HUNG_AFTER: Duration = Duration::from_secs(60);
const PARTITIONS: i32 = 3;

#[test]
fn a_second_run_starts_where_the_first_ended() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "results", "failures", "dead"] {
        broker.create_topic(topic, PARTITIONS).expect("a new topic");
    }
    let settings = settings("restart", broker.bootstrap_servers());
    let mut expected = BTreeMap::new();
    for run in 0..2 {
        let service = Service::start(&settings);
        service.wait_for("\"status\":\"ready\"");
        for number in 0..200 {
            expected.insert(format!("{run}-{number}"), 1);
        }
        produce(broker.bootstrap_servers(), run, 200);
        service.wait_for_metric("stepstream_events_total", 200);
        let told = service.stop();
        assert!(
            told.contains("stopped: everything begun was answered and committed"),
            "{told}"
        );
    }
    assert_eq!(keys(broker.bootstrap_servers(), "results"), expected);
    assert_eq!(
        keys(broker.bootstrap_servers(), "failures"),
        BTreeMap::new()
    );
    assert_eq!(keys(broker.bootstrap_servers(), "dead"), BTreeMap::new());
}

#[test]
fn an_unreachable_broker_is_named_by_its_setting_and_waited_for() {
    let settings = settings("unreachable", "127.0.0.1:1");
    let service = Service::start(&settings);
    service.wait_for("group serve-unreachable has no partitions yet");
    let answer = service.get("/livez");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    service.wait_for_line("kafka.bootstrap_servers: no broker of 127.0.0.1:1 answers");
    let told = service.stop();
    assert!(!told.contains("panicked"), "{told}");
}

#[test]
fn executions_of_the_api_answer_to_their_topics() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "results", "failures", "dead", "logs"] {
        broker.create_topic(topic, PARTITIONS).expect("a new topic");
    }
    let settings = settings("api", broker.bootstrap_servers());
    let group = "\n[[api.log_groups]]\nname = 'group'\ntopic = 'logs'\n";
    let text = std::fs::read_to_string(&settings).expect("a test file");
    std::fs::write(&settings, text + group).expect("a test file");
    let service = Service::start(&settings);
    let line = service.wait_for_line("AWS API: http://");
    let (_, address) = line.split_once("http://").expect("as waited for");
    let ask = |operation: &str, body: &str| {
        let answer = call(address, operation, body);
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    };
    let fails = r#"{\"StartAt\":\"F\",\"States\":{\"F\":{\"Type\":\"Fail\",\"Error\":\"E\"}}}"#;
    let logging = r#"{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:group:*"}}]}"#;
    ask(
        "CreateStateMachine",
        &format!(
            r#"{{"name":"fails","definition":"{fails}","roleArn":"arn:r","type":"EXPRESS","loggingConfiguration":{logging}}}"#
        ),
    );
    let arn = |name: &str| format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}");
    for (operation, name) in [
        ("StartExecution", "pass"),
        ("StartExecution", "pass"),
        ("StartSyncExecution", "pass"),
        ("StartExecution", "fails"),
    ] {
        let body = format!(r#"{{"stateMachineArn":"{}"}}"#, arn(name));
        ask(operation, &body);
    }
    let told = service.stop();
    assert!(told.contains("stopped: everything begun"), "{told}");
    // What nobody waits for goes to the topics of the settings' workflow; a machine of the API has only logs.
    let of_no_key = |count| BTreeMap::from([(String::new(), count)]);
    let records = |topic| keys(broker.bootstrap_servers(), topic);
    assert_eq!(records("results"), of_no_key(2));
    assert_eq!(records("failures"), BTreeMap::new());
    // ExecutionStarted, FailStateEntered, ExecutionFailed
    assert_eq!(records("logs"), of_no_key(3));
}

#[test]
fn executions_choose_their_test_case() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "results", "failures", "dead"] {
        broker.create_topic(topic, PARTITIONS).expect("a new topic");
    }
    let settings = settings("test-cases", broker.bootstrap_servers());
    let text = std::fs::read_to_string(&settings).expect("a test file");
    let header = "[mocks]\nheader = 'asl-test-case'\n";
    std::fs::write(&settings, format!("{header}{text}")).expect("a test file");
    let task = r#"{"StartAt":"Charge","States":{"Charge":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true}}}"#;
    let definition = settings.with_file_name("pass.asl.json");
    std::fs::write(definition, task).expect("a test file");
    let mocks = settings.with_file_name("MockConfigFile.json");
    let cases = r#"{"StateMachines": {
        "pass": {"TestCases": {"Happy": {"Charge": "Paid"}, "Busy": {"Charge": "Busy"}, "Real": {}}},
        "made": {"TestCases": {"Happy": {"Charge": "Paid"}}}},
      "MockedResponses": {"Paid": {"0-9": {"Return": {"paid": true}}},
        "Busy": {"0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "busy"}}}}}"#;
    std::fs::write(&mocks, cases).expect("a test file");
    // The variable of Step Functions Local.
    let service = Service::start_with(&settings, &[("SFN_MOCK_CONFIG", &mocks)]);
    let line = service.wait_for_line("AWS API: http://");
    let (_, address) = line.split_once("http://").expect("as waited for");
    let create = format!(
        r#"{{"name":"made","definition":{},"roleArn":"arn:r","type":"EXPRESS"}}"#,
        serde_json::to_string(task).expect("JSON")
    );
    call(address, "CreateStateMachine", &create);
    let nothing = "\"error\":\"States.TaskFailed\"";
    for (machine, expected) in [
        ("pass#Happy", r#""output":"{\"paid\":true}""#),
        ("made#Happy", r#""output":"{\"paid\":true}""#),
        ("pass#Busy", r#""error":"Lambda.TooManyRequestsException""#),
        ("pass", nothing),
        ("pass#Real", nothing),
        (
            "pass#None",
            "it has: made#Happy, pass#Busy, pass#Happy, pass#Real",
        ),
    ] {
        let arn = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{machine}");
        let body = format!(r#"{{"stateMachineArn":"{arn}"}}"#);
        let answer = call(address, "StartSyncExecution", &body);
        assert!(answer.contains(expected), "{machine}: {answer}");
    }
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap_servers())
        .create()
        .expect("a producer");
    for test_case in ["Happy", "Busy", "Happy", "None", "Real"] {
        let header = Header {
            key: "asl-test-case",
            value: Some(test_case),
        };
        let record = BaseRecord::to("in").key(test_case).payload("{}");
        let sent = producer.send(record.headers(OwnedHeaders::new().insert(header)));
        sent.map_err(|(error, _)| error).expect("room in the queue");
    }
    let sent = producer.send(BaseRecord::to("in").key("nothing").payload("{}"));
    sent.map_err(|(error, _)| error).expect("room in the queue");
    producer.flush(HUNG_AFTER).expect("the broker takes them");
    service.wait_for_metric("stepstream_events_total", 6);
    service.stop();
    let of = |keys: &[(&str, u32)]| -> BTreeMap<String, u32> {
        let named = |(key, count): &(&str, u32)| ((*key).to_owned(), *count);
        keys.iter().map(named).collect()
    };
    let records = |topic| keys(broker.bootstrap_servers(), topic);
    assert_eq!(records("results"), of(&[("Happy", 2)]));
    let failed = of(&[("Busy", 1), ("Real", 1), ("nothing", 1)]);
    assert_eq!(records("failures"), failed);
    assert_eq!(records("dead"), of(&[("None", 1)]));
}

#[test]
fn what_is_doubtful_in_a_definition_is_told() {
    let settings = settings("doubtful", "127.0.0.1:1");
    let definition = r#"{"StartAt": "A", "States": {
  "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "B"}], "Default": "A"},
  "B": {"Type": "Succeed"}}}"#;
    let file = settings.with_file_name("pass.asl.json");
    std::fs::write(&file, definition).expect("a test file");
    let service = Service::start(&settings);
    let told = service.wait_for_line("WARN");
    let place = format!("file=\"{}\" line=2 column=3 code=\"", file.display());
    assert!(told.contains(&place), "{told}");
    service.stop();
}

#[test]
fn good_definitions_replace_those_that_run_and_faulty_ones_do_not() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "results", "failures", "dead"] {
        broker.create_topic(topic, PARTITIONS).expect("a new topic");
    }
    let servers = broker.bootstrap_servers();
    let settings = settings("reload", servers);
    let definition = settings.with_file_name("pass.asl.json");
    let write = |path: &Path, text: &str| std::fs::write(path, text).expect("a test file");
    let service = Service::start(&settings);
    service.wait_for("\"status\":\"ready\"");
    let mut expected = BTreeMap::new();
    let mut run = |run: u32, revision: &str| {
        produce(servers, run, 20);
        service.wait_for_metric("stepstream_events_total", u64::from(run + 1) * 20);
        for number in 0..20 {
            let value = format!("\"{revision}\"");
            expected.insert(format!("{run}-{number}"), (revision.to_owned(), value));
        }
    };
    let of = |revision: &str| {
        let end = r#""End":true}}}"#;
        format!(
            r#"{{"StartAt":"Pass","States":{{"Pass":{{"Type":"Pass","Result":"{revision}",{end}"#
        )
    };
    let reload = |status: &str, body: &str| {
        let request = "POST /reload HTTP/1.1\r\nHost: test\r\n\r\n";
        let answer = exchange(&service.address, request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        let (_, found) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(found.contains(body), "{found} instead of {body}");
    };
    reload(
        "200",
        r#"{"activated":[],"restart_needed":[],"resumed":[],"status":"unchanged"}"#,
    );
    write(&definition, &of("2"));
    reload(
        "200",
        r#"{"activated":[{"revision":2,"workflow":"pass"}],"restart_needed":[],"resumed":[],"status":"activated"}"#,
    );
    run(0, "2");

    write(&definition, &of("3").replace("Pass\"", "Pas\""));
    reload("422", "pass.asl.json:1:");
    let told = service.wait_for_line("reload refused");
    assert!(told.contains("what was active stays so"), "{told}");
    service.wait_for_metric("stepstream_reloads_total{outcome=\"refused\"}", 1);
    run(1, "2");

    // By a signal, of which the metric of the revision tells.
    write(&definition, &of("3"));
    service.signal("HUP");
    service.wait_for_metric("stepstream_revision{workflow=\"pass\"}", 3);
    run(2, "3");

    let text = std::fs::read_to_string(&settings).expect("a test file");
    write(
        &settings,
        &text.replace("'serve-reload'", "'other'\nno_such_key = 1"),
    );
    reload("422", "kafka.no_such_key: unknown key");
    let other = text.replace("'serve-reload'", "'other'") + "order = 'key'\n";
    let new = "[[workflows]]\nname = 'new'\ndefinition = 'pass.asl.json'\ntopics = ['y']\ndead_letters = 'dead'\n";
    write(&settings, &format!("{other}{new}"));
    reload(
        "200",
        r#"{"activated":[],"restart_needed":["kafka.group","workflows.pass.order","workflows.new (is new)"],"resumed":[],"status":"unchanged"}"#,
    );
    // What a workflow is made of beside its definition makes a revision, too.
    write(&settings, &format!("{text}executions_in_flight_max = 7\n"));
    reload("200", r#""activated":[{"revision":4,"workflow":"pass"}]"#);
    service.stop();
    let found = records(servers, "results", |message| {
        let headers = message.headers().expect("answers have headers").iter();
        let mut headers = headers.filter(|header| header.key == "asl-definition-revision");
        let revision = headers.next().and_then(|header| header.value);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let value = message.payload().map(text);
        (
            revision.map(text).unwrap_or_default(),
            value.unwrap_or_default(),
        )
    });
    assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected);
}

#[test]
fn a_workflow_stops_at_its_limit_of_dead_letters_and_goes_on_when_told_to() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "results", "failures", "dead"] {
        broker.create_topic(topic, PARTITIONS).expect("a new topic");
    }
    let servers = broker.bootstrap_servers();
    let settings = settings("limit", servers);
    let text = std::fs::read_to_string(&settings).expect("a test file");
    let limited = format!("{text}[workflows.dead_letter_limit]\nrun = 3\n");
    std::fs::write(&settings, limited).expect("a test file");
    // Of one partition: good, seven bad in a row, good.
    let good = [0, 1, 9, 10];
    produce_to(servers, 0..11, |number| match good.contains(&number) {
        true => "{}",
        false => "{",
    });
    let expected = |numbers: &[u32]| -> BTreeMap<String, u32> {
        numbers.iter().map(|n| (format!("0-{n}"), 1)).collect()
    };
    let stopped = || {
        let service = Service::start(&settings);
        service.wait_for("workflow pass has stopped: 3 dead letters in a row");
        service.wait_for_metric("stepstream_workflow_stopped", 1);
        service
    };
    stopped().stop();
    assert_eq!(keys(servers, "dead"), expected(&[2, 3, 4]));
    assert_eq!(keys(servers, "results"), expected(&good[..2]));
    // What nobody has seen to stops again, three letters later.
    let service = stopped();
    let request = "POST /reload HTTP/1.1\r\nHost: test\r\n\r\n";
    let answer = exchange(&service.address, request);
    assert!(answer.contains(r#""resumed":["pass"]"#), "{answer}");
    service.wait_for_metric(
        "stepstream_events_total{workflow=\"pass\",outcome=\"result\"}",
        2,
    );
    service.wait_for_metric("stepstream_workflow_stopped", 0);
    let told = service.stop();
    assert!(told.contains("everything begun was answered"), "{told}");
    assert_eq!(keys(servers, "dead"), expected(&[2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(keys(servers, "results"), expected(&good));
}

#[test]
fn changed_files_are_found_by_the_watch() {
    let settings = settings("watch", "127.0.0.1:1");
    let text = std::fs::read_to_string(&settings).expect("a test file");
    let text = text.replace("[server]", "[server]\nwatch_interval_ms = 20");
    std::fs::write(&settings, text).expect("a test file");
    let service = Service::start(&settings);
    let definition = settings.with_file_name("pass.asl.json");
    let write = |text: &str| std::fs::write(&definition, text).expect("a test file");
    let of = |comment: &str| {
        let states = r#""States":{"Pass":{"Type":"Pass","End":true}}"#;
        format!(r#"{{"Comment":"{comment}","StartAt":"Pass",{states}}}"#)
    };
    let wait_for_revision =
        |number| service.wait_for_metric("stepstream_revision{workflow=\"pass\"}", number);
    wait_for_revision(1);
    write(&of("second"));
    wait_for_revision(2);
    write(&of("third").replace("\"StartAt\":\"Pass\"", "\"StartAt\":\"No\""));
    service.wait_for_metric("stepstream_reload_faults", 1);
    wait_for_revision(2);
    write(&of("third"));
    wait_for_revision(3);
    service.wait_for_metric("stepstream_reload_faults", 0);
    service.stop();
}

/// Settings and a definition in a folder of their own. The embedded broker lets a group that everybody has left be
/// joined again only after the session time, so that is short.
fn settings(name: &str, servers: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("serve-{name}"));
    std::fs::create_dir_all(&folder).expect("a folder for test files");
    let definition = r#"{"StartAt":"Pass","States":{"Pass":{"Type":"Pass","End":true}}}"#;
    std::fs::write(folder.join("pass.asl.json"), definition).expect("a test file");
    let text = format!(
        "[kafka]\nbootstrap_servers = '{servers}'\ngroup = 'serve-{name}'\n\
         [kafka.consumer]\nsession.timeout.ms = 6000\n\
         [server]\nlisten = '127.0.0.1:0'\n[api]\nlisten = '127.0.0.1:0'\n\
         [[workflows]]\nname = 'pass'\ndefinition = 'pass.asl.json'\ntopics = ['in']\n\
         results = 'results'\nfailures = 'failures'\ndead_letters = 'dead'\n"
    );
    let path = folder.join("settings.toml");
    std::fs::write(&path, text).expect("a test file");
    path
}

/// A running `stepstream serve`; killed if a test gives up.
struct Service {
    process: Child,
    /// What it says, line by line.
    lines: Receiver<String>,
    address: String,
}

impl Service {
    fn start(settings: &Path) -> Self {
        Self::start_with(settings, &[])
    }

    fn start_with(settings: &Path, variables: &[(&str, &Path)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stepstream"))
            .args(["serve", "--config"])
            .arg(settings)
            .env_remove("STEPSTREAM_LOG")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = process.stderr.take().expect("stderr is piped");
        let (line, lines) = channel();
        std::thread::spawn(move || {
            for text in BufReader::new(stderr).lines().map_while(Result::ok) {
                if line.send(text).is_err() {
                    return;
                }
            }
        });
        let mut service = Self {
            process,
            lines,
            address: String::new(),
        };
        let line = service.wait_for_line("metrics and health: http://");
        let (_, address) = line.split_once("http://").expect("as waited for");
        address.trim().clone_into(&mut service.address);
        service
    }

    /// The first line from now on that contains `part`.
    fn wait_for_line(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(HUNG_AFTER);
            let line = line.unwrap_or_else(|_| panic!("it never says: {part}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn get(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        exchange(&self.address, &request)
    }

    /// Asks for readiness until the answer contains `part`.
    fn wait_for(&self, part: &str) {
        self.ask_until("/readyz", |answer| answer.contains(part));
    }

    /// Asks for metrics until the values of the series of `name` add up to `sum`.
    fn wait_for_metric(&self, name: &str, sum: u64) {
        self.ask_until("/metrics", |answer| {
            let series = answer.lines().filter(|line| line.starts_with(name));
            let values = series.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
            values.sum::<u64>() == sum
        });
    }

    fn ask_until(&self, path: &str, good: impl Fn(&str) -> bool) {
        let pause = Duration::from_millis(20);
        for _ in 0..HUNG_AFTER.as_millis() / pause.as_millis() {
            if good(&self.get(path)) {
                return;
            }
            // What it says meanwhile is of no interest, and must not fill the channel's pipe.
            drop(self.lines.recv_timeout(pause));
        }
        panic!("{path} never is as it should be: {}", self.get(path));
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let name = format!("-{name}");
        let sent = Command::new("kill").args([&name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// Sends SIGTERM, and expects an end in order. Gives what it said since it was last listened to.
    fn stop(mut self) -> String {
        self.signal("TERM");
        let mut told = String::new();
        // The channel closes with the process' stderr.
        loop {
            match self.lines.recv_timeout(HUNG_AFTER) {
                Ok(line) => {
                    told.push_str(&line);
                    told.push('\n');
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it never ends: {told}"),
            }
        }
        let status = self.process.wait().expect("it has ended");
        assert_eq!(status.code(), Some(0), "{told}");
        told
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // After an end in order there is nothing to kill.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The answer to one request of the API.
fn call(address: &str, operation: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    exchange(address, &request)
}

/// The answer to one request on a connection of its own.
fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address.trim()).expect("it listens");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Produces events to the first partition, whose keys are `0-NUMBER`.
fn produce_to(servers: &str, numbers: Range<u32>, value: impl Fn(u32) -> &'static str) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .create()
        .expect("a producer");
    for number in numbers {
        let key = format!("0-{number}");
        let record = BaseRecord::to("in").key(&key).payload(value(number));
        let sent = producer.send(record.partition(0));
        sent.map_err(|(error, _)| error).expect("room in the queue");
    }
    producer.flush(HUNG_AFTER).expect("the broker takes them");
}

/// Produces events whose keys are `RUN-NUMBER`.
fn produce(servers: &str, run: u32, count: u32) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .create()
        .expect("a producer");
    for number in 0..count {
        let (key, value) = (format!("{run}-{number}"), format!("{{\"n\":{number}}}"));
        let record = BaseRecord::to("in").key(&key).payload(&value);
        producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("room in the queue");
    }
    producer.flush(HUNG_AFTER).expect("the broker takes them");
}

/// How often each key stands in a topic.
fn keys(servers: &str, topic: &str) -> BTreeMap<String, u32> {
    let mut keys = BTreeMap::new();
    for (key, ()) in records(servers, topic, |_| ()) {
        *keys.entry(key).or_insert(0) += 1;
    }
    keys
}

/// Each record of a topic: its key, and what `look` sees in it.
fn records<T>(
    servers: &str,
    topic: &str,
    look: impl Fn(&BorrowedMessage<'_>) -> T,
) -> Vec<(String, T)> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", "reader")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let mut partitions = TopicPartitionList::new();
    let mut open = 0;
    for partition in 0..PARTITIONS {
        let ends = consumer.fetch_watermarks(topic, partition, HUNG_AFTER);
        open += ends.expect("the broker answers").1;
        let added = partitions.add_partition_offset(topic, partition, Offset::Beginning);
        added.expect("a place in the list");
    }
    consumer.assign(&partitions).expect("an assignment");
    let mut records = Vec::new();
    while open > 0 {
        let message = consumer
            .poll(HUNG_AFTER)
            .expect("more records")
            .expect("no error");
        let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
        records.push((key, look(&message)));
        open -= 1;
    }
    records
}
