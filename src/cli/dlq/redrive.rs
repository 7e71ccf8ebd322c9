//! `stepstream dlq redrive`: dead letters back to the topics that they came from.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::ControlFlow;

use super::{Choice, Ended, Failure, Place};
use crate::kafka::dead_letters::{NotRedriven, Redriver, read};

/// Produce dead letters again, with their key, value and original headers
///
/// They go where they came from, with one more header, asl-replays, that counts how often. The dead letters stay in their
/// topic: redriven twice they are events twice. Exit code 1 if one was to go and did not.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    choice: Choice,
    /// Where they go, if not where they came from
    #[arg(long, value_name = "TOPIC")]
    to: Option<String>,
    /// A letter that was redriven so often stays
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    max_replays: u32,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let (settings, topic) = arguments.place.find()?;
    if arguments.to.as_ref() == Some(&topic) {
        return Err(Failure::refused(format!(
            "--to {topic}: they would be dead letters of themselves"
        )));
    }
    let broken = |error: crate::kafka::KafkaError| Failure::Broken(error.to_string());
    let redriver = Redriver::new(&settings, arguments.max_replays).map_err(broken)?;
    let mut tally = Tally::default();
    let reading = read(&settings, &topic, |letter| {
        let source = letter.source();
        if !arguments.choice.takes(&letter, &source) {
            return ControlFlow::Continue(());
        }
        let target = redriver.target(&source, arguments.to.as_deref());
        let target = target.and_then(|target| {
            if target == topic {
                return Err(NotRedriven::NoTopic);
            }
            if !arguments.dry_run {
                redriver.redrive(&letter, &target)?;
            }
            Ok(target)
        });
        match target {
            Ok(target) => *tally.redriven.entry(target).or_default() += 1,
            Err(why @ NotRedriven::TooOften(_)) => tally.stay(why.to_string(), false),
            Err(why) => tally.stay(why.to_string(), true),
        }
        match arguments.choice.is_full(tally.count()) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    // What was given to the client before the reading broke off is on its way all the same.
    let failures = redriver.finish();
    reading.map_err(broken)?;
    let done = match arguments.dry_run {
        true => "would go",
        false => "went",
    };
    let mut out = std::io::stdout().lock();
    if tally.redriven.is_empty() {
        writeln!(out, "none {done}")?;
    }
    for (target, count) in &tally.redriven {
        writeln!(out, "{count} {done} to {target}")?;
    }
    for (why, count) in &tally.stayed {
        writeln!(out, "{count} stayed: {why}")?;
    }
    for (target, cause) in &failures {
        writeln!(out, "not acknowledged: topic {target}: {cause}")?;
    }
    Ok(match tally.has_failed || !failures.is_empty() {
        true => Ended::Badly,
        false => Ended::Well,
    })
}

#[derive(Debug, Default)]
struct Tally {
    /// By where they went.
    redriven: BTreeMap<String, usize>,
    /// By why.
    stayed: BTreeMap<String, usize>,
    /// One was to go and did not.
    has_failed: bool,
}

impl Tally {
    fn stay(&mut self, why: String, is_failure: bool) {
        *self.stayed.entry(why).or_default() += 1;
        self.has_failed |= is_failure;
    }

    fn count(&self) -> usize {
        self.redriven.values().sum()
    }
}
