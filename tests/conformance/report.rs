//! The table by area, the failures, and the closing line.

use std::collections::BTreeMap;

use crate::Verdict;
use crate::case::Case;

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    not_yet: usize,
}

/// What became of all cases.
#[derive(Default)]
pub(crate) struct Report {
    areas: BTreeMap<String, Counts>,
    failures: Vec<(String, Vec<String>)>,
    missing: BTreeMap<String, usize>,
}

impl Report {
    pub(crate) fn add(&mut self, case: &Case, verdict: Verdict) {
        let counts = self.areas.entry(case.area.clone()).or_default();
        match verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Failed(differences) => {
                counts.failed += 1;
                self.failures.push((case.id.clone(), differences));
            }
            Verdict::NotYet(what) => {
                counts.not_yet += 1;
                *self.missing.entry(what).or_default() += 1;
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
            println!("\nnot yet supported, by what is missing");
            for (what, count) in &self.missing {
                println!("{count:>6}  {what}");
            }
        }
        println!(
            "\n{:<24}{:>8}{:>8}{:>10}",
            "area", "passed", "failed", "not yet"
        );
        for (
            area,
            Counts {
                passed,
                failed,
                not_yet,
            },
        ) in &self.areas
        {
            println!("{area:<24}{passed:>8}{failed:>8}{not_yet:>10}");
        }
        let sum = |of: fn(&Counts) -> usize| self.areas.values().map(of).sum::<usize>();
        println!(
            "\n{} passed, {} failed, {} skipped",
            sum(|c| c.passed),
            sum(|c| c.failed),
            sum(|c| c.not_yet)
        );
    }
}
