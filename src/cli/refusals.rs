//! Workflows that cannot be loaded, as the user reads it.

use std::io::Write as _;

use super::diagnostics::render_text;
use super::{Ended, Failure};
use crate::app::workflows::Refusal;

/// Prints all of them on stderr.
pub(super) fn print(refusals: &[Refusal]) -> Result<Ended, Failure> {
    let mut out = std::io::stderr().lock();
    for refusal in refusals {
        match refusal {
            Refusal::File(why) => writeln!(out, "error: {why}")?,
            Refusal::Definition(file, diagnostics) => {
                out.write_all(render_text(&file.name, &file.written, diagnostics).as_bytes())?;
            }
        }
    }
    Ok(Ended::Refused)
}
