//! The product's own engine, ledgers, poll loop and producer against a Kafka in memory, with virtual time, all driven by one seed.
//!
//! `STEPSTREAM_SEEDS=FROM..TO` says which seeds; `STEPSTREAM_TRACE=1` prints all that happens. A seed that fails prints the command
//! that repeats it.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test of its own harness: it asks the environment what to run, prints what came of it, and a panic is a failure"
)]

mod broker;
mod groups;
mod link;
mod log;
mod plan;
mod tasks;
mod world;

use std::process::ExitCode;

use world::{Totals, judge};

/// Seeds of a run that names none: in a build without optimisation fewer, so that a plain `cargo test` stays quick.
const SEEDS: u64 = if cfg!(debug_assertions) { 30 } else { 200 };

fn main() -> ExitCode {
    let Some(seeds) = seeds() else {
        println!("STEPSTREAM_SEEDS is FROM..TO");
        return ExitCode::FAILURE;
    };
    let prints = std::env::var_os("STEPSTREAM_TRACE").is_some();
    let mut totals = Totals::default();
    for seed in seeds {
        let verdict = judge(seed, prints);
        totals.add(&verdict);
        for violation in &verdict.violations {
            println!("seed {seed}: {violation}");
        }
        if !verdict.violations.is_empty() {
            println!(
                "  STEPSTREAM_TRACE=1 STEPSTREAM_SEEDS={seed}..{} cargo test --release --test simulation",
                seed + 1
            );
        }
        // Every tenth again: the same seed must do the same.
        if seed % 10 == 0 {
            let again = judge(seed, false);
            if again.trace != verdict.trace {
                totals.violations += 1;
                println!(
                    "seed {seed}: two runs differ: {:x} {:x}",
                    verdict.trace, again.trace
                );
            }
        }
    }
    println!("{totals}");
    if totals.violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn seeds() -> Option<std::ops::Range<u64>> {
    let Ok(text) = std::env::var("STEPSTREAM_SEEDS") else {
        return Some(0..SEEDS);
    };
    let (from, to) = text.split_once("..")?;
    let seeds = from.parse().ok()?..to.parse().ok()?;
    (seeds.start <= seeds.end).then_some(seeds)
}
