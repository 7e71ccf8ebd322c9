//! A `States` block: the machine's own, or that of a branch or an iterator. Names, `StartAt`, targets, reachability.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::report::Fault;
use super::{Compiler, StateId, code};
use crate::asl::nearest::nearest;
use crate::asl::source::{Json, Member, Node};

/// The longest name of a state, in characters.
const NAME_CHARS_MAX: usize = 80;

/// What is assigned within a state that holds blocks.
pub(super) struct Inner {
    pub(super) state: StateId,
    /// Places in [`Compiler::assigned`].
    pub(super) assigned: Range<usize>,
}

/// What is known of the block at hand.
pub(super) struct Block<'s> {
    states: &'s [Member],
    ids: HashMap<&'s str, StateId>,
    /// Which state leads to which.
    edges: Vec<(StateId, StateId)>,
    /// What the blocks within its states assign.
    pub(super) inner: Vec<Inner>,
    /// Whether any state ends the workflow.
    pub(super) ends: bool,
    /// Whether the edges of all states are known.
    pub(super) is_understood: bool,
    /// Whether a target is no state. It may have been meant for any state that nothing leads to.
    misses_target: bool,
}

impl<'s> Compiler<'s> {
    /// Compiles the states of a block, and gives the one where it starts.
    pub(super) fn block(&mut self, container: &'s Node) -> Option<StateId> {
        let states = self.object(container, "States");
        let members = states.map_or(&[][..], Node::members);
        if let Some(states) = states.filter(|_| members.is_empty()) {
            self.report
                .push(Fault::schema(states, "Value cannot be empty"));
        }
        let mut block = Block {
            states: members,
            ids: members
                .iter()
                .map(|member| (member.key.as_str(), self.new_slot()))
                .collect(),
            edges: Vec::new(),
            inner: Vec::new(),
            ends: false,
            is_understood: true,
            misses_target: false,
        };
        let start = match members {
            [] => None,
            _ => self.target(container, "StartAt", &mut block),
        };
        let assigned_from = self.assigned.len();
        for member in members {
            self.name(member);
            // Of states with one name in one block the last one has the slot; the others are checked all the same.
            let id = block.ids.get(member.key.as_str()).copied()?;
            let state = self.state(member, id, &mut block);
            self.fill_slot(id, state);
        }
        if !members.is_empty() {
            self.graph(container, &block, start);
        }
        self.scopes(&block, assigned_from);
        start
    }

    /// Reports names that stand in more than one block: they must be unique in the whole machine.
    pub(super) fn unique_names(&mut self, root: &'s Node) {
        let mut seen = HashSet::new();
        let mut containers = vec![root];
        while let Some(container) = containers.pop() {
            let states = container.get("States").map_or(&[][..], Node::members);
            let mut own = HashSet::new();
            let mut inner = Vec::new();
            for member in states {
                if own.insert(member.key.as_str()) && seen.contains(member.key.as_str()) {
                    let message = format!("Duplicate State name: {}", member.key);
                    let fault = Fault::new(code::DUPLICATE_STATE_NAME, message).of(&member.value);
                    self.report.push(
                        fault
                            .at(member.key_span.start)
                            .hint("a state's name must be unique in the whole state machine"),
                    );
                }
                let state = &member.value;
                if let Some(Json::Array(branches)) = state.get("Branches").map(|n| &n.json) {
                    inner.extend(branches);
                }
                inner.extend(state.get("ItemProcessor"));
                inner.extend(state.get("Iterator"));
            }
            seen.extend(own);
            containers.extend(inner.into_iter().rev());
        }
    }

    /// The state that a field names.
    pub(super) fn target(
        &mut self,
        object: &'s Node,
        field: &str,
        block: &mut Block<'s>,
    ) -> Option<StateId> {
        let name = self.string(object, field)?;
        let id = block.ids.get(name.as_str()).copied();
        if id.is_none() {
            block.misses_target = true;
            let node = object.get(field)?;
            let names = block.states.iter().map(|member| member.key.as_str());
            let hint = nearest(name, names).map(|name| format!("did you mean '{name}'?"));
            // AWS writes 'Next' whatever the field is called.
            let message = format!("Missing 'Next' target: {name}");
            let fault = Fault::new(code::MISSING_TRANSITION_TARGET, message).of(node);
            self.report.push(fault.maybe_hint(hint));
        }
        id
    }

    fn name(&mut self, member: &Member) {
        let message = match member.key.chars().count() {
            0 => "State name cannot be empty".to_owned(),
            chars if chars > NAME_CHARS_MAX => {
                format!("State name cannot be longer than {NAME_CHARS_MAX} characters")
            }
            _ => return,
        };
        let fault = Fault::new(code::INVALID_STATE_NAME, message).of(&member.value);
        self.report.push(fault.at(member.key_span.start));
    }

    fn graph(&mut self, container: &'s Node, block: &Block<'s>, start: Option<StateId>) {
        if !block.ends && block.is_understood {
            let at = container
                .member("States")
                .map_or(container.span, |m| m.key_span);
            let fault = Fault::new(code::MISSING_END_STATE, "Workflow has no terminal state");
            self.report.push(fault.at(at.start).hint(
                "end it with a state of type Succeed or Fail, or with \"End\": true in a state",
            ));
            return;
        }
        let is_known = block.is_understood && !block.misses_target;
        let (Some(start), true) = (start, is_known) else {
            return;
        };
        let reached = block.reached_from(start);
        for member in block.states {
            let id = block.ids.get(member.key.as_str());
            if id.is_some_and(|id| !reached.contains(id)) {
                let message = format!("State \"{}\" is not reachable.", member.key);
                let fault = Fault::new(code::MISSING_TRANSITION_TARGET, message).of(&member.value);
                self.report.push(fault.at(member.key_span.start));
            }
        }
    }
}

impl Block<'_> {
    /// Notes that one state may lead to another.
    pub(super) fn edge(&mut self, from: StateId, to: StateId) {
        self.edges.push((from, to));
    }

    /// Notes what was assigned within the blocks of a state.
    pub(super) fn inner(&mut self, state: StateId, assigned: Range<usize>) {
        if !assigned.is_empty() {
            self.inner.push(Inner { state, assigned });
        }
    }

    /// The states of this block itself.
    pub(super) fn states(&self) -> HashSet<StateId> {
        let ids = self
            .states
            .iter()
            .map(|member| self.ids.get(member.key.as_str()));
        ids.flatten().copied().collect()
    }

    /// The states from which a way leads to this one; itself only if one leads around.
    pub(super) fn leading_to(&self, to: StateId) -> HashSet<StateId> {
        let mut before: HashMap<StateId, Vec<StateId>> = HashMap::new();
        for (from, to) in &self.edges {
            before.entry(*to).or_default().push(*from);
        }
        let mut leading = HashSet::new();
        let mut frontier = vec![to];
        while let Some(to) = frontier.pop() {
            for from in before.get(&to).into_iter().flatten() {
                if leading.insert(*from) {
                    frontier.push(*from);
                }
            }
        }
        leading
    }

    fn reached_from(&self, start: StateId) -> HashSet<StateId> {
        let mut next: HashMap<StateId, Vec<StateId>> = HashMap::new();
        for (from, to) in &self.edges {
            next.entry(*from).or_default().push(*to);
        }
        let mut reached = HashSet::from([start]);
        let mut frontier = vec![start];
        while let Some(from) = frontier.pop() {
            for to in next.get(&from).into_iter().flatten() {
                if reached.insert(*to) {
                    frontier.push(*to);
                }
            }
        }
        reached
    }
}
