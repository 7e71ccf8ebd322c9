//! The table by area, the failures, and the closing line.

use std::collections::BTreeMap;

use crate::Verdict;

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    beyond: usize,
    listed: usize,
}

/// What became of all cases.
#[derive(Default)]
pub(crate) struct Report {
    areas: BTreeMap<String, Counts>,
    failures: Vec<(String, Vec<String>)>,
    missing: BTreeMap<String, usize>,
    listed: Vec<(String, &'static str)>,
}

impl Report {
    pub(crate) fn add(&mut self, area: &str, id: &str, verdict: Verdict) {
        let counts = self.areas.entry(area.to_owned()).or_default();
        match verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Failed(differences) => {
                counts.failed += 1;
                self.failures.push((id.to_owned(), differences));
            }
            Verdict::BeyondExpress(what) => {
                counts.beyond += 1;
                *self.missing.entry(what).or_default() += 1;
            }
            Verdict::Listed(reason) => {
                counts.listed += 1;
                self.listed.push((id.to_owned(), reason));
            }
        }
    }

    pub(crate) fn failed(&self) -> usize {
        self.failures.len()
    }

    pub(crate) fn print(&self) {
        for (id, differences) in &self.failures {
            println!("FAILED {id}");
            for difference in differences.iter().take(4) {
                println!("    {difference}");
            }
        }
        if !self.missing.is_empty() {
            println!("\nskipped: what Express workflows do not have on AWS either");
            for (what, count) in &self.missing {
                println!("{count:>6}  {what}");
            }
        }
        if !self.listed.is_empty() {
            println!("\ndifferent on purpose");
            for (id, reason) in &self.listed {
                println!("    {id}: {reason}");
            }
        }
        println!(
            "\n{:<24}{:>8}{:>8}{:>10}{:>8}",
            "area", "passed", "failed", "skipped", "listed"
        );
        for (
            area,
            Counts {
                passed,
                failed,
                beyond,
                listed,
            },
        ) in &self.areas
        {
            println!("{area:<24}{passed:>8}{failed:>8}{beyond:>10}{listed:>8}");
        }
        let sum = |of: fn(&Counts) -> usize| self.areas.values().map(of).sum::<usize>();
        println!(
            "\n{} passed, {} failed, {} skipped, {} listed",
            sum(|c| c.passed),
            sum(|c| c.failed),
            sum(|c| c.beyond),
            sum(|c| c.listed)
        );
    }
}
