//! Our JSONata beside hand-written Rust, the crate `jsonata-core`, and npm `jsonata` on Node, in one run:
//! nanoseconds per evaluation of a compiled expression, each the median of its samples.
//!
//! `STEPSTREAM_JSONATA_JS` names a folder in which `npm install jsonata@2.0.6` was run; without it Node is left out.
//! The others read the document as their input, which is cheaper for them than a bound variable. Before anything is
//! timed, all must give the same value.

mod cases;

use std::borrow::Cow;
use std::ffi::OsString;
use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use cases::{CASES, Case};
use jsonata_core::value::JValue;
use stepstream::expr::jsonata::{Environment, Evaluated, Expression, Limits, Variables};
use stepstream::value::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SAMPLES: usize = 31;
const SAMPLE_NS: f64 = 4e6;

/// `$states`, of which only `input` is read.
struct States(Value);

impl Variables for States {
    fn get(&self, _: &str) -> Option<Cow<'_, Value>> {
        None
    }

    fn member(&self, name: &str, field: &str) -> Option<Cow<'_, Value>> {
        (name == "states" && field == "input").then_some(Cow::Borrowed(&self.0))
    }
}

fn main() {
    let node = node();
    println!(
        "ns per evaluation: hand-written Rust, ours (times by hand), jsonata-core (times ours), Node (times ours)"
    );
    for (at, case) in CASES.iter().enumerate() {
        let [by_hand, ours, core] = measured(case);
        print!(
            "{:22}{by_hand:10.0}{ours:10.0} ({:4.1}){core:10.0} ({:5.1})",
            case.name,
            ours / by_hand,
            core / ours
        );
        match node.as_ref().ok().and_then(|all| all.get(at)) {
            Some(node) => println!("{node:10.0} ({:5.1})", node / ours),
            None => println!(),
        }
    }
    if let Err(reason) = node {
        println!("Node is left out: {reason}");
    }
}

/// The medians of what runs here; their samples take turns.
fn measured(case: &Case) -> [f64; 3] {
    let document = cases::document();
    let input = Value::parse(document.as_bytes()).expect("the document is JSON");
    let data = JValue::from_json_str(&document).expect("the document is JSON");
    let states = States(input.clone());
    let ours = Expression::compile(case.text).expect("it is an expression");
    let core = jsonata_core::Expression::compile(&for_peers(case)).expect("it is an expression");
    let environment = Environment {
        input: None,
        variables: &states,
        now_ms: 0,
        randomness: &|| 0,
        limits: Limits::default(),
    };
    let expected = (case.by_hand)(&input).expect("the work has a result");
    assert_eq!(
        ours.eval(&environment),
        Ok(Evaluated::Value(expected.clone())),
        "{}",
        case.name
    );
    let theirs = core.evaluate(&data).expect("it evaluates");
    let theirs = theirs.to_json_string().expect("it is JSON");
    assert_eq!(
        Value::parse(theirs.as_bytes()),
        Ok(expected),
        "{}",
        case.name
    );
    let mut runs: [(f64, Box<dyn FnMut() + '_>); 3] = [
        (
            1.0,
            Box::new(|| drop(black_box((case.by_hand)(black_box(&input))))),
        ),
        (
            1.0,
            Box::new(|| drop(black_box(black_box(&ours).eval(black_box(&environment))))),
        ),
        (
            1.0,
            Box::new(|| drop(black_box(black_box(&core).evaluate(black_box(&data))))),
        ),
    ];
    for (times, run) in &mut runs {
        *times = (SAMPLE_NS / sample(1000.0, run)).ceil();
    }
    let mut samples = [const { Vec::new() }; 3];
    for _ in 0..SAMPLES {
        for (samples, (times, run)) in samples.iter_mut().zip(&mut runs) {
            samples.push(sample(*times, run));
        }
    }
    samples.map(median)
}

fn sample(times: f64, run: &mut dyn FnMut()) -> f64 {
    let from = Instant::now();
    let mut done = 0.0;
    while done < times {
        run();
        done += 1.0;
    }
    from.elapsed().as_secs_f64() * 1e9 / times
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// The expression with the document as its input.
fn for_peers(case: &Case) -> String {
    case.text.replace("$states.input.", "")
}

/// The medians of npm `jsonata`, in the order of the cases; or why there are none.
fn node() -> Result<Vec<f64>, String> {
    let folder: OsString =
        std::env::var_os("STEPSTREAM_JSONATA_JS").ok_or("STEPSTREAM_JSONATA_JS is not set")?;
    let folder = std::path::absolute(folder).map_err(|error| error.to_string())?;
    let mut node = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/node.cjs"))
        .arg(folder)
        .arg(cases::document())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("node does not start: {error}"))?;
    let mut stdin = node.stdin.take().ok_or("node has no input")?;
    for case in &CASES {
        writeln!(stdin, "{}", serde_json::json!(for_peers(case))).map_err(|e| e.to_string())?;
    }
    drop(stdin);
    let output = node.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("node ends with {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let times = text
        .lines()
        .map(|line| line.parse().map_err(|_| format!("node writes {line}")));
    times.collect()
}
