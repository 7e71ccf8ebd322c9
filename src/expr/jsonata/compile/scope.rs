//! Which variables are bound where.

use super::Compiler;
use crate::expr::jsonata::parse::{Id, Kind, StageAst};
use crate::expr::jsonata::program::{Node, NodeId};
use crate::value::Text;

impl Compiler<'_> {
    pub(super) fn bind(&self, (scope, name): (usize, &Text), value: NodeId) -> Node {
        let names = self.scopes.get(scope);
        let slot = names.and_then(|names| names.iter().position(|known| known == name));
        Node::Bind {
            hops: 0,
            slot: slot.expect("the names of a scope are gathered before it is compiled"),
            value,
        }
    }

    /// The variables that these expressions bind, without those that a block, a function or a binding path in them
    /// keeps to itself.
    pub(super) fn bound_in(&self, expressions: &[Id]) -> Vec<Text> {
        let mut names = Vec::new();
        for expression in expressions {
            self.gather(*expression, &mut names);
        }
        names
    }

    fn gather(&self, id: Id, names: &mut Vec<Text>) {
        let ast = self.ast(id);
        let mut each = |ids: &[Id]| {
            for id in ids {
                self.gather(*id, names);
            }
        };
        each(&ast.predicates);
        for (key, value) in ast.group.iter().flatten() {
            each(&[*key, *value]);
        }
        for stage in &ast.step.stages {
            if let StageAst::Filter(predicate) = stage {
                each(&[*predicate]);
            }
        }
        match &ast.kind {
            Kind::Bind(name, value) => {
                each(&[*value]);
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            Kind::Path { steps, .. } if !self.binds(steps) => each(steps),
            Kind::Array(items) => each(items),
            Kind::Range(first, last) => each(&[*first, *last]),
            Kind::Object(pairs) => {
                for (key, value) in pairs {
                    each(&[*key, *value]);
                }
            }
            Kind::Negate(operand) => each(&[*operand]),
            Kind::Chain(first, rest) => {
                each(&[*first]);
                for (_, operand) in rest {
                    each(&[*operand]);
                }
            }
            Kind::Condition(condition, then, otherwise) => {
                each(&[*condition, *then]);
                each(otherwise.as_slice());
            }
            Kind::Call(function, arguments) => {
                each(&[*function]);
                each(arguments);
            }
            Kind::Apply(value, function) => each(&[*value, *function]),
            Kind::Sort(terms) => {
                for (term, _) in terms {
                    each(&[*term]);
                }
            }
            Kind::Literal(_)
            | Kind::Name(_)
            | Kind::Variable(_)
            | Kind::Wildcard
            | Kind::Descendants
            | Kind::Parent(_)
            | Kind::Path { .. }
            | Kind::Block(_)
            | Kind::Lambda { .. }
            | Kind::Placeholder
            | Kind::Regex { .. }
            | Kind::Transform { .. } => {}
        }
    }

    /// Whether one of these steps binds something.
    pub(super) fn binds(&self, steps: &[Id]) -> bool {
        steps.iter().any(|step| self.ast(*step).step.binds)
    }

    /// What a path binds: by its own steps, and by what is inside of them and wanted outside.
    pub(super) fn names_of_steps(&self, steps: &[Id], names: &mut Vec<Text>) {
        let mut bind = |name: &Text| {
            if !names.contains(name) {
                names.push(name.clone());
            }
        };
        for step in steps {
            let parts = &self.ast(*step).step;
            parts.focus.iter().for_each(&mut bind);
            parts.index.iter().for_each(&mut bind);
            parts.parents.iter().for_each(&mut bind);
            for stage in &parts.stages {
                if let StageAst::Index(name) = stage {
                    bind(name);
                }
            }
        }
        for step in steps {
            let ast = self.ast(*step);
            if !ast.step.binds {
                continue;
            }
            match &ast.kind {
                Kind::Block(expressions) => {
                    self.names_of_steps(
                        expressions.last().map_or(&[], std::slice::from_ref),
                        names,
                    );
                }
                Kind::Path { steps, .. } => self.names_of_steps(steps, names),
                _ => {}
            }
        }
    }
}
