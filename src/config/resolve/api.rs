//! `[api]`.

use std::net::SocketAddr;

use crate::api::ApiOptions;
use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::{ApiSettings, IdentitySettings};
use crate::machine::Limits;

/// The settings of the API; none if it is not served.
pub(super) fn api(
    table: &Table,
    identity: &IdentitySettings,
    limits: Limits,
    faults: &mut Faults,
) -> Option<ApiSettings> {
    let unspecified = SocketAddr::from(([127, 0, 0, 1], 0));
    let listen: SocketAddr = table.text("listen").parse().unwrap_or(unspecified);
    if !table.flag("enabled") {
        return None;
    }
    if !listen.ip().is_loopback() && !table.flag("allow_remote") {
        let message = format!(
            "{listen} can be reached from other machines, and the API asks nobody who he is; \
             if that is meant, set api.allow_remote = true"
        );
        faults.push(table.place_of("listen"), "api.listen", message);
    }
    let log_groups = table.list("log_groups").iter();
    Some(ApiSettings {
        log_groups: log_groups
            .map(|group| (group.text("name"), group.text("topic")))
            .collect(),
        options: ApiOptions {
            listen,
            hosts: table.texts("hosts"),
            limits,
            threads: table.count("threads"),
            connections_max: table.count("connections_max"),
            requests_max: table.count("requests_max"),
            body_bytes_max: table.count("body_bytes_max"),
            bodies_bytes_max: table.count("bodies_bytes_max"),
            head_time_max: table.millis("head_ms"),
            body_time_max: table.millis("body_ms"),
            write_time_max: table.millis("write_ms"),
            machines_max: table.count("machines_max"),
            ..ApiOptions::new(identity.machine("stepstream"))
        },
    })
}
