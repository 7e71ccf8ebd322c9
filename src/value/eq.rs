//! Equality of JSON values: numbers by value, objects regardless of the order of keys.

use std::cmp::Ordering;

use super::{Value, View};

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self.view(), other.view()) {
            (View::Null, View::Null) => true,
            (View::Bool(a), View::Bool(b)) => a == b,
            (View::Number(a), View::Number(b)) => a.compare(b) == Ordering::Equal,
            (View::String(a), View::String(b)) => a == b,
            (View::Array(a), View::Array(b)) => a == b,
            (View::Object(a), View::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| v == w))
            }
            _ => false,
        }
    }
}
