//! `[lambda]`, `[http]` and `[[connections]]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crate::config::environment::Environment;
use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::{
    ConnectionSettings, ConnectorLimits, HttpTaskSettings, TaskSettings,
};
use crate::connectors::{
    Authorization, ClientLimits, LambdaSettings, LambdaSigner, OAuthClient, Secret,
};
use crate::engine::CallLimits;

/// Variables of secrets that are no connection's: they must not be sent to anybody.
const OTHER_SECRETS: [&str; 3] = [
    "SECRET_API_TOKENS",
    "SECRET_API_KEYS",
    "SECRET_SERVER_TOKENS",
];

pub(super) fn tasks(
    root: &Table,
    folder: &Path,
    environment: &Environment,
    faults: &mut Faults,
) -> TaskSettings {
    let connections = root.list("connections");
    TaskSettings {
        lambda: lambda(root, environment, faults),
        http: http(root.table("http"), folder, faults),
        connections: connections
            .iter()
            .map(|table| connection(table, connections, folder, environment, faults))
            .collect(),
        limits: limits(root.list("task_limits"), faults),
    }
}

fn limits(written: &[Table], faults: &mut Faults) -> BTreeMap<String, ConnectorLimits> {
    let mut all = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for table in written {
        let (connector, target) = (table.text("connector"), table.optional_text("target"));
        if !seen.insert((connector.clone(), target.clone())) {
            let message = "another element has the same connector and target".to_owned();
            faults.push(table.place_of("connector"), table.key("connector"), message);
        }
        let limits = CallLimits {
            calls_max: table.optional_count("calls_max"),
            waiting_max: table.count("waiting_max"),
            time_max: table
                .optional_count("timeout_ms")
                .map(|ms| Duration::from_millis(ms as u64)),
        };
        let of_connector: &mut ConnectorLimits = all.entry(connector).or_default();
        match target {
            None => of_connector.all = limits,
            Some(target) => drop(of_connector.targets.insert(target, limits)),
        }
    }
    all
}

fn lambda(root: &Table, environment: &Environment, faults: &mut Faults) -> LambdaSettings {
    let table = root.table("lambda");
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
        signer: match table.flag("sign") {
            true => signer(root, environment, faults),
            false => None,
        },
    }
}

/// The keys and the region in the usual variables of AWS.
fn signer(root: &Table, environment: &Environment, faults: &mut Faults) -> Option<LambdaSigner> {
    let table = root.table("lambda");
    let variable = |name| environment.get(name).filter(|value| !value.is_empty());
    let mut needed = |name| {
        if variable(name).is_none() {
            let message = format!("the variable {name} is not there");
            faults.push(table.place_of("sign"), table.key("sign"), message);
        }
        variable(name)
    };
    let (key_id, secret) = (needed("AWS_ACCESS_KEY_ID"), needed("AWS_SECRET_ACCESS_KEY"));
    let secret_of = |text: &str| Secret::new(text.to_owned());
    let region = table.optional_text("region").or_else(|| {
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        region.map(str::to_owned)
    });
    Some(LambdaSigner {
        key_id: key_id?.to_owned(),
        secret: secret_of(secret?),
        session_token: variable("AWS_SESSION_TOKEN").map(secret_of),
        region: region.unwrap_or_else(|| root.table("identity").text("region")),
    })
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
    if OTHER_SECRETS.contains(&variable.as_str()) {
        let message =
            format!("the variable STEPSTREAM_{variable} holds something else: take another name");
        faults.push(table.place_of("name"), table.key("name"), message);
    }
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
