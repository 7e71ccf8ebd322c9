//! `stepstream dlq` as a process: dead letters of every profile in a broker inside the test, listed, shown and brought back.

#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use stepstream::kafka::Embedded;
use stepstream::kafka::dead_letter::{Origin, Reason, headers};
use stepstream::kafka::settings::DeadLetterHeaders;

/// Only keeps a hung broker from holding up the other tests.
const HUNG_AFTER: Duration = Duration::from_secs(60);

/// Key, value, reason, profile, topic of origin, replays.
type Letter = (
    &'static str,
    &'static [u8],
    Reason,
    DeadLetterHeaders,
    &'static str,
    u32,
);

const LETTERS: [Letter; 5] = [
    (
        "a",
        b"not json",
        Reason::Json,
        DeadLetterHeaders::None,
        "in",
        0,
    ),
    (
        "b",
        b"\xff\x00",
        Reason::Utf8,
        DeadLetterHeaders::Spring,
        "in",
        0,
    ),
    (
        "c",
        b"",
        Reason::Empty,
        DeadLetterHeaders::Connect,
        "other",
        1,
    ),
    (
        "d",
        b"{}",
        Reason::NoRoute,
        DeadLetterHeaders::Streams,
        "in",
        3,
    ),
    ("e", b"[", Reason::Json, DeadLetterHeaders::None, "other", 0),
];

#[test]
fn dead_letters_are_listed_shown_and_brought_back() {
    let broker = Embedded::start().expect("a broker");
    for topic in ["in", "other", "dead", "elsewhere"] {
        broker.create_topic(topic, 1).expect("a new topic");
    }
    let servers = broker.bootstrap_servers();
    produce(servers);
    let settings = settings(servers);

    let (listed, code) = said(&dlq("list", &settings, &[]));
    assert_eq!(code, 0, "{listed}");
    for part in ["0:0 ", "0:4 ", "in/3/258", "5 dead letters in dead: 2 json"] {
        assert!(listed.contains(part), "{part} in {listed}");
    }
    let (as_json, _) = said(&dlq("list", &settings, &["--json", "--reason", "json"]));
    let lines: Vec<serde_json::Value> = as_json
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let offsets: Vec<_> = lines.iter().map(|line| line["offset"].clone()).collect();
    assert_eq!(offsets, [0, 4]);
    assert_eq!(lines[0]["from"]["topic"], "in");

    let (shown, _) = said(&dlq("show", &settings, &["0:1"]));
    assert!(shown.contains("\\xff\\x00"), "{shown}");
    let raw = dlq("show", &settings, &["0:1", "--raw"]);
    assert_eq!(raw.stdout, b"\xff\x00");
    let (refused, code) = said(&dlq("show", &settings, &["0:9"]));
    assert_eq!(code, 2, "{refused}");

    let (planned, code) = said(&dlq("redrive", &settings, &["--dry-run"]));
    assert_eq!(code, 0, "{planned}");
    for part in [
        "2 would go to in",
        "2 would go to other",
        "1 stayed: it was redriven 3 times already",
    ] {
        assert!(planned.contains(part), "{part} in {planned}");
    }
    assert_eq!(records(servers, "in"), []);

    let (done, code) = said(&dlq("redrive", &settings, &["--from", "in"]));
    assert_eq!(code, 0, "{done}");
    let mark = |replays: &str| vec![text("trace", "t"), text("asl-replays", replays)];
    assert_eq!(
        records(servers, "in"),
        [
            (b"a".to_vec(), b"not json".to_vec(), mark("1")),
            (b"b".to_vec(), b"\xff\x00".to_vec(), mark("1")),
        ]
    );
    let to = ["--letter", "0:2", "--to", "elsewhere"];
    let (done, code) = said(&dlq("redrive", &settings, &to));
    assert_eq!(code, 0, "{done}");
    let elsewhere = records(servers, "elsewhere");
    assert_eq!(elsewhere, [(b"c".to_vec(), Vec::new(), mark("2"))]);
    let (refused, code) = said(&dlq("redrive", &settings, &["--to", "dead"]));
    assert_eq!(code, 2, "{refused}");
    let (refused, code) = said(&dlq("list", &settings, &["--topic", "none"]));
    assert_eq!(code, 1, "{refused}");
    assert!(refused.contains("topic none"), "{refused}");
}

fn settings(servers: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dlq");
    std::fs::create_dir_all(&folder).expect("a folder for test files");
    let path = folder.join("settings.toml");
    let text = format!(
        "[kafka]\nbootstrap_servers = '{servers}'\n\
         [[workflows]]\nname = 'w'\ndefinition = 'none.asl.json'\ntopics = ['in']\ndead_letters = 'dead'\n"
    );
    std::fs::write(&path, text).expect("a test file");
    path
}

fn dlq(command: &str, settings: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stepstream"))
        .args(["dlq", command, "--config"])
        .arg(settings)
        .args(arguments)
        .output()
        .expect("the binary starts")
}

/// All that it wrote, and its exit code.
fn said(output: &Output) -> (String, i32) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let code = output.status.code().expect("it was not killed");
    (String::from_utf8_lossy(&text).into_owned(), code)
}

fn text(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn produce(servers: &str) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .create()
        .expect("a producer");
    for (key, value, reason, profile, topic, replays) in LETTERS {
        let origin = Origin {
            group: "g",
            workflow: "w",
            topic,
            partition: 3,
            offset: 258,
            timestamp: Some(1),
        };
        let trace = Header {
            key: "trace",
            value: Some("t"),
        };
        let mut all = OwnedHeaders::new().insert(trace);
        if replays > 0 {
            all = all.insert(Header {
                key: "asl-replays",
                value: Some(&replays.to_string()),
            });
        }
        let mut added = Some(all);
        headers(profile, reason, "why", &origin, |name, value| {
            // As another tool writes them, which knows only its own.
            if profile == DeadLetterHeaders::None || !name.starts_with("asl-") {
                let header = Header {
                    key: name,
                    value: Some(value),
                };
                added = added.take().map(|all| all.insert(header));
            }
        });
        let record = BaseRecord::to("dead")
            .key(key)
            .payload(value)
            .headers(added.expect("it is put back each time"));
        producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("room in the queue");
    }
    producer.flush(HUNG_AFTER).expect("the broker takes them");
}

/// Key, value and headers.
type Record = (Vec<u8>, Vec<u8>, Vec<(String, String)>);

fn records(servers: &str, topic: &str) -> Vec<Record> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", "reader")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let (low, high) = consumer
        .fetch_watermarks(topic, 0, HUNG_AFTER)
        .expect("the broker answers");
    let mut partitions = TopicPartitionList::new();
    partitions
        .add_partition_offset(topic, 0, Offset::Beginning)
        .expect("a place in the list");
    consumer.assign(&partitions).expect("an assignment");
    (low..high)
        .map(|_| {
            let message = consumer
                .poll(HUNG_AFTER)
                .expect("a record in time")
                .expect("no error");
            let headers = message.headers().map(|headers| headers.iter());
            let read = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let headers = headers
                .into_iter()
                .flatten()
                .map(|header| {
                    (
                        header.key.to_owned(),
                        header.value.map(read).unwrap_or_default(),
                    )
                })
                .collect();
            let bytes = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
            (bytes(message.key()), bytes(message.payload()), headers)
        })
        .collect()
}
