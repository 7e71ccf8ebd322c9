//! Payloads: JSON with expressions in it, in either language.

use super::query::States;
use super::{Failure, Query, QueryScope, Template};
use crate::value::{ArrayBuilder, Keys, Text, TooDeep, Value};

/// The value of `Parameters`, `Arguments`, `Assign`, `Output` and the like.
#[derive(Debug)]
pub enum Payload {
    /// Keys that end in `.$` hold paths and calls.
    JsonPath(Template),
    /// Strings of the form `{% … %}` are expressions.
    Jsonata(QueryTemplate),
}

/// JSON in which some strings are queries. What holds none is built once.
#[derive(Debug)]
pub enum QueryTemplate {
    /// No query is in it.
    Constant(Value),
    /// A query takes the place of a string.
    Query(Box<Query>),
    /// An array with a query somewhere in it.
    Array(Box<[Self]>),
    /// An object with a query somewhere in it.
    Object {
        /// Its keys.
        keys: Keys,
        /// What stands under each.
        members: Box<[Self]>,
    },
}

impl QueryTemplate {
    /// Of equal keys the first place and the last member are kept.
    #[must_use]
    pub fn object(members: Vec<(Text, Self)>) -> Self {
        let (mut keys, mut kept) = (Vec::new(), Vec::new());
        for (key, member) in members {
            match keys.iter().position(|known| *known == key) {
                Some(at) => {
                    if let Some(place) = kept.get_mut(at) {
                        *place = member;
                    }
                }
                None => {
                    keys.push(key);
                    kept.push(member);
                }
            }
        }
        Self::Object {
            keys: Keys::distinct(keys).expect("repeated keys were left out"),
            members: kept.into(),
        }
    }

    /// The value for this scope.
    ///
    /// # Errors
    /// `States.QueryEvaluationError` of the first query that has no value.
    pub fn eval(&self, scope: &QueryScope<'_>) -> Result<Value, Failure> {
        self.eval_in(&States::new(scope))
    }

    /// Whether a query in it may read `$states.context`.
    #[must_use]
    pub fn reads_context(&self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Query(query) => query.reads_context(),
            Self::Array(members) | Self::Object { members, .. } => {
                members.iter().any(Self::reads_context)
            }
        }
    }

    /// The recursion is as deep as the definition, which is bounded.
    fn eval_in(&self, states: &States<'_>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Query(query) => query.eval_in(states),
            Self::Array(elements) => {
                let mut array = ArrayBuilder::with_capacity(elements.len());
                for element in elements {
                    array.push(element.eval_in(states)?);
                }
                array.finish().map_err(too_deep)
            }
            Self::Object { keys, members } => {
                let values = members.iter().map(|member| member.eval_in(states));
                Value::of_keys(keys, values)?.map_err(too_deep)
            }
        }
    }
}

fn too_deep(too_deep: TooDeep) -> Failure {
    Failure::query(None, too_deep.to_string())
}
