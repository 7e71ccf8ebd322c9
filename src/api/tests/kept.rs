//! Machines that outlive their process: a second API over the same shelf, and shelves that are broken or refuse.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{MACHINE, PASS, World, create, stand};
use crate::api::{Kept, Shelf};

/// A shelf in memory, which can be told to refuse.
#[derive(Debug, Default)]
struct Texts {
    texts: Mutex<BTreeMap<String, String>>,
    refuses: AtomicBool,
}

impl Texts {
    fn of(name: &str, text: &str) -> Arc<Self> {
        let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
        Arc::new(Self {
            texts: Mutex::new(texts),
            ..Self::default()
        })
    }

    fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    fn texts(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.texts.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> io::Result<()> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(io::Error::other("no space left"));
        }
        change(&mut self.texts());
        Ok(())
    }
}

impl Shelf for Texts {
    fn kept(&self) -> Result<Vec<Kept>, String> {
        let texts = self.texts();
        let kept = texts.iter().map(|(name, text)| Kept {
            place: format!("state/{name}.json"),
            name: name.clone(),
            text: text.clone(),
        });
        Ok(kept.collect())
    }

    fn keep(&self, name: &str, text: &str) -> io::Result<()> {
        self.change(|texts| {
            texts.insert(name.to_owned(), text.to_owned());
        })
    }

    fn forget(&self, name: &str) -> io::Result<()> {
        self.change(|texts| {
            texts.remove(name);
        })
    }
}

fn world(shelf: &Arc<Texts>) -> World {
    try_world(shelf).unwrap()
}

fn try_world(shelf: &Arc<Texts>) -> Result<World, crate::api::StartError> {
    let (options, mut parts, notes) = stand(false);
    parts.shelf = Some(Arc::clone(shelf) as Arc<dyn Shelf>);
    World::start(options, parts, notes)
}

/// A machine with versions, an alias and tags, of which the current configuration is the first version's.
fn make(world: &World) {
    let logging = r#","type":"EXPRESS","publish":true,"versionDescription":"first","tags":[{"key":"team","value":"iot"}],"loggingConfiguration":{"level":"ERROR","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:r:1:log-group:g:*"}}]}"#;
    let arn = format!(r#""stateMachineArn":"{MACHINE}:m""#);
    for (operation, body) in [
        ("CreateStateMachine", create("m", logging)),
        (
            "UpdateStateMachine",
            format!(r#"{{{arn},"roleArn":"arn:x","tracingConfiguration":{{"enabled":true}}}}"#),
        ),
        ("PublishStateMachineVersion", format!("{{{arn}}}")),
        (
            "CreateStateMachineAlias",
            format!(
                r#"{{"name":"live","description":"d","routingConfiguration":[{{"stateMachineVersionArn":"{MACHINE}:m:1","weight":40}},{{"stateMachineVersionArn":"{MACHINE}:m:2","weight":60}}]}}"#
            ),
        ),
        ("CreateStateMachine", create("standard", "")),
        ("CreateStateMachine", create("gone", "")),
        (
            "DeleteStateMachine",
            format!(r#"{{"stateMachineArn":"{MACHINE}:gone"}}"#),
        ),
    ] {
        let answer = world.ask(operation, &body);
        assert!(answer.starts_with("200"), "{operation}: {answer}");
    }
}

/// All that the API shows of what [`make`] made. Ids are not masked: revisions keep theirs.
fn shown(world: &World) -> Vec<String> {
    let of = |qualifier: &str| format!(r#"{{"stateMachineArn":"{MACHINE}:{qualifier}"}}"#);
    let asked = [
        ("ListStateMachines", "{}".to_owned()),
        ("DescribeStateMachine", of("m")),
        ("DescribeStateMachine", of("m:1")),
        ("DescribeStateMachine", of("m:2")),
        ("DescribeStateMachine", of("standard")),
        ("ListStateMachineVersions", of("m")),
        ("ListStateMachineAliases", of("m")),
        (
            "DescribeStateMachineAlias",
            format!(r#"{{"stateMachineAliasArn":"{MACHINE}:m:live"}}"#),
        ),
        (
            "ListTagsForResource",
            format!(r#"{{"resourceArn":"{MACHINE}:m"}}"#),
        ),
    ];
    let show = |(operation, body): &(&str, String)| {
        let (head, body) = world.exchange(&super::request(operation, body));
        assert!(head.starts_with("http/1.1 200"), "{operation}: {body}");
        body
    };
    asked.iter().map(show).collect()
}

#[test]
fn a_second_process_shows_and_runs_what_the_first_made() {
    let shelf: Arc<Texts> = Arc::default();
    let first = world(&shelf);
    make(&first);
    let before = shown(&first);
    first.stop();
    let second = world(&shelf);
    assert_eq!(shown(&second), before);
    for arn in ["m", "m:1", "m:live"] {
        let body = format!(r#"{{"stateMachineArn":"{MACHINE}:{arn}","input":"[1]"}}"#);
        let answer = second.ask("StartSyncExecution", &body);
        assert!(answer.contains(r#""output":"[1]""#), "{answer}");
    }
    // The current configuration is version 2's, also after it was loaded.
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:m"}}"#);
    let published = second.ask("PublishStateMachineVersion", &body);
    assert!(published.contains(":m:2\""), "{published}");
    second.stop();
}

#[test]
fn what_cannot_be_kept_does_not_happen() {
    let shelf: Arc<Texts> = Arc::default();
    let world = world(&shelf);
    make(&world);
    let before = shown(&world);
    let texts = shelf.texts().clone();
    let revision = world.registry.get("m").unwrap().number;
    shelf.refuse(true);
    let other = PASS.replace('"', r#"\""#).replace("End", "Comment");
    for (operation, body) in [
        ("CreateStateMachine", create("new", "")),
        (
            "UpdateStateMachine",
            format!(
                r#"{{"stateMachineArn":"{MACHINE}:m","definition":"{}"}}"#,
                other.replace("true", r#"\"x\",\"End\":true"#)
            ),
        ),
        (
            "DeleteStateMachine",
            format!(r#"{{"stateMachineArn":"{MACHINE}:m"}}"#),
        ),
        (
            "DeleteStateMachineAlias",
            format!(r#"{{"stateMachineAliasArn":"{MACHINE}:m:live"}}"#),
        ),
        (
            "UntagResource",
            format!(r#"{{"resourceArn":"{MACHINE}:m","tagKeys":["team"]}}"#),
        ),
    ] {
        let answer = world.ask(operation, &body);
        let expected = "500 {\"__type\":\"com.amazon.coral.service#InternalFailure\"";
        assert!(answer.starts_with(expected), "{operation}: {answer}");
        assert!(answer.contains("could not be kept: no space left"));
    }
    assert_eq!(shown(&world), before);
    assert_eq!(world.registry.get("m").unwrap().number, revision);
    assert!(world.registry.get("new").is_none());
    assert_eq!(*shelf.texts(), texts);
    shelf.refuse(false);
    let answer = world.ask("CreateStateMachine", &create("new", ""));
    assert!(answer.starts_with("200"), "{answer}");
    world.stop();
}

#[test]
fn a_broken_text_stops_the_start_with_its_place() {
    let shelf: Arc<Texts> = Arc::default();
    let first = world(&shelf);
    make(&first);
    first.stop();
    let good = shelf.texts()["m"].clone();
    // What is replaced by what, and what is said.
    for (from, to, expected) in [
        ("{", "", "invalid type: string"),
        (r#""format": 1"#, r#""format": 2"#, "its format is 2, not 1"),
        (
            r#""name": "m""#,
            r#""name": "n""#,
            "it holds the state machine n, which is kept under another name",
        ),
        (r#""name": "m""#, r#""name": "m/""#, "Invalid Name: 'm/'"),
        (
            r#""current": 1"#,
            r#""current": 2"#,
            "`current` is the place of no configuration",
        ),
        (
            r#""configuration": 1"#,
            r#""configuration": 7"#,
            "version 2 has a configuration that is not there",
        ),
        (
            r#""lastVersion": 2"#,
            r#""lastVersion": 1"#,
            "version 2 is not within 1 to `lastVersion`",
        ),
        (
            r#""weight": 40"#,
            r#""weight": 41"#,
            "the alias live must lead to versions that are there, with weights that make 100",
        ),
        (
            r#""level": "ERROR""#,
            r#""level": "LOUD""#,
            "unknown variant `LOUD`",
        ),
        ("Pass", "Pss", "the definition of workflow m is refused"),
        (
            r#""team": "iot""#,
            r#""team": "iot","#,
            "trailing comma at line",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let error = try_world(&Texts::of("m", &good.replacen(from, to, 1))).err();
        let error = error.map(|e| e.to_string()).unwrap_or_default();
        let said = error.strip_prefix("state/m.json: ").unwrap_or("no place");
        assert!(said.contains(expected), "{from} -> {to}: {error}");
    }
    let error = try_world(&Texts::of("of-settings", &good)).err().unwrap();
    assert_eq!(
        error.to_string(),
        "state/of-settings.json: a workflow of the settings has the same name"
    );
}
