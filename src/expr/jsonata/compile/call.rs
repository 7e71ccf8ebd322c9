//! Compiling calls and `~>`.

use super::Compiler;
use crate::expr::jsonata::parse::{Ast, Id, Kind, Refusal};
use crate::expr::jsonata::program::{Call, Node};
use crate::value::Text;

impl Compiler<'_> {
    pub(super) fn call(&mut self, function: Id, arguments: &[Id]) -> Result<Node, Refusal> {
        let ast = self.ast(function);
        let plain = ast.predicates.is_empty() && ast.group.is_none();
        let bare = self.bare_name(ast);
        let (name, builtin) = match &ast.kind {
            Kind::Variable(name) if plain => {
                let variable = self.resolve(name);
                let known = variable.places.is_empty();
                (Some(name.clone()), variable.builtin.filter(|_| known))
            }
            Kind::Path { .. } => (bare.clone(), None),
            _ => (None, None),
        };
        let function = self.node(function)?;
        let mut compiled = Vec::with_capacity(arguments.len());
        for argument in arguments {
            compiled.push(match self.ast(*argument).kind {
                Kind::Placeholder => None,
                _ => Some(self.node(*argument)?),
            });
        }
        Ok(Node::Call(Box::new(Call {
            function,
            builtin,
            arguments: compiled.into(),
            name,
            bare: bare.map(|name| self.resolve(&name)),
        })))
    }

    /// The first name of a path.
    fn bare_name(&self, ast: &Ast) -> Option<Text> {
        let Kind::Path { steps, .. } = &ast.kind else {
            return None;
        };
        match &self.ast(*steps.first()?).kind {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        }
    }

    pub(super) fn apply(&mut self, value: Id, function: Id) -> Result<Node, Refusal> {
        let value = self.node(value)?;
        let ast = self.ast(function);
        if let Kind::Call(_, arguments) = &ast.kind
            && !arguments
                .iter()
                .any(|a| matches!(self.ast(*a).kind, Kind::Placeholder))
        {
            // What stands behind such a call is not looked at, in JSONata either.
            let call = self.bare(ast)?;
            return Ok(Node::ApplyCall { value, call });
        }
        let function = self.node(function)?;
        Ok(Node::Apply { value, function })
    }
}
