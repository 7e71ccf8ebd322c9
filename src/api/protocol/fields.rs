//! The members of a request, each checked against the model's constraints, in AWS's words.
//!
//! Values of the wrong type end the reading at once, as on AWS; constraints that do not hold are collected, and
//! [`Fields::check`] tells them all.

use super::Fault;
use crate::value::{Object, Value, View};

/// The members of a request or of a structure in it.
#[derive(Debug)]
pub(in crate::api) struct Fields {
    body: Value,
    /// `loggingConfiguration.`, before the names in it; empty for the request itself.
    within: String,
    broken: Vec<String>,
}

impl Fields {
    /// The members of a body, which must be a JSON object; an empty body has none.
    pub(in crate::api) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let body = match body.trim_ascii() {
            [] => Value::empty_object(),
            body => Value::parse(body)
                .map_err(|error| Fault::serialization(format!("The body is not JSON: {error}")))?,
        };
        Self::of(body, String::new())
    }

    fn of(body: Value, within: String) -> Result<Self, Fault> {
        if body.as_object().is_none() {
            return Err(Fault::serialization(format!(
                "{} can not be converted to a structure",
                kind(&body)
            )));
        }
        Ok(Self {
            body,
            within,
            broken: Vec::new(),
        })
    }

    /// A text of so many characters that must be there. Empty if it is not: [`Fields::check`] tells.
    pub(in crate::api) fn text(
        &mut self,
        name: &str,
        chars_min: usize,
        chars_max: usize,
    ) -> Result<String, Fault> {
        let text = self.optional_text(name, chars_min, chars_max)?;
        if text.is_none() {
            self.break_null(name);
        }
        Ok(text.unwrap_or_default())
    }

    /// A text of so many characters.
    pub(in crate::api) fn optional_text(
        &mut self,
        name: &str,
        chars_min: usize,
        chars_max: usize,
    ) -> Result<Option<String>, Fault> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Some(text) = value.as_str() else {
            return Err(mistyped(value, "String"));
        };
        let text = text.to_owned();
        // A text has at most as many characters as bytes.
        if text.len() > chars_max || chars_min > 0 {
            let chars = text.chars().count();
            if chars < chars_min {
                self.break_length(
                    name,
                    &text,
                    &format!("greater than or equal to {chars_min}"),
                );
            } else if chars > chars_max {
                self.break_length(name, &text, &format!("less than or equal to {chars_max}"));
            }
        }
        Ok(Some(text))
    }

    /// One of these words.
    pub(in crate::api) fn word(
        &mut self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Fault> {
        let Some(text) = self.optional_text(name, 0, usize::MAX)? else {
            return Ok(None);
        };
        let word = words.iter().find(|word| **word == text);
        if word.is_none() {
            let why = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            self.break_rule(name, &text, &why);
        }
        Ok(word.copied())
    }

    /// A whole number within these bounds.
    pub(in crate::api) fn integer(
        &mut self,
        name: &str,
        min: i64,
        max: i64,
    ) -> Result<Option<i64>, Fault> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = value.as_number().and_then(|n| n.as_i64());
        let Some(number) = number else {
            return Err(mistyped(value, "Integer"));
        };
        let bound = if number < min {
            format!("Member must have value greater than or equal to {min}")
        } else if number > max {
            format!("Member must have value less than or equal to {max}")
        } else {
            return Ok(Some(number));
        };
        self.break_rule(name, &number.to_string(), &bound);
        Ok(None)
    }

    /// `true` or `false`; false if it is not there.
    pub(in crate::api) fn flag(&mut self, name: &str) -> Result<bool, Fault> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| mistyped(value, "Boolean")),
        }
    }

    /// A structure, read and checked by `read`.
    pub(in crate::api) fn structure<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let Some(value) = self.get(name).cloned() else {
            return Ok(None);
        };
        let within = format!("{}{name}.", self.within);
        self.read_within(value, within, read).map(Some)
    }

    /// A list of structures, each read and checked by `read`.
    pub(in crate::api) fn structures<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let Some(items) = self.items(name)? else {
            return Ok(None);
        };
        let mut all = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let within = format!("{}{name}.{}.member.", self.within, at + 1);
            all.push(self.read_within(item, within, &mut read)?);
        }
        Ok(Some(all))
    }

    /// A list of texts that must be there.
    pub(in crate::api) fn texts(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let Some(items) = self.items(name)? else {
            self.break_null(name);
            return Ok(Vec::new());
        };
        let text = |item: &Value| match item.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(mistyped(item, "String")),
        };
        items.iter().map(text).collect()
    }

    /// Whether the member is there, whatever it is.
    pub(in crate::api) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A list that breaks the model's bounds of its length.
    pub(in crate::api) fn break_count(&mut self, name: &str, why: &str) {
        let value = self.get(name).map(Value::to_json).unwrap_or_default();
        self.break_rule(name, &value, why);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// All constraints that were broken.
    pub(in crate::api) fn check(&mut self) -> Result<(), Fault> {
        let errors = match self.broken.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            n => format!("{n} validation errors"),
        };
        let broken = self.broken.join("; ");
        Err(Fault::validation(format!("{errors} detected: {broken}")))
    }

    fn read_within<T>(
        &mut self,
        value: Value,
        within: String,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut inner = Self::of(value, within)?;
        let read = read(&mut inner)?;
        self.broken.append(&mut inner.broken);
        Ok(read)
    }

    fn items(&self, name: &str) -> Result<Option<Vec<Value>>, Fault> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let items = value.as_array();
        items
            .map(|items| Some(items.to_vec()))
            .ok_or_else(|| mistyped(value, "List"))
    }

    /// A member; `null` counts as none.
    fn get(&self, name: &str) -> Option<&Value> {
        let members: Object<'_> = self.body.as_object()?;
        members.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be there and is not.
    pub(in crate::api) fn break_null(&mut self, name: &str) {
        let within = &self.within;
        self.broken.push(format!(
            "Value null at '{within}{name}' failed to satisfy constraint: Member must not be null"
        ));
    }

    fn break_length(&mut self, name: &str, text: &str, bound: &str) {
        self.break_rule(name, text, &format!("Member must have length {bound}"));
    }

    fn break_rule(&mut self, name: &str, value: &str, why: &str) {
        const SHOWN_CHARS_MAX: usize = 1_000;
        let shown: String = value.chars().take(SHOWN_CHARS_MAX).collect();
        let within = &self.within;
        self.broken.push(format!(
            "Value '{shown}' at '{within}{name}' failed to satisfy constraint: {why}"
        ));
    }
}

fn mistyped(value: &Value, wanted: &str) -> Fault {
    Fault::serialization(format!("{} can not be converted to {wanted}", kind(value)))
}

fn kind(value: &Value) -> &'static str {
    match value.view() {
        View::Null => "NULL_VALUE",
        View::Bool(true) => "TRUE_VALUE",
        View::Bool(false) => "FALSE_VALUE",
        View::Number(_) => "NUMBER_VALUE",
        View::String(_) => "STRING_VALUE",
        View::Array(_) => "START_ARRAY",
        View::Object(_) => "START_OBJECT",
    }
}
