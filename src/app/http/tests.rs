//! Requests over real sockets, and their whole answers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::*;

struct Fixed(Health);

impl Pages for Fixed {
    fn metrics(&self) -> String {
        "a_total 1\n".to_owned()
    }

    fn health(&self) -> Health {
        self.0.clone()
    }

    fn reload(&self) -> Option<oneshot::Receiver<Reloaded>> {
        let (answer, answered) = oneshot::channel();
        let is_good = self.0.not_ready.is_empty();
        let body = "{}\n".to_owned();
        answer.send(Reloaded { is_good, body }).ok()?;
        Some(answered)
    }
}

fn endpoint(door: Door, health: Health, bounds: Bounds) -> Endpoint {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    Endpoint::start(listen, door, Arc::new(Fixed(health)), bounds).unwrap()
}

fn sick() -> Health {
    Health {
        not_live: vec![],
        not_ready: vec!["no \"partition\"".to_owned()],
    }
}

/// A request whose first line, and headers if it has any, are these.
fn whole(request: &str) -> String {
    match request.split_once("\r\n") {
        Some(_) => format!("{request}\r\nHost: x\r\n\r\n"),
        None => format!("{request} HTTP/1.1\r\nHost: x\r\n\r\n"),
    }
}

/// Sends these bytes and reads to the end of the connection.
fn exchange(endpoint: &Endpoint, request: &str) -> String {
    let mut stream = TcpStream::connect(endpoint.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn pages_and_their_status() {
    let endpoint = endpoint(Door::default(), sick(), Bounds::default());
    for (request, status, body) in [
        ("GET /metrics", "200 OK", "a_total 1\n"),
        (
            "GET /livez",
            "200 OK",
            "{\"reasons\":[],\"status\":\"live\"}\n",
        ),
        (
            "GET /readyz",
            "503 Service Unavailable",
            "{\"reasons\":[\"no \\\"partition\\\"\"],\"status\":\"not ready\"}\n",
        ),
        ("GET /", "200 OK", INDEX),
        (
            "GET /x",
            "404 Not Found",
            "here are /metrics, /livez, /readyz, /reload\n",
        ),
        ("GET /reload", "405 Method Not Allowed", "only POST\n"),
        ("POST /reload", "422 Unprocessable Entity", "{}\n"),
        (
            "POST /reload HTTP/1.1\r\nOrigin: http://page",
            "403 Forbidden",
            "without a token a reload is asked for from this machine, and by no web page\n",
        ),
        ("POST /metrics", "405 Method Not Allowed", "only GET\n"),
        ("HEAD /metrics", "200 OK", ""),
    ] {
        let answer = exchange(&endpoint, &whole(request));
        let (head, found) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {head}"
        );
        assert_eq!(found, body, "{request}");
    }
    endpoint.stop();
}

#[test]
fn half_requests_are_dropped_and_do_not_keep_others_out() {
    let bounds = Bounds {
        connections_max: 2,
        head_time_max: Duration::from_millis(50),
        ..Bounds::default()
    };
    let endpoint = endpoint(Door::default(), Health::default(), bounds);
    let mut half: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(endpoint.address()).unwrap();
            stream.write_all(b"GET /livez HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    let answer = exchange(&endpoint, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    for stream in &mut half {
        // The end of the connection; whether with an answer before it is hyper's affair.
        drop(stream.read_to_end(&mut Vec::new()));
    }
    endpoint.stop();
}

#[test]
fn with_tokens_only_their_bearers_see_metrics_and_reasons() {
    let door = Door {
        tokens: Tokens::parse("0123456789abcdef").unwrap(),
        tls: None,
    };
    let endpoint = endpoint(door, sick(), Bounds::default());
    let reasons = r#"{"reasons":["no \"partition\""],"status":"not ready"}"#;
    for (path, token, status, body) in [
        ("/metrics", "", 401, "a token is needed\n"),
        (
            "/metrics",
            "Bearer fedcba9876543210",
            401,
            "a token is needed\n",
        ),
        ("/metrics", "Bearer 0123456789abcdef", 200, "a_total 1\n"),
        ("/livez", "", 200, "{\"status\":\"live\"}\n"),
        ("/readyz", "", 503, "{\"status\":\"not ready\"}\n"),
        (
            "/readyz",
            "Bearer 0123456789abcdef",
            503,
            &format!("{reasons}\n"),
        ),
    ] {
        let header = match token {
            "" => String::new(),
            token => format!("Authorization: {token}\r\n"),
        };
        let answer = exchange(
            &endpoint,
            &format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n"),
        );
        let (head, found) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{path} {token}: {head}"
        );
        assert_eq!(head.contains("www-authenticate: Bearer"), status == 401);
        assert_eq!(found, body, "{path} {token}");
    }
    endpoint.stop();
}
