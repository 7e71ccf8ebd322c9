//! The events of a bench: written once from a template, before anything is measured, and sent again and again.

use serde_json::value::RawValue;

use super::super::Failure;

/// Different events; after so many they come again. Enough for no cache to hold what they lead to, and soon written.
const EVENTS: u64 = 10_000;

/// What is made where no template is given: telemetry of a device, about 290 bytes.
const TEMPLATE: &str = r#"{"deviceId":"dev-{{key}}","ts":{{number}},"tenant":"acme-eu-central","firmware":"2.{{0..19}}.{{0..9}}","type":"telemetry","temperature":{{-5..40}}.{{10..99}},"humidity":{{10..95}}.5,"battery":{{0..100}},"location":{"site":"plant-{{10..49}}","zone":"paint-shop","lat":{{-89..89}}.{{10000..99999}},"lon":{{-179..179}}.{{10000..99999}}},"readings":[{{0..99}}.125,{{0..99}}.25,{{0..99}}.375,{{0..99}}.5,{{0..99}}.625]}"#;

/// A key and a value, ready to be sent.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) key: String,
    pub(super) value: String,
}

/// How keys are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Spread {
    /// Every key as often as another
    Uniform,
    /// A few keys have most of the events: the first of N as many as the next ones up to its double, and so on
    Skewed,
}

/// Writes the events: `{{key}}` stands for the key's number, `{{number}}` for the event's, `{{A..B}}` for a whole number from A to B.
/// Each is filled up with blanks to `bytes_min`.
pub(super) fn write(
    template: Option<&str>,
    keys: u64,
    spread: Spread,
    bytes_min: usize,
) -> Result<Vec<Event>, Failure> {
    let template = template.unwrap_or(TEMPLATE).trim_end();
    let mut random = Random(2_026);
    let mut events = Vec::new();
    for number in 0..EVENTS {
        let key = random.key(keys, spread);
        let mut value = fill(template, number, key, &mut random)?;
        if serde_json::from_str::<&RawValue>(&value).is_err() {
            let why = format!("--event: what the template gives is not JSON: {value}");
            return Err(Failure::refused(why));
        }
        while value.len() < bytes_min {
            value.push(' ');
        }
        let key = key.to_string();
        events.push(Event { key, value });
    }
    Ok(events)
}

fn fill(template: &str, number: u64, key: u64, random: &mut Random) -> Result<String, Failure> {
    let mut value = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        // An object in an object ends with two braces, too, but none begins with two.
        let (name, after) = after
            .split_once("}}")
            .ok_or_else(|| Failure::refused("--event: a {{ has no }}"))?;
        value.push_str(before);
        let filled = match name.trim() {
            "key" => key.to_string(),
            "number" => number.to_string(),
            range => random.within(range).ok_or_else(|| {
                Failure::refused(format!(
                    "--event: {{{{{range}}}}} is none of {{{{key}}}}, {{{{number}}}} and {{{{A..B}}}}"
                ))
            })?,
        };
        value.push_str(&filled);
        rest = after;
    }
    value.push_str(rest);
    Ok(value)
}

/// A linear congruential generator: the events are the same in every run.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn key(&mut self, keys: u64, spread: Spread) -> u64 {
        match spread {
            Spread::Uniform => self.next() % keys,
            // Every size of the range is as likely as another, which makes the logarithm of the key uniform.
            Spread::Skewed => {
                let range = (keys >> (self.next() % u64::from(64 - keys.leading_zeros()))).max(1);
                self.next() % range
            }
        }
    }

    fn within(&mut self, range: &str) -> Option<String> {
        let (from, to) = range.split_once("..")?;
        let (from, to) = (from.parse::<i32>().ok()?, to.parse::<i32>().ok()?);
        let count = u64::try_from(i64::from(to) - i64::from(from) + 1).ok()?;
        let offset = i64::try_from(self.next().checked_rem(count)?).ok()?;
        Some((i64::from(from) + offset).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, Spread, write};

    #[test]
    fn templates_are_filled() {
        let filled = write(
            Some(r#"{"k":{{key}},"n":{{number}},"t":{{3..3}}}"#),
            1,
            Spread::Uniform,
            30,
        );
        let events = filled.expect("a good template");
        assert_eq!(events.len() as u64, EVENTS);
        assert_eq!(events[7].key, "0");
        assert_eq!(events[7].value, format!("{:30}", r#"{"k":0,"n":7,"t":3}"#));
    }

    #[test]
    fn bad_templates_are_refused() {
        for (template, why) in [
            ("{{", "a {{ has no }}"),
            ("{{what}}", "{{what}} is none of"),
            ("{{9..1}}", "{{9..1}} is none of"),
            ("nothing", "is not JSON"),
        ] {
            let refused = write(Some(template), 1, Spread::Uniform, 0).expect_err(template);
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }

    #[test]
    fn skewed_keys_come_more_often_the_lower_they_are() {
        let events = write(None, 1024, Spread::Skewed, 0).expect("the template is good");
        let low = events
            .iter()
            .filter(|e| e.key.parse::<u64>().is_ok_and(|k| k < 32))
            .count();
        assert!(low > events.len() / 2, "{low}");
    }
}
