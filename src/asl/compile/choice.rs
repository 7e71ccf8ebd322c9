//! Choice: rules and conditions.

use super::Compiler;
use super::block::Block;
use super::fields::is_jsonata;
use super::operator::OPERATORS;
use super::query::Stage;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use crate::asl::nearest::nearest;
use crate::asl::source::{Json, Member, Node};
use crate::asl::{Choice, Condition, Kind, Rule};

/// The fields that join conditions.
const JOINTS: [&str; 3] = ["And", "Or", "Not"];
/// Fields of rules that are no part of a condition.
const RULE_FIELDS: [&str; 5] = ["Next", "Comment", "Assign", "Output", "Condition"];

impl<'s> Compiler<'s> {
    pub(super) fn choice(
        &mut self,
        state: &StateSource<'s>,
        block: &mut Block<'s>,
    ) -> Option<Kind> {
        let node = state.node;
        self.required_fields(node, &["Choices"]);
        let default = self.target(node, "Default", block);
        if let Some(default) = default {
            block.edge(state.id, default);
        }
        let nodes = self.array(node, "Choices", false)?;
        let mut rules = Vec::with_capacity(nodes.len());
        for node in nodes {
            rules.extend(self.rule(state, node, block));
        }
        Some(Kind::Choice(Choice { rules, default }))
    }

    fn rule(
        &mut self,
        state: &StateSource<'s>,
        node: &'s Node,
        block: &mut Block<'s>,
    ) -> Option<Rule> {
        if !matches!(node.json, Json::Object(_)) {
            self.wrong_type(node, "Object");
            return None;
        }
        let assign = self.assign(state, node, Stage::Input);
        let output = self.query_template(state, node, "Output", Stage::Input);
        let next = self.target(node, "Next", block);
        if let Some(next) = next {
            block.edge(state.id, next);
        }
        let condition = match state.language {
            QueryLanguage::JsonPath => {
                self.field_of_other_language(node, "Condition", state.language);
                self.field_of_other_language(node, "Output", state.language);
                self.condition(node, true)
            }
            QueryLanguage::Jsonata => self.jsonata_condition(state, node),
        };
        Some(Rule {
            condition: condition?,
            next: next?,
            assign,
            output,
        })
    }

    fn jsonata_condition(&mut self, state: &StateSource<'s>, node: &'s Node) -> Option<Condition> {
        self.required_fields(node, &["Condition", "Next"]);
        self.string(node, "Comment");
        for member in node.members() {
            let name = member.key.as_str();
            if is_condition_field(name) {
                self.field_of_other_language(node, name, QueryLanguage::Jsonata);
            } else if !RULE_FIELDS.contains(&name) {
                self.unknown_rule_field(node, name);
            }
        }
        if node.get("Condition").is_some_and(is_jsonata) {
            return self.query(state, node, "Condition").map(Condition::Query);
        }
        self.boolean(node, "Condition").map(Condition::Constant)
    }

    /// The condition of a rule, or one within another. The recursion is as deep as the definition, which is bounded.
    fn condition(&mut self, node: &'s Node, is_rule: bool) -> Option<Condition> {
        if !matches!(node.json, Json::Object(_)) {
            self.wrong_type(node, "Object");
            return None;
        }
        self.string(node, "Comment");
        let mut tests: Vec<&'s Member> = Vec::new();
        for member in node.members() {
            let name = member.key.as_str();
            if OPERATORS.contains(&name) || JOINTS.contains(&name) {
                tests.push(member);
                continue;
            }
            let is_known =
                matches!(name, "Variable" | "Comment") || (is_rule && RULE_FIELDS.contains(&name));
            if !is_known {
                self.unknown_rule_field(node, name);
            }
        }
        let is_comparison = |m: &&Member| OPERATORS.contains(&m.key.as_str());
        let mut required = Vec::new();
        if tests.first().is_some_and(is_comparison) {
            required.push("Variable");
        }
        if is_rule {
            required.push("Next");
        }
        self.required_fields(node, &required);
        match tests.as_slice() {
            [test] if is_comparison(test) => {
                let variable = self.path(node, "Variable");
                let operator = self.operator(node, &test.key);
                Some(Condition::Test {
                    variable: variable?,
                    operator: operator?,
                })
            }
            [joint] => {
                if node.get("Variable").is_some() {
                    let hint = format!("'Variable' belongs into the conditions in '{}'", joint.key);
                    self.unknown_field(node, "Variable", Some(hint));
                }
                self.joint(node, &joint.key)
            }
            [] => {
                let message = "A condition needs a comparison operator, 'And', 'Or' or 'Not'";
                self.report.push(Fault::schema(node, message));
                None
            }
            [_, second, ..] => {
                let names: Vec<&str> = tests.iter().map(|m| m.key.as_str()).collect();
                let message = format!(
                    "There should only be one of the following fields: [{}]",
                    names.join(", ")
                );
                let fault = Fault::schema(node, message).at(second.key_span.start);
                self.report
                    .push(fault.hint("join comparisons by 'And' or 'Or'"));
                for test in tests.iter().filter(|m| is_comparison(m)) {
                    self.operator(node, &test.key);
                }
                None
            }
        }
    }

    fn joint(&mut self, node: &'s Node, name: &str) -> Option<Condition> {
        if name == "Not" {
            let inner = self.object(node, "Not")?;
            return self
                .condition(inner, false)
                .map(|inner| Condition::Not(Box::new(inner)));
        }
        let nodes = self.array(node, name, false)?;
        let mut inner = Vec::with_capacity(nodes.len());
        for node in nodes {
            inner.extend(self.condition(node, false));
        }
        let is_whole = inner.len() == nodes.len();
        is_whole.then_some(match name {
            "And" => Condition::And(inner),
            _ => Condition::Or(inner),
        })
    }

    fn unknown_rule_field(&mut self, node: &'s Node, name: &str) {
        let names = OPERATORS
            .into_iter()
            .chain(JOINTS)
            .chain(["Variable", "Next", "Comment"]);
        let hint = nearest(name, names).map(|name| format!("did you mean '{name}'?"));
        self.unknown_field(node, name, hint);
    }
}

fn is_condition_field(name: &str) -> bool {
    name == "Variable" || OPERATORS.contains(&name) || JOINTS.contains(&name)
}
