//! Who is let in: bearers of tokens and those who sign, over plain connections and TLS.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};

use super::{World, masked, stand};
use crate::access::{Keys, Request, Scope, SecretKey, Tokens, authorization};
use crate::api::{Access, ApiOptions, Parts};

const TOKEN: &str = "0123456789abcdef";
const SECRET: &str = "fedcba9876543210";
/// The engine's clock, in the form of AWS: it stands still.
const NOW: &str = "20231114T221320Z";

fn world(change: impl FnOnce(&mut ApiOptions, &mut Parts)) -> World {
    let (mut options, mut parts, notes) = stand(false);
    parts.access = Access {
        tokens: Tokens::parse(TOKEN).unwrap(),
        keys: Keys::parse(&format!("KEY:{SECRET}")).unwrap(),
    };
    change(&mut options, &mut parts);
    World::start(options, parts, notes).unwrap()
}

/// A request with these headers.
fn request(operation: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// The headers of a signature of this request.
fn signed(operation: &str, body: &str, access_key: &str, secret: &str) -> String {
    let target = format!("AWSStepFunctions.{operation}");
    let headers = [
        ("host", "localhost"),
        ("x-amz-date", NOW),
        ("x-amz-target", target.as_str()),
    ];
    let request = Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        payload: body.as_bytes(),
    };
    let scope = Scope {
        date: "20231114",
        region: "us-east-1",
        service: "states",
    };
    let secret = SecretKey::new(secret.to_owned());
    let value = authorization(&request, NOW, scope, access_key, &secret);
    format!("X-Amz-Date: {NOW}\r\nAuthorization: {value}\r\n")
}

#[test]
fn only_who_has_a_token_or_signs_is_answered() {
    let world = world(|_, _| {});
    let list = "ListStateMachines";
    let good = signed(list, "{}", "KEY", SECRET);
    let refused = |name: &str, message: &str| {
        format!(r#"400 {{"__type":"com.amazon.coral.service#{name}","message":"{message}"}}"#)
    };
    let missing = refused(
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    );
    let unknown = refused(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    );
    let mismatch = refused(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let with_session = format!("{good}X-Amz-Security-Token: x\r\n");
    for (operation, headers, body, expected) in [
        (list, bearer(TOKEN), "{}", "200"),
        (list, good.clone(), "{}", "200"),
        (
            "Nonsense",
            bearer(TOKEN),
            "{}",
            "400 {\"__type\":\"com.amazon.coral.service#UnknownOperation",
        ),
        (list, String::new(), "{}", missing.as_str()),
        ("Nonsense", String::new(), "{}", &missing),
        (
            list,
            "Authorization: Basic eDp5\r\n".to_owned(),
            "{}",
            &missing,
        ),
        (list, bearer(SECRET), "{}", &unknown),
        (list, signed(list, "{}", "OTHER", SECRET), "{}", &unknown),
        (list, with_session, "{}", &unknown),
        (list, signed(list, "{}", "KEY", TOKEN), "{}", &mismatch),
        (list, good.clone(), "{ }", &mismatch),
        ("DeleteStateMachine", good, "{}", &mismatch),
    ] {
        let (head, answer) = world.exchange(&request(operation, &headers, body));
        let status = head.split(' ').nth(1).unwrap_or("none");
        let found = format!("{status} {}", masked(&answer));
        assert!(
            found.starts_with(expected),
            "{operation} {headers}: {found}"
        );
    }
    world.stop();
}

#[test]
fn who_is_not_let_in_sends_no_body() {
    let world = world(|_, _| {});
    // The body never comes, and nothing waits for it.
    let head = request("ListStateMachines", "", "").replace("Length: 0", "Length: 9");
    let (answer, _) = world.exchange(&head);
    assert!(answer.starts_with("http/1.1 400"), "{answer}");
    world.stop();
}

#[test]
fn over_tls_the_same_is_answered_to_who_trusts_the_certificate() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let world = world(|_, parts| parts.tls = Some(Arc::new(config)));
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let request = request("ListStateMachines", &bearer, "{}");
    for trusts in [true, false] {
        let mut roots = RootCertStore::empty();
        if trusts {
            roots.add(made.cert.der().clone()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(world.address).unwrap());
        let mut answer = Vec::new();
        let spoken = stream
            .write_all(request.as_bytes())
            .and_then(|()| stream.read_to_end(&mut answer));
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(spoken.is_ok(), trusts, "{spoken:?}");
        assert_eq!(answer.starts_with("HTTP/1.1 200 OK"), trusts, "{answer}");
    }
    let (plain, _) = world.exchange(&request);
    assert_eq!(plain, "", "no plain HTTP where TLS is spoken");
    world.stop();
}
