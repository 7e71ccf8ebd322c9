//! Settings: defaults, variables, and what each mistake is answered with.

#![cfg(feature = "cli")]

use std::path::Path;
use std::time::Duration;

use stepstream::config::{self, Environment, Settings};
use stepstream::engine::{CallLimits, EngineOptions};
use stepstream::machine::Limits;

/// Environment variables, as name and value.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// The least that is accepted.
const WORKFLOW: &str = "\
[[workflows]]
name = 'iot'
definition = 'iot.asl.json'
topics = ['in']
dead_letters = 'dead'
";

#[test]
fn documented_settings_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/stepstream.toml");
    let written = std::fs::read_to_string(&path).expect("config/stepstream.toml is there");
    assert!(
        written == config::document(),
        "config/stepstream.toml differs from the code: `stepstream config > config/stepstream.toml`"
    );
}

#[test]
fn documented_settings_are_the_defaults() {
    let documented = resolve(&config::document(), &[]);
    let defaults = resolve(WORKFLOW, &[]);
    let comparable = |s: &Settings| {
        let Settings {
            mut kafka,
            server,
            api,
            engine,
            identity,
            limits,
            ..
        } = s.clone();
        // Of the log group that is an example, as the workflow is.
        kafka.log_topics.clear();
        let api = api.map(|api| api.options);
        format!("{kafka:?} {server:?} {api:?} {engine:?} {identity:?} {limits:?}")
    };
    assert_eq!(comparable(&documented), comparable(&defaults));
    assert_eq!(defaults.limits, Limits::default());
    assert_eq!(defaults.engine, EngineOptions::default());
}

#[test]
fn a_variable_wins_over_the_file() {
    let text = format!(
        "[kafka]\ngroup = 'file'\ncommit_interval_ms = 50\n[kafka.properties]\n'security.protocol' = 'ssl'\n{WORKFLOW}"
    );
    let settings = resolve(
        &text,
        &[
            ("STEPSTREAM_KAFKA_GROUP", "variable"),
            ("STEPSTREAM_KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2"),
            ("STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD", "hidden"),
            ("STEPSTREAM_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "sasl_ssl"),
            ("STEPSTREAM_SERVER_LISTEN", "127.0.0.1:0"),
            ("STEPSTREAM_ENGINE_WORKERS", "3"),
            // Not like a section of ours: somebody else's.
            ("STEPSTREAM_CONFORMANCE", "elsewhere"),
        ],
    );
    assert_eq!(settings.kafka.group, "variable");
    assert_eq!(settings.kafka.bootstrap_servers, "a:1,b:2");
    assert_eq!(settings.kafka.commit_interval.as_millis(), 50);
    assert_eq!(settings.server.listen.port(), 0);
    assert_eq!(settings.engine.workers, 3);
    let properties: Vec<(&str, &str)> = settings
        .kafka
        .properties
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        properties,
        [
            ("sasl.password", "hidden"),
            ("security.protocol", "sasl_ssl")
        ]
    );
}

#[test]
fn a_property_may_be_written_with_and_without_quotes() {
    let text = format!("[kafka.consumer]\nfetch.wait.max.ms = 5\n'check.crcs' = true\n{WORKFLOW}");
    let settings = resolve(&text, &[]);
    let expected = [("check.crcs", "true"), ("fetch.wait.max.ms", "5")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(settings.kafka.consumer_properties, expected);
}

#[test]
fn services_of_tasks_are_read_and_their_secrets_never_shown() {
    let text = format!(
        "[lambda]\n[[lambda.functions]]\nname = 'score'\nendpoint = 'http://127.0.0.1:9001'\n\
         [http]\nallow = ['https://api.example/v1']\n\
         [[connections]]\nname = 'crm-1'\nauthorization = 'api_key'\nheader = 'x-api-key'\n\
         [connections.headers]\nx-tenant = 'acme'\n{WORKFLOW}"
    );
    let local = ("LAMBDA_ENDPOINT", "http://127.0.0.1:3001");
    let secret = ("STEPSTREAM_SECRET_CRM_1", "hunter2");
    let tasks = resolve(&text, &[local, secret]).tasks;
    assert_eq!(tasks.lambda.endpoint, "http://127.0.0.1:3001/".parse().ok());
    assert_eq!(
        tasks.lambda.functions.get("score"),
        "http://127.0.0.1:9001".parse().ok().as_ref()
    );
    assert_eq!(
        tasks.http.allow,
        ["https://api.example/v1/".parse().unwrap()]
    );
    let connection = &tasks.connections[0];
    assert!(connection.secret.is_some());
    assert_eq!(
        connection.headers,
        [("x-tenant".to_owned(), "acme".to_owned())]
    );
    assert!(!format!("{tasks:?}").contains("hunter2"), "{tasks:?}");

    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    let signed = resolve(&format!("{WORKFLOW}[lambda]\nsign = true\n"), &keys).tasks;
    let signer = signed.lambda.signer.as_ref().unwrap();
    assert_eq!(
        (signer.key_id.as_str(), signer.region.as_str()),
        ("AKID", "eu-west-1")
    );
    assert!(!format!("{signed:?}").contains("hunter2"), "{signed:?}");

    let bounded = format!(
        "{WORKFLOW}[[task_limits]]\nconnector = 'lambda'\ncalls_max = 9\n\
         [[task_limits]]\nconnector = 'lambda'\ntarget = 'score'\nwaiting_max = 5\ntimeout_ms = 1_500\n"
    );
    let lambda = &resolve(&bounded, &[]).tasks.limits["lambda"];
    assert_eq!(lambda.all.calls_max, Some(9));
    let score = CallLimits {
        calls_max: None,
        waiting_max: 5,
        time_max: Some(Duration::from_millis(1_500)),
    };
    assert_eq!(lambda.targets["score"], score);

    let ours = ("STEPSTREAM_LAMBDA_ENDPOINT", "http://127.0.0.1:3002");
    let tasks = resolve(&text, &[ours, local, secret]).tasks;
    assert_eq!(tasks.lambda.endpoint, "http://127.0.0.1:3002".parse().ok());
}

#[test]
fn substitutions_are_texts_by_name() {
    let text = format!("{WORKFLOW}[workflows.substitutions]\nTable = 'orders'\nSeconds = 5\n");
    let settings = resolve(&text, &[]);
    let found: Vec<(&str, &str)> = settings.workflows[0]
        .substitutions
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(found, [("Seconds", "5"), ("Table", "orders")]);
    assert!(resolve(WORKFLOW, &[]).workflows[0].substitutions.is_empty());
}

#[test]
fn paths_are_relative_to_the_settings_file() {
    let settings = resolve(WORKFLOW, &[]);
    let definition = &settings.workflows[0].definition;
    assert_eq!(definition, Path::new("folder/iot.asl.json"));
}

/// Each mistake with its whole answer. `WORKFLOW` stands before the text, so that its first line is line 6.
#[test]
fn mistakes_are_named_with_place_key_and_remedy() {
    let cases: &[(&str, Variables<'_>, &str)] = &[
        (
            "[kafka]\nbootstrp_servers = 'x'",
            &[],
            "folder/s.toml:7:1: kafka.bootstrp_servers: unknown key; the nearest known one is kafka.bootstrap_servers",
        ),
        (
            "[kafak]\ngroup = 'x'",
            &[],
            "folder/s.toml:6:2: kafak: unknown key; the nearest known one is kafka",
        ),
        (
            "[server]\nbootstrap_servers = 'x'",
            &[],
            "folder/s.toml:7:1: server.bootstrap_servers: unknown key; the nearest known one is kafka.bootstrap_servers",
        ),
        (
            "[engine]\nworkers = 'many'",
            &[],
            "folder/s.toml:7:1: engine.workers: must be a whole number, 0 to 1024",
        ),
        (
            "[kafka]\ncommit_interval_ms = 1",
            &[],
            "folder/s.toml:7:1: kafka.commit_interval_ms: must be a whole number, 10 to 60000",
        ),
        (
            "kafka = 3",
            &[],
            // Within the element of [[workflows]] that precedes it.
            "folder/s.toml:6:1: workflows[0].kafka: unknown key; the nearest known one is kafka",
        ),
        (
            "order = 'sorted'",
            &[],
            "folder/s.toml:6:1: workflows[0].order: must be one of \"none\", \"key\", \"partition\"",
        ),
        (
            "results = 'no spaces'",
            &[],
            "folder/s.toml:6:1: workflows[0].results: must be the name of a topic: 1 to 249 letters, digits, dots, - and _",
        ),
        (
            "results = 'in'",
            &[],
            "folder/s.toml:6:1: workflows[0].results: in is an input topic of workflows[0]: its answers would be events again, without an end",
        ),
        (
            "[workflows.log]\ntopic = 'in'\n",
            &[],
            "folder/s.toml:7:1: workflows[0].log.topic: in is an input topic of workflows[0]: its answers would be events again, without an end",
        ),
        (
            "[workflows.log]\nlevel = 'ALL'\n",
            &[],
            "folder/s.toml:6:12: workflows[0].log.topic: missing; for example topic = \"iot-logs\"",
        ),
        (
            "[workflows.deduplicate]\nby = 'header'\n",
            &[],
            "folder/s.toml:6:12: workflows[0].deduplicate.header: `by` is header: say which one",
        ),
        (
            "[workflows.deduplicate]\nby = 'name'\nheader = 'id'\n",
            &[],
            "folder/s.toml:8:1: workflows[0].deduplicate.header: it is used only where `by` is header",
        ),
        (
            "[[workflows]]\nname = 'iot'\ndefinition = 'x'\ntopics = ['other']\ndead_letters = 'dead'",
            &[],
            "folder/s.toml:7:1: workflows[1].name: workflows[0] has the same name",
        ),
        (
            "[[workflows]]\nname = 'two'\ndefinition = 'x'\ntopics = ['in']\ndead_letters = 'dead'",
            &[],
            "folder/s.toml:9:1: workflows[1].topics: workflows[0] takes every record of in in the group stepstream: give it a `when`, or one of them another group",
        ),
        (
            "[lambda]\nendpoint = 'ftp://x'",
            &[],
            "folder/s.toml:7:1: lambda.endpoint: must be an URL such as http://127.0.0.1:9000, without user, query or fragment",
        ),
        (
            "[[lambda.functions]]\nname = 'f'\nendpoint = 'http://x'\n[[lambda.functions]]\nname = 'f'\nendpoint = 'http://y'",
            &[],
            "folder/s.toml:10:1: lambda.functions[1].name: another function has the same name",
        ),
        (
            "[lambda]\nsign = true",
            &[("AWS_ACCESS_KEY_ID", "AKID")],
            "folder/s.toml:7:1: lambda.sign: the variable AWS_SECRET_ACCESS_KEY is not there",
        ),
        (
            "[[task_limits]]\nconnector = 'http'\n[[task_limits]]\nconnector = 'http'\ncalls_max = 1",
            &[],
            "folder/s.toml:9:1: task_limits[1].connector: another element has the same connector and target",
        ),
        (
            "[http]\nallow = ['https://a.example', 'https://u:hunter2@b.example']",
            &[],
            "folder/s.toml:7:1: http.allow: is no rule such as https://api.example.com/v1: an URL must not contain a user",
        ),
        (
            "[http]\nallow_addresses = ['10.0.0.0/40']",
            &[],
            "folder/s.toml:7:1: http.allow_addresses: must be ranges of addresses, such as 10.0.0.0/8 or fd00::/8",
        ),
        (
            "[[connections]]\nname = 'api-tokens'\nauthorization = 'api_key'\nheader = 'x'\nsecret_file = 's'",
            &[],
            "folder/s.toml:7:1: connections[0].name: the variable STEPSTREAM_SECRET_API_TOKENS holds something else: take another name",
        ),
        (
            "[[connections]]\nname = 'crm-1'\nauthorization = 'basic'\nuser = 'me'",
            &[],
            "folder/s.toml:6:1: connections[0].secret_file: missing: neither it nor the variable STEPSTREAM_SECRET_CRM_1 is there",
        ),
        (
            "[[connections]]\nname = 'crm'\nauthorization = 'api_key'\nsecret_file = 'x'",
            &[],
            "folder/s.toml:6:1: connections[0].header: missing: api_key needs it",
        ),
        (
            "[server]\nlisten = '0.0.0.0:80'",
            &[],
            "folder/s.toml:7:1: server.listen: 0.0.0.0:80 can be reached from other machines: say who may ask, by server.tokens_file; if anybody may, set server.allow_remote = true",
        ),
        (
            "[kafka.consumer]\n'enable.auto.commit' = true",
            &[],
            "folder/s.toml:7:24: kafka.consumer.enable.auto.commit: is not a property to pass through: offsets are committed only when all before them are answered",
        ),
        (
            "[kafka.properties]\n'sasl.password' = ['hunter2']",
            &[],
            "folder/s.toml:7:19: kafka.properties.sasl.password: must be text, a number, true or false",
        ),
        (
            "[workflows.substitutions]\nA-B = 'x'",
            &[],
            "folder/s.toml:7:7: workflows[0].substitutions.A-B: is no name of a placeholder: it must be letters, digits and _",
        ),
        (
            "",
            &[("STEPSTREAM_KAFKA_GROUPS", "hunter2")],
            "environment variable STEPSTREAM_KAFKA_GROUPS: unknown variable; the nearest known one is STEPSTREAM_KAFKA_GROUP",
        ),
        (
            "",
            &[("STEPSTREAM_LIMITS_EXECUTION_MS", "hunter2")],
            "environment variable STEPSTREAM_LIMITS_EXECUTION_MS: limits.execution_ms: must be a whole number, 1 to 86400000",
        ),
        (
            "",
            &[("STEPSTREAM_KAFKA_CONSUMER_GROUP_ID", "hunter2")],
            "environment variable STEPSTREAM_KAFKA_CONSUMER_GROUP_ID: kafka.consumer.group.id: is not a property to pass through: write kafka.group",
        ),
    ];
    for (text, variables, expected) in cases {
        let faults = refuse(&format!("{WORKFLOW}{text}"), variables);
        assert_eq!(faults, *expected, "for {text}");
    }
}

#[test]
fn all_faults_are_given_at_once_in_the_order_of_the_text() {
    let faults = refuse(
        "[server]\nlisten = 'here'\nport = 1\n[[workflows]]\nname = ''\ntopic = 'in'\n",
        &[],
    );
    let expected = "\
folder/s.toml:2:1: server.listen: must be IP-ADDRESS:PORT
folder/s.toml:3:1: server.port: unknown key; the nearest known one is server.allow_remote of server.listen, server.allow_remote, server.tokens_file, server.shutdown_grace_ms, server.watch_interval_ms, server.tls
folder/s.toml:4:1: workflows[0].definition: missing; for example definition = \"workflows/iot-enrich.asl.json\"
folder/s.toml:4:1: workflows[0].topics: missing; for example topics = [\"iot-events\"]
folder/s.toml:4:1: workflows[0].dead_letters: missing; for example dead_letters = \"iot-dead-letters\"
folder/s.toml:5:1: workflows[0].name: must be text of 1 to 80 letters, digits, - and _
folder/s.toml:6:1: workflows[0].topic: unknown key; the nearest known one is workflows.topics";
    assert_eq!(faults, expected);
}

#[test]
fn settings_with_nothing_to_do_are_refused() {
    let expected = "folder/s.toml:1:1: workflows: missing: without a [[workflows]] and without the API there is nothing to do";
    assert_eq!(refuse("[api]\nenabled = false", &[]), expected);
    let alone = resolve("", &[]);
    let listens = alone.api.map(|api| api.options.listen.to_string());
    assert_eq!(listens.as_deref(), Some("127.0.0.1:8083"));
    assert!(alone.workflows.is_empty());
}

#[test]
fn what_can_be_reached_from_elsewhere_needs_tokens_keys_or_the_flag() {
    const TOKENS: (&str, &str) = ("STEPSTREAM_SECRET_API_TOKENS", "hunter2");
    const KEYS: (&str, &str) = ("STEPSTREAM_SECRET_API_KEYS", "hunter2");
    const OF_SERVER: (&str, &str) = ("STEPSTREAM_SECRET_SERVER_TOKENS", "hunter2");
    let api = "[api]\nlisten = '0.0.0.0:8083'\n";
    let server = "[server]\nlisten = '0.0.0.0:9464'\n";
    for (text, variables) in [
        (format!("{api}allow_remote = true"), vec![]),
        (format!("{api}tokens_file = 't'"), vec![]),
        (format!("{api}keys_file = 'k'"), vec![]),
        (api.to_owned(), vec![TOKENS]),
        (api.to_owned(), vec![KEYS]),
        (format!("{server}allow_remote = true"), vec![]),
        (format!("{server}tokens_file = 't'"), vec![]),
        (server.to_owned(), vec![OF_SERVER]),
    ] {
        let settings = resolve(&text, &variables);
        assert!(!format!("{settings:?}").contains("hunter2"), "{text}");
    }
    for (text, variables) in [
        (api, vec![]),
        (api, vec![OF_SERVER]),
        (server, vec![TOKENS, KEYS]),
    ] {
        let faults = refuse(text, &variables);
        assert!(faults.contains(" can be reached from other"), "{faults}");
    }
}

#[test]
fn a_certificate_needs_its_key() {
    for (there, missing) in [("certificate", "key"), ("key", "certificate")] {
        for section in ["api", "server"] {
            let faults = refuse(&format!("[{section}.tls]\n{there} = 'x.pem'"), &[]);
            let expected = format!(
                "folder/s.toml:2:1: {section}.tls.{missing}: missing: {section}.tls.{there} needs it"
            );
            assert_eq!(faults, expected);
        }
    }
}

#[test]
fn a_secret_is_never_echoed() {
    let text = format!("{WORKFLOW}[kafka.properties]\nsasl.password = hunter2\n");
    let faults = refuse(&text, &[]);
    assert!(faults.starts_with("folder/s.toml:7:"), "{faults}");
    assert!(!faults.contains("hunter2"), "{faults}");
    let environment = environment(&[("STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD", "hunter2")]);
    assert!(!format!("{environment:?}").contains("hunter2"));
}

fn environment(variables: Variables<'_>) -> Environment {
    Environment::new(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn resolve(text: &str, variables: Variables<'_>) -> Settings {
    config::parse(Path::new("folder/s.toml"), text, &environment(variables))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn refuse(text: &str, variables: Variables<'_>) -> String {
    config::parse(Path::new("folder/s.toml"), text, &environment(variables))
        .expect_err("these settings are refused")
        .to_string()
}
