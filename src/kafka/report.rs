//! How a group's poll loop is told what happened elsewhere, and woken.

#![expect(
    clippy::disallowed_methods,
    reason = "the channel is bounded by the ledgers, as `Reporter::new` says"
)]

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::group::Input;

/// Tells one group. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    inputs: Sender<Vec<Input>>,
    wake: Sender<()>,
}

/// Where a group hears it.
#[derive(Debug)]
pub(super) struct Reports {
    pub(super) inputs: Receiver<Vec<Input>>,
    pub(super) wakes: Receiver<()>,
}

impl Reporter {
    /// A reporter and its other end. What is not heard yet is bounded by the events that were begun and not answered, which are bounded by
    /// the ledgers; a smaller bound would make workers wait for the loop.
    pub(super) fn new() -> (Self, Reports) {
        let (inputs, heard) = unbounded();
        let (wake, wakes) = bounded(1);
        (
            Self { inputs, wake },
            Reports {
                inputs: heard,
                wakes,
            },
        )
    }

    pub(super) fn report(&self, inputs: Vec<Input>) {
        if !inputs.is_empty() {
            // Nobody listens when the group has been left; then nothing counts any more.
            self.inputs.send(inputs).ok();
            self.wake();
        }
    }

    pub(super) fn wake(&self) {
        // A full channel means that the loop is about to look anyway.
        self.wake.try_send(()).ok();
    }

    pub(super) fn waker(&self) -> Sender<()> {
        self.wake.clone()
    }
}
