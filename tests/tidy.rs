//! Rules of the house that the compiler does not keep: rings, `unsafe`, clocks, lengths, module heads, paths of a machine.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failure")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The ring of each module; imports point to the same ring's lower names or to rings below.
const RINGS: &[(&str, usize)] = &[
    ("value", 0),
    ("expr", 0),
    ("asl", 0),
    ("history", 0),
    ("machine", 0),
    ("access", 0),
    ("metrics", 1),
    ("engine", 1),
    ("kafka", 2),
    ("connectors", 2),
    ("api", 2),
    ("config", 3),
    ("app", 3),
    ("cli", 3),
];

/// What ring 0 must not name.
const IMPURE: &[&str] = &[
    "std::time::",
    "std::thread",
    "std::env",
    "std::fs",
    "std::net",
    "std::io",
    "SystemTime",
    "Instant",
    "tokio",
    "rdkafka",
    "crossbeam",
];

/// Who reads the time: the engine's clock, the stopwatch of demo and bench, the life of tokens, and threads of the Kafka edge that bound a wait.
const CLOCKS: &[&str] = &[
    "src/engine/clock.rs",
    "src/kafka/edge.rs",
    "src/kafka/consumer.rs",
    "src/kafka/controls.rs",
    "src/kafka/poll/mod.rs",
    "src/kafka/producer/mod.rs",
    "src/connectors/http/token.rs",
    "src/cli/stopwatch.rs",
];

/// A file that is longer hides something.
const LINES_MAX: usize = 400;

/// What stands in `tests`: one entry a tier.
const TIERS: &[&str] = &[
    "bombs.rs",
    "bombs_jsonata.rs",
    "cli.rs",
    "config.rs",
    "conformance",
    "connectors",
    "corpora.rs",
    "dlq.rs",
    "e2e",
    "engine.rs",
    "fuzz",
    "jsonata",
    "jsonata.rs",
    "jsonata_differential.rs",
    "jsonpath",
    "jsonpath.rs",
    "kafka",
    "kafka.rs",
    "serve.rs",
    "simulation",
    "tidy.rs",
    "validate.rs",
    "verify.rs",
];

fn ring(module: &str) -> Option<usize> {
    RINGS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, ring)| *ring)
}

/// What a file of `module` breaks.
fn faults(module: &str, file: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let own = ring(module);
    for (at, line) in text.lines().enumerate() {
        let mut fault = |what: &str| faults.push(format!("{file}:{}: {what}", at + 1));
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        if code.starts_with("use crate::{") || code.starts_with("use std::{") {
            fault("an import names one module a line");
        }
        for imported in code.split("crate::").skip(1) {
            let name = imported
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            let (Some(name), Some(own)) = (name, own) else {
                continue;
            };
            match ring(name) {
                Some(other) if other > own => {
                    fault(&format!("{module} imports {name}, a ring further out"));
                }
                Some(2) if own == 2 && name != module => {
                    fault(&format!("the edge {module} imports the edge {name}"));
                }
                _ => {}
            }
        }
        if own == Some(0) && IMPURE.iter().any(|name| code.contains(name)) {
            fault("ring 0 is pure");
        }
        if ["Instant::now", "SystemTime::now"]
            .iter()
            .any(|read| code.contains(read))
            && !CLOCKS.contains(&file)
        {
            fault("the time is read in one of the files in CLOCKS");
        }
        if code.contains("unsafe ") && !file.starts_with("src/kafka/native/") {
            fault("unsafe belongs to kafka/native");
        }
        if ["todo!(", "unimplemented!(", "dbg!("]
            .iter()
            .any(|left| code.contains(left))
        {
            fault("something was left behind");
        }
    }
    if !text.starts_with("//!") {
        faults.push(format!("{file}: no head that says what it does"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("{file}: {lines} lines, of at most {LINES_MAX}"));
    }
    faults
}

/// Lines that name a folder of the machine on which they were written.
fn machine_paths(file: &str, text: &str) -> Vec<String> {
    let is_path = |line: &str| {
        // In pieces, or this file would be a fault itself.
        [["/ro", "ot/"], ["/ho", "me/"], ["/wo", "rk/"]]
            .iter()
            .any(|pieces| {
                let folder = pieces.concat();
                line.match_indices(&folder).any(|(at, _)| {
                    let before = line.get(..at).and_then(|text| text.chars().next_back());
                    before.is_none_or(|c| !c.is_alphanumeric() && !"._-/}".contains(c))
                })
            })
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| is_path(line))
        .map(|(at, _)| format!("{file}:{}: a path of one machine", at + 1))
        .collect()
}

#[test]
fn the_sources_keep_the_rules() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = String::new();
    let files = files(&package.join("src"));
    assert!(files.len() > 50, "the sources are found");
    for file in files {
        if file.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(package).unwrap().display().to_string();
        let module = name
            .split('/')
            .nth(1)
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        for fault in faults(&module, &name, &text) {
            writeln!(report, "{fault}").unwrap();
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = String::new();
    for top in [
        "src",
        "tests",
        "benches",
        "config",
        ".ci",
        "README.md",
        "justfile",
        "Cargo.toml",
    ] {
        for file in files(&package.join(top)) {
            // What is not text names nothing.
            let Ok(text) = std::fs::read_to_string(&file) else {
                continue;
            };
            let name = file.strip_prefix(package).unwrap().display().to_string();
            for fault in machine_paths(&name, &text) {
                writeln!(report, "{fault}").unwrap();
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_entry_of_tests_is_a_known_tier() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for entry in std::fs::read_dir(tests).unwrap() {
        let name = entry.unwrap().file_name();
        let name = name.to_string_lossy();
        assert!(TIERS.contains(&&*name), "tests/{name} is no tier");
    }
}

#[test]
fn the_map_names_every_module() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let map = std::fs::read_to_string(package.join("src/lib.rs")).unwrap();
    let modules = map
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        assert!(ring(module).is_some(), "{module} has no ring");
        let on_map =
            |line: &str| line.starts_with("//! ring") && line.split(' ').any(|word| word == module);
        assert!(map.lines().any(on_map), "{module} is not on the map");
    }
}

#[test]
fn every_rule_can_be_broken() {
    let long = "//! x\n".repeat(LINES_MAX + 1);
    let cases = [
        ("engine", "src/engine/x.rs", long.as_str(), 1),
        (
            "value",
            "src/value/x.rs",
            "//! x\nuse crate::{engine::Engine, asl};",
            1,
        ),
        (
            "kafka",
            "src/kafka/x.rs",
            "//! x\nlet t = Instant::now();",
            1,
        ),
        (
            "engine",
            "src/engine/clock.rs",
            "//! x\nlet t = Instant::now();",
            0,
        ),
        (
            "machine",
            "src/machine/x.rs",
            "//! x\nuse crate::engine::Engine;",
            1,
        ),
        (
            "engine",
            "src/engine/x.rs",
            "//! x\nuse crate::kafka::Edge;",
            1,
        ),
        (
            "kafka",
            "src/kafka/x.rs",
            "//! x\nuse crate::connectors::MockConfig;",
            1,
        ),
        ("value", "src/value/x.rs", "//! x\nuse std::thread;", 1),
        ("engine", "src/engine/x.rs", "//! x\nunsafe { f() }", 1),
        ("engine", "src/engine/x.rs", "//! x\nfn f() { todo!() }", 1),
        ("engine", "src/engine/x.rs", "use std::fmt;", 1),
        ("kafka", "src/kafka/native/x.rs", "//! x\nunsafe { f() }", 0),
        (
            "kafka",
            "src/kafka/x.rs",
            "//! x\nuse crate::engine::Engine;\nuse crate::value::Value;",
            0,
        ),
        (
            "engine",
            "src/engine/x.rs",
            "//! x\n// crate::kafka calls the engine",
            0,
        ),
    ];
    for (module, file, text, count) in cases {
        assert_eq!(faults(module, file, text).len(), count, "{text}");
    }
    let folder = ["/ho", "me/"].concat();
    let paths = [
        (format!("a = \"{folder}me/x\""), 1),
        (format!("{folder}me"), 1),
        (format!("x{folder}me"), 0),
        (format!("${{X}}{folder}me"), 0),
    ];
    for (text, count) in paths {
        assert_eq!(machine_paths("x", &text).len(), count, "{text}");
    }
}

/// The files of a folder and those below it, without what was built there; a file is itself.
fn files(top: &Path) -> Vec<PathBuf> {
    if !top.is_dir() {
        return vec![top.to_owned()];
    }
    if top.ends_with("target") {
        return Vec::new();
    }
    let entries = std::fs::read_dir(top).unwrap();
    let mut found: Vec<PathBuf> = entries.flat_map(|e| files(&e.unwrap().path())).collect();
    found.sort();
    found
}
