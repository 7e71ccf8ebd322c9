//! What JSONata costs beside hand-written Rust over the same value: `cargo bench --no-default-features --bench jsonata`.
//!
//! The package in `peers` runs the same cases beside other implementations.

#[path = "engines/src/cases.rs"]
mod cases;

use std::borrow::Cow;

use cases::{CASES, Case};
use divan::{Bencher, black_box};
use stepstream::expr::jsonata::{Environment, Expression, Limits, Variables};
use stepstream::value::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

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

fn document() -> Value {
    Value::parse(cases::document().as_bytes()).expect("the document is JSON")
}

fn named(name: &str) -> &'static Case {
    let case = CASES.iter().find(|case| case.name == name);
    case.expect("the names are those of the table")
}

#[divan::bench(args = CASES.map(|case| case.name))]
fn jsonata(bencher: Bencher<'_, '_>, name: &str) {
    let states = States(document());
    let expression = Expression::compile(named(name).text).expect("it is an expression");
    let environment = Environment {
        input: None,
        variables: &states,
        now_ms: 0,
        randomness: &|| 0,
        limits: Limits::default(),
    };
    bencher.bench_local(|| black_box(&expression).eval(black_box(&environment)));
}

#[divan::bench(args = CASES.map(|case| case.name))]
fn hand_written(bencher: Bencher<'_, '_>, name: &str) {
    let input = document();
    let work = named(name).by_hand;
    bencher.bench_local(|| work(black_box(&input)));
}
