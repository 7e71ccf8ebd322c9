//! Rules of the house that the compiler does not keep: rings, `unsafe`, clocks, module heads.

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
    ("metrics", 1),
    ("engine", 1),
    ("kafka", 2),
    ("connectors", 2),
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
    "SystemTime",
    "tokio",
    "rdkafka",
    "crossbeam",
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
    faults
}

#[test]
fn the_sources_keep_the_rules() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut report = String::new();
    let files = rust_files(&package.join("src"));
    assert!(files.len() > 50, "the sources are found");
    for file in files {
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
    let cases = [
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
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
