//! (to come)
/// A compiled path.
#[derive(Debug)]
pub struct Path;
/// Why a path is refused.
#[derive(Debug, thiserror::Error)]
#[error("bad path")]
pub struct PathError;
