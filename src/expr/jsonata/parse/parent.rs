//! What `%` is the parent of, found out while the tree grows.
//!
//! A `%` seeks the step whose input it stands for: it goes back through the steps of its path, and out of the
//! expression it is in, until it has passed as many steps as there are `%` in a row.

use super::ast::{Id, Kind, Seeker};
use super::{Parser, Refusal};

impl Parser<'_> {
    /// Lets what the last step of a path seeks go back through the steps before it.
    pub(super) fn resolve_parents(&mut self, path: Id) -> Result<(), Refusal> {
        let steps = self.steps(path);
        let Some((last, before)) = steps.split_last() else {
            return Ok(());
        };
        let seekers = std::mem::take(&mut self.node_mut(*last).seeking);
        for mut seeker in seekers {
            let mut left = before;
            while seeker.level > 0 {
                let Some((mut step, mut rest)) = left.split_last() else {
                    break;
                };
                // Steps in a row that bind their focus all have the same input.
                while self.node(*step).step.focus.is_some()
                    && let Some((earlier, more)) = rest.split_last()
                    && self.node(*earlier).step.focus.is_some()
                {
                    (step, rest) = (earlier, more);
                }
                self.seek(*step, &mut seeker)?;
                left = rest;
            }
            if seeker.level > 0 {
                self.node_mut(path).seeking.push(seeker);
            }
        }
        Ok(())
    }

    /// Lets what a predicate seeks look at the step it is of; the rest of it is sought further out.
    pub(super) fn predicate_parents(
        &mut self,
        owner: Id,
        step: Id,
        predicate: Id,
    ) -> Result<(), Refusal> {
        for mut seeker in std::mem::take(&mut self.node_mut(predicate).seeking) {
            if seeker.level == 1 {
                self.seek(step, &mut seeker)?;
            } else {
                seeker.level -= 1;
            }
            if seeker.level > 0 {
                // A predicate is resolved with its step where the step joins a path.
                let place = if owner == step { owner } else { step };
                self.node_mut(place).seeking.push(seeker);
            }
        }
        Ok(())
    }

    /// Goes back through one node. Recursion is bounded by the height of the tree.
    fn seek(&mut self, id: Id, seeker: &mut Seeker) -> Result<(), Refusal> {
        let node = self.node_mut(id);
        match &node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                seeker.level -= 1;
                if seeker.level == 0 {
                    node.step.parents.push(seeker.name.clone());
                    node.step.binds = true;
                }
                Ok(())
            }
            Kind::Parent(_) => {
                seeker.level += 1;
                Ok(())
            }
            Kind::Block(expressions) => {
                let last = expressions.last().copied();
                if let Some(last) = last {
                    node.step.binds = true;
                    self.seek(last, seeker)?;
                }
                Ok(())
            }
            Kind::Path { steps, .. } => {
                let steps = steps.clone();
                node.step.binds = true;
                for step in steps.into_iter().rev() {
                    if seeker.level == 0 {
                        break;
                    }
                    self.seek(step, seeker)?;
                }
                Ok(())
            }
            _ => Err(underivable(node.at)),
        }
    }
}

pub(super) fn underivable(at: usize) -> Refusal {
    Refusal::new(
        "S0217",
        "The object representing the 'parent' cannot be derived from this expression",
        at,
    )
}
