//! One state: the fields that all types share, then the type's own.

use super::block::Block;
use super::query::Stage;
use super::report::Fault;
use super::state_type::{QueryLanguage, STATE_FIELDS, StateField, StateType};
use super::{Compiler, State, StateId};
use crate::asl::nearest::nearest;
use crate::asl::source::{Json, Member, Node};
use crate::asl::{Kind, Next};

/// The state at hand.
#[derive(Clone, Copy)]
pub(super) struct StateSource<'s> {
    pub(super) id: StateId,
    pub(super) node: &'s Node,
    pub(super) language: QueryLanguage,
}

impl<'s> Compiler<'s> {
    /// Compiles a state. `None` only after an error was reported.
    pub(super) fn state(
        &mut self,
        member: &'s Member,
        id: StateId,
        block: &mut Block<'s>,
    ) -> Option<State> {
        let node = &member.value;
        if !matches!(node.json, Json::Object(_)) {
            block.is_understood = false;
            self.wrong_type(node, "Object");
            return None;
        }
        self.required_fields(node, &["Type"]);
        let name = self.one_of(node, "Type", &StateType::NAMES);
        let Some(state_type) = name.and_then(StateType::from_name) else {
            block.is_understood = false;
            return None;
        };
        self.string(node, "Comment");
        let language = self.state_language(node);
        self.state_fields(node, state_type, language);
        let stage = match state_type {
            StateType::Task | StateType::Parallel | StateType::Map => Stage::Result,
            StateType::Wait
            | StateType::Pass
            | StateType::Succeed
            | StateType::Fail
            | StateType::Choice => Stage::Input,
        };
        let state = StateSource { id, node, language };
        let next = self.next(&state, state_type, block);
        let kind = self.kind(&state, state_type, block);
        let assign = self.assign(&state, node, stage);
        let output = self.query_template(&state, node, "Output", stage);
        let input_path = self.io_path(node, "InputPath");
        let output_path = self.io_path(node, "OutputPath");
        Some(State {
            name: member.key.clone(),
            is_jsonata: language == QueryLanguage::Jsonata,
            input_path: input_path?,
            output_path: output_path?,
            next: next?,
            assign,
            output,
            kind: kind?,
        })
    }

    fn kind(
        &mut self,
        state: &StateSource<'s>,
        state_type: StateType,
        block: &mut Block<'s>,
    ) -> Option<Kind> {
        match state_type {
            StateType::Task => self.task(state, block),
            StateType::Wait => self.wait(state),
            StateType::Pass => self.pass(state),
            StateType::Succeed => Some(Kind::Succeed),
            StateType::Fail => Some(self.fail(state)),
            StateType::Choice => self.choice(state, block),
            StateType::Parallel => self.parallel(state, block),
            StateType::Map => self.map(state, block),
        }
    }

    /// The language that an object names, if it does.
    pub(super) fn query_language(&mut self, object: &'s Node) -> Option<QueryLanguage> {
        self.one_of(object, "QueryLanguage", &QueryLanguage::NAMES)
            .and_then(QueryLanguage::from_name)
    }

    fn state_language(&mut self, node: &'s Node) -> QueryLanguage {
        match (self.language, self.query_language(node)) {
            (QueryLanguage::Jsonata, Some(QueryLanguage::JsonPath)) => {
                let at = node
                    .member("QueryLanguage")
                    .map_or(node.span, |m| m.key_span);
                let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
                self.report.push(Fault::schema(node, message).at(at.start));
                QueryLanguage::JsonPath
            }
            (machine, own) => own.unwrap_or(machine),
        }
    }

    /// Reports fields that the state's type or language does not have.
    fn state_fields(&mut self, node: &'s Node, state_type: StateType, language: QueryLanguage) {
        for member in node.members() {
            let name = member.key.as_str();
            match StateField::of(name) {
                Some(field) if field.types.contains(&state_type) => {
                    if field.language.is_some_and(|own| own != language) {
                        self.field_of_other_language(node, name, language);
                    }
                }
                field => {
                    let hint = match field {
                        Some(field) => Some(owners(field)),
                        None => similar_field(name, state_type),
                    };
                    self.unknown_field(node, name, hint);
                }
            }
        }
    }

    /// Reports a field, if it is there, that only states of the other language have.
    pub(super) fn field_of_other_language(
        &mut self,
        object: &Node,
        name: &str,
        language: QueryLanguage,
    ) {
        let Some(member) = object.member(name) else {
            return;
        };
        let other = match language {
            QueryLanguage::JsonPath => QueryLanguage::Jsonata,
            QueryLanguage::Jsonata => QueryLanguage::JsonPath,
        };
        let message = format!(
            "The QueryLanguage is set to '{}', but field '{name}' is only supported for the '{}' QueryLanguage",
            language.name(),
            other.name(),
        );
        self.report
            .push(Fault::schema(object, message).at(member.key_span.start));
    }

    fn next(
        &mut self,
        state: &StateSource<'s>,
        state_type: StateType,
        block: &mut Block<'s>,
    ) -> Option<Next> {
        match state_type {
            StateType::Succeed | StateType::Fail => {
                block.ends = true;
                return Some(Next::End);
            }
            StateType::Choice => return Some(Next::End),
            StateType::Task
            | StateType::Wait
            | StateType::Pass
            | StateType::Parallel
            | StateType::Map => {}
        }
        self.exclusive_fields(state.node, &["Next", "End"], true);
        let end = self.boolean(state.node, "End");
        block.ends |= end == Some(true);
        if state.node.get("Next").is_some() {
            let to = self.target(state.node, "Next", block)?;
            block.edge(state.id, to);
            return Some(Next::State(to));
        }
        if end == Some(false) {
            let node = state.node.get("End")?;
            let fault = Fault::schema(
                node,
                "The field 'End' should have one of these values: [true]",
            );
            self.report
                .push(fault.hint("a state that does not end needs 'Next' instead"));
            return None;
        }
        end.map(|_| Next::End)
    }
}

fn similar_field(name: &str, state_type: StateType) -> Option<String> {
    let names = STATE_FIELDS
        .iter()
        .filter(|field| field.types.contains(&state_type))
        .map(|field| field.name);
    nearest(name, names).map(|name| format!("did you mean '{name}'?"))
}

/// Which states have a field.
fn owners(field: &StateField) -> String {
    let types: Vec<_> = field.types.iter().map(|t| t.name()).collect();
    let types = types.join(", ");
    format!("'{}' is a field of {types} states", field.name)
}
