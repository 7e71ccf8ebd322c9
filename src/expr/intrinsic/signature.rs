//! The functions with their parameters: what can be checked before a call is evaluated.

use crate::value::{Value, View};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

/// What a function takes.
#[derive(Debug)]
pub(super) struct Signature {
    /// Without `States.`.
    pub(super) name: &'static str,
    pub(super) function: Function,
    parameters: &'static [Kind],
    /// How many of the parameters must be given.
    required: usize,
    /// Whether any number of further arguments may follow.
    open: bool,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    String,
    Array,
    Object,
    Boolean,
    /// Any number; it is rounded.
    Integer,
}

use Kind::{Any, Array, Boolean, Integer, Object, String};

const SIGNATURES: [Signature; 18] = [
    open("Format", Function::Format, &[String]),
    fixed("StringToJson", Function::StringToJson, &[String]),
    fixed("JsonToString", Function::JsonToString, &[Any]),
    open("Array", Function::Array, &[]),
    fixed(
        "ArrayPartition",
        Function::ArrayPartition,
        &[Array, Integer],
    ),
    fixed("ArrayContains", Function::ArrayContains, &[Array, Any]),
    fixed(
        "ArrayRange",
        Function::ArrayRange,
        &[Integer, Integer, Integer],
    ),
    fixed("ArrayGetItem", Function::ArrayGetItem, &[Array, Integer]),
    fixed("ArrayLength", Function::ArrayLength, &[Array]),
    fixed("ArrayUnique", Function::ArrayUnique, &[Array]),
    fixed("Base64Encode", Function::Base64Encode, &[String]),
    fixed("Base64Decode", Function::Base64Decode, &[String]),
    fixed("Hash", Function::Hash, &[Any, String]),
    fixed("JsonMerge", Function::JsonMerge, &[Object, Object, Boolean]),
    Signature {
        required: 2,
        ..fixed(
            "MathRandom",
            Function::MathRandom,
            &[Integer, Integer, Integer],
        )
    },
    fixed("MathAdd", Function::MathAdd, &[Integer, Integer]),
    fixed("StringSplit", Function::StringSplit, &[String, String]),
    fixed("UUID", Function::Uuid, &[]),
];

const fn fixed(name: &'static str, function: Function, parameters: &'static [Kind]) -> Signature {
    Signature {
        name,
        function,
        parameters,
        required: parameters.len(),
        open: false,
    }
}

const fn open(name: &'static str, function: Function, parameters: &'static [Kind]) -> Signature {
    Signature {
        open: true,
        ..fixed(name, function, parameters)
    }
}

impl Signature {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        const KNOWN: &[Signature] = &SIGNATURES;
        KNOWN.iter().find(|signature| signature.name == name)
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.parameters.get(at).copied().unwrap_or(Any)
    }

    /// What the number of arguments must be, if it is not `count`.
    pub(super) fn check_count(&self, count: usize) -> Result<(), std::string::String> {
        let (least, most) = (self.required, self.parameters.len());
        if count >= least && (count <= most || self.open) {
            return Ok(());
        }
        Err(match (self.open, least == most) {
            (true, _) => format!("at least {least}"),
            (false, true) => least.to_string(),
            (false, false) => format!("{least} to {most}"),
        })
    }
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Any => "any value",
            String => "a string",
            Array => "an array",
            Object => "an object",
            Boolean => "a boolean",
            Integer => "an integer",
        }
    }

    pub(super) fn accepts(self, value: &Value) -> bool {
        match value.view() {
            View::Null => self == Any,
            View::Bool(_) => matches!(self, Any | Boolean),
            View::Number(_) => matches!(self, Any | Integer),
            View::String(_) => matches!(self, Any | String),
            View::Array(_) => matches!(self, Any | Array),
            View::Object(_) => matches!(self, Any | Object),
        }
    }
}
