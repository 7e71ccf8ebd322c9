//! What a commit carries beside its position: the offsets above it that are answered already, so that the partition's next owner need not
//! answer them again.
//!
//! As text in the commit's metadata: `stepstream/1 EPOCH POSITION FROM+LENGTH FROM+LENGTH …`, where each `FROM` counts from
//! the end of the run before it, the first from the position. Anything else there is somebody else's, and ignored.
//!
//! After a truncation other records may have these offsets. They have a higher leader epoch than any record of before, so a
//! record is skipped only up to the epoch that was carried.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::kafka::mutant::{self, Mutant};

/// Offsets that are answered, each run of them of records up to a leader epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Ends and leader epochs by beginnings of runs that do not overlap.
    runs: BTreeMap<i64, (i64, i32)>,
}

/// Brokers take 4,096 bytes by default.
pub const CARRIED_BYTES_MAX: usize = 3_500;
const VERSION: &str = "stepstream/1";

impl Carried {
    /// Whether the record was answered by an earlier owner.
    #[must_use]
    pub fn has(&self, offset: i64, epoch: Option<i32>) -> bool {
        let mut below = self.runs.range(..=offset);
        let listed = below.next_back().filter(|(_, (end, _))| offset < *end);
        listed.is_some_and(|(_, (_, last))| {
            let is_same = epoch.is_some_and(|epoch| epoch <= *last);
            is_same || mutant::is(Mutant::CarriedEpochIgnored)
        })
    }

    /// Reads the metadata of a commit; `None` if it is not ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() != Some(VERSION) || text.len() > CARRIED_BYTES_MAX {
            return None;
        }
        let epoch = words.next()?.parse().ok()?;
        let mut at: i64 = words.next()?.parse().ok()?;
        let mut runs = BTreeMap::new();
        for word in words {
            let (from, length) = word.split_once('+')?;
            let (from, length): (u32, u32) = (from.parse().ok()?, length.parse().ok()?);
            let from = at.checked_add(i64::from(from))?;
            at = from.checked_add(i64::from(length))?;
            runs.insert(from, (at, epoch));
        }
        Some(Self { runs })
    }
}

impl Carried {
    /// What it says of the offsets after `last`.
    pub(super) fn after(&self, last: i64) -> Self {
        let beyond = self.runs.iter().filter(|(_, (end, _))| *end > last + 1);
        Self {
            runs: beyond
                .map(|(from, run)| (*from.max(&(last + 1)), *run))
                .collect(),
        }
    }

    /// The same with `runs`, all below its own, of records up to this epoch.
    pub(super) fn with(mut self, epoch: i32, runs: impl Iterator<Item = (i64, i64)>) -> Self {
        self.runs
            .extend(runs.map(|(from, end)| (from, (end, epoch))));
        self
    }
}

/// Writes the metadata of a commit of `position`, with as many of `runs` (beginnings and ends, ascending) as there is room for. Empty if there
/// are none.
pub(super) fn write(position: i64, epoch: i32, runs: impl Iterator<Item = (i64, i64)>) -> String {
    let mut text = String::new();
    let mut at = position;
    for (from, to) in runs {
        if text.is_empty() {
            text = format!("{VERSION} {epoch} {position}");
        }
        let (Ok(skipped), Ok(length)) = (u32::try_from(from - at), u32::try_from(to - from)) else {
            break;
        };
        let room = text.len();
        // Writing to a text cannot fail.
        write!(text, " {skipped}+{length}").ok();
        if text.len() > CARRIED_BYTES_MAX {
            text.truncate(room);
            break;
        }
        at = to;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_what_was_answered() {
        let runs = [(12, 15), (16, 17), (40, 50)];
        let text = write(10, 3, runs.into_iter());
        assert_eq!(text, "stepstream/1 3 10 2+3 1+1 23+10");
        let carried = Carried::parse(&text).unwrap();
        for offset in 0..60 {
            let is_in = runs.iter().any(|(from, to)| (*from..*to).contains(&offset));
            assert_eq!(carried.has(offset, Some(3)), is_in, "{offset}");
            assert_eq!(carried.has(offset, Some(0)), is_in, "{offset}");
            assert!(
                !carried.has(offset, Some(4)),
                "it was written after a truncation"
            );
            assert!(!carried.has(offset, None), "nobody knows when");
        }
        assert_eq!(write(10, 3, std::iter::empty()), "");
    }

    #[test]
    fn what_a_partition_that_is_received_again_skips() {
        let before = Carried::parse("stepstream/1 3 10 2+3 1+1 23+10").unwrap();
        let above = before.after(13);
        assert_eq!(
            above.runs.iter().collect::<Vec<_>>(),
            [(&14, &(15, 3)), (&16, &(17, 3)), (&40, &(50, 3))]
        );
        let both = above.with(5, [(11, 13)].into_iter());
        assert!(both.has(11, Some(3)) && both.has(14, Some(3)) && !both.has(13, Some(3)));
        assert!(
            both.has(11, Some(5)),
            "what another has said lowers no epoch"
        );
        assert!(!both.has(40, Some(4)), "nobody has said so of that epoch");
        let alone = before.after(60).with(5, [(11, 13)].into_iter());
        assert!(alone.has(11, Some(5)) && !alone.has(40, Some(3)));
    }

    #[test]
    fn it_is_never_longer_than_brokers_take() {
        let runs = (0..10_000).map(|n| (n * 1_000_000, n * 1_000_000 + 1));
        let text = write(0, 1, runs);
        assert!(text.len() <= CARRIED_BYTES_MAX && text.len() > CARRIED_BYTES_MAX - 20);
        let carried = Carried::parse(&text).unwrap();
        assert!(carried.has(100_000_000, Some(1)) && !carried.has(9_999_000_000, Some(1)));
    }

    #[test]
    fn what_others_have_written_is_ignored() {
        let long = format!("stepstream/1 0 0{}", " 1+1".repeat(1_000));
        for text in [
            "",
            "other",
            "stepstream/2 0 0 1+1",
            "stepstream/1",
            "stepstream/1 x 0",
            "stepstream/1 0 0 1",
            "stepstream/1 0 0 -1+1",
            "stepstream/1 0 9223372036854775807 1+1",
            &long,
        ] {
            assert_eq!(Carried::parse(text), None, "{text}");
        }
    }
}
