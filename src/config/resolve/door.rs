//! What `[api]` and `[server]` have in common: an address, who may ask there, and TLS.

use std::net::SocketAddr;
use std::path::Path;

use crate::config::environment::Environment;
use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::{SecretText, TlsSettings};
use crate::connectors::Secret;

/// The address of `table.listen`. One that other machines reach needs the flag, unless somebody asks who is there.
pub(super) fn listen(
    table: &Table,
    is_guarded: bool,
    remedy: &str,
    faults: &mut Faults,
) -> SocketAddr {
    let unspecified = SocketAddr::from(([127, 0, 0, 1], 0));
    let listen: SocketAddr = table.text("listen").parse().unwrap_or(unspecified);
    if !listen.ip().is_loopback() && !is_guarded && !table.flag("allow_remote") {
        let message = format!(
            "{listen} can be reached from other machines: say who may ask, by {remedy}; \
             if anybody may, set {} = true",
            table.key("allow_remote")
        );
        faults.push(table.place_of("listen"), table.key("listen"), message);
    }
    listen
}

/// The secret of the variable `STEPSTREAM_SECRET_NAME`, else of the file that `key` names.
pub(super) fn secret(
    table: &Table,
    key: &str,
    name: &str,
    folder: &Path,
    environment: &Environment,
) -> Option<SecretText> {
    let variable = environment.own(&format!("SECRET_{name}"));
    let variable = variable.map(|text| SecretText::Variable(Secret::new(text.to_owned())));
    let file = || Some(SecretText::File(folder.join(table.optional_text(key)?)));
    variable.or_else(file)
}

/// Both files, or none.
pub(super) fn tls(table: &Table, folder: &Path, faults: &mut Faults) -> Option<TlsSettings> {
    let table = table.table("tls");
    let file = |key: &str| table.optional_text(key).map(|file| folder.join(file));
    match (file("certificate"), file("key")) {
        (Some(certificate), Some(key)) => Some(TlsSettings { certificate, key }),
        (None, None) => None,
        (there, _) => {
            let (there, missing) = match there {
                Some(_) => ("certificate", "key"),
                None => ("key", "certificate"),
            };
            let message = format!("missing: {} needs it", table.key(there));
            faults.push(table.place_of(there), table.key(missing), message);
            None
        }
    }
}
