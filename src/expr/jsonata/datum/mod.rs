//! What an expression computes with: JSON values, and beside them what JSON has not.
//!
//! An array is plain JSON ([`Datum::Value`], [`Datum::Sequence`]) wherever that says all there is to say. It is an [`Array`] where it holds
//! a function, where it is a sequence that may still collapse to its one element, or where it was constructed as a
//! step of a path and must not be taken apart.

mod build;

use std::rc::Rc;

pub(super) use build::{append, object, plain_array, sequence, whole, whole_sequence};
use build::{bounded, bounded_bytes, deepest};

use super::error::{Fault, fault};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value, View};

/// Something an expression evaluates to.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    /// What JavaScript calls `undefined`.
    Nothing,
    Value(Value),
    /// An array of two elements or more that is a sequence, as plain JSON; set apart, so that a datum is not larger than a value.
    Sequence(Rc<Value>),
    Array(Rc<Array>),
    /// An object with a member that is no plain value.
    Record(Rc<Record>),
    Function(Rc<Function>),
}

/// An array with what it is beside being one.
#[derive(Debug)]
pub(super) struct Array {
    pub(super) items: Vec<Datum>,
    pub(super) nature: Nature,
    depth: usize,
    /// The length of its JSON text, members that are shared counted each time.
    bytes: usize,
}

/// What an array is beside being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    Plain,
    /// It is not taken apart where the results of a step are joined.
    Constructed,
    /// It stands for its element if there is just one, and for nothing if there is none.
    Sequence,
    /// A sequence that stays an array even with one element.
    Kept,
    /// A sequence of the whole input, because that is an array.
    Outer,
}

impl Array {
    pub(super) const fn is_sequence(&self) -> bool {
        matches!(self.nature, Nature::Sequence | Nature::Kept | Nature::Outer)
    }
}

/// An object with a member that is no plain value.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) members: Vec<(Text, Datum)>,
    depth: usize,
    /// The length of its JSON text, members that are shared counted each time.
    bytes: usize,
}

/// How deep arrays, objects and functions may hold one another where they are no plain JSON.
const DEPTH_MAX: usize = 256;

/// What can be called.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) kind: FunctionKind,
    depth: usize,
}

/// What a function is made of.
#[derive(Debug)]
pub(super) enum FunctionKind {
    Builtin(super::builtin::Builtin),
    Lambda(Lambda),
    /// Some arguments are there already.
    Partial {
        function: Datum,
        arguments: Vec<Option<Datum>>,
    },
    /// `first ~> second`
    Composed {
        first: Datum,
        second: Datum,
    },
    /// A regular expression, by its place in the program.
    Regex(usize),
    /// What finds the next match in `text` from byte `from` on.
    NextMatch {
        regex: usize,
        text: Text,
        from: usize,
    },
    /// `|…|…|`
    Transform {
        node: super::program::NodeId,
        input: Datum,
        frame: super::eval::FrameId,
    },
}

/// A function of the expression's own.
#[derive(Debug)]
pub(super) struct Lambda {
    pub(super) node: super::program::NodeId,
    /// What `$` was where it was made.
    pub(super) input: Datum,
    pub(super) frame: super::eval::FrameId,
}

/// The elements of an array of either kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Elements<'a> {
    Values(&'a [Value]),
    Data(&'a [Datum]),
}

impl Elements<'_> {
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Data(data) => data.len(),
        }
    }

    pub(super) fn get(self, at: usize) -> Option<Datum> {
        match self {
            Self::Values(values) => values.get(at).cloned().map(Datum::Value),
            Self::Data(data) => data.get(at).cloned(),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Datum> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}

impl Datum {
    pub(super) const NULL: Self = Self::Value(Value::NULL);

    pub(super) fn number(f: f64) -> Result<Self, Fault> {
        match Value::from_f64(f) {
            Some(value) => Ok(Self::Value(value)),
            None => Err(out_of_range()),
        }
    }

    #[expect(
        clippy::cast_possible_wrap,
        reason = "nothing in memory has more than 2^63 parts"
    )]
    pub(super) fn count(n: usize) -> Self {
        Self::Value(Value::from(n as i64))
    }

    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Value(Value::from(text.into()))
    }

    pub(super) fn function(kind: FunctionKind) -> Result<Self, Fault> {
        let depth = bounded(match &kind {
            FunctionKind::Builtin(_) | FunctionKind::Regex(_) | FunctionKind::NextMatch { .. } => 0,
            FunctionKind::Lambda(lambda) => lambda.input.depth(),
            FunctionKind::Transform { input, .. } => input.depth(),
            FunctionKind::Composed { first, second } => first.depth().max(second.depth()),
            FunctionKind::Partial {
                function,
                arguments,
            } => deepest(arguments.iter().flatten()).max(function.depth()),
        })?;
        Ok(Self::Function(Rc::new(Function { kind, depth })))
    }

    /// How deep it is beside what is plain JSON.
    fn depth(&self) -> usize {
        match self {
            Self::Nothing | Self::Value(_) | Self::Sequence(_) => 0,
            Self::Array(array) => array.depth,
            Self::Record(record) => record.depth,
            Self::Function(function) => function.depth,
        }
    }

    pub(super) fn array(items: Vec<Self>, nature: Nature) -> Result<Self, Fault> {
        let depth = bounded(deepest(&items))?;
        let bytes = bounded_bytes(items.iter().map(Self::bytes))?;
        Ok(Self::Array(Rc::new(Array {
            items,
            nature,
            depth,
            bytes,
        })))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Nothing | Self::Function(_) => 0,
            Self::Value(value) => value.json_bytes(),
            Self::Sequence(value) => value.json_bytes(),
            Self::Array(array) => array.bytes,
            Self::Record(record) => record.bytes,
        }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub(super) fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Sequence(value) => Some(value),
            Self::Nothing | Self::Array(_) | Self::Record(_) | Self::Function(_) => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&Text> {
        self.as_value().and_then(Value::as_text)
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        self.as_value().and_then(Value::as_f64)
    }

    /// The elements, if it is an array.
    pub(super) fn elements(&self) -> Option<Elements<'_>> {
        match self {
            Self::Value(value) => value.as_array().map(Elements::Values),
            Self::Sequence(value) => value.as_array().map(Elements::Values),
            Self::Array(array) => Some(Elements::Data(&array.items)),
            Self::Nothing | Self::Record(_) | Self::Function(_) => None,
        }
    }

    /// The elements of an array, or itself as the only one.
    pub(super) fn each(&self) -> Elements<'_> {
        self.elements()
            .unwrap_or_else(|| Elements::Data(std::slice::from_ref(self)))
    }

    /// The members of an object in their order; `None` for anything else.
    pub(super) fn members(&self) -> Option<Vec<(Text, Self)>> {
        match self {
            Self::Value(value) => {
                let object = value.as_object()?;
                let members = object.iter();
                Some(
                    members
                        .map(|(k, v)| (k.clone(), Self::Value(v.clone())))
                        .collect(),
                )
            }
            Self::Record(record) => Some(record.members.clone()),
            Self::Nothing | Self::Sequence(_) | Self::Array(_) | Self::Function(_) => None,
        }
    }

    /// Whether it is a sequence, of however many elements.
    pub(super) fn is_sequence(&self) -> bool {
        match self {
            Self::Sequence(_) => true,
            Self::Array(array) => array.is_sequence(),
            Self::Nothing | Self::Value(_) | Self::Record(_) | Self::Function(_) => false,
        }
    }

    /// A sequence collapsed: nothing if it is empty, its element if there is one, unless it is kept.
    pub(super) fn settled(self) -> Self {
        let Self::Array(array) = &self else {
            return self;
        };
        if !array.is_sequence() {
            return self;
        }
        match array.items.as_slice() {
            [] => Self::Nothing,
            [one] if array.nature != Nature::Kept => one.clone(),
            _ => self,
        }
    }

    /// Whether JSON says all there is to say of it.
    fn is_plain(&self) -> bool {
        match self {
            Self::Value(_) | Self::Sequence(_) => true,
            Self::Array(array) => {
                let singleton = array.is_sequence() && array.items.len() == 1;
                array.nature != Nature::Constructed
                    && !singleton
                    && array.items.iter().all(Self::is_plain)
            }
            Self::Nothing | Self::Record(_) | Self::Function(_) => false,
        }
    }

    /// The JSON of it; a function becomes an empty string, as in a text of it, and nothing becomes `null`.
    pub(super) fn to_value(&self) -> Result<Value, Fault> {
        Ok(match self {
            Self::Nothing => Value::NULL,
            Self::Value(value) => value.clone(),
            Self::Sequence(value) => Value::clone(value),
            Self::Function(_) => Value::from(""),
            Self::Array(array) => {
                let mut builder = ArrayBuilder::with_capacity(array.items.len());
                for item in &array.items {
                    builder.push(item.to_value()?);
                }
                builder.finish()?
            }
            Self::Record(record) => {
                let mut builder = ObjectBuilder::with_capacity(record.members.len());
                for (key, member) in &record.members {
                    builder.insert(key.clone(), member.to_value()?);
                }
                builder.finish()?
            }
        })
    }

    /// Whether a function is in it.
    pub(super) fn holds_function(&self) -> bool {
        match self {
            Self::Nothing | Self::Value(_) | Self::Sequence(_) => false,
            Self::Function(_) => true,
            Self::Array(array) => array.items.iter().any(Self::holds_function),
            Self::Record(record) => record.members.iter().any(|(_, m)| m.holds_function()),
        }
    }
}

/// The fault of a number that no double is.
#[cold]
pub(super) fn out_of_range() -> Fault {
    fault("D1001", "Number out of range: null")
}

/// What kind of thing it is, in a signature's letters; `m` for nothing.
pub(super) fn kind_letter(datum: &Datum) -> u8 {
    match datum {
        Datum::Nothing => b'm',
        Datum::Function(_) => b'f',
        Datum::Sequence(_) | Datum::Array(_) => b'a',
        Datum::Record(_) => b'o',
        Datum::Value(value) => value_letter(value),
    }
}

/// The same of what is plain JSON.
pub(super) fn value_letter(value: &Value) -> u8 {
    match value.view() {
        View::Null => b'l',
        View::Bool(_) => b'b',
        View::Number(_) => b'n',
        View::String(_) => b's',
        View::Array(_) => b'a',
        View::Object(_) => b'o',
    }
}
