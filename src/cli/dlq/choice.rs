//! Which dead letters are meant.

use crate::kafka::dead_letters::{DeadLetter, Source};
use crate::machine::Timestamp;

/// All conditions that are given must hold.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Choice {
    /// Only those with this reason, such as json; may be given more than once
    #[arg(long, value_name = "REASON")]
    reason: Vec<String>,
    /// Only those that came from this topic
    #[arg(long, value_name = "TOPIC")]
    from: Option<String>,
    /// Only those from this time on, as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only those before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only those with this text in their cause
    #[arg(long, value_name = "TEXT")]
    cause: Option<String>,
    /// Only this one; may be given more than once
    #[arg(long = "letter", value_name = "PARTITION:OFFSET", value_parser = super::letter)]
    letters: Vec<(i32, i64)>,
    /// So many of them at most
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

impl Choice {
    /// Whether a dead letter is meant, its number apart.
    pub(super) fn takes(&self, letter: &DeadLetter, source: &Source) -> bool {
        let is_one = |allowed: &[String], found: &Option<String>| {
            allowed.is_empty() || found.as_ref().is_some_and(|found| allowed.contains(found))
        };
        let time = letter.timestamp_ms.map(Timestamp::from_millis);
        let place = (letter.partition, letter.offset);
        is_one(&self.reason, &source.reason)
            && (self.from.is_none() || self.from == source.topic)
            && self.since.is_none_or(|since| time >= Some(since))
            && self
                .until
                .is_none_or(|until| time.is_some_and(|time| time < until))
            && self.cause.as_ref().is_none_or(|part| {
                let cause = source.cause.as_ref();
                cause.is_some_and(|cause| cause.contains(part))
            })
            && (self.letters.is_empty() || self.letters.contains(&place))
    }

    /// Whether `taken` are as many as are wanted.
    pub(super) fn is_full(&self, taken: usize) -> bool {
        self.limit.is_some_and(|limit| taken >= limit)
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "it must be a time such as 2026-01-31T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        choice: Choice,
    }

    #[test]
    fn all_conditions_must_hold() {
        let letter = DeadLetter {
            partition: 2,
            offset: 5,
            timestamp_ms: Some(1_769_860_800_000),
            key: None,
            value: None,
            headers: Vec::new(),
        };
        let source = Source {
            reason: Some("json".to_owned()),
            cause: Some("unexpected end".to_owned()),
            topic: Some("in".to_owned()),
            ..Source::default()
        };
        for (line, expected) in [
            ("", true),
            ("--reason json", true),
            ("--reason utf8 --reason json", true),
            ("--reason utf8", false),
            ("--from in", true),
            ("--from out", false),
            ("--since 2026-01-31T12:00:00Z", true),
            ("--since 2026-01-31T12:00:01Z", false),
            ("--until 2026-01-31T12:00:00Z", false),
            ("--until 2026-01-31T12:00:01Z", true),
            ("--cause end", true),
            ("--cause start", false),
            ("--letter 2:5", true),
            ("--letter 2:6 --letter 5:2", false),
            ("--reason json --from out", false),
        ] {
            let line_with_name = format!("x {line}");
            let parsed = Line::try_parse_from(line_with_name.split_whitespace()).expect(line);
            assert_eq!(parsed.choice.takes(&letter, &source), expected, "{line}");
        }
    }
}
