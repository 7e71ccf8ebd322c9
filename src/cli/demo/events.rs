//! The demo's events: drawn from a seed, each with the answer that it must get.
//!
//! What an event is follows from its number alone, so that whoever counts answers needs no list of events.

use std::fmt::Write as _;

/// Which workflow an event is for; each has a topic of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Telemetry,
    Readings,
    Devices,
}

/// Where the answer to an event must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Result,
    Failure,
    DeadLetter,
}

/// What an event is made to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    Good,
    /// Read well, and refused by the workflow.
    Implausible,
    NotJson,
    Empty,
    Null,
    NotUtf8,
    TooDeep,
}

/// What is known of an event from its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) stream: Stream,
    nature: Nature,
}

/// Writes events, one after the other, into its own buffers.
#[derive(Debug)]
pub(super) struct Events {
    seed: u64,
    key: String,
    value: Vec<u8>,
}

/// One in so many events is poison, for a device's registration, or a reading; one in so many readings is implausible.
const POISON_ONE_IN: u64 = 100;
const DEVICE_ONE_IN: u64 = 200;
const READING_ONE_IN: u64 = 5;
const IMPLAUSIBLE_ONE_IN: u64 = 20;
/// Deeper than the depth that is read, and still small beside what a partition of the embedded broker keeps.
const TOO_DEEP: usize = 500;
/// 2025-11-22T08:26:40Z, in microseconds.
const FIRST_EVENT_US: u64 = 1_763_800_000_000_000;

impl Plan {
    /// What the event `number` is.
    pub(super) fn of(seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed, number);
        let stream = if random.one_in(DEVICE_ONE_IN) {
            Stream::Devices
        } else if random.one_in(READING_ONE_IN) {
            Stream::Readings
        } else {
            Stream::Telemetry
        };
        let nature = if random.one_in(POISON_ONE_IN) {
            match random.below(5) {
                0 => Nature::NotJson,
                1 => Nature::Empty,
                2 => Nature::Null,
                3 => Nature::NotUtf8,
                _ => Nature::TooDeep,
            }
        } else if stream == Stream::Readings && random.one_in(IMPLAUSIBLE_ONE_IN) {
            Nature::Implausible
        } else {
            Nature::Good
        };
        Self { stream, nature }
    }

    /// Where its answer must be found.
    pub(super) const fn answer(self) -> Answer {
        match self.nature {
            Nature::Good => Answer::Result,
            Nature::Implausible => Answer::Failure,
            Nature::NotJson | Nature::Empty | Nature::Null | Nature::NotUtf8 | Nature::TooDeep => {
                Answer::DeadLetter
            }
        }
    }
}

impl Events {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            seed,
            key: String::new(),
            value: Vec::new(),
        }
    }

    /// Writes the event `number`: its stream, key and value; `None` is Kafka's null.
    pub(super) fn write(&mut self, number: u64) -> (Stream, &str, Option<&[u8]>) {
        let plan = Plan::of(self.seed, number);
        // Another sequence than that of the plan, or equal draws would be made twice.
        let mut random = Random::new(!self.seed, number);
        self.key.clear();
        let device = random.below(100_000);
        write!(self.key, "dev-{device:06}").expect("a string takes everything");
        self.value.clear();
        match plan.nature {
            Nature::Null => return (plan.stream, &self.key, None),
            Nature::Empty => {}
            Nature::TooDeep => self.value.resize(TOO_DEEP, b'['),
            Nature::Good | Nature::Implausible | Nature::NotJson | Nature::NotUtf8 => {
                let text = reading(&self.key, number, plan.nature, &mut random);
                self.value.extend_from_slice(text.as_bytes());
            }
        }
        if plan.nature == Nature::NotJson {
            self.value.truncate(self.value.len() / 2);
        }
        if plan.nature == Nature::NotUtf8 {
            // Within the first text of the document, so that everything around it is JSON.
            if let Some(byte) = self.value.get_mut(16) {
                *byte = 0xff;
            }
        }
        (plan.stream, &self.key, Some(&self.value))
    }
}

/// A device's reading, about 300 bytes of JSON.
fn reading(device: &str, number: u64, nature: Nature, random: &mut Random) -> String {
    let ts = FIRST_EVENT_US + number;
    let firmware = (random.below(20), random.below(10));
    let temperature = if nature == Nature::Implausible {
        999.9
    } else {
        random.between(-5.0, 40.0, 100.0)
    };
    let humidity = random.between(10.0, 95.0, 10.0);
    let battery = random.below(101);
    let site = random.below(40);
    let zone = random.zone();
    let (lat, lon) = (
        random.between(-90.0, 90.0, 1e5),
        random.between(-180.0, 180.0, 1e5),
    );
    let readings: [f64; 5] = std::array::from_fn(|_| random.between(0.0, 100.0, 1e3));
    format!(
        "{{\"deviceId\":\"{device}\",\"ts\":{ts},\"tenant\":\"acme-eu-central\",\"firmware\":\"2.{}.{}\",\
         \"type\":\"telemetry\",\"temperature\":{temperature},\"humidity\":{humidity},\"battery\":{battery},\
         \"location\":{{\"site\":\"plant-{site:02}\",\"zone\":\"{zone}\",\"lat\":{lat},\"lon\":{lon}}},\
         \"readings\":{readings:?}}}",
        firmware.0, firmware.1,
    )
}

/// SplitMix64: small, and good enough for made-up sensors.
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// A sequence of its own for each number.
    fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// A number with as many decimals as `precision` has zeros.
    fn between(&mut self, low: f64, high: f64, precision: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((low + unit * (high - low)) * precision).round() / precision
    }

    fn zone(&mut self) -> &'static str {
        match self.below(4) {
            0 => "assembly-north",
            1 => "assembly-south",
            2 => "paint-shop",
            _ => "warehouse",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_their_plan_says() {
        let mut events = Events::new(7);
        let mut count = [0_u32; 3];
        for number in 0..20_000 {
            let plan = Plan::of(7, number);
            let (stream, key, value) = events.write(number);
            assert_eq!(stream, plan.stream);
            assert_eq!(key.len(), 10);
            let parsed = value.and_then(|v| serde_json::from_slice::<serde_json::Value>(v).ok());
            match plan.answer() {
                Answer::Result => {
                    let temperature = parsed.unwrap()["temperature"].as_f64().unwrap();
                    assert!((-5.0..=40.0).contains(&temperature));
                    count[0] += 1;
                }
                Answer::Failure => {
                    assert_eq!(parsed.unwrap()["temperature"].as_f64(), Some(999.9));
                    count[1] += 1;
                }
                Answer::DeadLetter => {
                    assert_eq!(parsed, None, "event {number} is no poison");
                    count[2] += 1;
                }
            }
        }
        // About 98, 1 and 1 percent.
        assert!(
            count[0] > 19_400 && count[1] > 100 && count[2] > 100,
            "{count:?}"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_events() {
        let all = |seed| {
            let mut events = Events::new(seed);
            (0..100)
                .map(|n| events.write(n).2.map(<[u8]>::to_vec))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
    }
}
