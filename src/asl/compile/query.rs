//! Fields that hold JSONata: expressions, payloads with expressions in them, and what `$states` has in each.

use std::collections::BTreeSet;

use super::Compiler;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use crate::asl::code;
use crate::asl::source::{Json, Node};
use crate::expr::{Payload, Query, QueryTemplate};

/// How far a state has come when a field is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has been entered.
    Input,
    /// Its work is done: there is `$states.result`.
    Result,
    /// An error is caught: there is `$states.errorOutput`.
    Error,
}

impl Stage {
    fn has(self, field: &str) -> bool {
        match field {
            "input" | "context" => true,
            "result" => self == Self::Result,
            "errorOutput" => self == Self::Error,
            _ => false,
        }
    }
}

impl<'s> Compiler<'s> {
    /// A payload in the state's language.
    pub(super) fn payload(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        name: &str,
        stage: Stage,
    ) -> Option<Payload> {
        match state.language {
            QueryLanguage::JsonPath => self.template(object, name).map(Payload::JsonPath),
            QueryLanguage::Jsonata => self
                .query_template(state, object, name, stage)
                .map(Payload::Jsonata),
        }
    }

    /// A payload of a JSONata state; `None` in others, where it is reported elsewhere.
    pub(super) fn query_template(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        name: &str,
        stage: Stage,
    ) -> Option<QueryTemplate> {
        let node = object.get(name)?;
        (state.language == QueryLanguage::Jsonata).then(|| self.query_node(state, node, stage))
    }

    /// A field that is one expression; `None` for a literal, and in states of the other language.
    pub(super) fn query(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        name: &str,
    ) -> Option<Query> {
        let node = object.get(name)?;
        let text = Query::text_of(node.as_text()?)?;
        if state.language != QueryLanguage::Jsonata {
            return None;
        }
        self.query_at(state, node, text, Stage::Input)
    }

    /// The recursion is as deep as the definition, which is bounded.
    fn query_node(
        &mut self,
        state: &StateSource<'s>,
        node: &'s Node,
        stage: Stage,
    ) -> QueryTemplate {
        let template = match &node.json {
            Json::String(string) => match Query::text_of(string) {
                Some(text) => self
                    .query_at(state, node, text, stage)
                    .map(|query| QueryTemplate::Query(Box::new(query))),
                None => None,
            },
            Json::Array(elements) => {
                let elements: Box<[_]> = elements
                    .iter()
                    .map(|element| self.query_node(state, element, stage))
                    .collect();
                let is_constant = elements.iter().all(is_constant);
                (!is_constant).then_some(QueryTemplate::Array(elements))
            }
            Json::Object(members) => {
                let members = members
                    .iter()
                    .map(|m| (m.key.clone(), self.query_node(state, &m.value, stage)));
                let members: Vec<_> = members.collect();
                let is_constant = members.iter().all(|(_, member)| is_constant(member));
                (!is_constant).then(|| QueryTemplate::object(members))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => None,
        };
        template.unwrap_or_else(|| QueryTemplate::Constant(node.to_value()))
    }

    fn query_at(
        &mut self,
        state: &StateSource<'s>,
        node: &'s Node,
        text: &str,
        stage: Stage,
    ) -> Option<Query> {
        let source = self.report.source();
        let (place, around) = (source.pointer(node), source.pointer(state.node));
        let field = place.get(around.len() + 1..).unwrap_or_default();
        let query = match Query::compile(text, field) {
            Ok(query) => query,
            Err(error) => {
                let at = self.place_in_string(node, offset_in(node, text) + error.offset_bytes);
                let fault = Fault::new(code::INVALID_JSONATA_EXPRESSION, error.message).of(node);
                self.report.push(fault.at(at));
                return None;
            }
        };
        self.input_reads(node, text, &query);
        for variable in query.free_variables() {
            if variable.name != "states" {
                continue;
            }
            let Some(field) = variable.fields.first().filter(|field| !stage.has(field)) else {
                continue;
            };
            let message = format!("Field '$states.{field}' does not exist.");
            let fault = Fault::new(code::UNSUPPORTED_JSONATA_EXPRESSION, message).of(node);
            let at = self.place_in_string(node, offset_in(node, text) + variable.offset_bytes);
            self.report.push(fault.at(at).hint(hint(field)));
        }
        self.uses_context |= query.reads_context();
        Some(query)
    }
}

impl Compiler<'_> {
    /// Reports each name that an expression reads of an input that it does not have, once.
    fn input_reads(&mut self, node: &Node, text: &str, query: &Query) {
        let mut reported = BTreeSet::new();
        for read in query.input_reads() {
            let name = read.name.as_str();
            if !reported.insert(name) {
                continue;
            }
            let (message, hint) = match name {
                "$$" => (
                    "Reference to '$$' is not supported.".to_owned(),
                    "the state's input is '$states.input'".to_owned(),
                ),
                "$" => (
                    top_level(name),
                    "the state's input is '$states.input'".to_owned(),
                ),
                name => (
                    top_level(name),
                    format!("write '$states.input.{name}' for the input, '${name}' for a variable"),
                ),
            };
            let fault = Fault::new(code::UNSUPPORTED_JSONATA_EXPRESSION, message).of(node);
            let at = self.place_in_string(node, offset_in(node, text) + read.offset_bytes);
            self.report.push(fault.at(at).hint(hint));
        }
    }
}

fn top_level(name: &str) -> String {
    format!("Reference to '{name}' at the top level is not supported.")
}

fn is_constant(template: &QueryTemplate) -> bool {
    matches!(template, QueryTemplate::Constant(_))
}

/// Where an expression begins in the string around it.
fn offset_in(node: &Node, text: &str) -> usize {
    let string = node.as_text().map_or("", |string| string.as_str());
    string.find(text).unwrap_or(0)
}

fn hint(field: &str) -> String {
    let owner = match field {
        "result" => "'Output' and 'Assign' of Task, Parallel and Map states",
        "errorOutput" => "'Output' and 'Assign' in 'Catch'",
        _ => return "'$states' has input, context, result and errorOutput".to_owned(),
    };
    format!("only {owner} have it")
}
