//! Compiling paths.

use super::Compiler;
use crate::expr::jsonata::parse::{Ast, Id, Kind, Refusal, StageAst};
use crate::expr::jsonata::program::{Field, Node, NodeId, Path, Stage, Step, StepKind, Variable};
use crate::value::Text;

impl<'t> Compiler<'t> {
    pub(super) fn path(
        &mut self,
        ast: &'t Ast,
        steps: &'t [Id],
        keeps_array: bool,
    ) -> Result<NodeId, Refusal> {
        if let Some(node) = self.walk(ast, steps, keeps_array) {
            return Ok(self.add(node));
        }
        let binds_from = steps.iter().position(|step| self.ast(*step).step.binds);
        let mut names = Vec::new();
        if binds_from.is_some() {
            self.names_of_steps(steps, &mut names);
            let own = names.len();
            for name in self.bound_in(steps) {
                if !names.iter().take(own).any(|known| *known == name) {
                    names.push(name);
                }
            }
            self.scopes.push(names.clone());
        }
        let first = steps.first().map(|step| &self.ast(*step).kind);
        let spreads_input = !matches!(first, Some(Kind::Variable(_)));
        self.note_first(steps);
        let (begun, rest) = match self.leading_walk(steps).filter(|_| binds_from.is_none()) {
            Some((node, rest)) => (Some(Step::of(self.add(node))), rest),
            None => (None, steps),
        };
        let compiled = rest.iter().map(|step| self.step(*step, &names));
        let compiled = begun.into_iter().map(Ok).chain(compiled);
        let compiled = compiled.collect::<Result<_, _>>()?;
        let group = match &ast.group {
            Some(pairs) => Some(self.pairs(pairs)?),
            None => None,
        };
        if binds_from.is_some() {
            self.scopes.pop();
        }
        Ok(self.add(Node::Path(Box::new(Path {
            steps: compiled,
            binds_from,
            carries: ast.step.binds,
            names: names.into(),
            keeps_array,
            group,
            spreads_input,
        }))))
    }

    /// The path as a walk, if it is nothing but fields of the context or of a variable.
    fn walk(&mut self, ast: &Ast, steps: &'t [Id], keeps_array: bool) -> Option<Node> {
        if keeps_array || ast.group.is_some() || ast.step.binds {
            return None;
        }
        let (first, rest) = steps.split_first()?;
        let first = self.ast(*first);
        if !is_bare_step(first) {
            return None;
        }
        let fields = |steps: &[Id]| -> Option<Vec<Text>> {
            let field = |id: &Id| {
                let ast = self.ast(*id);
                match &ast.kind {
                    Kind::Name(name) if is_bare_step(ast) => Some(name.clone()),
                    _ => None,
                }
            };
            steps.iter().map(field).collect()
        };
        match &first.kind {
            Kind::Name(_) => Some(Node::Walk(walked(fields(steps)?))),
            Kind::Variable(name) if !rest.is_empty() && name != "$" => {
                let fields = fields(rest)?;
                if name.is_empty() {
                    return Some(Node::Walk(walked(fields)));
                }
                let variable = self.resolve(name);
                self.note_free(&variable, fields.clone(), first.at);
                Some(Node::VariableWalk(Box::new((variable, walked(fields)))))
            }
            _ => None,
        }
    }

    /// The fields of a variable from outside that a path begins with, as one walk, and the steps behind them, of which
    /// there is at least one.
    fn leading_walk(&self, steps: &'t [Id]) -> Option<(Node, &'t [Id])> {
        let (first, rest) = steps.split_first()?;
        let first = self.ast(*first);
        let Kind::Variable(name) = &first.kind else {
            return None;
        };
        let variable = self.resolve(name);
        let from_outside = variable.places.is_empty() && variable.builtin.is_none();
        if !is_bare_step(first) || name.is_empty() || name == "$" || !from_outside {
            return None;
        }
        let (_, walkable) = rest.split_last()?;
        let field = |id: &Id| match &self.ast(*id).kind {
            Kind::Name(name) if is_bare_step(self.ast(*id)) => Some(name.clone()),
            _ => None,
        };
        let fields = walkable.iter().map_while(field).map(Field::from);
        let fields: Box<[Field]> = fields.collect();
        let behind = rest.get(fields.len()..)?;
        (!fields.is_empty()).then(|| (Node::VariableWalk(Box::new((variable, fields))), behind))
    }

    /// Notes which fields of a variable from outside a path begins with.
    fn note_first(&mut self, steps: &[Id]) {
        let Some((first, rest)) = steps.split_first() else {
            return;
        };
        let first = self.ast(*first);
        let Kind::Variable(name) = &first.kind else {
            return;
        };
        if name.is_empty() || name == "$" || !first.predicates.is_empty() {
            return;
        }
        let mut fields = Vec::new();
        for step in rest {
            let ast = self.ast(*step);
            let Kind::Name(name) = &ast.kind else { break };
            fields.push(name.clone());
            if !is_bare_step(ast) {
                break;
            }
        }
        let variable: Variable = self.resolve(name);
        self.note_free(&variable, fields, first.at);
    }

    fn step(&mut self, id: Id, names: &[Text]) -> Result<Step, Refusal> {
        let ast = self.ast(id);
        let slot = |name: &Text| names.iter().position(|known| known == name);
        let kind = match &ast.kind {
            Kind::Name(name) => StepKind::Field(name.clone()),
            Kind::Sort(terms) => {
                let terms = terms
                    .iter()
                    .map(|(term, descends)| Ok((self.node(*term)?, *descends)));
                StepKind::Sort(terms.collect::<Result<_, Refusal>>()?)
            }
            Kind::Variable(name)
                if !name.is_empty() && name != "$" && ast.predicates.is_empty() =>
            {
                let variable = self.resolve(name);
                StepKind::Node(self.add(Node::Variable(variable)))
            }
            _ => StepKind::Node(self.node(id)?),
        };
        let mut stages = Vec::with_capacity(ast.step.stages.len());
        for stage in &ast.step.stages {
            stages.push(match stage {
                StageAst::Filter(predicate) => self.filter(*predicate)?,
                StageAst::Index(name) => {
                    Stage::Index(slot(name).expect("the names of a path hold those of its steps"))
                }
            });
        }
        Ok(Step {
            kind,
            constructs: ast.constructs,
            stages: stages.into(),
            focus: ast.step.focus.as_ref().and_then(slot),
            index: ast.step.index.as_ref().and_then(slot),
            parents: ast.step.parents.iter().filter_map(slot).collect(),
            keep_array: ast.keep_array,
            carries: ast.step.binds && matches!(ast.kind, Kind::Block(_) | Kind::Path { .. }),
        })
    }
}

/// Whether nothing stands behind a step.
fn is_bare_step(ast: &Ast) -> bool {
    super::is_bare(ast) && ast.step.stages.is_empty() && !ast.step.binds
}

fn walked(fields: Vec<Text>) -> Box<[Field]> {
    fields.into_iter().map(Field::from).collect()
}
