//! `[lambda]`, `[http]` and `[[connections]]`.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use crate::config::environment::Environment;
use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::{ConnectionSettings, HttpTaskSettings, TaskSettings};
use crate::connectors::{Authorization, ClientLimits, LambdaSettings, OAuthClient, Secret};

pub(super) fn tasks(
    root: &Table,
    folder: &Path,
    environment: &Environment,
    faults: &mut Faults,
) -> TaskSettings {
    let connections = root.list("connections");
    TaskSettings {
        lambda: lambda(root.table("lambda"), faults),
        http: http(root.table("http"), folder, faults),
        connections: connections
            .iter()
            .map(|table| connection(table, connections, folder, environment, faults))
            .collect(),
    }
}

fn lambda(table: &Table, faults: &mut Faults) -> LambdaSettings {
    let mut functions = BTreeMap::new();
    for function in table.list("functions") {
        let name = function.text("name");
        if let Some(endpoint) = parsed(function, "endpoint", faults)
            && functions.insert(name, endpoint).is_some()
        {
            let message = "another function has the same name".to_owned();
            faults.push(function.place_of("name"), function.key("name"), message);
        }
    }
    LambdaSettings {
        endpoint: parsed(table, "endpoint", faults),
        functions,
        time_max: table.millis("timeout_ms"),
    }
}

fn http(table: &Table, folder: &Path, faults: &mut Faults) -> HttpTaskSettings {
    HttpTaskSettings {
        allow: all_parsed(table, "allow", faults),
        allow_addresses: all_parsed(table, "allow_addresses", faults),
        limits: ClientLimits {
            time_max: table.millis("timeout_ms"),
            body_bytes_max: table.count("response_bytes_max"),
        },
        connections_per_host_max: table.count("connections_per_host_max"),
        ca_file: table.optional_text("ca_file").map(|file| folder.join(file)),
    }
}

fn connection(
    table: &Table,
    all: &[Table],
    folder: &Path,
    environment: &Environment,
    faults: &mut Faults,
) -> ConnectionSettings {
    let name = table.text("name");
    let is_first = |other: &&Table| other.text("name") == name;
    if all
        .iter()
        .find(is_first)
        .is_some_and(|first| first.path != table.path)
    {
        let message = "another connection has the same name".to_owned();
        faults.push(table.place_of("name"), table.key("name"), message);
    }
    let variable = format!("SECRET_{}", name.to_uppercase().replace('-', "_"));
    let secret = environment
        .own(&variable)
        .map(|text| Secret::new(text.to_owned()));
    let secret_file = table
        .optional_text("secret_file")
        .map(|file| folder.join(file));
    let authorization = table.text("authorization");
    if secret.is_none() && secret_file.is_none() && !authorization.is_empty() {
        let message =
            format!("missing: neither it nor the variable STEPSTREAM_{variable} is there");
        faults.push(table.place.clone(), table.key("secret_file"), message);
    }
    let mut needed = |key: &str| {
        let written = table.optional_text(key);
        if written.is_none() {
            let message = format!("missing: {authorization} needs it");
            faults.push(table.place.clone(), table.key(key), message);
        }
        written.unwrap_or_default()
    };
    // The secret is put in where it is known.
    let unknown = Secret::new(String::new());
    let authorization = match authorization.as_str() {
        "basic" => Authorization::Basic {
            user: needed("user"),
            password: unknown,
        },
        "api_key" => Authorization::ApiKey {
            header: needed("header"),
            value: unknown,
        },
        "oauth_client_credentials" => Authorization::OAuth(OAuthClient {
            token_url: needed("token_url"),
            client_id: needed("client_id"),
            client_secret: unknown,
            in_header: table.flag("client_in_header"),
            parameters: properties(table, "token"),
        }),
        _ => Authorization::None,
    };
    ConnectionSettings {
        name,
        authorization,
        secret,
        secret_file,
        headers: properties(table, "headers"),
        query: properties(table, "query"),
        body: properties(table, "body"),
    }
}

fn properties(table: &Table, name: &str) -> Vec<(String, String)> {
    table
        .optional_table(name)
        .map(|table| table.properties.clone())
        .unwrap_or_default()
}

/// The text at `key`, if it is written and something; else nothing, and perhaps a fault.
fn parsed<T: FromStr<Err = String>>(table: &Table, key: &str, faults: &mut Faults) -> Option<T> {
    let written = table.optional_text(key).filter(|text| !text.is_empty())?;
    let read = written.parse();
    read.map_err(|why| faults.push(table.place_of(key), table.key(key), why))
        .ok()
}

fn all_parsed<T: FromStr<Err = String>>(table: &Table, key: &str, faults: &mut Faults) -> Vec<T> {
    let read = |text: String| match text.parse() {
        Ok(read) => Some(read),
        Err(why) => {
            faults.push(table.place_of(key), table.key(key), why);
            None
        }
    };
    table.texts(key).into_iter().filter_map(read).collect()
}
