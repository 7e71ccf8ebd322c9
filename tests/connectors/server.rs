//! A server that answers with bytes as they are written here, right or wrong.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// `POST /x HTTP/1.1`
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    /// The value of the one header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.head.lines().filter_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        let first = found.next();
        assert_eq!(found.next(), None, "{name} came twice");
        first
    }
}

/// What is done about it.
pub(crate) enum Reply {
    /// These bytes, then the end of the connection.
    Close(Vec<u8>),
    /// These bytes, then the next request of the connection.
    Keep(Vec<u8>),
    /// Nothing for as long as the client holds the connection.
    Silence,
}

/// Answers each connection on a thread of its own, for as long as the process lives.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        let (answer, itself) = (Arc::new(answer), server.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *itself.connections.lock().unwrap() += 1;
                let (answer, itself) = (Arc::clone(&answer), itself.clone());
                std::thread::spawn(move || itself.serve(stream, &*answer));
            }
        });
        server
    }

    /// One that gives every request the same answer and then closes.
    pub(crate) fn always(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |_| Reply::Close(reply.clone()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    fn serve(&self, mut stream: TcpStream, answer: &dyn Fn(&Request) -> Reply) {
        let mut read = Vec::new();
        loop {
            let Some(request) = take_request(&mut stream, &mut read) else {
                return;
            };
            self.seen.lock().unwrap().push(request.clone());
            match answer(&request) {
                Reply::Keep(bytes) => stream.write_all(&bytes).unwrap(),
                // A client that has read enough closes before all is written.
                Reply::Close(bytes) => return drop(stream.write_all(&bytes)),
                Reply::Silence => drop(stream.read_to_end(&mut Vec::new())),
            }
        }
    }
}

fn take_request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Request> {
    loop {
        let text = String::from_utf8_lossy(read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let request = Request {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            let length = request.header("content-length");
            let length = length.map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                read.clear();
                return Some(request);
            }
        }
        let mut chunk = [0; 65_536];
        match stream.read(&mut chunk) {
            Ok(count) if count > 0 => read.extend(chunk.iter().take(count)),
            _ => return None,
        }
    }
}

/// A response with its length.
pub(crate) fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
