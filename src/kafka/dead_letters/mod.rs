//! Dead letters, read back: what a topic of them holds, and their way back to the topics that they came from.
//!
//! `letter` says what a record's headers tell, in any of the profiles that write dead letters; `reader` reads a topic from its first
//! record to its end; `redrive` produces records again.
//!
//! *Not here*: writing dead letters, which is `dead_letter`'s; and what stands on the terminal.

mod letter;
mod reader;
mod redrive;

pub use letter::{DeadLetter, REPLAYS_HEADER, Source};
pub(super) use reader::letter as read_letter;
pub use reader::read;
pub use redrive::{NotRedriven, Redriver};
