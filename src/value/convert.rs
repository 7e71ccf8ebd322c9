//! To and from `serde_json::Value`, for users of the library.

use super::{ArrayBuilder, DEPTH_MAX, Number, ObjectBuilder, Repr, TooDeep, Value, View};
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

    /// The value as `serde_json` has it: integers of 64 bits exactly, every other number as the nearest double,
    /// which is the largest there is for one beyond them.
    #[must_use]
    pub fn to_serde(&self) -> serde_json::Value {
        match self.view() {
            View::Null => serde_json::Value::Null,
            View::Bool(b) => b.into(),
            View::Number(n) => to_serde_number(n),
            View::String(s) => s.into(),
            View::Array(a) => a.iter().map(Self::to_serde).collect(),
            View::Object(o) => o
                .iter()
                .map(|(k, v)| (k.to_string(), v.to_serde()))
                .collect(),
        }
    }
}

fn to_serde_number(number: Number<'_>) -> serde_json::Value {
    match number {
        Number::Int(i) => i.into(),
        Number::Float(f) => f.into(),
        Number::Text(t) => t.parse::<serde_json::Number>().map_or_else(
            |_| number.as_f64().clamp(f64::MIN, f64::MAX).into(),
            serde_json::Value::Number,
        ),
    }
}

impl From<Digits> for Value {
    fn from(digits: Digits) -> Self {
        Self(Repr::Digits(digits))
    }
}

impl TryFrom<&serde_json::Value> for Value {
    type Error = TooDeep;

    fn try_from(json: &serde_json::Value) -> Result<Self, TooDeep> {
        from_serde(json, DEPTH_MAX)
    }
}

/// Recursion is bounded by `levels`.
fn from_serde(json: &serde_json::Value, levels: usize) -> Result<Value, TooDeep> {
    let below = || levels.checked_sub(1).ok_or(TooDeep);
    Ok(match json {
        serde_json::Value::Null => Value::NULL,
        serde_json::Value::Bool(b) => Value::from(*b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(i) => Value::from(i),
            None => Value::from_digits(&n.to_string()),
        },
        serde_json::Value::String(s) => Value::from(s.as_str()),
        serde_json::Value::Array(a) => {
            let levels = below()?;
            let mut array = ArrayBuilder::with_capacity(a.len());
            for element in a {
                array.push(from_serde(element, levels)?);
            }
            array.finish()?
        }
        serde_json::Value::Object(o) => {
            let levels = below()?;
            let mut object = ObjectBuilder::with_capacity(o.len());
            for (key, value) in o {
                object.insert(key.as_str(), from_serde(value, levels)?);
            }
            object.finish()?
        }
    })
}
