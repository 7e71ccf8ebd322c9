//! TLS: whom the client trusts, and HTTP/2 where it is offered.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use stepstream::connectors::{
    ClientLimits, Clients, HttpConnectors, HttpSettings, Reach, SystemNetwork,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, version};

use super::drive::{call, http_invoke, shown};

/// A server that offers these protocols and tells which version it was asked in; its port, and its certificate in PEM.
fn serve(name: &str, protocols: &[&str]) -> (u16, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS12, &version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(acceptor.clone(), stream));
            }
        });
    });
    (told.recv().unwrap(), made.cert.pem())
}

async fn answer(acceptor: TlsAcceptor, stream: tokio::net::TcpStream) {
    // A client that trusts nobody ends the handshake.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let is_two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(|request: Request<Incoming>| async move {
        let host = request.headers().get("host").is_some();
        let body = format!("{:?}, Host: {host}", request.version());
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(body))))
    });
    let io = TokioIo::new(stream);
    if is_two {
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        drop(builder.serve_connection(io, service).await);
    } else {
        let builder = hyper::server::conn::http1::Builder::new();
        drop(builder.serve_connection(io, service).await);
    }
}

fn ask(port: u16, trusted: &str) -> String {
    let url = format!("https://localhost:{port}");
    let settings = HttpSettings {
        allow: vec![url.parse().unwrap()],
        connections: Vec::new(),
        limits: ClientLimits {
            time_max: Duration::from_secs(60),
            body_bytes_max: 1_000,
        },
    };
    let clients = Clients::start(Arc::new(SystemNetwork), trusted.as_bytes(), 8).unwrap();
    let loopback = ["127.0.0.1", "::1"].map(|address| address.parse().unwrap());
    let guarded = clients.client(settings.reach(loopback.to_vec()));
    let all = HttpConnectors::new(settings, guarded, clients.client(Reach::Everything));
    let parameters = format!(r#"{{"ApiEndpoint":"{url}/","Method":"GET"}}"#);
    shown(&call(&all, &http_invoke(), &parameters))
}

#[test]
fn http_2_is_spoken_where_it_is_offered() {
    for (protocols, expected) in [
        (&["h2", "http/1.1"][..], "\"HTTP/2.0, Host: false\""),
        (&["http/1.1"][..], "\"HTTP/1.1, Host: true\""),
        (&[][..], "\"HTTP/1.1, Host: true\""),
    ] {
        let (port, certificate) = serve("localhost", protocols);
        let found = ask(port, &certificate);
        assert!(
            found.contains(&format!("\"ResponseBody\":{expected}")),
            "{protocols:?}: {found}"
        );
        assert!(
            found.ends_with("\"StatusCode\":200,\"StatusText\":\"OK\"}"),
            "{found}"
        );
    }
}

#[test]
fn who_is_not_trusted_gets_no_request() {
    let (port, _) = serve("localhost", &["h2"]);
    assert_eq!(
        ask(port, ""),
        "States.Http.Socket: invalid peer certificate: UnknownIssuer"
    );
    let (port, certificate) = serve("other.example", &["h2"]);
    let found = ask(port, &certificate);
    assert!(
        found.starts_with("States.Http.Socket: invalid peer certificate: certificate not valid for name \"localhost\""),
        "{found}"
    );
}

#[test]
fn what_is_no_certificate_is_refused() {
    for text in [
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let refused = Clients::start(Arc::new(SystemNetwork), text.as_bytes(), 8).unwrap_err();
        let said = refused.to_string();
        assert!(
            said.starts_with("the certificates to trust cannot be used: "),
            "{said}"
        );
    }
}
