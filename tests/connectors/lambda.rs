//! Lambda functions: what is sent, and what becomes of each answer.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use stepstream::access::{self, Scope, SecretKey};
use stepstream::connectors::{LambdaConnectors, LambdaSettings, LambdaSigner, Reach, Secret};
use stepstream::engine::{Connectors as _, ManualClock};
use stepstream::machine::{TaskResult, Timestamp};

use super::drive::{HANGS, begin, call, clients, function, integration, lambda_invoke, shown};
use super::server::{Reply, Server, response};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:enrich";

fn connectors(
    endpoint: Option<&str>,
    functions: &[(&str, &str)],
    time_max: Duration,
) -> LambdaConnectors {
    let settings = LambdaSettings {
        endpoint: endpoint.map(|url| url.parse().unwrap()),
        functions: functions
            .iter()
            .map(|(name, url)| ((*name).to_owned(), url.parse().unwrap()))
            .collect::<BTreeMap<_, _>>(),
        time_max,
        signer: None,
    };
    made(settings)
}

fn made(settings: LambdaSettings) -> LambdaConnectors {
    // 2015-08-30T12:36:00.999Z
    let clock = ManualClock::new(Timestamp::from_millis(1_440_938_160_999));
    let client = clients().client(Reach::Everything);
    LambdaConnectors::new(settings, client, Arc::new(clock))
}

fn at(server: &Server) -> LambdaConnectors {
    connectors(Some(&server.url()), &[], Duration::from_secs(60))
}

#[test]
fn the_envelope_has_aws_members_and_names() {
    let headers = "Content-Type: application/json\r\nX-Amzn-Requestid: id-1\r\nx-amz-executed-version: 3\r\n\
        x-amzn-remapped-content-length: 0\r\nx-amzn-trace-id: Root=1\r\nx-amz-log-result: bG9n\r\nx-own: 1\r\nx-own: 2\r\n";
    let server = Server::always(response("200 OK", headers, "{\"n\": 1.50}"));
    let payload = r#"{"FunctionName":"enrich:live","Payload":{"a":1},"LogType":"Tail","ClientContext":"e30="}"#;
    let result = call(&at(&server), &lambda_invoke(), payload);
    let expected = r#"{"ExecutedVersion":"3","LogResult":"bG9n","Payload":{"n":1.50},"SdkHttpMetadata":{"AllHttpHeaders":{"Content-Type":["application/json"],"x-amzn-RequestId":["id-1"],"X-Amz-Executed-Version":["3"],"x-amzn-Remapped-Content-Length":["0"],"X-Amzn-Trace-Id":["Root=1"],"X-Amz-Log-Result":["bG9n"],"x-own":["1","2"],"Content-Length":["11"]},"HttpHeaders":{"Content-Type":"application/json","x-amzn-RequestId":"id-1","X-Amz-Executed-Version":"3","x-amzn-Remapped-Content-Length":"0","X-Amzn-Trace-Id":"Root=1","X-Amz-Log-Result":"bG9n","x-own":"1","Content-Length":"11"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"id-1"},"StatusCode":200}"#;
    assert_eq!(shown(&result), expected);
    let seen = server.seen();
    let request = seen.first().unwrap();
    assert_eq!(
        request.line(),
        "POST /2015-03-31/functions/enrich/invocations?Qualifier=live HTTP/1.1"
    );
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-amz-invocation-type", "RequestResponse"),
        ("x-amz-log-type", "Tail"),
        ("x-amz-client-context", "e30="),
        ("content-length", "7"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert_eq!(request.body, r#"{"a":1}"#);
}

#[test]
fn what_is_sent() {
    let path = |name: &str| format!("POST /2015-03-31/functions/{name}/invocations HTTP/1.1");
    let qualified =
        |q: &str| format!("POST /2015-03-31/functions/enrich/invocations?Qualifier={q} HTTP/1.1");
    let cases = [
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich"}"#,
            path("enrich"),
            "{}",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich","Payload":null}"#,
            path("enrich"),
            "{}",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich","Payload":"0.0"}"#,
            path("enrich"),
            "0.0",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich","Payload":"\"x\""}"#,
            path("enrich"),
            "\"x\"",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich","Payload":[1,"x"]}"#,
            path("enrich"),
            "[1,\"x\"]",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"123456789012:function:enrich"}"#,
            path("enrich"),
            "{}",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"arn:aws-cn:lambda:cn-north-1:123456789012:function:enrich:7"}"#,
            qualified("7"),
            "{}",
        ),
        (
            lambda_invoke(),
            r#"{"FunctionName":"enrich:7","Qualifier":"$LATEST"}"#,
            qualified("%24LATEST"),
            "{}",
        ),
        (
            function(ARN),
            r#"{"b":"\u00e4"}"#,
            path("enrich"),
            "{\"b\":\"ä\"}",
        ),
        (
            function(ARN),
            "\"HelloWorld\"",
            path("enrich"),
            "\"HelloWorld\"",
        ),
        (function(ARN), "null", path("enrich"), "null"),
        (
            function(&format!("{ARN}:live")),
            "0",
            qualified("live"),
            "0",
        ),
        (
            function("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:enrich"),
            "0",
            path("enrich"),
            "0",
        ),
    ];
    for (resource, payload, line, body) in cases {
        let server = Server::always(response("200 OK", "", "1"));
        let result = call(&at(&server), &resource, payload);
        assert!(
            matches!(result, TaskResult::Succeeded(_)),
            "{payload}: {}",
            shown(&result)
        );
        let seen = server.seen();
        assert_eq!(
            (seen[0].line(), seen[0].body.as_str()),
            (line.as_str(), body),
            "{payload}"
        );
    }
}

#[test]
fn other_ways_to_invoke_have_their_status() {
    for (kind, reply, status) in [
        ("Event", response("202 Accepted", "", ""), 202),
        ("DryRun", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), 204),
    ] {
        let server = Server::always(reply);
        let payload = format!(r#"{{"FunctionName":"enrich","InvocationType":"{kind}"}}"#);
        let TaskResult::Succeeded(answer) = call(&at(&server), &lambda_invoke(), &payload) else {
            panic!("{kind} succeeds");
        };
        assert_eq!(server.seen()[0].header("x-amz-invocation-type"), Some(kind));
        assert_eq!(
            answer.get("StatusCode").unwrap().to_json(),
            status.to_string()
        );
        assert_eq!(answer.get("Payload").unwrap().to_json(), "\"\"");
    }
}

/// Each answer of an endpoint, and how the task ends: by `lambda:invoke`, and by the function's ARN.
#[test]
fn answers_become_results_and_errors() {
    const FAILED: &str = "X-Amz-Function-Error: Unhandled\r\n";
    const ID: &str = "00112233-4455-6677-8899-aabbccddeeff";
    let service = |status: &str, code: &str, message: &str| {
        format!(
            "{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {ID}; Proxy: null)"
        )
    };
    let failure = r#"{"errorMessage": "no", "errorType": "MyError", "stackTrace": []}"#;
    let compact = r#"{"errorMessage":"no","errorType":"MyError","stackTrace":[]}"#;
    let same = |text: &str| (text.to_owned(), text.to_owned());
    let cases: Vec<(&str, Vec<u8>, (String, String))> = vec![
        (
            "a function's error",
            response("200 OK", FAILED, failure),
            (format!("MyError: {compact}"), format!("MyError: {failure}")),
        ),
        (
            "no error type",
            response(
                "200 OK",
                FAILED,
                r#"{"errorMessage":"2026 Task timed out after 3.00 seconds"}"#,
            ),
            same(
                r#"Lambda.Unknown: The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"2026 Task timed out after 3.00 seconds"}"#,
            ),
        ),
        (
            "an error that is no JSON",
            response("200 OK", FAILED, "oops"),
            same(
                "Lambda.Unknown: The cause could not be determined because Lambda did not return an error type. Returned payload: oops",
            ),
        ),
        (
            "a sandbox that ended",
            response(
                "200 OK",
                FAILED,
                r#"{"errorType":"Sandbox.Timedout","errorMessage":"x"}"#,
            ),
            same(r#"Sandbox.Timedout: {"errorType":"Sandbox.Timedout","errorMessage":"x"}"#),
        ),
        (
            "cargo lambda's failed function",
            response("500 Internal Server Error", "", failure),
            (format!("MyError: {compact}"), format!("MyError: {failure}")),
        ),
        (
            "throttled",
            response(
                "429 Too Many Requests",
                "x-amzn-ErrorType: TooManyRequestsException\r\n",
                r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
            ),
            same(&format!(
                "Lambda.TooManyRequestsException: {}",
                service("429", "TooManyRequestsException", "Rate Exceeded.")
            )),
        ),
        (
            "throttled by something else",
            response("429 Too Many Requests", "", "slow down"),
            same(&format!(
                "Lambda.TooManyRequestsException: {}",
                service("429", "TooManyRequestsException", "slow down")
            )),
        ),
        (
            "no such function",
            response(
                "404 Not Found",
                "x-amzn-ErrorType: ResourceNotFoundException:http://x/\r\nx-amzn-RequestId: r-1\r\n",
                r#"{"Type":"User","Message":"Function not found: arn"}"#,
            ),
            same(
                "Lambda.ResourceNotFoundException: Function not found: arn (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r-1; Proxy: null)",
            ),
        ),
        (
            "the service's own failure",
            response(
                "500 Internal Server Error",
                "x-amzn-ErrorType: ServiceException\r\n",
                r#"{"Message":"An error occurred and the request cannot be processed."}"#,
            ),
            same(&format!(
                "Lambda.ServiceException: {}",
                service(
                    "500",
                    "ServiceException",
                    "An error occurred and the request cannot be processed."
                )
            )),
        ),
        (
            "a gateway before it",
            response(
                "502 Bad Gateway",
                "Content-Type: text/html\r\n",
                "<h1>Bad Gateway</h1>",
            ),
            same(&format!(
                "Lambda.ServiceException: {}",
                service("502", "ServiceException", "<h1>Bad Gateway</h1>")
            )),
        ),
        (
            "a body that says the code",
            response(
                "400 Bad Request",
                "",
                r#"{"__type":"com.x#InvalidRequestContentException","message":"Could not parse"}"#,
            ),
            same(&format!(
                "Lambda.InvalidRequestContentException: {}",
                service("400", "InvalidRequestContentException", "Could not parse")
            )),
        ),
        (
            "a code without a class",
            response(
                "403 Forbidden",
                "x-amzn-ErrorType: AccessDeniedException\r\n",
                r#"{"Message":"not authorized"}"#,
            ),
            same(&format!(
                "Lambda.AWSLambdaException: {}",
                service("403", "AccessDeniedException", "not authorized")
            )),
        ),
        (
            "a redirect, which is not followed",
            response("302 Found", "Location: http://127.0.0.1:9/\r\n", ""),
            same(&format!(
                "Lambda.AWSLambdaException: {}",
                service("302", "null", "Found")
            )),
        ),
        (
            "closed before an answer",
            Vec::new(),
            same(
                "Lambda.SdkClientException: Unable to execute HTTP request: connection closed before message completed",
            ),
        ),
        (
            "closed within the body",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":".to_vec(),
            same(
                "Lambda.SdkClientException: Unable to execute HTTP request: end of file before message length reached",
            ),
        ),
        (
            "closed within a chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"".to_vec(),
            same(
                "Lambda.SdkClientException: Unable to execute HTTP request: end of file before message length reached",
            ),
        ),
        (
            "no HTTP",
            b"220 smtp.example ESMTP\r\n\r\n".to_vec(),
            same(
                "Lambda.SdkClientException: Unable to execute HTTP request: invalid HTTP version parsed",
            ),
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n11".to_vec(),
            same(
                "Lambda.SdkClientException: Unable to execute HTTP request: invalid content-length parsed",
            ),
        ),
        (
            "an announced 7 MB",
            response("200 OK", "", vec![b'1'; 7_000_000]),
            same(
                r#"Function.ResponseSizeTooLarge: {"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#,
            ),
        ),
        (
            "7 MB in one chunk",
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6acfc0\r\n".to_vec(),
                vec![b'1'; 7_000_000],
                b"\r\n0\r\n\r\n".to_vec(),
            ]
            .concat(),
            same(
                r#"Function.ResponseSizeTooLarge: {"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#,
            ),
        ),
    ];
    for (case, reply, (by_service, by_arn)) in cases {
        let server = Server::always(reply);
        let found = call(
            &at(&server),
            &lambda_invoke(),
            r#"{"FunctionName":"enrich"}"#,
        );
        assert_eq!(shown(&found), by_service, "{case}, by lambda:invoke");
        let found = call(&at(&server), &function(ARN), "{}");
        assert_eq!(shown(&found), by_arn, "{case}, by ARN");
    }
}

#[test]
fn payloads_are_json_or_a_text() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\nx-sum: 1\r\n\r\n";
    let cases: Vec<(Vec<u8>, String)> = vec![
        (response("200 OK", "", "0.0"), "0.0".to_owned()),
        (
            response("200 OK", "", "  {\"error\": 1}  "),
            "{\"error\":1}".to_owned(),
        ),
        (
            response("200 OK", "", "HelloWorld"),
            "\"HelloWorld\"".to_owned(),
        ),
        (response("200 OK", "", ""), "\"\"".to_owned()),
        (
            response("200 OK", "", b"\"\xff\""),
            "\"\\\"\u{fffd}\\\"\"".to_owned(),
        ),
        (response("200 OK", "", &deep), format!("\"{deep}\"")),
        (chunked.to_vec(), "[1,2]".to_owned()),
        (b"HTTP/1.0 200 OK\r\n\r\n[1]".to_vec(), "[1]".to_owned()),
        (
            response("200 OK", "", format!("\"{}\"", "x".repeat(1_000_000))),
            format!("\"{}\"", "x".repeat(1_000_000)),
        ),
    ];
    for (reply, expected) in cases {
        let server = Server::always(reply);
        let found = shown(&call(&at(&server), &function(ARN), "{}"));
        assert!(found == expected, "{found:.200} instead of {expected:.200}");
    }
}

#[test]
fn an_endpoint_that_is_not_there_or_never_answers() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let absent = connectors(
        Some(&format!("http://{free}")),
        &[],
        Duration::from_secs(60),
    );
    assert_eq!(
        shown(&call(&absent, &function(ARN), "{}")),
        format!(
            "Lambda.SdkClientException: Unable to execute HTTP request: Connect to 127.0.0.1:{} failed: Connection refused (os error 111)",
            free.port()
        )
    );
    let silent = Server::start(|_| Reply::Silence);
    let capped = connectors(Some(&silent.url()), &[], Duration::from_millis(50));
    assert_eq!(
        shown(&call(&capped, &function(ARN), "{}")),
        "Lambda.ClientExecutionTimeoutException: Client execution did not complete before the specified timeout configuration"
    );
}

#[test]
fn functions_have_endpoints_of_their_own() {
    let keeping =
        |body: &'static str| Server::start(move |_| Reply::Keep(response("200 OK", "", body)));
    let [named, by_arn, others] = ["1", "2", "3"].map(keeping);
    let exact = format!("{}/2015-03-31/functions/function/invocations", named.url());
    let functions = [
        ("enrich", exact.as_str()),
        (&ARN.replace("enrich", "score"), &by_arn.url()),
    ];
    let all = connectors(Some(&others.url()), &functions, Duration::from_secs(60));
    let score = ARN.replace("enrich", "score");
    let elsewhere = score.replace("eu-west-1", "us-east-1");
    for (arn, expected) in [
        (ARN, "1"),
        (&format!("{ARN}:live"), "1"),
        (&score, "2"),
        (&format!("{score}:1"), "2"),
        (&elsewhere, "3"),
    ] {
        assert_eq!(shown(&call(&all, &function(arn), "{}")), expected, "{arn}");
    }
    // What the runtime interface emulator listens for, whatever the function's name.
    assert_eq!(
        named.seen()[0].line(),
        "POST /2015-03-31/functions/function/invocations HTTP/1.1"
    );
}

#[test]
fn what_is_not_configured_is_refused_with_a_hint() {
    let nowhere = connectors(None, &[], Duration::from_secs(60));
    let some = connectors(
        None,
        &[("score", "http://127.0.0.1:9")],
        Duration::from_secs(60),
    );
    for (connectors, resource, hint) in [
        (
            &nowhere,
            lambda_invoke(),
            "set lambda.endpoint, or name the functions in [[lambda.functions]]",
        ),
        (
            &nowhere,
            function(ARN),
            "set lambda.endpoint, or name enrich in [[lambda.functions]]",
        ),
        (
            &some,
            function(ARN),
            "set lambda.endpoint, or name enrich in [[lambda.functions]]",
        ),
        (
            &some,
            function("arn:aws:sqs:eu-west-1:123456789012:queue"),
            "it is no Lambda function",
        ),
    ] {
        let refused = connectors.resolve("machine", "State", &resource);
        assert_eq!(refused.unwrap_err(), hint);
    }
    let found = call(&some, &lambda_invoke(), r#"{"FunctionName":"enrich"}"#);
    assert_eq!(
        shown(&found),
        "Lambda.ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:123456789012:function:enrich:$LATEST (lambda.endpoint is not set, and [[lambda.functions]] does not name enrich)"
    );
}

#[test]
fn wrong_parameters_are_not_sent() {
    let server = Server::always(response("200 OK", "", "1"));
    let runtime = |payload: &str, why: &str| {
        format!(
            "States.Runtime: The Parameters '{payload}' could not be used to start the Task: [{why}]"
        )
    };
    let invalid = |value: &str, member: &str| {
        format!(
            "Lambda.AWSLambdaException: 1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint (Service: AWSLambda; Status Code: 400; Error Code: ValidationException; Request ID: 00112233-4455-6677-8899-aabbccddeeff; Proxy: null)"
        )
    };
    let cases = [
        (
            "{}",
            runtime(
                "{}",
                "The field \"FunctionName\" is required but was missing",
            ),
        ),
        ("[]", runtime("[]", "The parameters must be an object")),
        (
            r#"{"FunctionName":1}"#,
            runtime(
                r#"{"FunctionName":1}"#,
                "The value for the field \"FunctionName\" must be a STRING",
            ),
        ),
        (
            r#"{"FunctionName":"f","Function":1}"#,
            runtime(
                r#"{"FunctionName":"f","Function":1}"#,
                "The field \"Function\" is not supported by Step Functions",
            ),
        ),
        (
            r#"{"FunctionName":"../x"}"#,
            invalid("../x", "functionName"),
        ),
        (
            r#"{"FunctionName":"f","Qualifier":"a&b"}"#,
            invalid("a&b", "qualifier"),
        ),
        (
            r#"{"FunctionName":"f","InvocationType":"Later"}"#,
            invalid("Later", "invocationType"),
        ),
        (
            "{\"FunctionName\":\"f\",\"LogType\":\"x\\r\\ny: z\"}",
            "States.Runtime: LogType and ClientContext must be texts that a header can hold"
                .to_owned(),
        ),
    ];
    for (payload, expected) in cases {
        assert_eq!(
            shown(&call(&at(&server), &lambda_invoke(), payload)),
            expected,
            "{payload}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn the_sdk_integration_answers_with_the_members_of_the_api() {
    const ID: &str = "00112233-4455-6677-8899-aabbccddeeff";
    let failed = "X-Amz-Function-Error: Unhandled\r\nx-amz-executed-version: 3\r\n";
    let payload = r#"{"FunctionName":"f","Payload":{"a":1}}"#;
    let cases = [
        (
            response("200 OK", "", "{\"n\": 1.50}"),
            payload,
            r#"{"ExecutedVersion":"$LATEST","Payload":"{\"n\": 1.50}","StatusCode":200}"#.to_owned(),
        ),
        (
            response("202 Accepted", "", ""),
            r#"{"FunctionName":"f","InvocationType":"Event"}"#,
            r#"{"ExecutedVersion":"$LATEST","Payload":"","StatusCode":202}"#.to_owned(),
        ),
        // A function that fails was invoked: the task has not failed.
        (
            response("200 OK", failed, r#"{"errorType":"E"}"#),
            payload,
            r#"{"ExecutedVersion":"3","FunctionError":"Unhandled","Payload":"{\"errorType\":\"E\"}","StatusCode":200}"#.to_owned(),
        ),
        (
            response("500 Internal Server Error", "", r#"{"errorType":"E"}"#),
            payload,
            r#"{"ExecutedVersion":"$LATEST","FunctionError":"Unhandled","Payload":"{\"errorType\":\"E\"}","StatusCode":200}"#.to_owned(),
        ),
        (
            response("404 Not Found", "x-amzn-ErrorType: ResourceNotFoundException\r\n", r#"{"Message":"Function not found: f"}"#),
            payload,
            format!("Lambda.ResourceNotFoundException: Function not found: f (Service: Lambda, Status Code: 404, Request ID: {ID}) (SDK Attempt Count: 1)"),
        ),
        (
            response("403 Forbidden", "x-amzn-ErrorType: AccessDeniedException\r\n", r#"{"Message":"no"}"#),
            payload,
            format!("Lambda.LambdaException: no (Service: Lambda, Status Code: 403, Request ID: {ID}) (SDK Attempt Count: 1)"),
        ),
    ];
    for (reply, payload, expected) in cases {
        let server = Server::always(reply);
        let found = call(
            &at(&server),
            &integration("aws-sdk:lambda", "invoke"),
            payload,
        );
        assert_eq!(shown(&found), expected);
    }
}

#[test]
fn invocations_are_signed_if_there_are_keys() {
    let server = Server::always(response("200 OK", "", "1"));
    let signer = LambdaSigner {
        key_id: "AKIDEXAMPLE".to_owned(),
        secret: Secret::new("a secret".to_owned()),
        session_token: Some(Secret::new("a token".to_owned())),
        region: "eu-west-1".to_owned(),
    };
    assert!(!format!("{signer:?}").contains("a secret"), "{signer:?}");
    let all = made(LambdaSettings {
        endpoint: server.url().parse().ok(),
        functions: BTreeMap::new(),
        time_max: HANGS,
        signer: Some(signer),
    });
    let payload = r#"{"FunctionName":"f","Qualifier":"$LATEST","Payload":{"a":1}}"#;
    assert!(matches!(
        call(&all, &lambda_invoke(), payload),
        TaskResult::Succeeded(_)
    ));
    let request = &server.seen()[0];
    let header = |name| request.header(name).unwrap();
    let host = server.address.to_string();
    assert_eq!(header("host"), host);
    assert_eq!(header("x-amz-date"), "20150830T123600Z");
    assert_eq!(header("x-amz-security-token"), "a token");
    let headers = [
        ("content-type", header("content-type")),
        ("host", host.as_str()),
        ("x-amz-date", header("x-amz-date")),
        ("x-amz-invocation-type", header("x-amz-invocation-type")),
        ("x-amz-security-token", header("x-amz-security-token")),
    ];
    let signed = access::Request {
        method: "POST",
        path: "/2015-03-31/functions/f/invocations",
        query: "Qualifier=%24LATEST",
        headers: &headers,
        payload: br#"{"a":1}"#,
    };
    let scope = Scope {
        date: "20150830",
        region: "eu-west-1",
        service: "lambda",
    };
    let secret = SecretKey::new("a secret".to_owned());
    let expected =
        access::authorization(&signed, "20150830T123600Z", scope, "AKIDEXAMPLE", &secret);
    assert_eq!(header("authorization"), expected);
}

#[test]
fn connections_are_used_again() {
    let server = Server::start(|_| Reply::Keep(response("200 OK", "", "1")));
    let all = at(&server);
    for _ in 0..20 {
        assert_eq!(shown(&call(&all, &function(ARN), "{}")), "1");
    }
    assert_eq!((server.seen().len(), server.connections()), (20, 1));
}

#[test]
fn a_call_is_answered_although_its_connectors_are_gone() {
    let silent = Server::start(|_| Reply::Silence);
    let all = connectors(Some(&silent.url()), &[], Duration::from_millis(50));
    let answer = begin(&all, &function(ARN), "{}");
    drop(all);
    let answer = shown(&answer.recv_timeout(HANGS).unwrap());
    assert!(
        answer.starts_with("Lambda.ClientExecutionTimeoutException: "),
        "{answer}"
    );
}
