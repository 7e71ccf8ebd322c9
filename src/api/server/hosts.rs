//! Which names a request may call us by.
//!
//! A page in a browser can have its own name lead to the loopback (DNS rebinding); it cannot choose what the browser writes
//! into `Host`. So names are answered that are of the loopback or that the settings allow, and literal addresses.

use std::net::IpAddr;

/// What SDKs put before the host for StartSyncExecution and TestState.
const PREFIX: &str = "sync-";

/// Whether a `Host` is answered.
pub(super) fn is_answered(host: &str, allowed: &[String]) -> bool {
    if allowed.iter().any(|name| name == "*") {
        return true;
    }
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_known =
        |name: &str| is_loopback_name(name) || is_address(name) || is_listed(name, allowed);
    is_known(name) || strip_prefix(name).is_some_and(is_known)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn strip_prefix(name: &str) -> Option<&str> {
    let (head, rest) = name.split_at_checked(PREFIX.len())?;
    head.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

fn is_loopback_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn is_address(name: &str) -> bool {
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(name).parse::<IpAddr>().is_ok()
}

fn is_listed(name: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_loopback_addresses_and_listed_names_are_answered() {
        let listed = ["sfn.example".to_owned()];
        let any = ["*".to_owned()];
        for host in [
            "localhost",
            "localhost:8083",
            "LocalHost.:1",
            "sync-localhost:8083",
            "Sync-localhost",
            "x.localhost",
            "127.0.0.1:8083",
            "sync-127.0.0.1:8083",
            "[::1]:8083",
            "10.0.0.7",
            "sfn.example:80",
            "sync-SFN.example",
        ] {
            assert!(is_answered(host, &listed), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "xlocalhost",
            "sync-",
            "sync-sync-localhost",
        ] {
            assert!(!is_answered(host, &listed), "{host}");
            assert!(is_answered(host, &any), "{host}");
        }
    }
}
