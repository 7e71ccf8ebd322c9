//! What can follow an expression: operators, steps, predicates, calls and bindings.

use super::ast::{Id, Kind, Operator, StageAst};
use super::prefix::flat;
use super::{Parser, Refusal, binding_power};
use crate::expr::jsonata::signature::Signature;
use crate::value::Text;

/// The most steps of a path. Each is looked at again for every one that follows.
const PATH_STEPS_MAX: usize = 1_000;

impl Parser<'_> {
    /// `symbol` at `at` is taken already.
    pub(super) fn postfix(
        &mut self,
        left: Id,
        symbol: &'static str,
        at: usize,
    ) -> Result<Id, Refusal> {
        match symbol {
            "." => {
                let right = self.expression(binding_power("."))?;
                self.step(left, right, at)
            }
            "[" => self.predicate(left, at),
            "{" => {
                if self.node(left).group.is_some() {
                    let message = "Each step can only have one grouping expression";
                    return Err(Refusal::new("S0210", message, at));
                }
                let pairs = self.pairs()?;
                for child in flat(&pairs) {
                    let mut seeking = std::mem::take(&mut self.node_mut(child).seeking);
                    self.node_mut(left).seeking.append(&mut seeking);
                }
                self.raise(left, &flat(&pairs), at)?;
                self.node_mut(left).group = Some(pairs);
                Ok(left)
            }
            "(" => self.call(left, at),
            "@" => self.focus(left, at),
            "#" => self.index(left, at),
            "^" => self.order(left, at),
            "?" => self.condition(left, at),
            ":=" => self.bind(left, at),
            "~>" => {
                let right = self.expression(binding_power("~>"))?;
                let keeps = self.node(left).keep_array || self.node(right).keep_array;
                let id = self.add(Kind::Apply(left, right), at, &[left, right])?;
                self.node_mut(id).keep_array = keeps;
                Ok(id)
            }
            other => self.operator(left, other, at),
        }
    }

    fn operator(&mut self, left: Id, symbol: &'static str, at: usize) -> Result<Id, Refusal> {
        let power = binding_power(symbol);
        let operator = Operator::of(symbol).expect("every other symbol that binds is an operator");
        let right = self.expression(power)?;
        let chained = matches!(&self.node(left).kind, Kind::Chain(_, rest)
            if rest.last().is_some_and(|(last, _)| binding_power(last.symbol()) == power))
            && self.node(left).predicates.is_empty();
        if !chained {
            return self.add(
                Kind::Chain(left, vec![(operator, right)]),
                at,
                &[left, right],
            );
        }
        let mut seeking = std::mem::take(&mut self.node_mut(right).seeking);
        self.raise(left, &[right], at)?;
        let node = self.node_mut(left);
        node.seeking.append(&mut seeking);
        if let Kind::Chain(_, rest) = &mut node.kind {
            rest.push((operator, right));
        }
        Ok(left)
    }

    /// Makes a node at least one higher than each of `children`.
    fn raise(&mut self, id: Id, children: &[Id], at: usize) -> Result<(), Refusal> {
        let height = children.iter().map(|child| self.node(*child).height).max();
        let height = height.unwrap_or(0) + 1;
        if height > super::NESTING_MAX {
            return Err(super::too_deep(at));
        }
        let node = self.node_mut(id);
        node.height = node.height.max(height);
        Ok(())
    }

    /// The node as a path, which it may have to become.
    fn path(&mut self, id: Id) -> Result<Id, Refusal> {
        if matches!(self.node(id).kind, Kind::Path { .. }) {
            return Ok(id);
        }
        let at = self.node(id).at;
        // What is behind a node that was no path says nothing of the path until a step follows.
        let path = Kind::Path {
            steps: vec![id],
            keeps_array: false,
        };
        self.add(path, at, &[id])
    }

    /// The last step of a path, or the node itself.
    fn last_step(&self, id: Id) -> Id {
        match &self.node(id).kind {
            Kind::Path { steps, .. } => steps.last().copied().unwrap_or(id),
            _ => id,
        }
    }

    fn push_steps(&mut self, path: Id, more: &[Id], keeps: bool, at: usize) -> Result<(), Refusal> {
        self.raise(path, more, at)?;
        if let Kind::Path { steps, keeps_array } = &mut self.node_mut(path).kind {
            steps.extend_from_slice(more);
            *keeps_array |= keeps;
            if steps.len() > PATH_STEPS_MAX {
                let message = format!("A path has more than {PATH_STEPS_MAX} steps");
                return Err(Refusal::new("S0500", message, at));
            }
        }
        Ok(())
    }

    fn step(&mut self, left: Id, right: Id, at: usize) -> Result<Id, Refusal> {
        let path = self.path(left)?;
        let kept = self.steps(path).iter().any(|id| self.node(*id).keep_array);
        let right_node = self.node_mut(right);
        if let Kind::Path { steps, keeps_array } = &right_node.kind {
            let (steps, keeps) = (steps.clone(), kept || *keeps_array);
            self.push_steps(path, &steps, keeps, at)?;
        } else {
            let predicates = std::mem::take(&mut right_node.predicates);
            let stages = predicates.into_iter().map(StageAst::Filter);
            right_node.step.stages = stages.chain(right_node.step.stages.drain(..)).collect();
            let keeps = kept || right_node.keep_array;
            self.push_steps(path, &[right], keeps, at)?;
        }
        self.name_literals(path);
        self.mark_constructors(path);
        self.resolve_parents(path)?;
        Ok(path)
    }

    /// A string is a quoted name where a step is expected; another literal is none.
    fn name_literals(&mut self, path: Id) {
        for step in self.steps(path) {
            let node = self.node_mut(step);
            let Kind::Literal(value) = &node.kind else {
                continue;
            };
            match value.as_text() {
                Some(name) => node.kind = Kind::Name(name.clone()),
                None => {
                    let value = value.to_json();
                    let message = format!(
                        "The literal value {value} cannot be used as a step within a path expression"
                    );
                    let refusal = Refusal::new("S0213", message, node.at);
                    self.deferred.get_or_insert(refusal);
                }
            }
        }
    }

    fn mark_constructors(&mut self, path: Id) {
        let steps = self.steps(path);
        for end in [steps.first(), steps.last()].into_iter().flatten() {
            let node = self.node_mut(*end);
            if matches!(node.kind, Kind::Array(_)) {
                node.constructs = true;
            }
        }
    }

    pub(super) fn steps(&self, path: Id) -> Vec<Id> {
        match &self.node(path).kind {
            Kind::Path { steps, .. } => steps.clone(),
            _ => Vec::new(),
        }
    }

    fn predicate(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let step = self.last_step(left);
        if self.takes("]")? {
            self.node_mut(step).keep_array = true;
            if let Kind::Path { keeps_array, .. } = &mut self.node_mut(left).kind {
                *keeps_array = true;
            }
            return Ok(left);
        }
        let predicate = self.expression(0)?;
        self.expect("]")?;
        if self.node(left).group.is_some() || self.node(step).group.is_some() {
            let message = "A predicate cannot follow a grouping expression in a step";
            return Err(Refusal::new("S0209", message, at));
        }
        self.predicate_parents(left, step, predicate)?;
        self.raise(left, &[predicate], at)?;
        let node = self.node_mut(step);
        if step == left {
            node.predicates.push(predicate);
        } else {
            node.step.stages.push(StageAst::Filter(predicate));
        }
        Ok(left)
    }

    fn call(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let mut arguments = Vec::new();
        if !self.is(")") {
            loop {
                let place = self.at;
                arguments.push(if self.takes("?")? {
                    self.add(Kind::Placeholder, place, &[])?
                } else {
                    self.expression(0)?
                });
                if !self.takes(",")? {
                    break;
                }
            }
        }
        if self.is(")") && self.names_function(left) {
            return self.lambda(&arguments, at);
        }
        self.expect(")")?;
        // What a function's place seeks is never found.
        self.node_mut(left).seeking.clear();
        let mut children = vec![left];
        children.extend_from_slice(&arguments);
        self.add(Kind::Call(left, arguments), at, &children)
    }

    fn names_function(&self, id: Id) -> bool {
        let steps = self.steps(id);
        let [step] = steps.as_slice() else {
            return false;
        };
        matches!(&self.node(*step).kind, Kind::Name(name) if name == "function" || name == "λ")
    }

    /// The next token is the `)` behind the parameters.
    fn lambda(&mut self, arguments: &[Id], at: usize) -> Result<Id, Refusal> {
        let mut parameters = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let Kind::Variable(name) = &self.node(*argument).kind else {
                let message = format!(
                    "Parameter {} of function definition must be a variable name (start with $)",
                    position + 1
                );
                return Err(Refusal::new("S0208", message, self.node(*argument).at));
            };
            parameters.push(name.clone());
        }
        self.advance()?;
        let mut signature = None;
        if self.is("<") {
            let text = self.lexer.signature(self.at);
            let parsed = Signature::parse(&text);
            let refused = |(code, message)| Refusal::new(code, message, self.at);
            signature = Some(parsed.map_err(refused)?);
            self.advance()?;
        }
        self.expect("{")?;
        let body = self.expression(0)?;
        self.expect("}")?;
        let kind = Kind::Lambda {
            parameters,
            signature,
            body,
        };
        self.add(kind, at, &[body])
    }

    /// The variable behind `@` or `#`.
    fn variable_behind(&mut self, symbol: &str, at: usize) -> Result<Text, Refusal> {
        let right = self.expression(binding_power(symbol))?;
        if let Kind::Variable(name) = &self.node(right).kind {
            return Ok(name.clone());
        }
        let message =
            format!("The right side of {symbol:?} must be a variable name (start with $)");
        Err(Refusal::new("S0214", message, at))
    }

    fn focus(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let name = self.variable_behind("@", at)?;
        let step = self.last_step(left);
        let node = self.node_mut(step);
        if !node.step.stages.is_empty() || !node.predicates.is_empty() {
            let message = "A context variable binding must precede any predicates on a step";
            return Err(Refusal::new("S0215", message, at));
        }
        if matches!(node.kind, Kind::Sort(_)) {
            let message = "A context variable binding must precede the 'order-by' clause on a step";
            return Err(Refusal::new("S0216", message, at));
        }
        node.step.focus = Some(name);
        node.step.binds = true;
        Ok(left)
    }

    fn index(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let name = self.variable_behind("#", at)?;
        let path = self.path(left)?;
        let step = self.last_step(path);
        let node = self.node_mut(step);
        let predicates = std::mem::take(&mut node.predicates);
        node.step
            .stages
            .extend(predicates.into_iter().map(StageAst::Filter));
        if node.step.stages.is_empty() {
            node.step.index = Some(name);
        } else {
            node.step.stages.push(StageAst::Index(name));
        }
        node.step.binds = true;
        Ok(path)
    }

    fn order(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        self.expect("(")?;
        let mut terms = Vec::new();
        loop {
            let descends = self.takes(">")?;
            if !descends {
                self.takes("<")?;
            }
            terms.push((self.expression(0)?, descends));
            if !self.takes(",")? {
                break;
            }
        }
        self.expect(")")?;
        let path = self.path(left)?;
        let children: Vec<Id> = terms.iter().map(|(term, _)| *term).collect();
        let step = self.add(Kind::Sort(terms), at, &children)?;
        self.push_steps(path, &[step], false, at)?;
        self.resolve_parents(path)?;
        Ok(path)
    }

    fn condition(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let then = self.expression(0)?;
        let mut children = vec![left, then];
        let otherwise = if self.takes(":")? {
            let otherwise = self.expression(0)?;
            children.push(otherwise);
            Some(otherwise)
        } else {
            None
        };
        self.add(Kind::Condition(left, then, otherwise), at, &children)
    }

    fn bind(&mut self, left: Id, at: usize) -> Result<Id, Refusal> {
        let node = self.node(left);
        let name = match &node.kind {
            Kind::Variable(name) if node.predicates.is_empty() && node.group.is_none() => {
                name.clone()
            }
            _ => {
                let message = "The left side of := must be a variable name (start with $)";
                return Err(Refusal::new("S0212", message, at));
            }
        };
        let right = self.expression(binding_power(":=") - 1)?;
        self.add(Kind::Bind(name, right), at, &[right])
    }
}
