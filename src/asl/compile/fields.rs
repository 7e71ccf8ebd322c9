//! Reading fields of an object: presence, type, range. Each reader reports what is wrong and gives `None` then, as for an
//! absent field.

use std::ops::RangeInclusive;

use super::report::Fault;
use super::state_type::QueryLanguage;
use super::{Compiler, code};
use crate::asl::nearest::nearest;
use crate::asl::source::{Json, Node};
use crate::expr::Query;
use crate::value::Text;

impl<'s> Compiler<'s> {
    /// Reports the members of an object that are not among `names`.
    pub(super) fn known_fields(&mut self, object: &Node, names: &[&'static str]) {
        for member in object.members() {
            if !names.contains(&member.key.as_str()) {
                let hint = nearest(&member.key, names.iter().copied())
                    .map(|name| format!("did you mean '{name}'?"));
                self.unknown_field(object, &member.key, hint);
            }
        }
    }

    /// Reports a field that does not belong there; AWS gives the object as the location.
    pub(super) fn unknown_field(&mut self, object: &Node, name: &str, hint: Option<String>) {
        let at = object.member(name).map_or(object.span, |m| m.key_span);
        let fault = Fault::schema(object, format!("Field '{name}' is not supported"));
        self.report.push(fault.at(at.start).maybe_hint(hint));
    }

    /// Reports which of `names` are missing.
    pub(super) fn required_fields(&mut self, object: &Node, names: &[&str]) {
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| object.get(name).is_none())
            .collect();
        if !missing.is_empty() {
            let message = format!("These fields are required: [{}]", missing.join(", "));
            self.report.push(Fault::schema(object, message));
        }
    }

    /// Reports it if more than one of `names` is there, or none though one is required.
    pub(super) fn exclusive_fields(&mut self, object: &Node, names: &[&str], required: bool) {
        let given: Vec<_> = object
            .members()
            .iter()
            .filter(|m| names.contains(&m.key.as_str()))
            .collect();
        let message = match given.as_slice() {
            [] if required => "One of the following fields is required",
            [] | [_] => return,
            _ => "There should only be one of the following fields",
        };
        let at = given.get(1).map_or(object.span, |m| m.key_span);
        let message = format!("{message}: [{}]", names.join(", "));
        self.report
            .push(Fault::schema(object, message).at(at.start));
    }

    /// Reports something that AWS takes for Standard workflows, and Express workflows do not have.
    pub(super) fn not_supported(&mut self, object: &Node, field: &str, what: &str) {
        let node = object.get(field).unwrap_or(object);
        let message = format!("{what} is not supported: Express workflows do not have it");
        self.report
            .push(Fault::new(code::NOT_SUPPORTED, message).of(node));
    }

    /// Reports that a node is not of the type that it should be.
    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let fault = Fault::schema(node, format!("Expected value of type {expected}"));
        let found = match &node.json {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        };
        self.report.push(fault.hint(format!("this is {found}")));
    }

    /// A string field.
    pub(super) fn string(&mut self, object: &'s Node, name: &str) -> Option<&'s Text> {
        let node = object.get(name)?;
        let text = node.as_text();
        if text.is_none() {
            self.wrong_type(node, "String");
        }
        text
    }

    /// A boolean field.
    pub(super) fn boolean(&mut self, object: &Node, name: &str) -> Option<bool> {
        let node = object.get(name)?;
        if let Json::Bool(b) = node.json {
            return Some(b);
        }
        self.wrong_type(node, "Boolean");
        None
    }

    /// An object field.
    pub(super) fn object(&mut self, object: &'s Node, name: &str) -> Option<&'s Node> {
        let node = object.get(name)?;
        if matches!(node.json, Json::Object(_)) {
            return Some(node);
        }
        self.wrong_type(node, "Object");
        None
    }

    /// An array field that must not be empty, and how it is if it may be.
    pub(super) fn array(
        &mut self,
        object: &'s Node,
        name: &str,
        may_be_empty: bool,
    ) -> Option<&'s [Node]> {
        let node = object.get(name)?;
        let Json::Array(elements) = &node.json else {
            self.wrong_type(node, "Array");
            return None;
        };
        if elements.is_empty() && !may_be_empty {
            self.report
                .push(Fault::schema(node, "Value cannot be empty"));
            return None;
        }
        Some(elements)
    }

    /// An integer field.
    pub(super) fn integer(
        &mut self,
        object: &Node,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let node = object.get(name)?;
        let Json::Number(value) = &node.json else {
            self.wrong_type(node, "Integer");
            return None;
        };
        let Some(integer) = value.as_number().and_then(|n| n.as_i64()) else {
            let large = value.as_number().is_some_and(|n| n.as_f64() > 9e15);
            match large {
                true => self.out_of_range(node, "Maximum", range.end()),
                false => self.wrong_type(node, "Integer"),
            }
            return None;
        };
        match u64::try_from(integer) {
            Ok(integer) if range.contains(&integer) => Some(integer),
            Ok(integer) if integer > *range.end() => {
                self.out_of_range(node, "Maximum", range.end());
                None
            }
            _ => {
                self.out_of_range(node, "Minimum", range.start());
                None
            }
        }
    }

    /// An integer field that may be an expression where the state's language has expressions in such fields.
    pub(super) fn integer_or_expression(
        &mut self,
        object: &Node,
        name: &str,
        range: RangeInclusive<u64>,
        language: QueryLanguage,
    ) -> Option<u64> {
        if language == QueryLanguage::Jsonata && object.get(name).is_some_and(is_jsonata) {
            return None;
        }
        self.integer(object, name, range)
    }

    pub(super) fn out_of_range(&mut self, node: &Node, bound: &str, value: impl std::fmt::Display) {
        self.report
            .push(Fault::schema(node, format!("{bound} value is {value}")));
    }

    /// A string field with few possible values.
    pub(super) fn one_of(
        &mut self,
        object: &'s Node,
        name: &str,
        values: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.string(object, name)?;
        let known = values.iter().copied().find(|value| value == text);
        if known.is_none() {
            let node = object.get(name)?;
            let message = format!(
                "The field '{name}' should have one of these values: [{}]",
                values.join(", ")
            );
            let hint = nearest(text, values.iter().copied())
                .map(|value| format!("did you mean '{value}'?"));
            self.report
                .push(Fault::schema(node, message).maybe_hint(hint));
        }
        known
    }
}

/// Whether a node is `"{% … %}"`.
pub(super) fn is_jsonata(node: &Node) -> bool {
    node.as_text()
        .is_some_and(|text| Query::text_of(text).is_some())
}
