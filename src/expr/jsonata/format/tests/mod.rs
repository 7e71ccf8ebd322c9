//! Pictures by tables of cases: what JSONata 2.0.6 gives for them, in its own words where it refuses.

mod dates;
mod integers;
mod numbers;

use super::FormatError;

/// More than any case needs, and little enough to see a refusal.
const BYTES_MAX: usize = 100_000;

/// A budget of [`BYTES_MAX`].
fn budget() -> impl FnMut(usize) -> Result<(), FormatError> {
    let mut left = BYTES_MAX;
    move |bytes| match left.checked_sub(bytes) {
        Some(rest) => {
            left = rest;
            Ok(())
        }
        None => Err(FormatError::new("BUDGET", "too much")),
    }
}

/// The text, or the code of the refusal.
fn told(result: Result<String, FormatError>) -> String {
    result.unwrap_or_else(|error| error.code.to_owned())
}
