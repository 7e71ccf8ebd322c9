//! Every setting there is: its kind, default and meaning. The only place where a key is named for the first time.

mod api;
mod execution;
mod kafka;
mod process;
mod tasks;
mod workflows;

use super::kind::Kind::File;
use super::section::Absent::Unset;
use super::section::{Section, Setting, setting};

/// What TLS takes, wherever we are the server.
const TLS: &[Setting] = &[
    setting(
        "certificate",
        File,
        Unset("\"server.crt\""),
        "The certificate and those between it and its authority, in PEM.",
    ),
    setting(
        "key",
        File,
        Unset("\"server.key\""),
        "Its private key, in PEM.",
    ),
];

/// All of them, in the order in which they are documented.
pub(super) fn sections() -> impl Iterator<Item = &'static Section> {
    let files = [
        kafka::SECTIONS,
        process::SECTIONS,
        api::SECTIONS,
        execution::SECTIONS,
        tasks::SECTIONS,
        workflows::SECTIONS,
    ];
    files.into_iter().flatten()
}
