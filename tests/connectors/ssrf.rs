//! Targets that must not be reached. The network only records: no packet leaves this process, whatever a test gets wrong.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stepstream::connectors::{
    ClientLimits, Clients, Connecting, HttpConnectors, HttpSettings, Network, Reach, Resolving,
};

use super::drive::{call, http_invoke, shown};

/// Resolves every name to the next of its answers, the last one again and again, and refuses every connection.
#[derive(Debug)]
struct Recorder {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    resolved: Mutex<Vec<String>>,
    connected: Mutex<Vec<SocketAddr>>,
}

impl Recorder {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parsed).collect()),
            resolved: Mutex::default(),
            connected: Mutex::default(),
        })
    }

    fn connected(&self) -> Vec<String> {
        let connected = self.connected.lock().unwrap();
        connected.iter().map(ToString::to_string).collect()
    }
}

impl Network for Recorder {
    fn resolve(&self, host: String, port: u16) -> Resolving {
        self.resolved.lock().unwrap().push(host);
        let mut answers = self.answers.lock().unwrap();
        let last = answers.last().cloned().unwrap_or_default();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            last
        };
        let answer = answer.into_iter().map(|ip| SocketAddr::new(ip, port));
        let answer: Vec<SocketAddr> = answer.collect();
        Box::pin(async move { Ok(answer) })
    }

    fn connect(&self, address: SocketAddr) -> Connecting {
        self.connected.lock().unwrap().push(address);
        Box::pin(async { Err(io::Error::from(io::ErrorKind::ConnectionRefused)) })
    }
}

const RULES: &[&str] = &[
    "https://api.example",
    "http://api.example/v1",
    "http://api.example:8080",
    "https://*.wild.example",
];

fn connectors(network: &Arc<Recorder>, rules: &[&str], also: &[&str]) -> HttpConnectors {
    let settings = HttpSettings {
        allow: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
        connections: Vec::new(),
        limits: ClientLimits {
            time_max: Duration::from_secs(60),
            body_bytes_max: 1_000,
        },
    };
    let also = also.iter().map(|range| range.parse().unwrap()).collect();
    let network: Arc<dyn Network> = Arc::<Recorder>::clone(network);
    let clients = Clients::start(network, b"", 8).unwrap();
    let guarded = clients.client(settings.reach(also));
    HttpConnectors::new(
        settings,
        guarded,
        clients.client(Reach::Public {
            also: Vec::new(),
            literals: Vec::new(),
        }),
    )
}

fn get(connectors: &HttpConnectors, url: &str) -> String {
    let url = stepstream::value::Value::from(url).to_json();
    let parameters = format!(r#"{{"ApiEndpoint":{url},"Method":"GET"}}"#);
    shown(&call(connectors, &http_invoke(), &parameters))
}

/// URLs that no rule allows, however they are written. All names would lead to a public address.
const URLS: &[&str] = &[
    // Hosts that are somebody else's.
    "https://evil.example/",
    "https://api.example.evil.example/",
    "https://evil.example/api.example",
    "https://evil.example?api.example",
    "https://evil.example#api.example",
    "https://evilapi.example/",
    "https://sub.api.example/",
    "https://wild.example/",
    "https://evilwild.example/",
    "https://wild.example.evil.example/",
    "https://*.wild.example/",
    "https://.wild.example/",
    // A user before the host, or something that looks like one.
    "https://api.example@evil.example/",
    "https://api.example:443@evil.example/",
    "https://user:password@api.example/",
    "https://@api.example/",
    "https://api.example%40evil.example/",
    "https://api.example%2eevil.example/",
    // What some readers take for a slash, an end or nothing.
    "https://evil.example\\@api.example/",
    "https://api.example\\.evil.example/",
    "https:\\\\api.example/",
    "https:/api.example/",
    "https:api.example/",
    "https:///api.example/",
    "https://api.example /",
    " https://api.example/",
    "https://api.example/\r\nHost: evil.example",
    "https://api.example/%0d%0aHost:%20evil.example/../..",
    "https://api.example\t.evil.example/",
    "https://api.example\u{0}.evil.example/",
    "https://api.example#@evil.example/",
    "https://\u{ff41}pi.example/",
    "https://api\u{3002}example/",
    "https://api.example\u{200b}/",
    "https://[api.example]/",
    "https://<api.example>/",
    // Schemes and ports.
    "ftp://api.example/",
    "file:///etc/passwd",
    "gopher://api.example/_x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "//api.example/",
    "api.example",
    "",
    "https://api.example:22/",
    "https://api.example:0/",
    "https://api.example:/",
    "https://api.example:443443/",
    "https://api.example:+443/",
    "https://api.example:80:443/",
    "http://api.example:8081/",
    // Paths above or beside the allowed one.
    "http://api.example/",
    "http://api.example/v2",
    "http://api.example/v10",
    "http://api.example/v1/../v2",
    "http://api.example/v1/%2e%2e/v2",
    "http://api.example/v1/.%2E/v2",
    "http://api.example/v1/%252e%252e/v2",
    "http://api.example/v1/..%2fv2",
    "http://api.example/v1/..%5cv2",
    "http://api.example/v1/..;/v2",
    "http://api.example/v1/./x",
    "http://api.example/V1",
    // This machine, in every way to write it.
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/v1",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://localhost.localdomain/",
    "http://localtest.me/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://[::1",
    // Metadata of clouds, and networks that are private.
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://metadata.google.internal/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
];

#[test]
fn no_url_reaches_what_no_rule_names() {
    const { assert!(URLS.len() >= 80) };
    let network = Recorder::new(&[&["93.184.216.34"]]);
    let connectors = connectors(&network, RULES, &[]);
    for url in URLS {
        let found = get(&connectors, url);
        assert!(found.starts_with("States.Http: "), "{url:?}: {found}");
    }
    assert_eq!(network.connected(), [""; 0]);
    assert_eq!(*network.resolved.lock().unwrap(), [""; 0]);
}

/// What no rule can name, because it is no URL or not written as it must be, stays out of reach even where it is asked for.
#[test]
fn odd_hosts_are_no_rules() {
    for host in [
        "2130706433",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "a@b",
        "[::1%25eth0]",
        "a b",
        "a\\b",
    ] {
        let rule = format!("http://{host}/");
        assert!(
            rule.parse::<stepstream::connectors::TargetRule>().is_err(),
            "{rule}"
        );
    }
}

/// Addresses to which an allowed name must not lead.
const ADDRESSES: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

#[test]
fn an_allowed_name_leads_to_public_addresses_only() {
    for address in ADDRESSES {
        let network = Recorder::new(&[&[address]]);
        let found = get(&connectors(&network, RULES, &[]), "https://api.example/");
        assert_eq!(
            found,
            "States.Http: HTTP tasks must not call it: the address of api.example is not public, and http.allow_addresses does not name it.",
            "{address}"
        );
        assert_eq!(network.connected(), [""; 0], "{address}");
    }
}

#[test]
fn the_connection_goes_to_the_address_that_was_checked() {
    // Of a name's addresses only those that may be reached; and each connection checks anew what the name means by then.
    let network = Recorder::new(&[&["127.0.0.1", "93.184.216.34", "::1"], &["169.254.169.254"]]);
    let all = connectors(&network, RULES, &[]);
    let found = get(&all, "https://a.wild.example/");
    assert_eq!(
        found,
        "States.Http.Socket: Connect to a.wild.example:443 failed: connection refused"
    );
    assert_eq!(network.connected(), ["93.184.216.34:443"]);
    let found = get(&all, "https://a.wild.example/");
    assert!(found.starts_with("States.Http: "), "{found}");
    assert_eq!(network.connected(), ["93.184.216.34:443"]);
    // One question for one connection: nobody can answer differently in between.
    assert_eq!(*network.resolved.lock().unwrap(), ["a.wild.example"; 2]);
}

/// Rules, ranges, an URL, and what is connected to.
type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, &'a [&'a str]);

#[test]
fn settings_can_name_addresses_that_are_not_public() {
    let cases: &[Case<'_>] = &[
        (
            &["http://10.1.2.3:8080"],
            &[],
            "http://10.1.2.3:8080/x",
            &["10.1.2.3:8080"],
        ),
        (
            &["http://[fd00::1]"],
            &[],
            "http://[fd00:0::1]/x",
            &["[fd00::1]:80"],
        ),
        (
            &["https://inside.example"],
            &["10.0.0.0/8"],
            "https://inside.example",
            &["10.9.8.7:443"],
        ),
        // A rule that is written as an address opens it to nobody's name.
        (
            &["https://inside.example", "http://10.9.8.7"],
            &[],
            "https://inside.example",
            &[],
        ),
        (
            &["https://inside.example"],
            &["10.0.0.0/16"],
            "https://inside.example",
            &[],
        ),
    ];
    for (rules, also, url, connected) in cases {
        let network = Recorder::new(&[&["10.9.8.7"]]);
        get(&connectors(&network, rules, also), url);
        assert_eq!(network.connected(), *connected, "{rules:?} {url}");
    }
}
