//! The Kafka edge with everything real but the broker, which is inside the process. Nothing here depends on time: tests
//! wait for what must come, and count what must not.

#![cfg(feature = "kafka")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "kafka/carried.rs"]
mod carried;
#[cfg(feature = "cli")]
#[path = "kafka/examples.rs"]
mod examples;
#[path = "kafka/head.rs"]
mod head;
#[path = "kafka/reply.rs"]
mod reply;
#[path = "kafka/task.rs"]
mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use stepstream::engine::{
    Definition, Engine, EngineOptions, NoConnectors, Registry, Stopped, SystemClock,
};
use stepstream::history::LogLevel;
use stepstream::kafka::settings::{
    DeadLetterHeaders, DeduplicateBy, DeduplicateSettings, HeadBlock, HeaderEquals, KafkaSettings,
    LogRecord, LogSettings, Order, WorkflowSettings,
};
use stepstream::kafka::{Edge, Embedded, ShutdownReport};

/// Fails where it is asked to, waits where it is asked to, else gives back what it is given.
const DEFINITION: &str = r#"{"StartAt": "C", "States": {
    "C": {"Type": "Choice", "Default": "P", "Choices": [
        {"Variable": "$.fail", "IsPresent": true, "Next": "F"},
        {"Variable": "$.wait", "IsPresent": true, "Next": "W"}]},
    "F": {"Type": "Fail", "Error": "Asked", "Cause": "for it"},
    "W": {"Type": "Wait", "SecondsPath": "$.wait", "Next": "P"},
    "P": {"Type": "Pass", "End": true}}}"#;

/// Longer than any of these tests may wait for something; only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

#[test]
fn each_event_has_its_answer() {
    let world = World::new(&[("in", 2)]);
    let edge = world.edge(&[Workflow::new("w").with_log(LogLevel::All)]);
    world.send(
        "in",
        Some(b"k1"),
        Some(br#"{"n": 1.10}"#),
        &[("trace", b"\xff\x00")],
    );
    world.send("in", Some(b"k2"), Some(br#"{"fail": true}"#), &[]);
    world.send("in", Some(b"k3"), Some(b"no json"), &[]);

    let result = &world.read("results", 1)[0];
    assert_eq!(result.text(), r#"{"n":1.10}"#);
    assert_eq!(result.key.as_deref(), Some(&b"k1"[..]));
    assert_eq!(result.headers["trace"], b"\xff\x00");
    assert_eq!(result.headers["asl-definition-revision"], b"1");
    let id = String::from_utf8(result.headers["asl-dedup-id"].clone()).unwrap();
    let name = String::from_utf8(result.headers["asl-execution-name"].clone()).unwrap();
    assert_eq!(id.replace('/', "-"), name);
    let arn = String::from_utf8(result.headers["asl-execution-arn"].clone()).unwrap();
    assert!(arn.contains(&format!(":express:w:{name}:")), "{arn}");

    let failure = &world.read("failures", 1)[0];
    assert_eq!(failure.key.as_deref(), Some(&b"k2"[..]));
    assert_eq!(failure.headers["asl-error"], b"Asked");
    let envelope: serde_json::Value = serde_json::from_str(&failure.text()).unwrap();
    assert_eq!(envelope["status"], "FAILED");
    assert_eq!(
        (&envelope["error"], &envelope["cause"]),
        (&"Asked".into(), &"for it".into())
    );
    assert_eq!(envelope["input"], r#"{"fail":true}"#);
    assert!(envelope["startDate"].is_number());

    let letter = &world.read("dead", 1)[0];
    assert_eq!(
        (letter.text(), letter.headers["asl-error"].as_slice()),
        ("no json".to_owned(), &b"json"[..])
    );

    // ExecutionStarted, two states entered and left, ExecutionSucceeded; the failed one has no end of its last state.
    let logs = world.read("logs", 6 + 5);
    assert!(
        logs.iter()
            .all(|log| serde_json::from_str::<serde_json::Value>(&log.text()).is_ok())
    );
    world.expect_committed("g", "in", 3);
    end(edge);
    world.end();
}

#[test]
fn what_is_answered_by_logs_alone_is_committed() {
    // One log record an execution and no results: one record is owed, and it is not the outcome.
    let world = World::new(&[("in", 1)]);
    let mut workflow = Workflow::new("w").with_log(LogLevel::All);
    workflow.settings.results = None;
    workflow.settings.failures = None;
    workflow.settings.logs.as_mut().unwrap().record = LogRecord::Execution;
    let edge = world.edge(&[workflow]);
    for _ in 0..3 {
        world.send("in", None, Some(b"{}"), &[]);
    }
    world.read("logs", 3);
    world.expect_committed("g", "in", 3);
    end(edge);
    world.end();
}

#[test]
fn what_owes_nothing_is_committed() {
    let world = World::new(&[("in", 1)]);
    let mut workflow = Workflow::new("w");
    workflow.settings.results = None;
    let edge = world.edge(&[workflow]);
    for _ in 0..3 {
        world.send("in", None, Some(b"{}"), &[]);
    }
    world.expect_committed("g", "in", 3);
    end(edge);
    world.end();
}

#[test]
fn bad_records_come_back_as_they_were() {
    let world = World::new(&[("in", 1)]);
    let mut workflow = Workflow::new("w");
    workflow.settings.dead_letter_headers = DeadLetterHeaders::Spring;
    let edge = world.edge(&[workflow]);
    let deep = vec![b'['; 100_000];
    let large = [b"\"", vec![b'x'; 300_000].as_slice(), b"\""].concat();
    let bad: [(Option<&[u8]>, &str); 7] = [
        (Some(b"{"), "json"),
        (Some(b""), "empty"),
        (None, "empty"),
        (Some(b"{\"a\":\"\xff\"}"), "utf8"),
        (Some(&deep), "depth"),
        (Some(&large), "too-large"),
        (Some(b"[1] [2]"), "json"),
    ];
    for (value, _) in &bad {
        world.send(
            "in",
            Some(b"\xfekey"),
            *value,
            &[("h", b"\xfe"), ("h", b"")],
        );
        world.send("in", None, Some(b"1"), &[]);
    }
    let mut letters = world.read("dead", bad.len());
    // Without an order, workers answer as they come.
    let offset = |letter: &Record| {
        let offset = String::from_utf8(letter.headers["asl-offset"].clone()).unwrap();
        offset.parse::<u64>().unwrap()
    };
    letters.sort_by_key(offset);
    for (at, ((value, reason), letter)) in (0u64..).zip(bad.iter().zip(&letters)) {
        assert_eq!(letter.headers["asl-error"], reason.as_bytes());
        assert_eq!(letter.value.as_deref(), *value, "{reason}");
        assert_eq!(letter.key.as_deref(), Some(&b"\xfekey"[..]));
        assert_eq!(offset(letter), at * 2);
        assert_eq!(
            letter.headers["kafka_dlt-original-offset"],
            (at * 2).to_be_bytes()
        );
        assert_eq!(letter.headers["h"], b"", "the last of equal names");
    }
    world.read("results", bad.len());
    world.expect_committed("g", "in", 2 * bad.len() as i64);
    end(edge);
    world.end();
}

#[test]
fn an_event_that_was_sent_twice_is_run_once() {
    let world = World::new(&[("in", 1)]);
    let mut workflow = Workflow::new("w");
    workflow.settings.deduplicate = Some(DeduplicateSettings {
        by: DeduplicateBy::Header("id".to_owned()),
        window: Duration::from_secs(3_600),
        events_max: 100,
    });
    let edge = world.edge(&[workflow]);
    type Headers = &'static [(&'static str, &'static [u8])];
    let events: [(&str, Headers); 7] = [
        ("0", &[("id", b"a")]),
        ("1", &[("id", b"a")]),
        ("2", &[("id", b"b")]),
        ("3", &[]),
        ("4", &[("id", b"a"), ("asl-replays", b"1")]),
        ("5", &[("id", b"b")]),
        ("6", &[("id", b"")]),
    ];
    for (value, headers) in events {
        world.send("in", None, Some(value.as_bytes()), headers);
    }
    world.expect_committed("g", "in", 7);
    let mut answered: Vec<_> = world.read("results", 5).iter().map(Record::text).collect();
    answered.sort_unstable();
    assert_eq!(answered, ["0", "2", "3", "4", "6"]);
    assert_eq!(world.count("results"), 5);
    end(edge);
    world.end();
}

#[test]
fn a_second_run_begins_where_the_first_ended() {
    let world = World::new(&[("in", 3)]);
    let workflows = [Workflow::new("w")];
    for run in 1..=2 {
        let edge = world.edge(&workflows);
        world.send_numbers("in", 500);
        world.read("results", run * 500);
        end(edge);
    }
    assert_eq!(world.count("results"), 1_000, "none was answered twice");
    world.end();
}

#[test]
fn what_was_not_committed_is_answered_again() {
    let world = World::new(&[("in", 3)]);
    let mut settings = world.settings();
    settings.commit_interval = Duration::from_hours(1);
    let workflows = world.load(&[Workflow::new("w")]);
    let edge = Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    // The first commit is due at once; what comes after it is not committed by an end like a crash's.
    world.send("in", None, Some(b"0"), &[]);
    world.expect_committed("g", "in", 1);
    world.send_numbers("in", 300);
    world.read("results", 1 + 300);
    drop(edge);
    assert_eq!(world.committed("g", "in"), 1);
    settings.commit_interval = Duration::from_millis(100);
    let edge = Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    let results = world.read("results", 1 + 300 + 300);
    let mut by_id: BTreeMap<&[u8], Vec<&Record>> = BTreeMap::new();
    for result in &results {
        by_id
            .entry(&result.headers["asl-dedup-id"])
            .or_default()
            .push(result);
    }
    assert_eq!(by_id.len(), 301, "a repeated answer has the same id");
    for same in by_id.values() {
        assert!(
            same.iter()
                .all(|r| r.headers == same[0].headers && r.value == same[0].value)
        );
    }
    world.expect_committed("g", "in", 301);
    end(edge);
    world.end();
}

/// The embedded broker takes no commit while it rebalances, which Kafka does until all have joined again: what was
/// answered meanwhile may be answered twice here, and is not counted.
#[test]
fn members_come_and_go_and_no_event_is_lost() {
    let world = World::new(&[("in", 6)]);
    let other = World::beside(&world);
    let workflows = [Workflow::new("w")];
    let first = world.edge(&workflows);
    world.send_numbers("in", 300);
    world.read_distinct("results", 300);
    let second = other.edge(&workflows);
    // Until both have partitions, events come and are answered by whoever has theirs.
    let mut sent = 300;
    while !second.health().ready {
        world.send_numbers("in", 30);
        sent += 30;
        world.read_distinct("results", sent);
    }
    world.send_numbers("in", 300);
    sent += 300;
    world.read_distinct("results", sent);
    end(first);
    world.send_numbers("in", 300);
    sent += 300;
    world.read_distinct("results", sent);
    world.expect_committed("g", "in", sent as i64);
    end(second);
    other.end();
    world.end();
}

#[test]
fn events_of_a_key_run_one_after_the_other() {
    let world = World::new(&[("in", 2)]);
    let mut workflow = Workflow::new("w");
    workflow.settings.order = Order::Key;
    let edge = world.edge(&[workflow]);
    // The first of each key waits, so without an order it would be answered last.
    let keys = ["a", "b", "c"];
    for key in keys {
        world.send(
            "in",
            Some(key.as_bytes()),
            Some(br#"{"n": 0, "wait": 1}"#),
            &[],
        );
    }
    for n in 1..20 {
        for key in keys {
            let value = format!(r#"{{"n": {n}}}"#);
            world.send("in", Some(key.as_bytes()), Some(value.as_bytes()), &[]);
        }
    }
    let results = world.read("results", 20 * keys.len());
    for key in keys {
        let of_key = results
            .iter()
            .filter(|r| r.key.as_deref() == Some(key.as_bytes()));
        let numbers = of_key
            .map(|r| serde_json::from_str::<serde_json::Value>(&r.text()).unwrap()["n"].clone());
        assert!(numbers.eq(0..20), "{key}");
    }
    end(edge);
    world.end();
}

#[test]
fn workflows_share_a_topic_and_groups_do_not_share_events() {
    let world = World::new(&[("in", 1)]);
    let take = |name: &str, results: &str, kind: &str| {
        let mut workflow = Workflow::new(name);
        workflow.settings.results = Some(results.to_owned());
        workflow.settings.when = Some(HeaderEquals {
            header: "kind".to_owned(),
            equals: kind.to_owned(),
        });
        workflow
    };
    let mut all = Workflow::new("all");
    all.settings.group = Some("other".to_owned());
    all.settings.results = Some("all".to_owned());
    let edge = world.edge(&[take("a", "as", "a"), take("b", "bs", "b"), all]);
    for (kind, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
        world.send(
            "in",
            None,
            Some(value.as_bytes()),
            &[("kind", kind.as_bytes())],
        );
    }
    let texts = |topic, count| {
        let mut texts: Vec<_> = world.read(topic, count).iter().map(Record::text).collect();
        // Without an order, workers answer as they come.
        texts.sort();
        texts
    };
    assert_eq!(texts("as", 1), ["1"]);
    assert_eq!(texts("bs", 1), ["2"]);
    assert_eq!(texts("all", 3), ["1", "2", "3"]);
    let letter = &world.read("dead", 1)[0];
    assert_eq!(
        (letter.text(), &letter.headers["asl-error"]),
        ("3".to_owned(), &b"no-route".to_vec())
    );
    end(edge);
    world.end();
}

#[test]
fn harmful_settings_are_refused_by_name() {
    let world = World::new(&[("in", 1)]);
    type Change = fn(&mut KafkaSettings, &mut WorkflowSettings);
    let cases: [(Change, &str); 4] = [
        (
            |_, w| w.results = Some("in".to_owned()),
            "workflows[w].results: in is an input topic",
        ),
        (
            |_, w| w.dead_letters = "in".to_owned(),
            "workflows[w].dead_letters: in is an input topic",
        ),
        (|_, w| w.topics.clear(), "workflows[w].topics: "),
        (
            |k, _| k.producer_properties = vec![("no.such".to_owned(), "1".to_owned())],
            "kafka.producer: librdkafka refuses the property no.such",
        ),
    ];
    for (change, expected) in cases {
        let mut settings = world.settings();
        let mut workflows = world.load(&[Workflow::new("w")]);
        change(&mut settings, &mut workflows[0]);
        let errors =
            Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap_err();
        assert!(errors[0].to_string().starts_with(expected), "{errors:?}");
    }
    world.end();
}

#[test]
fn a_cluster_that_is_not_there_is_said_and_not_waited_for() {
    let world = World::new(&[]);
    let mut settings = world.settings();
    // Nobody listens at the port 1.
    settings.bootstrap_servers = "127.0.0.1:1".to_owned();
    let workflows = world.load(&[Workflow::new("w")]);
    let errors = Edge::probe(&settings, &workflows).unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .starts_with("kafka.bootstrap_servers: "),
        "{errors:?}"
    );
    let edge = Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    assert!(edge.health().live && !edge.health().ready);
    end(edge);
    world.end();
}

/// A workflow and what is recorded of it.
#[derive(Clone)]
struct Workflow {
    settings: WorkflowSettings,
    level: LogLevel,
}

impl Workflow {
    fn new(name: &str) -> Self {
        let topic = |name: &str| Some(name.to_owned());
        Self {
            settings: WorkflowSettings {
                name: name.to_owned(),
                topics: vec!["in".to_owned()],
                group: None,
                when: None,
                order: Order::None,
                results: topic("results"),
                failures: topic("failures"),
                dead_letters: "dead".to_owned(),
                dead_letter_limit: None,
                deduplicate: None,
                dead_letter_headers: DeadLetterHeaders::None,
                logs: None,
                reply: None,
            },
            level: LogLevel::Off,
        }
    }

    fn with_log(mut self, level: LogLevel) -> Self {
        self.level = level;
        self.settings.logs = Some(LogSettings {
            topic: "logs".to_owned(),
            record: LogRecord::Entry,
        });
        self
    }
}

/// A broker, a process's engine, and foreign clients.
struct World {
    broker: Arc<Embedded>,
    engine: Engine,
    registry: Arc<Registry>,
    producer: BaseProducer,
}

#[derive(Debug)]
struct Record {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    partition: i32,
    timestamp: Option<i64>,
    /// Of equal names the last.
    headers: BTreeMap<String, Vec<u8>>,
}

impl Record {
    fn text(&self) -> String {
        String::from_utf8(self.value.clone().unwrap()).unwrap()
    }
}

impl World {
    fn new(topics: &[(&str, i32)]) -> Self {
        let broker = Embedded::start().unwrap();
        let outputs = ["results", "failures", "dead", "logs", "as", "bs", "all"].map(|t| (t, 1));
        for (topic, partitions) in topics.iter().chain(&outputs) {
            broker.create_topic(topic, *partitions).unwrap();
        }
        Self::with(Arc::new(broker))
    }

    /// A second process at the same broker.
    fn beside(other: &Self) -> Self {
        Self::with(Arc::clone(&other.broker))
    }

    fn with(broker: Arc<Embedded>) -> Self {
        let options = EngineOptions {
            workers: 2,
            ..EngineOptions::default()
        };
        Self {
            engine: Engine::start(&options, Arc::new(SystemClock::new())).unwrap(),
            registry: Arc::new(Registry::new(Arc::new(NoConnectors))),
            producer: client(&broker)
                .set("message.max.bytes", "8000000")
                .create()
                .unwrap(),
            broker,
        }
    }

    fn settings(&self) -> KafkaSettings {
        KafkaSettings {
            bootstrap_servers: self.broker.bootstrap_servers().to_owned(),
            group: "g".to_owned(),
            properties: Vec::new(),
            // The embedded broker ends each rebalance only when a session could have timed out.
            consumer_properties: [
                ("session.timeout.ms", "6000"),
                ("heartbeat.interval.ms", "500"),
            ]
            .map(|(property, value)| (property.to_owned(), value.to_owned()))
            .to_vec(),
            producer_properties: Vec::new(),
            commit_interval: Duration::from_millis(100),
            carries_answered: true,
            revoke_grace: Duration::from_secs(5),
            offset_gap_max: 10_000,
            head_block: HeadBlock::Wait,
            head_block_after: Duration::from_secs(60),
            log_topics: Vec::new(),
            record_bytes_max: 200_000,
            test_case_header: Some("asl-test-case".to_owned()),
        }
    }

    fn load(&self, workflows: &[Workflow]) -> Vec<WorkflowSettings> {
        for workflow in workflows {
            let mut definition = Definition::new(&workflow.settings.name, DEFINITION);
            definition.recording.level = workflow.level;
            self.registry.put(definition).unwrap();
        }
        workflows.iter().map(|w| w.settings.clone()).collect()
    }

    fn edge(&self, workflows: &[Workflow]) -> Edge {
        let workflows = self.load(workflows);
        Edge::start(&self.settings(), &workflows, &self.engine, &self.registry).unwrap()
    }

    fn send(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, &[u8])],
    ) {
        let mut list = OwnedHeaders::new();
        for (key, value) in headers {
            list = list.insert(Header {
                key,
                value: Some(*value),
            });
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).headers(list);
        record.key = key;
        record.payload = value;
        self.producer.send(record).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }

    fn send_numbers(&self, topic: &str, count: usize) {
        for n in 0..count {
            let (key, value) = (format!("k{}", n % 17), format!(r#"{{"n":{n}}}"#));
            let record = BaseRecord::to(topic).key(&key).payload(&value);
            self.producer.send(record).unwrap();
        }
        self.producer.flush(PATIENCE).unwrap();
    }

    /// All records of a topic, in the order of each partition, as soon as there are at least so many; more are a failure.
    fn read(&self, topic: &str, count: usize) -> Vec<Record> {
        let records = self.read_until(topic, |records| records.len() >= count);
        assert_eq!(records.len(), count, "records of {topic}");
        records
    }

    /// Waits until a topic has the answers of so many events, however often each; those of more are a failure.
    fn read_distinct(&self, topic: &str, count: usize) {
        let distinct = |records: &[Record]| {
            let ids: BTreeSet<_> = records
                .iter()
                .map(|r| r.headers.get("asl-dedup-id").cloned())
                .collect();
            ids.len()
        };
        let records = self.read_until(topic, |records| distinct(records) >= count);
        assert_eq!(
            distinct(&records),
            count,
            "events with an answer in {topic}"
        );
    }

    /// All records of a topic, as soon as they are enough or patience is at its end.
    fn read_until(&self, topic: &str, enough: impl Fn(&[Record]) -> bool) -> Vec<Record> {
        // Assigns itself its partitions, so it is not in the group that librdkafka wants named.
        let mut config = client(&self.broker);
        config
            .set("group.id", "reader")
            .set("enable.auto.commit", "false");
        let consumer: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..self.partitions(topic) {
            list.add_partition_offset(topic, partition, Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&list).unwrap();
        let mut records = Vec::new();
        for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
            while let Some(message) = consumer.poll(POLL) {
                let message = message.unwrap();
                let headers = message.headers().into_iter().flat_map(|list| list.iter());
                records.push(Record {
                    key: message.key().map(<[u8]>::to_vec),
                    value: message.payload().map(<[u8]>::to_vec),
                    partition: message.partition(),
                    timestamp: message.timestamp().to_millis(),
                    headers: headers
                        .map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec()))
                        .collect(),
                });
            }
            if enough(&records) {
                break;
            }
        }
        records
    }

    fn count(&self, topic: &str) -> usize {
        let consumer: BaseConsumer = client(&self.broker).create().unwrap();
        let end = |partition| {
            consumer
                .fetch_watermarks(topic, partition, PATIENCE)
                .unwrap()
                .1
        };
        let all: i64 = (0..self.partitions(topic)).map(end).sum();
        usize::try_from(all).unwrap()
    }

    /// Of all partitions of a topic together.
    fn committed(&self, group: &str, topic: &str) -> i64 {
        let consumer: BaseConsumer = client(&self.broker)
            .set("group.id", group)
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, self.partitions(topic) - 1);
        let committed = consumer.committed_offsets(list, PATIENCE).unwrap();
        let offset = |offset| {
            if let Offset::Offset(offset) = offset {
                offset
            } else {
                0
            }
        };
        committed
            .elements()
            .iter()
            .map(|e| offset(e.offset()))
            .sum()
    }

    fn expect_committed(&self, group: &str, topic: &str, expected: i64) {
        let mut committed = 0;
        for _ in 0..600 {
            committed = self.committed(group, topic);
            if committed >= expected {
                break;
            }
            self.producer.poll(POLL);
        }
        assert_eq!(
            committed, expected,
            "what group {group} has committed of {topic}"
        );
    }

    fn partitions(&self, topic: &str) -> i32 {
        let metadata = self
            .producer
            .client()
            .fetch_metadata(Some(topic), PATIENCE)
            .unwrap();
        i32::try_from(metadata.topics().first().unwrap().partitions().len()).unwrap()
    }

    fn end(self) {
        assert_eq!(self.engine.shutdown(PATIENCE), Stopped::default());
    }
}

fn client(broker: &Embedded) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap_servers());
    config
}

/// Ends an edge, which must have nothing left.
fn end(edge: Edge) {
    assert_eq!(edge.shutdown(PATIENCE), ShutdownReport::default());
}
