//! Turns on one deliberate bug after the other and simulates until each is found: a checker that never failed proves nothing.
//!
//! `cargo test --release --features mutants --test mutants`. `STEPSTREAM_SEEDS` is how many seeds tell how often a mutant is
//! found; one that is not found among them gets up to a thousand.

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

use stepstream::kafka::mutant::{Mutant, activate};

use world::{Totals, judge};

/// Seeds that each mutant gets.
const SEEDS: u64 = 50;
/// By then it must have been found.
const SEEDS_MAX: u64 = 1_000;

fn main() -> ExitCode {
    let seeds = std::env::var("STEPSTREAM_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    // A mutant may also run into an assertion of the product, which need not be printed.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut alive, mut totals) = (0, Totals::default());
    for mutant in Mutant::ALL {
        let (mut found, mut first, mut seed) = (0, None, 0);
        while seed < seeds || (first.is_none() && seed < SEEDS_MAX) {
            activate(Some(mutant));
            let verdict = judge(seed, false);
            activate(None);
            totals.add(&verdict);
            if let Some(what) = verdict.violations.into_iter().next() {
                found += 1;
                first.get_or_insert((seed, what));
            }
            seed += 1;
        }
        let name = format!("{mutant:?}");
        match first {
            Some((first, what)) => {
                println!("{name:26} found by {found:3} of {seed} seeds, first {first}: {what}");
            }
            None => {
                alive += 1;
                println!("{name:26} NOT FOUND in {seed} seeds");
            }
        }
    }
    println!("{} mutants, {alive} not found; {totals}", Mutant::ALL.len());
    if alive == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
