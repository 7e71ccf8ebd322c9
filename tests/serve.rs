//! `stepstream serve` as a process: a broker inside the test, real signals, the topics read back.

#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
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
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = exchange(address, &request);
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
        let mut process = Command::new(env!("CARGO_BIN_EXE_stepstream"))
            .args(["serve", "--config"])
            .arg(settings)
            .env_remove("STEPSTREAM_LOG")
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

    /// Sends SIGTERM, and expects an end in order. Gives what it said since it was last listened to.
    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
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

/// The answer to one request on a connection of its own.
fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address.trim()).expect("it listens");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
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
    let mut keys = BTreeMap::new();
    while open > 0 {
        let message = consumer
            .poll(HUNG_AFTER)
            .expect("more records")
            .expect("no error");
        let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
        *keys.entry(key).or_insert(0) += 1;
        open -= 1;
    }
    keys
}
