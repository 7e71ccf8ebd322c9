//! Where HTTP tasks may go: rules, and the targets that they are compared with.
//!
//! There is one reading of an URL: it is taken apart once, checked, and put together anew from what was checked. What two readers
//! might read differently (a user, a backslash, an address in octal, dots in a path) is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::Uri;

/// Hosts, ports and paths that are allowed: `https://api.example.com/v1`, `https://*.example.com`, `http://127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRule {
    is_https: bool,
    /// `*.` at its beginning stands for one or more labels.
    host: String,
    port: u16,
    /// Without a slash at its end; this path and all below it.
    path: String,
}

/// A target, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    is_https: bool,
    /// In lower case, without brackets and without a dot at its end.
    host: String,
    literal: Option<IpAddr>,
    port: u16,
    /// Begins with a slash.
    path: String,
    /// As written, without the question mark.
    pub(super) query: String,
}

impl TargetRule {
    /// The address that its host is written as, if it is one.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(super) fn allows(&self, target: &Target) -> bool {
        let is_host = match self.host.strip_prefix("*.") {
            Some(domain) => {
                let labels = target.host.strip_suffix(domain);
                target.literal.is_none()
                    && labels.is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
            }
            None => self.host == target.host,
        };
        let below = target.path.strip_prefix(&self.path);
        let is_path = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        is_host && is_path && self.is_https == target.is_https && self.port == target.port
    }
}

impl std::str::FromStr for TargetRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        let wildcard = rest.strip_prefix("*.");
        let url = format!("{scheme}://{}", wildcard.unwrap_or(rest));
        let target = Target::parse(&url)
            .map_err(|why| format!("is no rule such as https://api.example.com/v1: {why}"))?;
        if !target.query.is_empty() {
            return Err("a rule has no query".to_owned());
        }
        if wildcard.is_some() && target.literal.is_some() {
            return Err("an address has no names below it".to_owned());
        }
        Ok(Self {
            is_https: target.is_https,
            host: match wildcard {
                Some(_) => format!("*.{}", target.host),
                None => target.host,
            },
            port: target.port,
            path: target.path.trim_end_matches('/').to_owned(),
        })
    }
}

impl Target {
    /// Takes an URL apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let is_odd = |c: char| !c.is_ascii_graphic() || matches!(c, '\\' | '#' | '<' | '>' | '"');
        if let Some(odd) = url.chars().find(|c| is_odd(*c)) {
            return Err(format!("an URL must not contain {odd:?}"));
        }
        let uri: Uri = url.parse().map_err(|why| format!("it is no URL: {why}"))?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("an URL must begin with https:// or http://".to_owned()),
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err("an URL must not contain a user".to_owned());
        }
        let (host, port) = split_port(authority)?;
        let default_port = if is_https { 443 } else { 80 };
        let (host, literal) = host_of(host)?;
        let path = if uri.path().is_empty() {
            "/"
        } else {
            uri.path()
        };
        if has_dots(path) {
            return Err("a path must not contain the segments . and ..".to_owned());
        }
        Ok(Self {
            is_https,
            host,
            literal,
            port: port.unwrap_or(default_port),
            path: path.to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }

    /// The URL of what was checked, with this query.
    pub(super) fn url(&self, query: &str) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        let host = match self.literal {
            Some(IpAddr::V6(address)) => format!("[{address}]"),
            Some(IpAddr::V4(_)) | None => self.host.clone(),
        };
        let mark = if query.is_empty() { "" } else { "?" };
        let Self { port, path, .. } = self;
        let default_port = if self.is_https { 443 } else { 80 };
        if *port == default_port {
            format!("{scheme}://{host}{path}{mark}{query}")
        } else {
            format!("{scheme}://{host}:{port}{path}{mark}{query}")
        }
    }
}

impl std::fmt::Display for Target {
    /// What a rule would have to name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url(""))
    }
}

/// The host, in brackets if it is an address of IPv6, and the port.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let colon = match authority.rfind(']') {
        Some(bracket) => authority
            .get(bracket + 1..)
            .unwrap_or_default()
            .find(':')
            .map(|at| bracket + 1 + at),
        None => authority.find(':'),
    };
    let Some(colon) = colon else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(colon);
    let port = port.trim_start_matches(':');
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_number && port > 0 => Ok((host, Some(port))),
        _ => Err("a port must be a number from 1 to 65535".to_owned()),
    }
}

/// The host in its one form, and the address that it is.
fn host_of(written: &str) -> Result<(String, Option<IpAddr>), String> {
    let brackets = written.strip_prefix('[').map(|rest| rest.strip_suffix(']'));
    if let Some(within) = brackets {
        let address = within.and_then(|text| text.parse::<Ipv6Addr>().ok());
        let address = address.ok_or("what is in brackets must be an address of IPv6")?;
        return Ok((address.to_string(), Some(IpAddr::V6(address))));
    }
    let host = written
        .strip_suffix('.')
        .unwrap_or(written)
        .to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok((host, Some(IpAddr::V4(address))));
    }
    let is_label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(legal)
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err("the host is no name and no address".to_owned());
    }
    // Systems read 2130706433, 0x7f.1 and 127.1 as addresses.
    let last = host.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x");
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_number {
        return Err("the host is a number: write an address as four decimal numbers".to_owned());
    }
    Ok((host, None))
}

/// Whether a server may find `.` or `..` in a path, however often it decodes it.
fn has_dots(path: &str) -> bool {
    let mut path = path.as_bytes().to_vec();
    loop {
        let mut segments = path.split(|byte| matches!(byte, b'/' | b'\\' | b';'));
        if segments.any(|segment| segment == b"." || segment == b"..") {
            return true;
        }
        let decoded = super::form::decode(&path);
        if decoded == path {
            return false;
        }
        path = decoded;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_allow_what_they_name() {
        let cases = [
            ("https://a.example", "https://a.example", true),
            ("https://a.example", "https://A.EXAMPLE./x?y=1", true),
            ("https://a.example", "https://a.example:443/", true),
            ("https://a.example", "http://a.example/", false),
            ("https://a.example", "https://a.example:8443/", false),
            ("https://a.example", "https://b.a.example/", false),
            (
                "https://a.example",
                "https://a.example.evil.example/",
                false,
            ),
            ("https://a.example:8443/", "https://a.example:8443/x", true),
            ("https://a.example/v1", "https://a.example/v1", true),
            ("https://a.example/v1/", "https://a.example/v1/x", true),
            ("https://a.example/v1", "https://a.example/v10", false),
            ("https://a.example/v1", "https://a.example/v2", false),
            ("https://a.example/v1", "https://a.example/", false),
            ("https://*.example", "https://a.b.example/", true),
            ("https://*.example", "https://example/", false),
            ("https://*.example", "https://aexample/", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x", true),
            ("http://127.0.0.1:8080", "http://127.0.0.2:8080/x", false),
            ("http://[::1]:80", "http://[0:0:0:0:0:0:0:1]/", true),
        ];
        for (rule, url, expected) in cases {
            let parsed: TargetRule = rule.parse().unwrap();
            let target = Target::parse(url).unwrap();
            assert_eq!(parsed.allows(&target), expected, "{rule} {url}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for rule in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://*",
            "https://*.10.0.0.1",
            "https://u@a.example",
            "https://a.example?x=1",
            "https://a.example/../x",
            "https://a.*.example",
        ] {
            assert!(rule.parse::<TargetRule>().is_err(), "{rule}");
        }
    }

    #[test]
    fn a_target_is_written_anew() {
        let cases = [
            ("https://a.example", "", "https://a.example/"),
            ("HTTPS://A.example:443/X", "a=b", "https://a.example/X?a=b"),
            ("http://a.example:8080/x?y=z", "", "http://a.example:8080/x"),
            ("http://[0::1]:81/", "", "http://[::1]:81/"),
        ];
        for (url, query, expected) in cases {
            assert_eq!(Target::parse(url).unwrap().url(query), expected);
        }
    }
}
