//! `stepstream verify` as a process: topics and commits in a broker inside the test, with one fault planted in each.

#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value as Json;
use stepstream::kafka::Embedded;

/// Only keeps a hung broker from holding up the other tests.
const HUNG_AFTER: Duration = Duration::from_secs(60);

/// An answer: to which offset, in which topic.
type Answer = (i64, Topic);

#[derive(Clone, Copy)]
enum Topic {
    Results,
    Failures,
    Dead,
    Replies,
    /// A dead letter in place of a reply that cannot be delivered.
    Undeliverable,
}

/// What is in the topics, and what the command must say of it.
struct Case {
    name: &'static str,
    /// Keys of the inputs; those that ask for a reply end with `?`, and what follows a `=` tells the event.
    inputs: &'static [&'static str],
    answers: &'static [Answer],
    committed: i64,
    arguments: &'static [&'static str],
    /// Members of the report that are not 0.
    found: &'static [(&'static str, u64)],
    code: i32,
}

use Topic::{Dead, Failures, Replies, Results, Undeliverable};

const CASES: [Case; 13] = [
    Case {
        name: "clean",
        inputs: &["a", "b", "a", "c?"],
        answers: &[
            (0, Results),
            (2, Results),
            (1, Failures),
            (3, Results),
            (3, Replies),
        ],
        committed: 4,
        arguments: &["--settled"],
        found: &[("inputs", 4), ("outcomes", 4)],
        code: 0,
    },
    Case {
        name: "lost",
        inputs: &["a", "b", "c"],
        answers: &[(0, Results), (2, Results)],
        committed: 3,
        arguments: &[],
        found: &[
            ("inputs", 3),
            ("outcomes", 2),
            ("lost", 1),
            ("committed_ahead", 1),
        ],
        code: 1,
    },
    Case {
        name: "pending",
        inputs: &["a", "b", "c"],
        answers: &[(0, Results), (2, Dead)],
        committed: 1,
        arguments: &[],
        found: &[("inputs", 3), ("outcomes", 2), ("pending", 1)],
        code: 0,
    },
    Case {
        name: "pending-when-settled",
        inputs: &["a", "b", "c"],
        answers: &[(0, Results), (2, Dead)],
        committed: 1,
        arguments: &["--settled"],
        found: &[("inputs", 3), ("outcomes", 2), ("lost", 1)],
        code: 1,
    },
    Case {
        name: "repeated",
        inputs: &["a", "b"],
        answers: &[(0, Results), (1, Results), (0, Results)],
        committed: 2,
        arguments: &[],
        found: &[("inputs", 2), ("outcomes", 3), ("duplicates", 1)],
        code: 0,
    },
    Case {
        name: "out-of-order",
        inputs: &["a", "b", "a"],
        answers: &[(2, Results), (1, Results), (0, Results)],
        committed: 3,
        arguments: &[],
        found: &[("inputs", 3), ("outcomes", 3), ("out_of_order", 1)],
        code: 1,
    },
    Case {
        name: "another-outcome-when-delivered-again",
        inputs: &["a", "a"],
        answers: &[(0, Failures), (1, Results), (0, Results)],
        committed: 2,
        arguments: &[],
        found: &[("inputs", 2), ("outcomes", 3), ("duplicates", 1)],
        code: 0,
    },
    Case {
        name: "without-its-reply",
        inputs: &["a?", "b?"],
        answers: &[(0, Results), (1, Dead)],
        committed: 2,
        arguments: &[],
        found: &[
            ("inputs", 2),
            ("outcomes", 2),
            ("lost", 1),
            ("committed_ahead", 1),
        ],
        code: 1,
    },
    Case {
        name: "with-a-letter-for-its-reply",
        inputs: &["a?"],
        answers: &[(0, Results), (0, Undeliverable)],
        committed: 1,
        arguments: &["--settled"],
        found: &[("inputs", 1), ("outcomes", 1)],
        code: 0,
    },
    Case {
        name: "with-only-a-letter-for-its-reply",
        inputs: &["a?"],
        answers: &[(0, Undeliverable)],
        committed: 1,
        arguments: &[],
        found: &[("inputs", 1), ("lost", 1), ("committed_ahead", 1)],
        code: 1,
    },
    Case {
        name: "sent-twice",
        inputs: &["a=1", "b", "a=1", "c=2"],
        answers: &[(0, Results), (1, Results), (3, Results)],
        committed: 4,
        arguments: &["--settled"],
        found: &[("inputs", 4), ("outcomes", 3)],
        code: 0,
    },
    Case {
        name: "sent-twice-and-lost",
        inputs: &["a=1", "b=2", "a=1"],
        answers: &[(1, Results)],
        committed: 3,
        arguments: &[],
        found: &[
            ("inputs", 3),
            ("outcomes", 1),
            ("lost", 2),
            ("committed_ahead", 1),
        ],
        code: 1,
    },
    Case {
        name: "of-others",
        inputs: &["a"],
        answers: &[(0, Results), (7, Results), (9, Dead)],
        committed: 0,
        arguments: &[],
        found: &[("inputs", 1), ("outcomes", 1), ("foreign", 2)],
        code: 0,
    },
];

#[test]
fn each_fault_is_found() {
    let broker = Embedded::start().expect("a broker");
    let servers = broker.bootstrap_servers();
    for case in &CASES {
        for topic in ["in", "results", "failures", "dead", "replies"] {
            let topic = format!("{}-{topic}", case.name);
            broker.create_topic(&topic, 1).expect("a new topic");
        }
        write(servers, case);
        commit(servers, case);
        let settings = settings(servers, case.name);
        let (said, code) = verify(&settings, &[case.arguments, &["--json"]].concat());
        let report: Json = serde_json::from_str(&said).expect(&said);
        let counts = [
            "inputs",
            "outcomes",
            "lost",
            "committed_ahead",
            "out_of_order",
            "duplicates",
            "pending",
            "unchecked",
            "foreign",
        ];
        for name in counts {
            let expected = case.found.iter().find(|(found, _)| *found == name);
            let expected = expected.map_or(0, |(_, count)| *count);
            assert_eq!(report[name], expected, "{name} of {}: {report}", case.name);
        }
        assert_eq!(code, case.code, "{}: {report}", case.name);
    }
    let settings = settings(servers, "lost");
    let (text, code) = verify(&settings, &[]);
    assert_eq!(code, 1);
    assert!(
        text.contains("lost             1") && text.contains("lost-in"),
        "{text}"
    );
    let (text, code) = verify(&settings, &["--inputs-max", "2"]);
    assert_eq!(code, 2);
    assert!(text.contains("more than 2 inputs"), "{text}");
}

fn write(servers: &str, case: &Case) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .create()
        .expect("a producer");
    let name = case.name;
    let send = |topic: &str, key: &str, headers: &[(&str, &str)]| {
        let headers = headers
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| {
                let value = Some(*value);
                all.insert(Header { key, value })
            });
        let topic = format!("{name}-{topic}");
        let record = BaseRecord::to(&topic)
            .key(key)
            .payload("{}")
            .headers(headers);
        let sent = producer.send(record).map_err(|(error, _)| error);
        sent.expect("room in the queue");
        // One after the other: their order is what is looked at.
        producer.flush(HUNG_AFTER).expect("the broker takes them");
    };
    let replies = format!("{name}-replies");
    for key in case.inputs {
        let asks = [("kafka_replyTopic", replies.as_str())];
        let event = key.split_once('=').map(|(_, event)| ("event", event));
        let headers: Vec<_> = match key.ends_with('?') {
            true => asks.to_vec(),
            false => event.into_iter().collect(),
        };
        send("in", key, &headers);
    }
    for (offset, topic) in case.answers {
        let (id, offset) = (format!("{name}-in/0/{offset}"), offset.to_string());
        let answer = [("asl-dedup-id", id.as_str())];
        let topic_in = format!("{name}-in");
        let letter = |error| {
            [
                ("asl-error", error),
                ("asl-topic", topic_in.as_str()),
                ("asl-partition", "0"),
                ("asl-offset", offset.as_str()),
            ]
        };
        match topic {
            Results => send("results", "k", &answer),
            Failures => send("failures", "k", &answer),
            Replies => send("replies", "k", &answer),
            Dead => send("dead", "k", &letter("json")),
            Undeliverable => send("dead", "k", &letter("reply-undeliverable")),
        }
    }
}

fn commit(servers: &str, case: &Case) {
    if case.committed == 0 {
        return;
    }
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", format!("{}-group", case.name))
        .create()
        .expect("a consumer");
    let mut positions = TopicPartitionList::new();
    let topic = format!("{}-in", case.name);
    positions
        .add_partition_offset(&topic, 0, Offset::Offset(case.committed))
        .expect("a place in the list");
    consumer
        .commit(&positions, CommitMode::Sync)
        .expect("the broker takes it");
}

fn settings(servers: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify");
    std::fs::create_dir_all(&folder).expect("a folder for test files");
    let path = folder.join(format!("{name}.toml"));
    let text = format!(
        "[kafka]\nbootstrap_servers = '{servers}'\ngroup = '{name}-group'\n\
         [[workflows]]\nname = 'w'\ndefinition = 'none.asl.json'\ntopics = ['{name}-in']\norder = 'key'\n\
         results = '{name}-results'\nfailures = '{name}-failures'\ndead_letters = '{name}-dead'\n\
         [workflows.deduplicate]\nby = 'header'\nheader = 'event'\n\
         [workflows.reply]\ntopics = ['{name}-rep*']\n"
    );
    std::fs::write(&path, text).expect("a test file");
    path
}

/// All that it wrote, and its exit code.
fn verify(settings: &Path, arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_stepstream"))
        .args(["verify", "--config"])
        .arg(settings)
        .args(arguments)
        .output()
        .expect("the binary starts");
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let code = output.status.code().expect("it was not killed");
    (String::from_utf8_lossy(&text).into_owned(), code)
}
