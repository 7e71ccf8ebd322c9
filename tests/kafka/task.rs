//! Tasks that speak Kafka: what they send, what they end with, and how they fail.

use super::*;
use stepstream::kafka::settings::{KafkaTaskSettings, ReplySettings};
use stepstream::kafka::task::Tasks;

/// Does a task with the event as its parameters; its result is the task's, or its error.
fn definition(resource: &str) -> String {
    r#"{"QueryLanguage": "JSONata", "StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:states:::RESOURCE", "Arguments": "{% $states.input %}", "End": true,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E", "Output": "{% $states.errorOutput %}"}]},
        "E": {"Type": "Pass", "End": true}}}"#
        .replace("RESOURCE", resource)
}

fn tasks() -> KafkaTaskSettings {
    let place = |name: &str, topic: &str| (name.to_owned(), topic.to_owned());
    KafkaTaskSettings {
        topics: ["to", "team-*"].map(str::to_owned).to_vec(),
        reply_topics: vec!["replies".to_owned()],
        timeout: PATIENCE,
        requests_max: 1_000,
        queues: vec![place("q", "to"), place("q.fifo", "to")],
        sns_topics: vec![place("arn:aws:sns:us-east-1:1:s", "to")],
        event_buses: vec![place("default", "to")],
    }
}

/// A broker and an engine whose workflow `w` does `resource`.
fn world(resource: &str, topics: &[(&str, i32)]) -> World {
    let mut world = World::new(topics);
    let mut settings = world.settings();
    settings.producer_properties = vec![("message.max.bytes".to_owned(), "5000".to_owned())];
    let tasks = Tasks::new(settings, tasks(), Arc::new(SystemClock::new()));
    world.registry = Arc::new(Registry::new(Arc::new(tasks)));
    let put = Definition::new("w", &definition(resource));
    world.registry.put(put).unwrap();
    world
}

fn start(world: &World, workflows: &[Workflow]) -> Edge {
    let workflows: Vec<_> = workflows.iter().map(|w| w.settings.clone()).collect();
    Edge::start(
        &world.settings(),
        &workflows,
        &world.engine,
        &world.registry,
    )
    .unwrap()
}

/// What each of the events comes to, by key.
fn results(world: &World, events: &[String]) -> Vec<serde_json::Value> {
    for (n, event) in events.iter().enumerate() {
        world.send(
            "in",
            Some(n.to_string().as_bytes()),
            Some(event.as_bytes()),
            &[],
        );
    }
    let records = world.read("results", events.len());
    let of = |n: usize| {
        let key = n.to_string().into_bytes();
        let record = records
            .iter()
            .find(|r| r.key.as_ref() == Some(&key))
            .unwrap();
        serde_json::from_str(&record.text()).unwrap()
    };
    (0..events.len()).map(of).collect()
}

#[test]
fn a_publish_ends_with_the_acknowledgement() {
    let world = world("kafka:publish", &[("in", 1), ("to", 2)]);
    let edge = start(&world, &[Workflow::new("w")]);
    let events = [
        r#"{"Topic": "to", "Partition": 1, "Key": "k", "Timestamp": 1700000000000,
            "Headers": {"a": "1", "b": [2, "3"], "c": null}, "Value": {"n": 1.10}}"#
            .to_owned(),
        r#"{"Topic": "to", "Partition": 0, "Value": "plain"}"#.to_owned(),
    ];
    let ends = results(&world, &events);
    // The embedded broker acknowledges with a time of its own.
    assert!(ends[0]["Timestamp"].is_i64());
    let place = ["Topic", "Partition", "Offset"].map(|member| ends[0][member].clone());
    let expected: [serde_json::Value; 3] = ["to".into(), 1.into(), 0.into()];
    assert_eq!(place, expected);
    assert_eq!(
        (&ends[1]["Partition"], &ends[1]["Offset"]),
        (&0.into(), &0.into())
    );
    let mut sent = world.read("to", 2);
    sent.sort_by_key(|record| record.partition);
    assert_eq!((sent[0].text().as_str(), &sent[0].key), ("plain", &None));
    assert_eq!(sent[1].text(), r#"{"n":1.10}"#);
    assert_eq!(sent[1].key.as_deref(), Some(&b"k"[..]));
    assert_eq!(sent[1].timestamp, Some(1_700_000_000_000));
    let headers = [("a", "1"), ("b", "3")].map(|(k, v)| (k.to_owned(), v.as_bytes().to_vec()));
    assert_eq!(sent[1].headers, BTreeMap::from(headers));
    end(edge);
    world.end();
}

#[test]
fn a_publish_fails_by_name() {
    let world = world("kafka:publish", &[("in", 1), ("to", 2)]);
    let edge = start(&world, &[Workflow::new("w")]);
    let large = "x".repeat(6_000);
    let cases = [
        (
            r#"{"Topic": "elsewhere"}"#,
            "Kafka.TopicNotAllowedException",
            "kafka.tasks.topics",
        ),
        (
            r#"{"Topic": "team-of-nobody"}"#,
            "Kafka.UnknownTopicException",
            "no topic 'team-of-nobody'",
        ),
        (
            r#"{"Topic": "to", "Partition": 7}"#,
            "Kafka.UnknownPartitionException",
            "no partition 7",
        ),
        (
            r#"{"Value": 1}"#,
            "Kafka.InvalidParameterException",
            "'Topic'",
        ),
        (
            r#"{"Topic": "to", "Acks": 1}"#,
            "Kafka.InvalidParameterException",
            "'Acks' is unknown",
        ),
        (
            r#"{"Topic": "to", "Partition": -1}"#,
            "Kafka.InvalidParameterException",
            "'Partition'",
        ),
        (
            r#"{"Topic": "to", "Headers": []}"#,
            "Kafka.InvalidParameterException",
            "'Headers'",
        ),
        (
            r#"{"Topic": "to", "Value": "LARGE"}"#,
            "Kafka.RecordTooLargeException",
            "6000 bytes",
        ),
    ];
    let events = cases.map(|(event, ..)| event.replace("LARGE", &large));
    for ((event, error, cause), end) in cases.iter().zip(results(&world, &events)) {
        assert_eq!(end["Error"], *error, "{event}");
        let said = end["Cause"].as_str().unwrap();
        assert!(said.contains(cause), "{said}");
    }
    for topic in ["to", "dead"] {
        assert_eq!(world.count(topic), 0, "{topic}");
    }
    end(edge);
    world.end();
}

#[test]
fn a_request_ends_with_its_reply() {
    let topics = [("in", 2), ("to", 2), ("team-a", 1), ("replies", 3)];
    let world = world("kafka:request", &topics);
    world
        .registry
        .put(Definition::new("answerer", DEFINITION))
        .unwrap();
    let mut answerer = Workflow::new("answerer");
    answerer.settings.topics = vec!["to".to_owned()];
    answerer.settings.results = None;
    answerer.settings.failures = None;
    answerer.settings.reply = Some(ReplySettings::new(vec!["replies".to_owned()]));
    let edge = start(&world, &[Workflow::new("w"), answerer]);
    let asks = |n: usize| format!(r#"{{"Topic": "to", "Key": "k{n}", "Value": {{"n": {n}}}}}"#);
    let mut events: Vec<String> = (0..50).map(asks).collect();
    events.push(r#"{"Topic": "to", "Value": {"fail": true}}"#.to_owned());
    events.push(r#"{"Topic": "team-a", "Value": 1, "TimeoutSeconds": 1}"#.to_owned());
    events.push(r#"{"Topic": "to", "ReplyTopic": "elsewhere"}"#.to_owned());
    events.push(r#"{"Topic": "team-of-nobody"}"#.to_owned());
    let ends = results(&world, &events);
    for (n, end) in ends.iter().take(50).enumerate() {
        assert_eq!(end["Value"], serde_json::json!({ "n": n }), "{end}");
        assert_eq!(end["Key"], format!("k{n}"));
        assert_eq!(
            (&end["Topic"], &end["Headers"]["asl-status"]),
            (&"replies".into(), &"SUCCEEDED".into())
        );
    }
    assert_eq!(ends[50]["Error"], "Asked");
    assert!(ends[50]["Cause"].as_str().unwrap().contains("for it"));
    assert_eq!(ends[51]["Error"], "Kafka.ReplyTimeoutException");
    assert_eq!(ends[52]["Error"], "Kafka.TopicNotAllowedException");
    assert_eq!(ends[53]["Error"], "Kafka.UnknownTopicException");
    end(edge);
    world.end();
}

#[test]
fn a_queue_is_a_topic() {
    let world = world("sqs:sendMessage", &[("in", 1), ("to", 1)]);
    let edge = start(&world, &[Workflow::new("w")]);
    let events = [
        r#"{"QueueUrl": "q.fifo", "MessageBody": "body", "MessageGroupId": "g", "MessageAttributes": {"a": {"DataType": "String", "StringValue": "v"}}}"#,
        r#"{"QueueUrl": "nowhere", "MessageBody": "body"}"#,
    ];
    let ends = results(&world, &events.map(str::to_owned));
    assert_eq!(
        ends[0]["MD5OfMessageBody"],
        "841a2d689ad86bd1611447453c22c6fc"
    );
    assert_eq!(ends[0]["SequenceNumber"], "00000000000000000000");
    assert_eq!(ends[0]["SdkHttpMetadata"]["HttpStatusCode"], 200);
    assert_eq!(ends[0]["MessageId"].as_str().unwrap().len(), 36);
    assert_eq!(ends[1]["Error"], "SQS.QueueDoesNotExistException");
    let sent = &world.read("to", 1)[0];
    assert_eq!(
        (sent.text().as_str(), sent.key.as_deref()),
        ("body", Some(&b"g"[..]))
    );
    assert_eq!(sent.headers["a"], b"v");
    end(edge);
    world.end();
}

#[test]
fn an_sns_topic_is_a_topic() {
    let world = world("aws-sdk:sns:publish", &[("in", 1), ("to", 1)]);
    let edge = start(&world, &[Workflow::new("w")]);
    let events = [
        r#"{"TopicArn": "arn:aws:sns:us-east-1:1:s", "Message": {"m": 1}, "Subject": "S"}"#,
        r#"{"TopicArn": "arn:aws:sns:us-east-1:1:other", "Message": "m"}"#,
    ];
    let ends = results(&world, &events.map(str::to_owned));
    assert_eq!(
        ends[0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["MessageId"]
    );
    assert_eq!(ends[1]["Error"], "Sns.NotFoundException");
    let sent = &world.read("to", 1)[0];
    assert_eq!(
        (sent.text().as_str(), sent.headers["Subject"].as_slice()),
        (r#"{"m":1}"#, &b"S"[..])
    );
    end(edge);
    world.end();
}

#[test]
fn an_event_bus_is_a_topic() {
    let world = world("events:putEvents", &[("in", 1), ("to", 1)]);
    let edge = start(&world, &[Workflow::new("w")]);
    let good = r#"{"Source": "s", "DetailType": "t", "Detail": {"a": 1}, "Time": "2025-01-01T00:00:00Z", "Resources": ["r"]}"#;
    let events = [
        format!(r#"{{"Entries": [{good}]}}"#),
        format!(
            r#"{{"Entries": [{good}, {{"DetailType": "t", "Detail": "{{}}"}}, {{"Source": "s", "DetailType": "t", "Detail": "\"x\""}}]}}"#
        ),
    ];
    let ends = results(&world, &events);
    assert_eq!(ends[0]["FailedEntryCount"], 0);
    assert_eq!(ends[0]["Entries"][0]["EventId"].as_str().unwrap().len(), 36);
    assert_eq!(ends[1]["Error"], "EventBridge.FailedEntry");
    let cause: serde_json::Value =
        serde_json::from_str(ends[1]["Cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause["FailedEntryCount"], 2);
    assert!(cause["Entries"][0]["EventId"].is_string());
    assert_eq!(
        cause["Entries"][1]["ErrorMessage"],
        "Parameter Source is not valid. Reason: Source is a required argument."
    );
    assert_eq!(cause["Entries"][2]["ErrorCode"], "MalformedDetail");
    let sent: serde_json::Value = serde_json::from_str(&world.read("to", 2)[0].text()).unwrap();
    assert_eq!(
        (&sent["detail-type"], &sent["source"], &sent["detail"]),
        (&"t".into(), &"s".into(), &serde_json::json!({"a": 1}))
    );
    assert_eq!(
        (&sent["time"], &sent["account"]),
        (&"2025-01-01T00:00:00Z".into(), &"123456789012".into())
    );
    let resources = sent["resources"].as_array().unwrap();
    assert_eq!((resources.len(), &resources[0]), (3, &"r".into()));
    end(edge);
    world.end();
}

#[test]
fn what_nobody_configured_is_refused_with_a_hint() {
    let cases = [
        ("kafka:publish", "kafka.tasks.topics"),
        ("kafka:request", "kafka.tasks.reply_topics"),
        ("sqs:sendMessage", "[kafka.queues]"),
        ("aws-sdk:sns:publish", "[kafka.sns_topics]"),
        ("events:putEvents", "[kafka.event_buses]"),
    ];
    let world = World::new(&[]);
    let tasks = Tasks::new(
        world.settings(),
        KafkaTaskSettings::default(),
        Arc::new(SystemClock::new()),
    );
    let registry = Registry::new(Arc::new(tasks));
    for (resource, expected) in cases {
        let refused = registry
            .put(Definition::new("w", &definition(resource)))
            .unwrap_err();
        let hint = refused.diagnostics[0].hint.clone().unwrap();
        assert!(hint.contains(expected), "{hint}");
    }
    world.end();
}
