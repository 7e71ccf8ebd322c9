//! Counts history events, and makes those that were asked for.

use super::{Effect, Recording, Timestamp};
use crate::history::{Details, EventType, HistoryEvent};

/// Counts every event, since error texts name event ids even where no history is kept.
#[derive(Debug)]
pub(super) struct Recorder {
    recording: Recording,
    last_id: u64,
}

impl Recorder {
    pub(super) const fn new(recording: Recording) -> Self {
        Self {
            recording,
            last_id: 0,
        }
    }

    pub(super) const fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Counts an event and, if its type passes the level, makes it. Returns its id.
    pub(super) fn record(
        &mut self,
        event_type: EventType,
        previous_id: u64,
        now: Timestamp,
        effects: &mut Vec<Effect>,
        details: impl FnOnce(&mut Details),
    ) -> u64 {
        self.last_id += 1;
        if event_type.passes(self.recording.level) {
            let mut event = HistoryEvent {
                id: self.last_id,
                previous_id,
                timestamp: now,
                event_type,
                details: Details::new(self.recording.include_execution_data),
            };
            details(&mut event.details);
            effects.push(Effect::Record(Box::new(event)));
        }
        self.last_id
    }
}
