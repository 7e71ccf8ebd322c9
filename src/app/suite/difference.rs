//! Where two values differ.

use crate::value::{Value, View};

/// A value is shown up to so many characters.
const SHOWN_CHARS_MAX: usize = 120;

/// The first place, as a JSON pointer below `place`, where `was` is not as expected. Values are no deeper than a parser lets
/// them be.
pub(super) fn first_difference(place: &str, expected: &Value, was: &Value) -> Option<String> {
    let differ = || {
        let (expected, was) = (shown(expected), shown(was));
        Some(format!("{place}: expected {expected}, was {was}"))
    };
    match (expected.view(), was.view()) {
        (View::Number(a), View::Number(b)) if a.is_same(b) => None,
        (View::Array(a), View::Array(b)) => {
            let places = a.iter().zip(b).enumerate();
            let mut inner =
                places.filter_map(|(at, (a, b))| first_difference(&format!("{place}/{at}"), a, b));
            inner.next().or_else(|| {
                let (expected, was) = (a.len(), b.len());
                let fault = format!("{place}: expected {expected} elements, were {was}");
                (expected != was).then_some(fault)
            })
        }
        (View::Object(a), View::Object(b)) => {
            for (name, expected) in a.iter() {
                let place = format!("{place}/{}", escaped(name));
                let Some(was) = b.get(name) else {
                    return Some(format!("{place}: expected {}, is missing", shown(expected)));
                };
                if let Some(fault) = first_difference(&place, expected, was) {
                    return Some(fault);
                }
            }
            let unexpected = b.iter().find(|(name, _)| a.get(name).is_none());
            unexpected.map(|(name, was)| {
                let place = format!("{place}/{}", escaped(name));
                format!("{place}: is not expected, was {}", shown(was))
            })
        }
        _ if expected == was => None,
        _ => differ(),
    }
}

/// A name in a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn shown(value: &Value) -> String {
    let json = value.to_json();
    match json.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json,
    }
}
