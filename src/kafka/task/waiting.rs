//! Requests that wait for their reply, by correlation id and by deadline. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Answer;
use crate::machine::Timestamp;

/// Requests that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    by_id: BTreeMap<Vec<u8>, (Timestamp, Answer)>,
    by_deadline: BTreeSet<(Timestamp, Vec<u8>)>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Waits for the reply `id`, which is new.
    pub(super) fn add(&mut self, id: &str, deadline: Timestamp, answer: Answer) {
        let id = id.as_bytes().to_vec();
        self.by_deadline.insert((deadline, id.clone()));
        self.by_id.insert(id, (deadline, answer));
    }

    /// Ends waiting for `id`; `None` if nobody waits for it.
    pub(super) fn take(&mut self, id: &[u8]) -> Option<Answer> {
        let (deadline, answer) = self.by_id.remove(id)?;
        self.by_deadline.remove(&(deadline, id.to_vec()));
        Some(answer)
    }

    /// Ends waiting for what should have come before `now`.
    pub(super) fn expired(&mut self, now: Timestamp) -> Vec<Answer> {
        let mut expired = Vec::new();
        while let Some((deadline, id)) = self.by_deadline.first()
            && *deadline <= now
        {
            let id = id.clone();
            expired.extend(self.take(&id));
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn each_request_ends_once() {
        let ended = Arc::new(AtomicUsize::new(0));
        let answer = || {
            let ended = Arc::clone(&ended);
            Answer::new(move |_| {
                ended.fetch_add(1, Ordering::SeqCst);
            })
        };
        let at = Timestamp::from_millis;
        let mut waiting = Waiting::default();
        for (id, deadline) in [("a", 10), ("b", 5), ("c", 10), ("d", 20)] {
            waiting.add(id, at(deadline), answer());
        }
        assert!(waiting.take(b"x").is_none());
        assert!(waiting.take(b"c").is_some() && waiting.take(b"c").is_none());
        assert_eq!(waiting.expired(at(4)).len(), 0);
        assert_eq!(waiting.expired(at(10)).len(), 2);
        assert_eq!(waiting.expired(at(10)).len(), 0);
        assert!(waiting.take(b"a").is_none(), "it has expired");
        assert_eq!((waiting.len(), ended.load(Ordering::SeqCst)), (1, 3));
    }
}
