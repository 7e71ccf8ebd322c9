//! The particulars of an event: named, in the alphabetical order of AWS's logs.

use crate::value::{Text, Value};

/// The particulars of an event.
#[derive(Clone, Debug)]
pub struct Details {
    entries: Vec<(&'static str, Detail)>,
    include_execution_data: bool,
}

/// One particular.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// A string.
    Text(Text),
    /// Input or output: its JSON stands as a text, and an entry `…Details` says whether it was cut.
    Data(Value),
    /// Another value whose JSON stands as a text.
    JsonText(Value),
    /// An object whose members' JSON stands as texts.
    Texts(Value),
    /// A number.
    Number(i64),
    /// `{"roleArn": …}`
    Role(Value),
}

impl Details {
    /// None yet. Without `include_execution_data`, [`Details::data`] and [`Details::texts`] add nothing.
    #[must_use]
    pub const fn new(include_execution_data: bool) -> Self {
        Self {
            entries: Vec::new(),
            include_execution_data,
        }
    }

    /// The particulars by name.
    #[must_use]
    pub fn entries(&self) -> &[(&'static str, Detail)] {
        &self.entries
    }

    /// Adds input or output, if execution data are included.
    pub fn data(&mut self, name: &'static str, value: &Value) {
        if self.include_execution_data {
            self.add(name, Detail::Data(value.clone()));
        }
    }

    /// Adds a string.
    pub fn text(&mut self, name: &'static str, text: Text) {
        self.add(name, Detail::Text(text));
    }

    /// Adds a number.
    pub fn number(&mut self, name: &'static str, number: i64) {
        self.add(name, Detail::Number(number));
    }

    /// Adds a value whose JSON stands as a text.
    pub fn json_text(&mut self, name: &'static str, value: &Value) {
        self.add(name, Detail::JsonText(value.clone()));
    }

    /// Adds an object whose members' JSON stands as texts, if execution data are included.
    pub fn texts(&mut self, name: &'static str, values: &Value) {
        if self.include_execution_data {
            self.add(name, Detail::Texts(values.clone()));
        }
    }

    /// Adds `{"roleArn": …}`.
    pub fn role(&mut self, name: &'static str, role_arn: &Value) {
        self.add(name, Detail::Role(role_arn.clone()));
    }

    /// Adds `error` and `cause`, each if there is one.
    pub fn error(&mut self, error: Option<&Text>, cause: Option<&str>) {
        if let Some(cause) = cause {
            self.text("cause", Text::new(cause));
        }
        if let Some(error) = error {
            self.text("error", error.clone());
        }
    }

    fn add(&mut self, name: &'static str, detail: Detail) {
        let at = self.entries.partition_point(|(before, _)| *before < name);
        self.entries.insert(at, (name, detail));
    }
}
