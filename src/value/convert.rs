//! To and from `serde_json::Value`, for users of the library.

use super::{ArrayBuilder, Number, ObjectBuilder, Repr, TooDeep, Value, View};
use crate::value::number::Digits;

impl Value {
    /// A finite number; `None` for NaN and the infinities, which JSON has not.
    #[must_use]
    pub fn from_f64(f: f64) -> Option<Self> {
        f.is_finite().then_some(Self(Repr::Float(f)))
    }

    /// A number by its JSON text, kept digit for digit; the text must be a JSON number.
    pub(super) fn from_digits(text: &str) -> Self {
        match Digits::new(text) {
            Some(digits) => Self(Repr::Digits(digits)),
            None => Self(Repr::LongDigits(triomphe::Arc::from(text))),
        }
    }

    /// The value as `serde_json` has it; digits beyond a double's are lost there.
    #[must_use]
    pub fn to_serde(&self) -> serde_json::Value {
        match self.view() {
            View::Null => serde_json::Value::Null,
            View::Bool(b) => b.into(),
            View::Number(Number::Int(i)) => i.into(),
            View::Number(n) => n.as_f64().into(),
            View::String(s) => s.into(),
            View::Array(a) => a.iter().map(Self::to_serde).collect(),
            View::Object(o) => o
                .iter()
                .map(|(k, v)| (k.to_string(), v.to_serde()))
                .collect(),
        }
    }
}

impl TryFrom<&serde_json::Value> for Value {
    type Error = TooDeep;

    fn try_from(json: &serde_json::Value) -> Result<Self, TooDeep> {
        Ok(match json {
            serde_json::Value::Null => Self::NULL,
            serde_json::Value::Bool(b) => Self::from(*b),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(i) => Self::from(i),
                None => Self::from_digits(&n.to_string()),
            },
            serde_json::Value::String(s) => Self::from(s.as_str()),
            serde_json::Value::Array(a) => {
                let mut array = ArrayBuilder::with_capacity(a.len());
                for element in a {
                    array.push(Self::try_from(element)?);
                }
                array.finish()?
            }
            serde_json::Value::Object(o) => {
                let mut object = ObjectBuilder::with_capacity(o.len());
                for (key, value) in o {
                    object.insert(key.as_str(), Self::try_from(value)?);
                }
                object.finish()?
            }
        })
    }
}
