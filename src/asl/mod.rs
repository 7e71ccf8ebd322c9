//! A definition as text → a program ready to run, with all faults at once.
//!
//! Definition (text), program (compiled) and execution (running) are three types in three places. The way is
//! `source` (text → JSON with places) → `compile` (fields, targets, expressions) → `program`.
//!
//! *Not here*: nothing that runs, and no knowledge of which connectors are configured.

pub mod answer;
mod compile;
mod diagnostic;
mod fork;
mod lint;
mod nearest;
mod program;
mod source;
mod transitions;

pub(crate) use compile::compile_to_test;
pub use compile::{CompileOptions, compile, compile_with};
pub use diagnostic::{Diagnostic, Severity, code};
pub use fork::{Batcher, Items, Map, NumberField, Parallel};
pub use lint::lint;
pub use program::*;
pub use source::DEFINITION_BYTES_MAX;

/// Line and column, from 1, of the value that a JSON pointer leads to in a definition's text, or of the value that it gets as far as.
#[must_use]
pub fn locate(text: &str, pointer: &str) -> (usize, usize) {
    source::Source::parse(text).map_or((1, 1), |source| {
        source.line_and_column(source.root.descend(pointer).span.start)
    })
}
