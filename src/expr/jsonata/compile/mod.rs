//! From tree to program: names become places, constants are computed, paths of mere fields become walks.
//!
//! Recursion is bounded by the height of the tree, which the parser bounds.

mod call;
mod path;
mod scope;

use super::FreeVariable;
use super::builtin::Builtin;
use super::datum::Datum;
use super::eval::operate;
use super::parse::{Ast, Id, Kind, Operator, Refusal, Tree};
use super::program::{
    Behind, Field, Item, LambdaNode, Node, NodeId, Pairs, Program, Stage, Variable,
};
use super::regex::{Regex, RegexError};
use super::signature::Signature;
use crate::value::{ArrayBuilder, Keys, ObjectBuilder, Text, Value};

/// Compiles a tree, and tells which variables it expects from outside.
pub(super) fn compile(tree: &Tree) -> Result<(Program, Vec<FreeVariable>), Refusal> {
    let mut compiler = Compiler {
        tree,
        nodes: Vec::new(),
        regexes: Vec::new(),
        scopes: Vec::new(),
        free: Vec::new(),
    };
    let names = compiler.bound_in(&[tree.root]);
    let slots = names.len();
    compiler.scopes.push(names);
    let root = compiler.node(tree.root)?;
    let program = Program {
        nodes: compiler.nodes,
        root,
        slots,
        regexes: compiler.regexes,
    };
    Ok((program, compiler.free))
}

struct Compiler<'t> {
    tree: &'t Tree,
    nodes: Vec<Node>,
    regexes: Vec<Regex>,
    /// The names of each frame there is around what is being compiled, the outermost first.
    scopes: Vec<Vec<Text>>,
    free: Vec<FreeVariable>,
}

impl<'t> Compiler<'t> {
    fn ast(&self, id: Id) -> &'t Ast {
        self.tree
            .nodes
            .get(id as usize)
            .expect("ids are those of nodes in the table")
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId::try_from(self.nodes.len() - 1).expect("a tree has fewer nodes than ids")
    }

    fn literal(&self, id: NodeId) -> Option<&Value> {
        match self.nodes.get(id as usize) {
            Some(Node::Literal(value)) => Some(value),
            _ => None,
        }
    }

    /// Compiles a node with what stands behind it.
    fn node(&mut self, id: Id) -> Result<NodeId, Refusal> {
        let ast = self.ast(id);
        if let Kind::Path { steps, keeps_array } = &ast.kind {
            return self.path(ast, steps, *keeps_array);
        }
        let node = self.bare(ast)?;
        if is_bare(ast) {
            return Ok(node);
        }
        let predicates = ast.predicates.iter().map(|p| self.filter(*p));
        let predicates = predicates.collect::<Result<_, _>>()?;
        let group = match &ast.group {
            Some(pairs) => Some(self.pairs(pairs)?),
            None => None,
        };
        Ok(self.add(Node::Behind(Box::new(Behind {
            node,
            predicates,
            group,
            keep_array: ast.keep_array,
        }))))
    }

    /// Compiles a node that is no path, without what stands behind it.
    fn bare(&mut self, ast: &'t Ast) -> Result<NodeId, Refusal> {
        let node = match &ast.kind {
            Kind::Literal(value) => Node::Literal(value.clone()),
            Kind::Name(name) => Node::Walk(Box::new([Field::from(name.clone())])),
            Kind::Variable(name) => self.variable_node(name, ast.at),
            Kind::Parent(name) => Node::Variable(self.resolve(name)),
            Kind::Wildcard => Node::Wildcard,
            Kind::Descendants => Node::Descendants,
            Kind::Array(items) => return self.array(items, ast.constructs),
            Kind::Object(pairs) => {
                let pairs = self.pairs(pairs)?;
                match self.constant_object(&pairs) {
                    Some(value) => Node::Literal(value),
                    None => Node::Object(Box::new(pairs)),
                }
            }
            Kind::Negate(operand) => Node::Negate(self.node(*operand)?),
            Kind::Chain(first, rest) => return self.chain(*first, rest),
            Kind::Block(expressions) => return self.block(ast, expressions),
            Kind::Condition(condition, then, otherwise) => Node::Condition {
                condition: self.node(*condition)?,
                then: self.node(*then)?,
                otherwise: match otherwise {
                    Some(otherwise) => Some(self.node(*otherwise)?),
                    None => None,
                },
            },
            Kind::Bind(name, value) => {
                let value = self.node(*value)?;
                let scope = self.scopes.len() - 1;
                let place = (scope, name);
                self.bind(place, value)
            }
            Kind::Lambda {
                parameters,
                signature,
                body,
            } => self.lambda(parameters, signature.as_ref(), *body)?,
            Kind::Call(function, arguments) => self.call(*function, arguments)?,
            Kind::Apply(value, function) => self.apply(*value, *function)?,
            Kind::Regex { pattern, flags } => self.regex(pattern, flags, ast.at)?,
            Kind::Transform {
                pattern,
                update,
                delete,
            } => Node::Transform {
                pattern: self.node(*pattern)?,
                update: self.node(*update)?,
                delete: match delete {
                    Some(delete) => Some(self.node(*delete)?),
                    None => None,
                },
            },
            Kind::Path { .. } | Kind::Range(..) | Kind::Sort(_) | Kind::Placeholder => {
                unreachable!("paths, arrays and calls compile these themselves")
            }
        };
        Ok(self.add(node))
    }

    fn array(&mut self, items: &[Id], constructed: bool) -> Result<NodeId, Refusal> {
        let mut compiled = Vec::with_capacity(items.len());
        let mut constants = Some(ArrayBuilder::new());
        for id in items {
            let ast = self.ast(*id);
            if let Kind::Range(first, last) = ast.kind {
                compiled.push(Item::Range(self.node(first)?, self.node(last)?));
                constants = None;
                continue;
            }
            let node = self.node(*id)?;
            match (self.literal(node), &mut constants) {
                (Some(value), Some(array))
                    if value.as_array().is_none() || matches!(ast.kind, Kind::Array(_)) =>
                {
                    array.push(value.clone());
                }
                _ => constants = None,
            }
            compiled.push(if matches!(ast.kind, Kind::Array(_)) {
                Item::Nested(node)
            } else {
                Item::Joined(node)
            });
        }
        if let (false, Some(Ok(value))) = (constructed, constants.map(ArrayBuilder::finish)) {
            return Ok(self.add(Node::Literal(value)));
        }
        Ok(self.add(Node::Array {
            items: compiled.into(),
            constructed,
        }))
    }

    fn pairs(&mut self, pairs: &[(Id, Id)]) -> Result<Pairs, Refusal> {
        let mut compiled = Vec::with_capacity(pairs.len());
        let mut keys: Option<Vec<Text>> = Some(Vec::with_capacity(pairs.len()));
        for (key, value) in pairs {
            let key = self.node(*key)?;
            compiled.push((key, self.node(*value)?));
            let text = self.literal(key).and_then(Value::as_text).cloned();
            keys = match (keys, text) {
                (Some(mut keys), Some(text)) if !keys.contains(&text) => {
                    keys.push(text);
                    Some(keys)
                }
                _ => None,
            };
        }
        Ok(Pairs {
            pairs: compiled.into(),
            keys: keys.and_then(Keys::distinct),
        })
    }

    fn constant_object(&self, pairs: &Pairs) -> Option<Value> {
        let mut object = ObjectBuilder::new();
        for (key, (_, value)) in pairs.keys.as_ref()?.as_slice().iter().zip(&pairs.pairs) {
            object.insert(key.clone(), self.literal(*value)?.clone());
        }
        object.finish().ok()
    }

    fn chain(&mut self, first: Id, rest: &[(Operator, Id)]) -> Result<NodeId, Refusal> {
        let mut first = self.node(first)?;
        let mut compiled = Vec::with_capacity(rest.len());
        for (operator, operand) in rest {
            let operand = self.node(*operand)?;
            if compiled.is_empty()
                && let (Some(left), Some(right)) = (self.literal(first), self.literal(operand))
                && let Some(value) = constant(*operator, left, right)
            {
                first = self.add(Node::Literal(value));
                continue;
            }
            compiled.push((*operator, operand));
        }
        Ok(match compiled.first() {
            None => first,
            Some((Operator::And | Operator::Or, _)) => {
                self.add(Node::Logic(first, compiled.into()))
            }
            Some(_) => self.add(Node::Chain(first, compiled.into())),
        })
    }

    fn block(&mut self, ast: &Ast, expressions: &[Id]) -> Result<NodeId, Refusal> {
        let names = self.bound_in(expressions);
        let slots = names.len();
        if slots > 0 {
            self.scopes.push(names);
        }
        let expressions = expressions.iter().map(|e| self.node(*e));
        let compiled: Box<[NodeId]> = expressions.collect::<Result<_, _>>()?;
        if slots > 0 {
            self.scopes.pop();
        }
        // What stands behind a block sees its result settled, so the block must remain.
        if let ([only], 0) = (&*compiled, slots)
            && is_bare(ast)
        {
            return Ok(*only);
        }
        Ok(self.add(Node::Block {
            slots,
            expressions: compiled,
        }))
    }

    fn lambda(
        &mut self,
        parameters: &[Text],
        signature: Option<&Signature>,
        body: Id,
    ) -> Result<Node, Refusal> {
        let mut names = parameters.to_vec();
        for name in self.bound_in(&[body]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let slots = names.len();
        if slots > 0 {
            self.scopes.push(names);
        }
        let body = self.node(body)?;
        if slots > 0 {
            self.scopes.pop();
        }
        Ok(Node::Lambda(Box::new(LambdaNode {
            parameters: parameters.len(),
            slots,
            signature: signature.cloned(),
            body,
        })))
    }

    fn regex(&mut self, pattern: &str, flags: &str, at: usize) -> Result<Node, Refusal> {
        match Regex::new(pattern, flags) {
            Ok(regex) => {
                self.regexes.push(regex);
                Ok(Node::Regex(self.regexes.len() - 1))
            }
            Err(error) => {
                let code = if error == RegexError::Empty {
                    "S0301"
                } else {
                    "S0302"
                };
                Err(Refusal::new(code, error.to_string(), at))
            }
        }
    }

    /// A predicate; a number is a place.
    fn filter(&mut self, predicate: Id) -> Result<Stage, Refusal> {
        if let Kind::Literal(value) = &self.ast(predicate).kind
            && let Some(number) = value.as_number()
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "no array reaches places that far out"
            )]
            return Ok(Stage::At(number.as_f64().floor() as i64));
        }
        Ok(Stage::Filter(self.node(predicate)?))
    }

    fn variable_node(&mut self, name: &Text, at: usize) -> Node {
        match name.as_str() {
            "" => Node::Context,
            "$" => Node::Root,
            _ => {
                let variable = self.resolve(name);
                self.note_free(&variable, Vec::new(), at);
                Node::Variable(variable)
            }
        }
    }

    fn note_free(&mut self, variable: &Variable, fields: Vec<Text>, at: usize) {
        if variable.places.is_empty() && variable.builtin.is_none() {
            self.free.push(FreeVariable {
                name: variable.name.clone(),
                fields,
                offset_bytes: at,
            });
        }
    }

    fn resolve(&self, name: &Text) -> Variable {
        let scopes = self.scopes.iter().rev().enumerate();
        let places = scopes.filter_map(|(hops, names)| {
            let slot = names.iter().position(|known| known == name)?;
            Some((hops, slot))
        });
        Variable {
            name: name.clone(),
            places: places.collect(),
            builtin: Builtin::named(name),
        }
    }
}

/// Whether nothing stands behind a node that is no path.
fn is_bare(ast: &Ast) -> bool {
    ast.predicates.is_empty() && ast.group.is_none() && !ast.keep_array
}

/// The result of an operator on constants, if it has one.
fn constant(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let left = Datum::Value(left.clone());
    let right = Datum::Value(right.clone());
    match operate(operator, left, &right) {
        Ok(Datum::Value(value)) => Some(value),
        Ok(_) | Err(_) => None,
    }
}
