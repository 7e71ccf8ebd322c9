//! Payload templates: JSON in which a key that ends in `.$` holds a path or an intrinsic call.
//!
//! Everything that can be known early is: paths and calls are compiled, and subtrees without any are built once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cursor::PathError;
use super::intrinsic::Call;
use super::path::NULL_INPUT;
use super::{Failure, Path, Scope, VariableNames};
use crate::value::{ArrayBuilder, Keys, Text, TooDeep, Value, View};

/// A compiled payload template.
#[derive(Debug)]
pub struct Template {
    node: Node,
}

/// Why a payload template is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at {pointer}")]
pub struct TemplateError {
    /// JSON pointer within the template; empty for the template itself.
    pub pointer: String,
    /// AWS's text where it is known.
    pub message: String,
    /// What exactly is wrong with the path or the call, if that is the fault.
    pub hint: Option<PathError>,
}

#[derive(Debug)]
enum Node {
    Constant(Value),
    Expression(Box<Expression>),
    Array(Box<[Self]>),
    Object { keys: Keys, nodes: Box<[Self]> },
}

/// A path or a call with the field that holds it.
#[derive(Debug)]
struct Expression {
    field: Text,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Path(Path),
    Call(Call),
}

impl Template {
    /// Compiles the value of `Parameters`, `ResultSelector` or `Credentials`.
    ///
    /// # Errors
    /// All faults at once.
    pub fn compile(json: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut compiler = Compiler::default();
        let node = compiler.node(json);
        if compiler.errors.is_empty() {
            Ok(Self { node })
        } else {
            Err(compiler.errors)
        }
    }

    /// Compiles one path or intrinsic call; `field` is the name that failures give, such as `ErrorPath`.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn compile_expression(text: &str, field: &str) -> Result<Self, PathError> {
        let expression = Expression::compile(text, Text::new(field))?;
        Ok(Self {
            node: Node::Expression(Box::new(expression)),
        })
    }

    /// The value for this scope.
    ///
    /// # Errors
    /// `States.Runtime` for a path that leads nowhere, `States.IntrinsicFailure` for a call that fails.
    pub fn eval(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        self.node.eval(scope)
    }

    /// Resolves the variables that its paths begin with.
    pub fn bind(&mut self, names: &mut VariableNames) {
        self.node.bind(names);
    }

    /// Whether a path in it begins with `$$`.
    #[must_use]
    pub fn reads_context(&self) -> bool {
        self.node.any(&|expression| match &expression.kind {
            Kind::Path(path) => path.reads_context(),
            Kind::Call(call) => call.reads_context(),
        })
    }

    /// Whether it is a path, or a call of a function that returns a string: all that a Fail state may have.
    #[must_use]
    pub fn can_be_string(&self) -> bool {
        match &self.node {
            Node::Constant(value) => value.as_str().is_some(),
            Node::Expression(expression) => match &expression.kind {
                Kind::Path(_) => true,
                Kind::Call(call) => call.returns_string(),
            },
            Node::Array(_) | Node::Object { .. } => false,
        }
    }
}

impl Node {
    fn eval(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Expression(expression) => expression.eval(scope),
            Self::Array(nodes) => {
                let mut array = ArrayBuilder::with_capacity(nodes.len());
                for node in nodes {
                    array.push(node.eval(scope)?);
                }
                array.finish().map_err(too_deep)
            }
            Self::Object { keys, nodes } => {
                let values = nodes.iter().map(|node| node.eval(scope));
                Value::of_keys(keys, values)?.map_err(too_deep)
            }
        }
    }

    fn bind(&mut self, names: &mut VariableNames) {
        match self {
            Self::Constant(_) => {}
            Self::Expression(expression) => match &mut expression.kind {
                Kind::Path(path) => path.bind(names),
                Kind::Call(call) => call.bind(names),
            },
            Self::Array(nodes) | Self::Object { nodes, .. } => {
                nodes.iter_mut().for_each(|node| node.bind(names));
            }
        }
    }

    fn any(&self, holds: &impl Fn(&Expression) -> bool) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Expression(expression) => holds(expression),
            Self::Array(nodes) | Self::Object { nodes, .. } => {
                nodes.iter().any(|node| node.any(holds))
            }
        }
    }
}

fn too_deep(too_deep: TooDeep) -> Failure {
    Failure::runtime(too_deep.to_string())
}

impl Expression {
    fn compile(text: &str, field: Text) -> Result<Self, PathError> {
        let kind = if text.starts_with('$') {
            Kind::Path(Path::compile(text)?)
        } else {
            Kind::Call(Call::compile(text)?)
        };
        Ok(Self { field, kind })
    }

    fn eval(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let path = match &self.kind {
            Kind::Path(path) => path,
            Kind::Call(call) => return call.eval(scope),
        };
        if scope.input.is_null() && path.reads_input() {
            return Err(Failure::runtime(NULL_INPUT));
        }
        path.find(scope).map(Cow::into_owned).map_err(|miss| {
            Failure::runtime(if miss.is_absence() {
                let (path, field) = (path.text(), &self.field);
                let root = miss.root(scope);
                format!("The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{root}'")
            } else {
                miss.invalid_path()
            })
        })
    }
}

#[derive(Default)]
struct Compiler {
    /// JSON pointer of the value at hand.
    pointer: String,
    errors: Vec<TemplateError>,
}

impl Compiler {
    /// The recursion is as deep as the value, which is bounded.
    fn node(&mut self, json: &Value) -> Node {
        match json.view() {
            View::Null | View::Bool(_) | View::Number(_) | View::String(_) => {
                Node::Constant(json.clone())
            }
            View::Array(array) => {
                let mut nodes = Vec::with_capacity(array.len());
                for (i, element) in array.iter().enumerate() {
                    nodes.push(self.within(&i.to_string(), |c| c.node(element)));
                }
                if nodes.iter().all(|node| matches!(node, Node::Constant(_))) {
                    return Node::Constant(json.clone());
                }
                Node::Array(nodes.into_boxed_slice())
            }
            View::Object(object) => {
                let mut names = Vec::with_capacity(object.len());
                let mut nodes = Vec::with_capacity(object.len());
                let mut known = BTreeSet::new();
                for (key, value) in object.iter() {
                    let name = Text::new(key.strip_suffix(".$").unwrap_or(key));
                    let node = self.within(key, |c| {
                        if !known.insert(name.clone()) {
                            c.error(format!("The field '{name}' is given twice"), None);
                        }
                        match name.len() == key.len() {
                            true => c.node(value),
                            false => c.expression(key, value),
                        }
                    });
                    names.push(name);
                    nodes.push(node);
                }
                if nodes.iter().all(|node| matches!(node, Node::Constant(_))) {
                    return Node::Constant(json.clone());
                }
                // Names that repeat were told above.
                let Some(keys) = Keys::distinct(names) else {
                    return Node::Constant(json.clone());
                };
                Node::Object {
                    keys,
                    nodes: nodes.into_boxed_slice(),
                }
            }
        }
    }

    fn expression(&mut self, key: &Text, value: &Value) -> Node {
        let compiled = match value.as_str() {
            Some(text) => Expression::compile(text, key.clone()).map_err(Some),
            None => Err(None),
        };
        match compiled {
            Ok(expression) => Node::Expression(Box::new(expression)),
            Err(hint) => {
                let message = format!(
                    "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
                );
                self.error(message, hint);
                Node::Constant(Value::NULL)
            }
        }
    }

    fn error(&mut self, message: String, hint: Option<PathError>) {
        self.errors.push(TemplateError {
            pointer: self.pointer.clone(),
            message,
            hint,
        });
    }

    /// Does `work` with `key` appended to the pointer.
    fn within<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        let result = work(self);
        self.pointer.truncate(before);
        result
    }
}

#[cfg(test)]
mod tests;
