//! The examples that speak Kafka, run as they are, but for the broker's address.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use server::{Reply, Request, Server};
use stepstream::app::workflows;
use stepstream::config::{self, Environment};
use stepstream::connectors::Nested;

#[path = "../connectors/server.rs"]
#[expect(dead_code, reason = "the tests of connectors need more of it")]
mod server;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config")
        .join(name)
}

/// The example's process at the world's broker.
fn example(name: &str, topics: &[&str]) -> (World, Edge) {
    example_at(&folder("examples").join(name), topics)
}

fn example_at(settings: &Path, topics: &[&str]) -> (World, Edge) {
    let topics: Vec<(&str, i32)> = topics.iter().map(|topic| (*topic, 1)).collect();
    let mut world = World::new(&topics);
    let variables = [
        ("BOOTSTRAP_SERVERS", world.broker.bootstrap_servers()),
        ("CONSUMER_SESSION_TIMEOUT_MS", "6000"),
        ("CONSUMER_HEARTBEAT_INTERVAL_MS", "500"),
        ("COMMIT_INTERVAL_MS", "100"),
    ];
    let variables = variables.map(|(n, v)| (format!("STEPSTREAM_KAFKA_{n}"), v.to_owned()));
    let key = ("STEPSTREAM_SECRET_SITES".to_owned(), "key".to_owned());
    let environment = Environment::new(variables.into_iter().chain([key]));
    let settings = config::load(settings, &environment).unwrap();
    let files = workflows::read(&settings).unwrap();
    world.registry = Arc::new(workflows::load(&settings, &files, &Nested::new()).unwrap());
    let of_kafka: Vec<_> = settings.workflows.iter().map(|w| w.kafka.clone()).collect();
    let edge = Edge::start(&settings.kafka, &of_kafka, &world.engine, &world.registry).unwrap();
    (world, edge)
}

/// An event or an order of the folder of workflows.
fn given(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(folder("workflows").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn order() -> serde_json::Value {
    given("order.json")
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

fn answered(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Close(
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// A function that knows one device, behind Lambda's invoke API.
fn device_info(request: &Request) -> Reply {
    let expected = "POST /2015-03-31/functions/device-info/invocations HTTP/1.1";
    if request.line() != expected {
        return answered("404 Not Found", "", "");
    }
    let asked: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    if asked.get("deviceId").and_then(|id| id.as_str()) == Some("dev-000042") {
        return answered("200 OK", "", r#"{"owner":"acme","model":"T-1000"}"#);
    }
    let error = r#"{"errorType":"UnknownDevice","errorMessage":"who is it?"}"#;
    answered("200 OK", "x-amz-function-error: Unhandled\r\n", error)
}

/// A service that is too busy for the first request.
fn sites(request: &Request, is_first: bool) -> Reply {
    if is_first {
        return answered("503 Service Unavailable", "", "");
    }
    let found = request
        .line()
        .starts_with("GET /sites/plant-07?fields=name%2Ccountry ");
    if !found || request.header("x-api-key") != Some("key") {
        return answered("404 Not Found", "", "");
    }
    let json = "content-type: application/json\r\n";
    answered("200 OK", json, r#"{"name":"Plant 7","country":"DE"}"#)
}

#[test]
fn services_tell_of_devices_and_sites() {
    let lambda = Server::start(device_info);
    let asked = AtomicUsize::new(0);
    let busy = Server::start(move |request| {
        let is_first = asked.fetch_add(1, Ordering::SeqCst) == 0;
        sites(request, is_first)
    });
    // The example, but for the addresses, which must be free ones here.
    let text = std::fs::read_to_string(folder("examples").join("services.toml")).unwrap();
    let text = text
        .replace("127.0.0.1:3001", &lambda.address.to_string())
        .replace("127.0.0.1:3002", &busy.address.to_string())
        .replace("../workflows", folder("workflows").to_str().unwrap());
    let temporary =
        std::env::temp_dir().join(format!("stepstream-{}-services.toml", std::process::id()));
    std::fs::write(&temporary, text).unwrap();
    let topics = [
        "iot-events",
        "iot-devices",
        "iot-sites",
        "iot-failures",
        "iot-dead-letters",
    ];
    let (world, edge) = example_at(&temporary, &topics);
    std::fs::remove_file(&temporary).unwrap();

    let event = given("iot-event.json");
    let mut stranger = event.clone();
    stranger["deviceId"] = "stranger".into();
    stranger["location"]["site"] = "nowhere".into();
    for event in [&event, &stranger] {
        world.send("iot-events", None, Some(event.to_string().as_bytes()), &[]);
    }
    let answers = |topic: &str| {
        let mut answers: Vec<serde_json::Value> = world
            .read(topic, 2)
            .iter()
            .map(|answer| serde_json::from_str(&answer.text()).unwrap())
            .collect();
        answers.sort_by_key(|answer| answer["deviceId"].to_string());
        answers
    };
    let with = |event: &serde_json::Value, name: &str, value: serde_json::Value| {
        let mut event = event.clone();
        event[name] = value;
        event
    };
    let known = serde_json::json!({"owner": "acme", "model": "T-1000"});
    let unknown = serde_json::json!({"owner": "nobody", "model": "unknown"});
    let expected = [
        with(&event, "device", known),
        with(&stranger, "device", unknown),
    ];
    assert_eq!(answers("iot-devices"), expected);
    let site = serde_json::json!({"name": "Plant 7", "country": "DE"});
    let nowhere = serde_json::json!({"name": "unknown", "because": "States.Http.StatusCode.404"});
    let expected = [with(&event, "site", site), with(&stranger, "site", nowhere)];
    assert_eq!(answers("iot-sites"), expected);
    assert_eq!(lambda.seen().len(), 2, "a function is asked once an event");
    assert_eq!(busy.seen().len(), 3, "the busy service is asked once more");
    for group in ["stepstream-services", "stepstream-sites"] {
        world.expect_committed(group, "iot-events", 2);
    }
    assert_eq!(
        world.count("iot-failures") + world.count("iot-dead-letters"),
        0
    );
    end(edge);
    world.end();
}
