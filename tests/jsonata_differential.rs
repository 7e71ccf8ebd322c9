//! Generated expressions, evaluated by this package and by the reference implementation of JSONata under Node.
//!
//! `STEPSTREAM_JSONATA_JS` names a folder in which `npm install jsonata@2.0.6` was run; where it is not set this says so and does nothing.
//! `STEPSTREAM_JSONATA_SEEDS=FROM..TO` chooses the expressions; `STEPSTREAM_JSONATA_TEXTS` names a file of others, one a line. Outcomes must be the same: a value (numbers as doubles, members
//! in any order), nothing, a function, or an error of the same code. What differs for a reason is counted under it.

#![expect(
    clippy::print_stdout,
    reason = "a test of its own harness: it prints what differs"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value as Json, json};
use stepstream::expr::jsonata::{Environment, Evaluated, Expression, Limits};
use stepstream::value::Value;

const DOCUMENT: &str = r#"{"a":1,"b":[1,2,3],"c":{"d":"text","e":null,"f":[]},"t":true,"z":0,"s":"one, two","n":null,
"items":[{"name":"pen","price":1.5,"tags":["x","y"]},{"name":"ink","price":20,"tags":[]},{"name":"pad","price":3}],
"nested":[[1,2],[3,[4]]]}"#;
const EXPRESSIONS: u64 = 4_000;

/// How deep a generated expression is nested.
const fn depth(seed: u64) -> u32 {
    1 + (seed % 4) as u32
}

fn main() -> ExitCode {
    let Some(folder) = std::env::var_os("STEPSTREAM_JSONATA_JS") else {
        println!("STEPSTREAM_JSONATA_JS is not set: nothing is compared");
        return ExitCode::SUCCESS;
    };
    let seeds = std::env::var_os("STEPSTREAM_JSONATA_SEEDS");
    let (from, to) = seeds
        .as_deref()
        .and_then(std::ffi::OsStr::to_str)
        .and_then(|seeds| seeds.split_once(".."))
        .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)))
        .unwrap_or((0, EXPRESSIONS));
    let texts = match std::env::var_os("STEPSTREAM_JSONATA_TEXTS") {
        Some(file) => written(&PathBuf::from(file)),
        None => (from..to)
            .map(|seed| Generator(seed).expression(depth(seed)))
            .collect(),
    };
    let theirs = reference(PathBuf::from(folder), &texts);
    assert_eq!(
        theirs.len(),
        texts.len(),
        "the reference answers every expression"
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut same, mut different) = (0, 0);
    for ((seed, text), theirs) in (from..).zip(&texts).zip(&theirs) {
        let ours = outcome(text);
        if agrees(&ours, theirs) {
            same += 1;
        } else if let Some(reason) = explained(text, depth(seed), &ours, theirs) {
            *reasons.entry(reason).or_default() += 1;
        } else {
            different += 1;
            println!("{text}\n    ours   {ours}\n    theirs {theirs}");
        }
    }
    println!("{reasons:?}");
    println!("{same} of {} the same, {different} different", texts.len());
    if different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The expressions of a file, one a line.
fn written(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("the file of expressions is there");
    text.lines().map(str::to_owned).collect()
}

fn outcome(text: &str) -> Json {
    let document = Value::parse(DOCUMENT.as_bytes()).expect("the document is JSON");
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => return json!({"code": error.code, "message": error.message}),
    };
    let ended = expression.eval(&Environment {
        input: Some(&document),
        variables: &(),
        now_ms: 0,
        randomness: &|| 7,
        limits: Limits::default(),
    });
    match ended {
        Ok(Evaluated::Nothing) => json!({"nothing": true}),
        Ok(Evaluated::Function) => json!({"function": true}),
        Ok(Evaluated::Value(value)) => {
            let value: Json =
                serde_json::from_str(&value.to_json()).expect("a value's text is JSON");
            json!({"value": value})
        }
        Err(error) => json!({"code": error.code, "message": error.message}),
    }
}

fn agrees(ours: &Json, theirs: &Json) -> bool {
    match (ours.get("code"), theirs.get("code")) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, None) => is_same(ours, theirs),
        _ => false,
    }
}

/// Numbers as doubles; JavaScript writes what is no number as null.
fn is_same(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            // The last digit of a power is a library's.
            (Some(a), Some(b)) => (a - b).abs() <= 1e-15 * a.abs().max(b.abs()),
            _ => false,
        },
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(k, a)| b.get(k).is_some_and(|b| is_same(a, b)))
        }
        _ => ours == theirs,
    }
}

/// Why an outcome may differ.
fn explained(text: &str, depth: u32, ours: &Json, theirs: &Json) -> Option<&'static str> {
    match (ours.get("code"), theirs.get("code")) {
        (_, Some(Json::Null)) => Some("JavaScript's own error, which has no code"),
        // Where it goes on, it may well fail elsewhere.
        (Some(ours), _) if ours == "D1001" => Some("JavaScript goes on with what is no number"),
        // The reference evaluates the members of a constructor at the same time.
        (Some(_), Some(_)) if depth > 1 && constructs(text) => {
            Some("which of several faults is told")
        }
        (None, None)
            if text.contains("$round")
                && ours.pointer("/value").is_some_and(Json::is_number)
                && theirs.pointer("/value").is_some_and(Json::is_null) =>
        {
            Some("digits that are no whole number")
        }
        _ => None,
    }
}

/// Whether an array or an object is constructed in a text: a bracket that stands behind no operand.
fn constructs(text: &str) -> bool {
    text.contains("{'")
        || text.match_indices('[').any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default().trim_end();
            let behind_operand =
                |c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '}' | '\'' | '"' | '*');
            !before.ends_with(behind_operand)
        })
}

fn reference(folder: PathBuf, texts: &[String]) -> Vec<Json> {
    let folder = folder
        .canonicalize()
        .expect("the folder of the reference is there");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/jsonata/oracle.cjs");
    let mut node = Command::new("node")
        .arg(script)
        .arg(folder)
        .arg(DOCUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut stdin = node.stdin.take().expect("it was piped");
    let lines: Vec<String> = texts.iter().map(|text| json!(text).to_string()).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(stdin, "{line}").expect("node reads");
        }
    });
    let stdout = BufReader::new(node.stdout.take().expect("it was piped"));
    let outcomes = stdout.lines().map(|line| {
        let line = line.expect("node writes UTF-8");
        serde_json::from_str(&line).expect("node writes JSON")
    });
    let outcomes = outcomes.collect();
    writer.join().expect("all was written");
    assert!(node.wait().expect("node ends").success());
    outcomes
}

/// Draws expressions; equal seeds give equal ones.
struct Generator(u64);

const ATOMS: &[&str] = &[
    "a",
    "b",
    "c",
    "c.d",
    "c.e",
    "c.f",
    "t",
    "z",
    "s",
    "n",
    "items",
    "items.name",
    "items.price",
    "items.tags",
    "items[0]",
    "items[-1].price",
    "nested",
    "nothing",
    "b[1]",
    "$$.b[[0..1]]",
    "$",
    "$$.a",
    "1",
    "0",
    "-2",
    "2.5",
    "10",
    "'text'",
    "''",
    "\"x\"",
    "true",
    "false",
    "null",
    "[]",
    "{}",
    "[1,2,3]",
    "items.*",
    "c.*",
    "**.d",
    "items.tags[0]",
    "items[price > 2]",
    "items^(price)",
    "items^(>name)",
    "items{name: price}",
    "items.{'n': name, 'p': price}",
    "b#$i.{'v': $, 'i': $i}",
];
const UNARY: &[&str] = &[
    "$sum",
    "$count",
    "$max",
    "$min",
    "$average",
    "$string",
    "$length",
    "$uppercase",
    "$lowercase",
    "$trim",
    "$abs",
    "$floor",
    "$ceil",
    "$round",
    "$sqrt",
    "$number",
    "$boolean",
    "$not",
    "$exists",
    "$reverse",
    "$sort",
    "$distinct",
    "$keys",
    "$spread",
    "$merge",
    "$type",
    "$base64encode",
    "$encodeUrlComponent",
    "$shuffled",
    "-",
    "$single",
];
const BINARY: &[&str] = &[
    "$append",
    "$contains",
    "$split",
    "$join",
    "$power",
    "$round",
    "$substring",
    "$substringBefore",
    "$substringAfter",
    "$lookup",
    "$zip",
    "$pad",
    "$formatBase",
];
const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", "~>",
];
const BODIES: &[&str] = &[
    "$v",
    "$v + 1",
    "$v & 'x'",
    "$v.price",
    "$v = 2",
    "$v > 1",
    "$exists($v)",
    "$i",
    "[$v]",
    "{'v': $v}",
];

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap_or(0)
    }

    fn one_of(&mut self, all: &[&'static str]) -> &'static str {
        let at = self.below(all.len());
        all.get(at).copied().unwrap_or_default()
    }

    fn expression(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.one_of(ATOMS).to_owned();
        }
        let depth = depth - 1;
        match self.below(16) {
            0 | 1 => self.one_of(ATOMS).to_owned(),
            2 | 3 => {
                let function = self.one_of(UNARY);
                format!("{function}({})", self.expression(depth))
            }
            4 => {
                let function = self.one_of(BINARY);
                let (x, y) = (self.expression(depth), self.expression(depth));
                format!("{function}({x}, {y})")
            }
            5 | 6 => {
                let operator = self.one_of(OPERATORS);
                let (x, y) = (self.expression(depth), self.expression(depth));
                format!("({x}) {operator} ({y})")
            }
            7 => {
                let (p, x, y) = (
                    self.expression(depth),
                    self.expression(depth),
                    self.expression(depth),
                );
                format!("({p} ? {x} : {y})")
            }
            8 => format!("[{}, {}]", self.expression(depth), self.expression(depth)),
            9 => format!(
                "{{'k': {}, 'l': {}}}",
                self.expression(depth),
                self.expression(depth)
            ),
            10 => format!("({}).({})", self.expression(depth), self.expression(depth)),
            11 => format!("({})[{}]", self.expression(depth), self.expression(depth)),
            12 => {
                let body = self.one_of(BODIES);
                format!(
                    "$map({}, function($v, $i) {{ {body} }})",
                    self.expression(depth)
                )
            }
            13 => {
                let body = self.one_of(BODIES);
                format!(
                    "$filter({}, function($v, $i) {{ {body} }})",
                    self.expression(depth)
                )
            }
            14 => format!(
                "($x := {}; [$x, {}])",
                self.expression(depth),
                self.expression(depth)
            ),
            _ => format!(
                "$reduce({}, function($l, $r) {{ $l & $r }})",
                self.expression(depth)
            ),
        }
    }
}
