//! Equality of JSON values: numbers by exact value however they are written, objects regardless of the order of keys.

use super::{Repr, Value, View};

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let shared = match (&self.0, &other.0) {
            (Repr::Array(a), Repr::Array(b)) => a.ptr() == b.ptr(),
            (Repr::Object(a), Repr::Object(b)) => a.ptr() == b.ptr(),
            _ => false,
        };
        if shared {
            return true;
        }
        match (self.view(), other.view()) {
            (View::Null, View::Null) => true,
            (View::Bool(a), View::Bool(b)) => a == b,
            (View::Number(a), View::Number(b)) => a.is_same(b),
            (View::String(a), View::String(b)) => a == b,
            (View::Array(a), View::Array(b)) => a == b,
            (View::Object(a), View::Object(b)) if a.keys().is(b.keys()) => a.values() == b.values(),
            (View::Object(a), View::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| v == w))
            }
            _ => false,
        }
    }
}

// No number is NaN, and numbers are compared exactly: equality is transitive.
impl Eq for Value {}
