//! Requests over Kafka: who asks is answered where he asks, and nothing else is written to.

use super::*;
use stepstream::kafka::settings::ReplySettings;

const TOPIC: &str = "kafka_replyTopic";
const PARTITION: &str = "kafka_replyPartition";
const ID: &str = "kafka_correlationId";

/// A workflow that replies, to the topic `replies` and to those of the team.
fn replier() -> Workflow {
    let mut workflow = Workflow::new("w");
    let topics = ["replies", "team-*"].map(str::to_owned).to_vec();
    workflow.settings.reply = Some(ReplySettings::new(topics));
    workflow
}

#[test]
fn a_request_is_answered_where_it_asks() {
    let world = World::new(&[("in", 2), ("replies", 3), ("team-a", 1)]);
    let edge = world.edge(&[replier()]);
    let id: &[u8] = b"\x00\xff\x1d binary";
    let asks = [
        (TOPIC, &b"replies"[..]),
        (PARTITION, &[0, 0, 0, 2]),
        (ID, id),
        ("trace", b"t"),
    ];
    world.send("in", Some(b"k"), Some(br#"{"n": 1.10}"#), &asks);
    let failing = [(TOPIC, &b"team-a"[..]), (ID, b"2")];
    world.send("in", None, Some(br#"{"fail": true}"#), &failing);
    world.send("in", None, Some(b"3"), &[(ID, b"3")]);

    let reply = &world.read("replies", 1)[0];
    assert_eq!(
        (reply.text().as_str(), reply.partition),
        (r#"{"n":1.10}"#, 2)
    );
    assert_eq!(reply.key.as_deref(), Some(&b"k"[..]));
    assert_eq!(reply.headers[ID], id);
    assert_eq!(reply.headers["asl-status"], b"SUCCEEDED");
    assert_eq!(reply.headers["trace"], b"t");
    for gone in [TOPIC, PARTITION, "asl-error"] {
        assert!(!reply.headers.contains_key(gone), "{gone}");
    }
    let failure = &world.read("team-a", 1)[0];
    assert_eq!(failure.headers[ID], b"2");
    assert_eq!(failure.headers["asl-status"], b"FAILED");
    assert_eq!(failure.headers["asl-error"], b"Asked");
    let envelope: serde_json::Value = serde_json::from_str(&failure.text()).unwrap();
    assert_eq!(envelope["cause"], "for it");
    // What is asked for comes beside what is always written.
    world.read("results", 2);
    world.read("failures", 1);
    world.expect_committed("g", "in", 3);
    assert_eq!(world.count("dead"), 0);
    end(edge);
    world.end();
}

#[test]
fn a_reply_is_all_that_is_owed_where_no_topic_is_set() {
    let world = World::new(&[("in", 1), ("replies", 1)]);
    let mut workflow = replier();
    workflow.settings.results = None;
    let edge = world.edge(&[workflow]);
    for n in 0..200 {
        let (id, value) = (format!("{n}"), format!(r#"{{"n":{n}}}"#));
        let asks = [(TOPIC, &b"replies"[..]), (ID, id.as_bytes())];
        world.send("in", None, Some(value.as_bytes()), &asks);
    }
    for reply in world.read("replies", 200) {
        let id = String::from_utf8(reply.headers[ID].clone()).unwrap();
        assert_eq!(reply.text(), format!(r#"{{"n":{id}}}"#));
    }
    world.expect_committed("g", "in", 200);
    assert_eq!(world.count("results"), 0);
    end(edge);
    world.end();
}

/// Headers, the reason of the dead letter, and a part of its cause.
type Refused<'c> = (&'c [(&'c str, &'c [u8])], &'c str, &'c str);

#[test]
fn what_cannot_be_replied_to_is_a_dead_letter() {
    let world = World::new(&[("in", 1), ("replies", 2)]);
    let mut workflow = replier();
    workflow.settings.results = None;
    let edge = world.edge(&[workflow]);
    // Headers; the reason, and what the cause says.
    let cases: [Refused<'_>; 6] = [
        (
            &[(TOPIC, b"elsewhere")],
            "reply-topic",
            "'elsewhere' is not one of",
        ),
        (&[(TOPIC, b"\xff")], "reply-topic", r"'\xff' is not one of"),
        (
            &[(TOPIC, b"replies"), (PARTITION, b"1")],
            "reply-header",
            "has 1 bytes",
        ),
        (
            &[(TOPIC, b"replies"), ("asl-deadline", b"soon")],
            "reply-header",
            "'asl-deadline'",
        ),
        (
            &[(TOPIC, b"replies"), (PARTITION, &[0, 0, 0, 7])],
            "reply-undeliverable",
            "has no partition 7",
        ),
        (
            &[(TOPIC, b"team-of-nobody")],
            "reply-undeliverable",
            "no reply topic 'team-of-nobody'",
        ),
    ];
    for (n, (headers, ..)) in cases.iter().enumerate() {
        world.send(
            "in",
            Some(b"k"),
            Some(format!(r#"{{"n": {n}}}"#).as_bytes()),
            headers,
        );
    }
    let letters = world.read("dead", cases.len());
    for (n, (_, reason, cause)) in cases.iter().enumerate() {
        let value = format!(r#"{{"n": {n}}}"#);
        let letter = letters
            .iter()
            .find(|letter| letter.text() == value)
            .unwrap();
        let text = |name: &str| String::from_utf8(letter.headers[name].clone()).unwrap();
        assert_eq!(text("asl-error"), *reason);
        assert!(text("asl-cause").contains(cause), "{}", text("asl-cause"));
        assert_eq!(letter.key.as_deref(), Some(&b"k"[..]));
    }
    assert_eq!(world.count("replies"), 0);
    world.expect_committed("g", "in", cases.len() as i64);
    end(edge);
    world.end();
}

#[test]
fn a_reply_that_is_too_large_is_a_dead_letter_with_the_event() {
    let world = World::new(&[("in", 1), ("replies", 1)]);
    let mut workflow = replier();
    workflow.settings.failures = None;
    let mut settings = world.settings();
    settings.producer_properties = vec![("message.max.bytes".to_owned(), "2000".to_owned())];
    let workflows = world.load(&[workflow]);
    let edge = Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    // Each of these takes four bytes in the envelope, which has the input as a text.
    let value = format!(r#"{{"fail": "{}"}}"#, r#"\""#.repeat(500));
    world.send("in", None, Some(value.as_bytes()), &[(TOPIC, b"replies")]);
    let letter = &world.read("dead", 1)[0];
    assert_eq!(letter.headers["asl-error"], b"output-too-large");
    assert_eq!(letter.text(), value);
    world.expect_committed("g", "in", 1);
    assert_eq!(world.count("replies"), 0);
    end(edge);
    world.end();
}

#[test]
fn what_nobody_waits_for_any_more_is_not_run() {
    let world = World::new(&[("in", 1), ("replies", 1)]);
    let edge = world.edge(&[replier()]);
    let asks = |deadline: &'static [u8]| [(TOPIC, &b"replies"[..]), ("asl-deadline", deadline)];
    world.send("in", None, Some(b"1"), &asks(b"1000"));
    world.send("in", None, Some(b"2"), &asks(b"99999999999999"));
    world.send("in", None, Some(b"3"), &asks(b"4000000s"));
    let mut values: Vec<String> = world.read("replies", 2).iter().map(Record::text).collect();
    values.sort();
    assert_eq!(values, ["2", "3"]);
    world.expect_committed("g", "in", 3);
    for (topic, count) in [("results", 2), ("dead", 0), ("failures", 0)] {
        assert_eq!(world.count(topic), count, "{topic}");
    }
    end(edge);
    world.end();
}

#[test]
fn a_reply_topic_that_is_read_is_refused() {
    let world = World::new(&[("in", 1)]);
    let mut workflow = replier();
    workflow.settings.reply.as_mut().unwrap().topics = vec!["in".to_owned()];
    let workflows = world.load(&[workflow]);
    let faults = Edge::start(
        &world.settings(),
        &workflows,
        &world.engine,
        &world.registry,
    );
    let faults = faults.map(|_| ()).unwrap_err();
    let fault = faults[0].to_string();
    assert!(fault.contains("workflows[w].reply.topics"), "{fault}");
    assert!(fault.contains("without an end"), "{fault}");
    world.end();
}
