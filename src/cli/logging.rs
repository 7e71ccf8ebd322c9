//! How the process tells of itself: readable lines, or JSON, on stderr.

use std::io;

use tracing_subscriber::EnvFilter;

/// Which lines are written: `info`, or what this variable says in the syntax of `tracing`'s filters.
const VARIABLE: &str = "STEPSTREAM_LOG";

/// Installs it for the process; `format` is `text` or `json`.
pub(super) fn install(format: &str, default_level: &str) {
    let filter =
        EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(default_level));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false);
    // A second call in a process finds the first one's in place, which is as good.
    drop(match format {
        "json" => builder.json().try_init(),
        _ => builder.try_init(),
    });
}
