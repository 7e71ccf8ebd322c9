//! Where the machines that the API made outlive the process.
//!
//! *Not here*: what keeps them, such as files.

use std::fmt::Debug;

/// Keeps one text a machine.
pub trait Shelf: Debug + Send + Sync {
    /// All that is kept.
    ///
    /// # Errors
    /// What cannot be read: where, and why.
    fn kept(&self) -> Result<Vec<Kept>, String>;

    /// Keeps this text under the machine's name, in the place of another one. When it returns the text is safe.
    ///
    /// # Errors
    /// Why it could not. Then what was kept before still is, unless the last step failed: making sure that the change outlives
    /// a loss of power.
    fn keep(&self, name: &str, text: &str) -> std::io::Result<()>;

    /// Keeps nothing of this name any more.
    ///
    /// # Errors
    /// As [`Shelf::keep`].
    fn forget(&self, name: &str) -> std::io::Result<()>;
}

/// One text of a [`Shelf`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it is, for people.
    pub place: String,
    /// The name of the machine that it was kept under.
    pub name: String,
    /// The text.
    pub text: String,
}
