//! Names that nobody has had before: of requests, executions, revisions.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes ids from keys that the system drew when this was made, and a counter: no two are equal, and none tells of another.
#[derive(Debug)]
pub(in crate::api) struct Ids {
    keys: [RandomState; 2],
    next: AtomicU64,
}

impl Ids {
    pub(in crate::api) fn new() -> Self {
        Self {
            keys: [RandomState::new(), RandomState::new()],
            next: AtomicU64::new(0),
        }
    }

    /// 128 bits that look random, marked as a UUID of version 4.
    pub(in crate::api) fn uuid(&self) -> u128 {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let [high, low] = self.keys.each_ref().map(|key| key.hash_one(number));
        let bits = (u128::from(high) << 64) | u128::from(low);
        (bits & !VERSION & !VARIANT) | (4 << 76) | (0b10 << 62)
    }

    /// A number below `bound`, evenly enough for bounds that are small.
    pub(in crate::api) fn below(&self, bound: u64) -> u64 {
        (self.uuid() as u64 & 0xffff_ffff) % bound.max(1)
    }

    /// Such a UUID in its usual form.
    pub(in crate::api) fn text(&self) -> String {
        hyphenated(self.uuid())
    }
}

/// A UUID in its usual form.
pub(in crate::api) fn hyphenated(uuid: u128) -> String {
    let digits = format!("{uuid:032x}");
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.char_indices() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_differ_and_look_like_uuids() {
        let ids = Ids::new();
        let texts: BTreeSet<String> = (0..1_000).map(|_| ids.text()).collect();
        assert_eq!(texts.len(), 1_000);
        for text in texts {
            let parts: Vec<usize> = text.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{text}");
            assert_eq!(text.as_bytes()[14], b'4', "{text}");
            assert!(b"89ab".contains(&text.as_bytes()[19]), "{text}");
        }
        assert!((0..100).all(|_| ids.below(3) < 3));
    }
}
