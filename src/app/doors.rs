//! Tokens, keys and certificates: from the files and variables that the settings name.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::service::StartError;
use crate::access::{Keys, Tokens};
use crate::api::Access;
use crate::config::{ApiSettings, SecretText, TlsSettings};

/// Who may ask the API.
pub(super) fn access(settings: &ApiSettings) -> Result<Access, StartError> {
    let keys = read(settings.keys.as_ref(), "api.keys_file", Keys::parse)?;
    Ok(Access {
        tokens: tokens(settings.tokens.as_ref(), "api.tokens_file")?,
        keys: keys.unwrap_or_default(),
    })
}

/// Tokens; none if nobody is asked for one.
pub(super) fn tokens(
    secret: Option<&SecretText>,
    setting: &'static str,
) -> Result<Tokens, StartError> {
    read(secret, setting, Tokens::parse).map(Option::unwrap_or_default)
}

fn read<T>(
    secret: Option<&SecretText>,
    setting: &'static str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, StartError> {
    let read = match secret {
        None => return Ok(None),
        Some(SecretText::Variable(secret)) => parse(secret.reveal()),
        Some(SecretText::File(path)) => std::fs::read_to_string(path)
            .map_err(|why| format!("it cannot be read: {why}"))
            .and_then(|text| parse(&text))
            .map_err(|why| format!("{}: {why}", path.display())),
    };
    read.map(Some)
        .map_err(|why| StartError::Setting { setting, why })
}

/// What a server needs to speak TLS 1.2 and 1.3, if it is to.
pub(super) fn tls(
    settings: Option<&TlsSettings>,
    setting: &'static str,
) -> Result<Option<Arc<ServerConfig>>, StartError> {
    let Some(TlsSettings { certificate, key }) = settings else {
        return Ok(None);
    };
    server_config(certificate, key)
        .map(|config| Some(Arc::new(config)))
        .map_err(|why| StartError::Setting { setting, why })
}

fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, String> {
    let of = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| of(certificate, &why))?;
    if chain.is_empty() {
        return Err(of(certificate, &"there is no certificate in it"));
    }
    let key_read = PrivateKeyDer::from_pem_file(key).map_err(|why| of(key, &why))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key_read)
        .map_err(|why| format!("{} and {}: {why}", certificate.display(), key.display()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::Secret;

    #[test]
    fn files_that_make_no_door_are_named_with_the_setting() {
        let folder = std::env::temp_dir().join(format!("stepstream-doors-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let make = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (one, other) = (make(), make());
        let certificate = write("one.crt", &one.cert.pem());
        let key = write("one.key", &one.signing_key.serialize_pem());
        let other_key = write("other.key", &other.signing_key.serialize_pem());
        let empty = write("empty", "");
        let missing = folder.join("missing");
        for (certificate, key, expected) in [
            (&certificate, &key, ""),
            (&certificate, &other_key, "one.crt and "),
            (&empty, &key, "empty: there is no certificate in it"),
            (&missing, &key, "missing: "),
            (&certificate, &empty, "empty: "),
            (&certificate, &missing, "missing: "),
        ] {
            let settings = TlsSettings {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            let said = tls(Some(&settings), "api.tls").err();
            let said = said.map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
            assert!(said.contains(expected), "{said}");
            assert!(said.is_empty() || said.starts_with("api.tls: "), "{said}");
        }
        let tokens = |secret: &SecretText| tokens(Some(secret), "api.tokens_file");
        let secret = |text: &str| SecretText::Variable(Secret::new(text.to_owned()));
        assert!(tokens(&secret("0123456789abcdef")).is_ok());
        for (secret, expected) in [
            (secret("hunter2"), "api.tokens_file: token 1 has fewer"),
            (SecretText::File(missing), "missing: it cannot be read"),
            (SecretText::File(empty), "empty: there is no token in it"),
        ] {
            let said = tokens(&secret).unwrap_err().to_string();
            assert!(
                said.contains(expected) && !said.contains("hunter2"),
                "{said}"
            );
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
