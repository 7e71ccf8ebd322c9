//! `[api]`.

use std::path::Path;

use super::door;
use crate::api::ApiOptions;
use crate::config::environment::Environment;
use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::{ApiSettings, IdentitySettings};
use crate::machine::Limits;

/// The settings of the API; none if it is not served.
pub(super) fn api(
    table: &Table,
    folder: &Path,
    environment: &Environment,
    identity: &IdentitySettings,
    limits: Limits,
    faults: &mut Faults,
) -> Option<ApiSettings> {
    if !table.flag("enabled") {
        return None;
    }
    let secret = |key, name| door::secret(table, key, name, folder, environment);
    let tokens = secret("tokens_file", "API_TOKENS");
    let keys = secret("keys_file", "API_KEYS");
    let is_guarded = tokens.is_some() || keys.is_some();
    let remedy = "api.tokens_file or api.keys_file";
    let listen = door::listen(table, is_guarded, remedy, faults);
    let log_groups = table.list("log_groups").iter();
    Some(ApiSettings {
        tokens,
        keys,
        tls: door::tls(table, folder, faults),
        state_dir: table.optional_text("state_dir").map(|dir| folder.join(dir)),
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
            recent_executions_max: table.count("recent_executions_max"),
            keeps_all_executions: table.flag("recent_executions_of_events"),
            recent_executions_bytes_max: table.count("recent_executions_bytes_max"),
            is_strict: table.flag("strict"),
            ..ApiOptions::new(identity.machine("stepstream"))
        },
    })
}
