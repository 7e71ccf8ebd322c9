//! (to come)
use super::{Diagnostic, Program};
/// Compiles a definition.
#[must_use]
pub fn compile(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    let _ = text;
    (None, Vec::new())
}
