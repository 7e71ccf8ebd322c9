//! The examples that speak Kafka, run as they are, but for the broker's address.

use std::path::Path;

use super::*;
use stepstream::app::workflows;
use stepstream::config::{self, Environment};
use stepstream::connectors::Nested;

/// The example's process at the world's broker.
fn example(name: &str, topics: &[&str]) -> (World, Edge) {
    let topics: Vec<(&str, i32)> = topics.iter().map(|topic| (*topic, 1)).collect();
    let mut world = World::new(&topics);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/examples");
    let variables = [
        ("BOOTSTRAP_SERVERS", world.broker.bootstrap_servers()),
        ("CONSUMER_SESSION_TIMEOUT_MS", "6000"),
        ("CONSUMER_HEARTBEAT_INTERVAL_MS", "500"),
        ("COMMIT_INTERVAL_MS", "100"),
    ];
    let variables = variables.map(|(n, v)| (format!("STEPSTREAM_KAFKA_{n}"), v.to_owned()));
    let environment = Environment::new(variables);
    let settings = config::load(&folder.join(name), &environment).unwrap();
    let files = workflows::read(&settings).unwrap();
    world.registry = Arc::new(workflows::load(&settings, &files, &Nested::new()).unwrap());
    let of_kafka: Vec<_> = settings.workflows.iter().map(|w| w.kafka.clone()).collect();
    let edge = Edge::start(&settings.kafka, &of_kafka, &world.engine, &world.registry).unwrap();
    (world, edge)
}

fn order() -> serde_json::Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/workflows");
    let text = std::fs::read_to_string(folder.join("order.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_order_check_answers_who_asks() {
    let topics = ["order-checks", "order-answers", "order-dead-letters"];
    let (world, edge) = example("order-check.toml", &topics);
    let mut empty = order();
    empty["items"] = serde_json::json!([]);
    let mut poor = order();
    poor["creditLimit"] = 100.into();
    for (id, order) in [("1", order()), ("2", poor), ("3", empty)] {
        let headers = [
            ("kafka_replyTopic", &b"order-answers"[..]),
            ("kafka_correlationId", id.as_bytes()),
            ("asl-deadline", b"4000000s"),
        ];
        world.send(
            "order-checks",
            None,
            Some(order.to_string().as_bytes()),
            &headers,
        );
    }
    let answers = world.read("order-answers", 3);
    let answer = |id: &str| {
        let is_its = |answer: &&Record| answer.headers["kafka_correlationId"] == id.as_bytes();
        let answer = answers.iter().find(is_its).unwrap();
        let value: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
        (value, answer.headers["asl-status"].clone())
    };
    let accepted =
        serde_json::json!({"order": "o-1001", "accepted": true, "total": 106.9, "pieces": 8});
    assert_eq!(answer("1"), (accepted, b"SUCCEEDED".to_vec()));
    let refused = serde_json::json!({"order": "o-1001", "accepted": false, "total": 106.9, "reason": "credit limit"});
    assert_eq!(answer("2"), (refused, b"SUCCEEDED".to_vec()));
    let (failed, status) = answer("3");
    assert_eq!(
        (&failed["error"], status),
        (&"Order.Empty".into(), b"FAILED".to_vec())
    );
    world.expect_committed("stepstream-order-check", "order-checks", 3);
    end(edge);
    world.end();
}

#[test]
fn a_saga_takes_back_what_it_cannot_finish() {
    let topics = [
        "orders",
        "orders-done",
        "orders-failed",
        "order-dead-letters",
        "order-saga-replies",
        "stock-requests",
        "payment-requests",
        "stock-releases",
    ];
    let (world, edge) = example("order-saga.toml", &topics);
    let mut poor = order();
    poor["id"] = "o-1002".into();
    poor["creditLimit"] = 100.into();
    for order in [order(), poor] {
        world.send("orders", None, Some(order.to_string().as_bytes()), &[]);
    }
    let done: serde_json::Value =
        serde_json::from_str(&world.read("orders-done", 1)[0].text()).unwrap();
    let expected =
        serde_json::json!({"order": "o-1001", "reservation": "r-o-1001", "payment": "p-o-1001"});
    assert_eq!(done, expected);
    let failed: serde_json::Value =
        serde_json::from_str(&world.read("orders-failed", 1)[0].text()).unwrap();
    assert_eq!(
        (&failed["error"], &failed["cause"]),
        (
            &"Payment.Refused".into(),
            &"The order o-1002 was taken back.".into()
        )
    );
    let release = &world.read("stock-releases", 1)[0];
    assert_eq!(release.text(), r#"{"reservation":"r-o-1002"}"#);
    assert_eq!(release.headers["because-of"], b"Payment.Refused");
    assert_eq!(release.key.as_deref(), Some(&b"o-1002"[..]));
    for topic in ["orders", "stock-requests", "payment-requests"] {
        world.expect_committed("stepstream-order-saga", topic, 2);
    }
    assert_eq!(world.count("order-dead-letters"), 0);
    end(edge);
    world.end();
}
