//! `$fromMillis` and `$toMillis`: instants to text and back, by pictures or as ISO 8601.
//!
//! Section 9.8 of XPath Functions 3.1: the components `Y M D d F W w X x H h P m s f Z z C E`, names in English, the ISO calendar.
//! *Not here*: the clock. `now` fills what a picture leaves out, and is the caller's.

mod calendar;
mod iso;
mod picture;
pub(crate) mod read;
pub(crate) mod write;

use super::Budget;
use super::FormatError;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From the first day of an ISO week on.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

fn not_a_name(component: char) -> FormatError {
    FormatError::new(
        "D3133",
        format!(
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not {}",
            super::quoted(&component.to_string())
        ),
    )
}

fn unknown_component(component: &str) -> FormatError {
    FormatError::new(
        "D3132",
        format!(
            "Unknown component specifier {} in date/time picture string",
            super::quoted(component)
        ),
    )
}
