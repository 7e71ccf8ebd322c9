//! HTTP tasks: what is sent, what becomes of each answer, and connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stepstream::connectors::{
    Authorization, ClientLimits, Connection, HttpConnectors, HttpSettings, OAuthClient, Reach,
    Secret,
};
use stepstream::engine::Connectors as _;

use super::drive::{call, clients, http_invoke, integration, shown, traced};
use super::server::{Reply, Request, Server, response};

const JSON: &str = "Content-Type: application/json\r\n";

fn connectors(server: &Server, connections: Vec<Connection>) -> HttpConnectors {
    within(server, connections, Duration::from_secs(60))
}

fn within(server: &Server, connections: Vec<Connection>, time_max: Duration) -> HttpConnectors {
    let settings = HttpSettings {
        allow: vec![server.url().parse().unwrap()],
        connections,
        limits: ClientLimits {
            time_max,
            body_bytes_max: 262_144,
        },
    };
    let clients = clients();
    let guarded = clients.client(settings.reach(Vec::new()));
    HttpConnectors::new(settings, guarded, clients.client(Reach::Everything))
}

/// Parameters of a task that calls `server` with this method, and these besides.
fn task(server: &Server, method: &str, others: &str) -> String {
    let comma = if others.is_empty() { "" } else { "," };
    format!(
        r#"{{"ApiEndpoint":"{}/a/b?x=1","Method":"{method}"{comma}{others}}}"#,
        server.url()
    )
}

fn echo(_: &Request) -> Reply {
    Reply::Keep(response("200 OK", JSON, "{}"))
}

#[test]
fn a_request_is_as_aws_sends_it_and_its_answer_as_aws_gives_it() {
    let headers = "Content-Type: application/json; charset=utf-8\r\nX-Own: 1\r\nX-OWN: 2\r\n";
    let server = Server::always(response("200 Fine", headers, "{\"n\": 1.50}"));
    let others = r#""Headers":{"Request-Id":"r","X-Many":["1",2]},"QueryParameters":{"q":"a b&c","many":[1,true]},"RequestBody":{"Job":"x"}"#;
    let all = connectors(&server, Vec::new());
    let result = call(&all, &http_invoke(), &task(&server, "POST", others));
    assert_eq!(
        shown(&result),
        r#"{"Headers":{"content-type":["application/json; charset=utf-8"],"x-own":["1","2"],"content-length":["11"]},"ResponseBody":{"n":1.50},"StatusCode":200,"StatusText":"Fine"}"#
    );
    let seen = server.seen();
    let request = seen.first().unwrap();
    assert_eq!(
        request.line(),
        "POST /a/b?x=1&q=a%20b%26c&many=1&many=true HTTP/1.1"
    );
    let address = server.address.to_string();
    for (name, value) in [
        ("host", address.as_str()),
        ("user-agent", "Amazon|StepFunctions|HttpInvoke|eu-west-1"),
        ("range", "bytes=0-262144"),
        ("content-type", "application/json; charset=UTF-8"),
        ("content-length", "11"),
        ("request-id", "r"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert!(
        request.head.contains("x-many: 1\r\nx-many: 2"),
        "{}",
        request.head
    );
    assert_eq!(request.body, r#"{"Job":"x"}"#);
}

#[test]
fn every_method_is_sent() {
    let server = Server::start(echo);
    let all = connectors(&server, Vec::new());
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let found = shown(&call(&all, &http_invoke(), &task(&server, method, "")));
        assert!(found.contains(r#""StatusCode":200"#), "{method}: {found}");
        let request = server.seen().pop().unwrap();
        assert!(
            request.line().starts_with(&format!("{method} /a/b?x=1 ")),
            "{method}"
        );
        assert_eq!(request.header("content-type"), None, "{method}");
    }
    let head = Server::always(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_vec());
    let found = call(
        &connectors(&head, Vec::new()),
        &http_invoke(),
        &task(&head, "HEAD", ""),
    );
    assert!(
        shown(&found).contains(r#""ResponseBody":"","#),
        "{}",
        shown(&found)
    );
}

#[test]
fn bodies_are_json_text_or_forms() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const UTF8: &str = "application/json; charset=UTF-8";
    let form = |format: &str| {
        format!(
            r#""RequestBody":{{"a":["x",{{"b":1}}],"c d":"é"}},"Transform":{{"RequestBodyEncoding":"URL_ENCODED"{format}}}"#
        )
    };
    let format = |name: &str| {
        form(&format!(
            r#","RequestEncodingOptions":{{"ArrayFormat":"{name}"}}"#
        ))
    };
    let cases = [
        (r#""RequestBody":"plain""#.to_owned(), UTF8, "plain"),
        (r#""RequestBody":[1,"x"]"#.to_owned(), UTF8, r#"[1,"x"]"#),
        (
            r#""RequestBody":"<a/>","Headers":{"Content-Type":"application/xml"}"#.to_owned(),
            "application/xml",
            "<a/>",
        ),
        (
            r#""RequestBody":{"a":1},"Transform":{"RequestBodyEncoding":"NONE"}"#.to_owned(),
            UTF8,
            r#"{"a":1}"#,
        ),
        (
            r#""RequestBody":"a=b","Transform":{"RequestBodyEncoding":"URL_ENCODED"}"#.to_owned(),
            FORM,
            "a=b",
        ),
        (form(""), FORM, "a%5B0%5D=x&a%5B1%5D%5Bb%5D=1&c%20d=%C3%A9"),
        (
            format("INDICES"),
            FORM,
            "a%5B0%5D=x&a%5B1%5D%5Bb%5D=1&c%20d=%C3%A9",
        ),
        (format("REPEAT"), FORM, "a=x&a%5Bb%5D=1&c%20d=%C3%A9"),
        (
            format("COMMAS"),
            FORM,
            "a=x%2C%7B%22b%22%3A1%7D&c%20d=%C3%A9",
        ),
        (
            format("BRACKETS"),
            FORM,
            "a%5B%5D=x&a%5B%5D%5Bb%5D=1&c%20d=%C3%A9",
        ),
    ];
    let server = Server::start(echo);
    let all = connectors(&server, Vec::new());
    for (others, content_type, body) in cases {
        let found = shown(&call(&all, &http_invoke(), &task(&server, "POST", &others)));
        assert!(found.contains(r#""StatusCode":200"#), "{others}: {found}");
        let request = server.seen().pop().unwrap();
        assert_eq!(
            request.header("content-type"),
            Some(content_type),
            "{others}"
        );
        assert_eq!(request.body, body, "{others}");
    }
}

#[test]
fn answers_become_results_and_errors() {
    let body = |text: &str, headers: &str| {
        let headers = headers
            .to_ascii_lowercase()
            .replace("\r\n", "\"],\"")
            .replace(": ", "\":[\"");
        let headers = headers.strip_suffix(",\"").unwrap_or_default();
        let comma = if headers.is_empty() { "" } else { "," };
        (headers.to_owned() + comma, text.to_owned())
    };
    let ok = |headers: &str, sent: &[u8], text: &str| {
        let (shown, text) = body(text, headers);
        let shown = if shown.is_empty() {
            String::new()
        } else {
            format!("\"{shown}")
        };
        let length = sent.len();
        (
            response("200 OK", headers, sent),
            format!(
                r#"{{"Headers":{{{shown}"content-length":["{length}"]}},"ResponseBody":{text},"StatusCode":200,"StatusText":"OK"}}"#
            ),
        )
    };
    let too_large = "States.DataLimitExceeded: The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.";
    let cases: Vec<(Vec<u8>, String)> = vec![
        ok("", b"[1]", "[1]"),
        ok("", b"1", "\"1\""),
        ok("", b"{x}", "\"{x}\""),
        ok("Content-Type: application/json\r\n", b"1", "1"),
        ok("Content-Type: application/problem+json\r\n", b"null", "null"),
        ok("Content-Type: application/json\r\n", b"oops", "\"oops\""),
        ok("Content-Type: text/plain\r\n", b" {\"a\":1}", "{\"a\":1}"),
        ok("Content-Type: text/plain; charset=iso-8859-1\r\n", b"\xe9", "\"é\""),
        (
            response("500 Internal Server Error", "", "it broke"),
            "States.Http.StatusCode.500: it broke".to_owned(),
        ),
        (
            response("404 Not Found", JSON, "{\"a\": 1}"),
            "States.Http.StatusCode.404: {\"a\": 1}".to_owned(),
        ),
        (
            response("503 Come Later", "", ""),
            "States.Http.StatusCode.503: Come Later".to_owned(),
        ),
        (
            response("302 Found", "Location: http://169.254.169.254/\r\n", ""),
            "States.Http.StatusCode.302: Found".to_owned(),
        ),
        (
            response("200 OK", "Content-Type: image/png\r\n", "x"),
            "States.Runtime: The response is not supported: its content type is image/png.".to_owned(),
        ),
        (
            response("200 OK", "Content-Type: application/octet-stream\r\n", "x"),
            "States.Runtime: The response is not supported: its content type is application/octet-stream.".to_owned(),
        ),
        (
            response("200 OK", "", b"\xff\xfe"),
            "States.Runtime: The response is not supported: it cannot be read as a text in UTF-8.".to_owned(),
        ),
        (
            response("200 OK", "Content-Encoding: gzip\r\n", "x"),
            "States.Runtime: The response is not supported: it is compressed, although nobody asked for it.".to_owned(),
        ),
        (response("200 OK", "", vec![b'x'; 262_145]), too_large.to_owned()),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40001\r\n".to_vec(), vec![b'x'; 262_145], b"\r\n0\r\n\r\n".to_vec()].concat(),
            too_large.to_owned(),
        ),
        (
            Vec::new(),
            "States.Http.Socket: connection closed before message completed".to_owned(),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx".to_vec(),
            "States.Http.Socket: end of file before message length reached".to_owned(),
        ),
        (
            [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 100_000]].concat(),
            "States.Http.Socket: message head is too large".to_owned(),
        ),
    ];
    for (reply, expected) in cases {
        let server = Server::always(reply);
        let all = connectors(&server, Vec::new());
        let found = shown(&call(&all, &http_invoke(), &task(&server, "GET", "")));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_service_that_never_answers_is_a_socket_error() {
    let server = Server::start(|_| Reply::Silence);
    let all = within(&server, Vec::new(), Duration::from_millis(50));
    let found = shown(&call(&all, &http_invoke(), &task(&server, "GET", "")));
    assert_eq!(found, "States.Http.Socket: no answer within 50 ms");
}

#[test]
fn wrong_parameters_are_not_sent() {
    let server = Server::start(echo);
    let url = server.url();
    let unusable = |parameters: &str, why: &str| {
        format!(
            "States.Runtime: The Parameters '{parameters}' could not be used to start the Task: [{why}]"
        )
    };
    let wrong = |others: &str, why: &str| {
        let parameters = task(&server, "GET", others);
        let expected = unusable(&parameters, why);
        (parameters, expected)
    };
    let header = |name: &str| {
        let expected = format!("States.Runtime: The header {name} is not allowed in an HTTP task.");
        (
            task(&server, "GET", &format!(r#""Headers":{{"{name}":"x"}}"#)),
            expected,
        )
    };
    let mut cases = vec![
        ("{}".to_owned(), unusable("{}", "The field \"Method\" is required but was missing")),
        (
            format!(r#"{{"ApiEndpoint":"{url}","Method":"TRACE"}}"#),
            unusable(&format!(r#"{{"ApiEndpoint":"{url}","Method":"TRACE"}}"#), "Method must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD"),
        ),
        (
            r#"{"Method":"GET"}"#.to_owned(),
            unusable(r#"{"Method":"GET"}"#, "The field \"ApiEndpoint\" is required but was missing"),
        ),
        wrong(r#""Body":1"#, "The field \"Body\" is not supported by Step Functions"),
        wrong(r#""Headers":[1]"#, "Headers must be an object"),
        wrong(r#""QueryParameters":1"#, "QueryParameters must be an object, a text or an array of those"),
        wrong(r#""Transform":{"RequestBodyEncoding":"GZIP"},"RequestBody":{}"#, "RequestBodyEncoding must be one of NONE, URL_ENCODED"),
        wrong(r#""Authentication":{}"#, "The field \"ConnectionArn\" is required but was missing"),
        wrong(
            r#""Authentication":{"ConnectionArn":"x"},"InvocationConfig":{"ConnectionArn":"x"}"#,
            "Authentication and InvocationConfig must not both be given",
        ),
        (
            task(&server, "GET", r#""Headers":{"x":"a\r\nb: c"}"#),
            "States.Runtime: The header \"x\" is nothing that HTTP can send.".to_owned(),
        ),
        (
            task(&server, "GET", r#""Headers":{"a b":"c"}"#),
            "States.Runtime: The header \"a b\" is nothing that HTTP can send.".to_owned(),
        ),
        (
            task(&server, "GET", r#""InvocationConfig":{"ConnectionArn":"arn:aws:events:eu-west-1:123456789012:connection/crm/1"}"#),
            "Events.ConnectionResource.ResourceNotFound: Connection 'crm' does not exist. ([[connections]] does not name it)".to_owned(),
        ),
    ];
    for name in [
        "A-IM",
        "Accept-Charset",
        "Accept-Datetime",
        "Accept-Encoding",
        "Authorization",
        "Cache-Control",
        "Connection",
        "Content-Encoding",
        "Content-MD5",
        "Date",
        "Expect",
        "Forwarded",
        "From",
        "Host",
        "HTTP2-Settings",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Max-Forwards",
        "Origin",
        "Pragma",
        "Proxy-Authorization",
        "Referer",
        "Server",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Via",
        "Warning",
        "X-Forwarded-For",
        "x-amz-date",
        "X-Amzn-Trace-Id",
    ] {
        cases.push(header(name));
    }
    let all = connectors(&server, Vec::new());
    for (parameters, expected) in cases {
        assert_eq!(
            shown(&call(&all, &http_invoke(), &parameters)),
            expected,
            "{parameters}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_length_that_the_definition_claims_is_not_sent() {
    let server = Server::start(echo);
    let others = r#""Headers":{"Content-Length":"1","User-Agent":"me","Range":"bytes=0-1"},"RequestBody":"12345""#;
    call(
        &connectors(&server, Vec::new()),
        &http_invoke(),
        &task(&server, "POST", others),
    );
    let request = server.seen().pop().unwrap();
    assert_eq!(request.header("content-length"), Some("5"));
    assert_eq!(
        request.header("user-agent"),
        Some("Amazon|StepFunctions|HttpInvoke|eu-west-1")
    );
    assert_eq!(request.header("range"), Some("bytes=0-262144"));
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn connection(authorization: Authorization) -> Connection {
    let headers = [pair("Header-Param", "connection")];
    let query = vec![pair("q", "connection")];
    let body = vec![pair("BodyParam", "connection")];
    Connection::new("crm".to_owned(), authorization, &headers, query, body).unwrap()
}

const CRM: &str = r#""InvocationConfig":{"ConnectionArn":"arn:aws:events:eu-west-1:123456789012:connection/crm/81210c42"}"#;

#[test]
fn a_connection_goes_over_the_definition() {
    let secret = || Secret::new("s3cret".to_owned());
    let basic = Authorization::Basic {
        user: "user".to_owned(),
        password: secret(),
    };
    let key = Authorization::ApiKey {
        header: "ApiKey".to_owned(),
        value: secret(),
    };
    for (authorization, header, value) in [
        (basic, "authorization", "Basic dXNlcjpzM2NyZXQ="),
        (key, "apikey", "s3cret"),
    ] {
        let server = Server::start(echo);
        let all = connectors(&server, vec![connection(authorization)]);
        assert!(!format!("{all:?}").contains("s3cret"), "{all:?}");
        let others = format!(
            r#"{CRM},"Headers":{{"header-param":"task","other":"task"}},"QueryParameters":{{"q":"task","r":"task"}},"RequestBody":{{"BodyParam":"task","Job":"task"}}"#
        );
        call(&all, &http_invoke(), &task(&server, "POST", &others));
        let request = server.seen().pop().unwrap();
        assert_eq!(request.line(), "POST /a/b?x=1&r=task&q=connection HTTP/1.1");
        assert_eq!(request.header(header), Some(value));
        assert_eq!(request.header("header-param"), Some("connection"));
        assert_eq!(request.header("other"), Some("task"));
        assert_eq!(request.body, r#"{"BodyParam":"connection","Job":"task"}"#);

        let others = format!(r#"{CRM},"RequestBody":"text""#);
        let found = shown(&call(&all, &http_invoke(), &task(&server, "POST", &others)));
        assert_eq!(
            found,
            "States.Runtime: The RequestBody cannot be merged with that of the connection: it is no object."
        );
    }
}

fn oauth(token_url: String, in_header: bool) -> Connection {
    connection(Authorization::OAuth(OAuthClient {
        token_url,
        client_id: "me".to_owned(),
        client_secret: Secret::new("s3cret".to_owned()),
        in_header,
        parameters: vec![pair("scope", "a b")],
    }))
}

#[test]
fn a_token_is_asked_for_once_and_again_when_it_is_refused_or_has_expired() {
    let given = AtomicUsize::new(0);
    let tokens = Server::start(move |_| {
        let number = given.fetch_add(1, Ordering::SeqCst);
        // The third expires at once.
        let life = if number == 2 { 0 } else { 3600 };
        let body =
            format!(r#"{{"access_token":"t{number}","token_type":"bearer","expires_in":{life}}}"#);
        Reply::Keep(response("200 OK", JSON, body))
    });
    let server = Server::start(|request| {
        let is_revoked = request.header("authorization") == Some("Bearer t1");
        let status = if is_revoked {
            "401 Unauthorized"
        } else {
            "200 OK"
        };
        Reply::Keep(response(status, JSON, "{}"))
    });
    let all = connectors(&server, vec![oauth(format!("{}/t", tokens.url()), false)]);
    let parameters = task(&server, "GET", CRM);
    let ask = || shown(&call(&all, &http_invoke(), &parameters));
    assert!(ask().contains("200"));
    assert!(ask().contains("200"));
    let request = tokens.seen().pop().unwrap();
    assert_eq!(tokens.seen().len(), 1);
    assert_eq!(request.line(), "POST /t HTTP/1.1");
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.body,
        "grant_type=client_credentials&client_id=me&client_secret=s3cret&scope=a%20b"
    );
    assert!(!format!("{all:?}").contains("t0"), "{all:?}");

    // A second process's connector begins with the token that the service refuses.
    let all = connectors(&server, vec![oauth(format!("{}/t", tokens.url()), true)]);
    let ask = || shown(&call(&all, &http_invoke(), &parameters));
    assert_eq!(ask(), "States.Http.StatusCode.401: {}");
    let request = tokens.seen().pop().unwrap();
    assert_eq!(request.header("authorization"), Some("Basic bWU6czNjcmV0"));
    assert_eq!(request.body, "grant_type=client_credentials&scope=a%20b");
    assert!(ask().contains("200"));
    assert!(ask().contains("200"));
    assert!(ask().contains("200"));
    let used: Vec<String> = server
        .seen()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    let expected = ["t0", "t0", "t1", "t2", "t3", "t3"].map(|token| format!("Bearer {token}"));
    assert_eq!(used, expected);
}

#[test]
fn a_token_that_is_not_given_is_a_connection_error_without_secrets() {
    let cases = [
        (
            response("401 Unauthorized", JSON, r#"{"error":"s3cret"}"#),
            "Events.ConnectionResource.InvalidConnectionState: Connection 'crm' is not authorized: its token endpoint gave status 401.",
        ),
        (
            response("200 OK", JSON, r#"{"token":"s3cret"}"#),
            "Events.ConnectionResource.InvalidConnectionState: Connection 'crm' is not authorized: its token endpoint gave an answer without access_token.",
        ),
        (
            response("200 OK", JSON, "s3cret"),
            "Events.ConnectionResource.InvalidConnectionState: Connection 'crm' is not authorized: its token endpoint gave an answer without access_token.",
        ),
        (
            Vec::new(),
            "Events.ConnectionResource.InternalError: Connection 'crm' is not authorized: its token endpoint gave connection closed before message completed.",
        ),
    ];
    for (reply, expected) in cases {
        let tokens = Server::always(reply);
        let server = Server::start(echo);
        let all = connectors(&server, vec![oauth(tokens.url(), false)]);
        let found = shown(&call(&all, &http_invoke(), &task(&server, "GET", CRM)));
        assert_eq!(found, expected);
        assert_eq!(server.connections(), 0);
    }
}

#[test]
fn without_a_rule_no_http_task_is_loaded() {
    let settings = HttpSettings {
        allow: Vec::new(),
        connections: Vec::new(),
        limits: ClientLimits {
            time_max: Duration::from_secs(60),
            body_bytes_max: 1,
        },
    };
    let client = clients().client(settings.reach(Vec::new()));
    let all = HttpConnectors::new(settings, client.clone(), client);
    for (resource, hint) in [
        (http_invoke(), "name in http.allow where HTTP tasks may go"),
        (integration("sqs", "sendMessage"), "it is no HTTP task"),
    ] {
        assert_eq!(
            all.resolve("machine", "State", &resource).unwrap_err(),
            hint
        );
    }
}

#[test]
fn one_host_gets_a_bounded_number_of_requests_at_once() {
    let (at_once, most) = (
        AtomicUsize::new(0),
        std::sync::Arc::new(AtomicUsize::new(0)),
    );
    let highest = std::sync::Arc::clone(&most);
    let server = Server::start(move |_| {
        let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(now, Ordering::SeqCst);
        // Long enough for the others to come, if they were let.
        let (_held, never) = std::sync::mpsc::channel::<()>();
        assert!(never.recv_timeout(Duration::from_millis(2)).is_err());
        at_once.fetch_sub(1, Ordering::SeqCst);
        Reply::Keep(response("200 OK", JSON, "{}"))
    });
    let all = connectors(&server, Vec::new());
    let parameters = task(&server, "GET", "");
    let calls: Vec<_> = (0..100)
        .map(|_| super::drive::begin(&all, &http_invoke(), &parameters))
        .collect();
    for call in calls {
        let found = shown(&call.recv_timeout(super::drive::HANGS).unwrap());
        assert!(found.contains("200"), "{found}");
    }
    assert!(most.load(Ordering::SeqCst) <= 8, "{most:?}");
    assert!(server.connections() <= 8);
}

#[test]
fn a_trace_shows_the_exchange_and_secrets_only_if_asked() {
    let server = Server::always(response("404 Not Found", "X-Own: 1\r\n", "gone"));
    let connection = |query: &[(&str, &str)], body: &[(&str, &str)]| {
        let pairs = |pairs: &[(&str, &str)]| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(own).collect::<Vec<_>>()
        };
        let authorization = Authorization::Basic {
            user: "u".to_owned(),
            password: Secret::new("hunter2".to_owned()),
        };
        let headers = pairs(&[("x-tenant", "acme")]);
        Connection::new(
            "crm".to_owned(),
            authorization,
            &headers,
            pairs(query),
            pairs(body),
        )
        .unwrap()
    };
    let others = r#""Headers":{"x-id":"7"},"RequestBody":{"a":1},"Authentication":{"ConnectionArn":"arn:aws:events:eu-west-1:123456789012:connection/crm/1"}"#;
    let payload = task(&server, "POST", others);
    let url = server.url();
    let exchange = |connection, reveals| {
        let exchange = traced(
            &connectors(&server, vec![connection]),
            &http_invoke(),
            &payload,
            reveals,
        );
        let member = |value: &Option<stepstream::value::Value>, name: &str| {
            let value = value
                .as_ref()
                .and_then(|value| value.get(name)?.as_str().map(str::to_owned));
            value.unwrap_or_default()
        };
        let response = |name| member(&exchange.response, name);
        assert_eq!(
            [
                response("statusCode"),
                response("statusMessage"),
                response("body"),
                response("protocol")
            ],
            ["404", "Not Found", "gone", "http"]
        );
        assert_eq!(response("headers"), "[x-own: 1, content-length: 4]");
        ["method", "url", "headers", "body"].map(|name| member(&exchange.request, name))
    };
    let [method, shown_url, headers, body] = exchange(connection(&[], &[]), false);
    assert_eq!(
        (method.as_str(), shown_url.as_str()),
        ("POST", &*format!("{url}/a/b?x=1"))
    );
    assert_eq!(body, r#"{"a":1}"#);
    assert!(
        headers.contains("x-id: 7")
            && headers.contains("user-agent: Amazon|StepFunctions|HttpInvoke|"),
        "{headers}"
    );
    for hidden in ["authorization", "x-tenant"] {
        assert!(!headers.contains(hidden), "{headers}");
    }
    let with_secrets = || connection(&[("key", "k1")], &[("secret", "s1")]);
    let [_, shown_url, _, body] = exchange(with_secrets(), false);
    assert_eq!((shown_url, body.as_str()), (format!("{url}/a/b"), ""));
    let [_, shown_url, headers, body] = exchange(with_secrets(), true);
    assert_eq!(shown_url, format!("{url}/a/b?x=1&key=k1"));
    assert_eq!(body, r#"{"a":1,"secret":"s1"}"#);
    assert!(
        headers.contains("authorization: Basic ") && headers.contains("x-tenant: acme"),
        "{headers}"
    );
}
