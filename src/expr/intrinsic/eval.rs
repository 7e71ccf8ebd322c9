//! Evaluating a call: its arguments, then its function.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::signature::{Function, Kind};
use super::{Argument, Call, array, encoding, math, text};
use crate::expr::path::NULL_INPUT;
use crate::expr::{Failure, Path, RESULT_BYTES_MAX, Scope};
use crate::value::{Number, Object, Text, TooDeep, Value};

/// What is wrong with the arguments of a call, without its name.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);

impl From<&str> for Wrong {
    fn from(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl From<TooDeep> for Wrong {
    fn from(too_deep: TooDeep) -> Self {
        Self(too_deep.to_string())
    }
}

impl Call {
    /// The value of the call.
    pub(in crate::expr) fn eval(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let mut values: SmallVec<[Cow<'_, Value>; 4]> = SmallVec::new();
        let mut pattern = None;
        for argument in &self.arguments {
            match argument {
                Argument::Literal(value) => values.push(Cow::Borrowed(value)),
                Argument::Pattern(pieces) => pattern = Some(pieces),
                Argument::Path(path) => values.push(self.find(path, scope)?),
                Argument::Call(call) => values.push(Cow::Owned(call.eval(scope)?)),
            }
        }
        let values = Arguments(&values);
        let result = match pattern {
            Some(pieces) => text::fill(pieces, values.0),
            None => self.function.call(values, scope),
        };
        match result {
            Ok(value) if value.is_longer_than(RESULT_BYTES_MAX) => Err(Failure {
                error: Text::new_static("States.IntrinsicFailure"),
                cause: self.failed("The result is too large"),
                query: None,
            }),
            Ok(value) => Ok(value),
            Err(Wrong(message)) => Err(Failure {
                error: Text::new_static("States.IntrinsicFailure"),
                cause: self.failed(&message),
                query: None,
            }),
        }
    }

    fn find<'a>(&self, path: &Path, scope: &Scope<'a>) -> Result<Cow<'a, Value>, Failure> {
        if scope.input.is_null() && path.reads_input() {
            return Err(Failure::runtime(NULL_INPUT));
        }
        path.find(scope).map_err(|miss| {
            Failure::runtime(self.failed(&if miss.is_absence() {
                let (path, root) = (path.text(), miss.root(scope));
                format!("The JsonPath argument for the field '{path}' could not be found in the input '{root}'")
            } else {
                miss.to_string()
            }))
        })
    }

    fn failed(&self, message: &str) -> String {
        format!(
            "The function '{}' had the following error: {message}",
            self.text
        )
    }
}

impl Function {
    fn call(self, arguments: Arguments<'_>, scope: &Scope<'_>) -> Result<Value, Wrong> {
        let a = arguments;
        match self {
            Self::Format => text::format(a.string(0)?, a.0.get(1..).unwrap_or_default()),
            Self::StringToJson => text::string_to_json(a.string(0)?),
            Self::JsonToString => Ok(a.any(0).to_json().into()),
            Self::Array => array::array(a.0),
            Self::ArrayPartition => array::partition(a.any(0), a.array(0)?, a.integer(1)?),
            Self::ArrayContains => Ok(a.array(0)?.contains(a.any(1)).into()),
            Self::ArrayRange => array::range(a.integer(0)?, a.integer(1)?, a.integer(2)?),
            Self::ArrayGetItem => array::get_item(a.array(0)?, a.integer(1)?),
            Self::ArrayLength => Ok(array::length(a.array(0)?)),
            Self::ArrayUnique => array::unique(a.array(0)?),
            Self::Base64Encode => encoding::base64_encode(a.string(0)?),
            Self::Base64Decode => encoding::base64_decode(a.string(0)?),
            Self::Hash => encoding::hash(a.any(0), a.string(1)?),
            Self::JsonMerge => text::json_merge(a.object(0)?, a.object(1)?, a.boolean(2)?),
            Self::MathRandom => {
                let seed = match a.0.get(2) {
                    Some(_) => Some(a.integer(2)?),
                    None => None,
                };
                math::random(a.integer(0)?, a.integer(1)?, seed, scope.randomness)
            }
            Self::MathAdd => math::add(a.integer(0)?, a.integer(1)?),
            Self::StringSplit => text::split(a.string(0)?, a.string(1)?),
            Self::Uuid => Ok(encoding::uuid(scope.randomness)),
        }
    }
}

/// The values of the arguments; their number was checked when the call was compiled.
#[derive(Clone, Copy)]
struct Arguments<'a>(&'a [Cow<'a, Value>]);

impl<'a> Arguments<'a> {
    fn any(self, at: usize) -> &'a Value {
        const NULL: &Value = &Value::NULL;
        self.0.get(at).map_or(NULL, Cow::as_ref)
    }

    fn string(self, at: usize) -> Result<&'a str, Wrong> {
        let string = self.any(at).as_str();
        string.ok_or_else(|| self.wrong(at, Kind::String))
    }

    fn array(self, at: usize) -> Result<&'a [Value], Wrong> {
        let array = self.any(at).as_array();
        array.ok_or_else(|| self.wrong(at, Kind::Array))
    }

    fn object(self, at: usize) -> Result<Object<'a>, Wrong> {
        let object = self.any(at).as_object();
        object.ok_or_else(|| self.wrong(at, Kind::Object))
    }

    fn boolean(self, at: usize) -> Result<bool, Wrong> {
        let boolean = self.any(at).as_bool();
        boolean.ok_or_else(|| self.wrong(at, Kind::Boolean))
    }

    /// A number rounded half up.
    fn integer(self, at: usize) -> Result<i64, Wrong> {
        let number = self.any(at).as_number();
        number
            .and_then(|number| match number {
                Number::Int(i) => Some(i),
                Number::Float(_) | Number::Text(_) => math::round(number.as_f64()),
            })
            .ok_or_else(|| self.wrong(at, Kind::Integer))
    }

    fn wrong(self, at: usize, expected: Kind) -> Wrong {
        let (at, expected) = (at + 1, expected.name());
        Wrong(format!("Argument {at} must be {expected}"))
    }
}
