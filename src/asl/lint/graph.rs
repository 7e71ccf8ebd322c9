//! The states of one block and the ways between them, without the ways that are never taken.

use std::collections::HashMap;

use super::handlers;
use crate::asl::source::{Json, Member, Node};

/// One block.
pub(super) struct Graph<'n> {
    /// In the order of the text.
    pub(super) states: Vec<State<'n>>,
    pub(super) start: Option<usize>,
}

/// One state, and where it leads.
pub(super) struct State<'n> {
    member: &'n Member,
    /// Whether its expressions are JSONata.
    pub(super) is_jsonata: bool,
    /// Whether it may end its block, or fail for want of a matching rule.
    ends: bool,
    next: Vec<usize>,
}

impl<'n> Graph<'n> {
    /// The graph of the machine `root` itself, of a branch of it or of an iterator.
    pub(super) fn of(container: &'n Node, root: &'n Node) -> Self {
        let members = container.get("States").map_or(&[][..], Node::members);
        let ids: HashMap<&str, usize> = members
            .iter()
            .enumerate()
            .map(|(i, member)| (member.key.as_str(), i))
            .collect();
        let id = |node: Option<&Node>| {
            let name = node.and_then(Node::as_text)?;
            ids.get(name.as_str()).copied()
        };
        let machine = text(root, "QueryLanguage");
        let states = members
            .iter()
            .map(|member| {
                let language = text(&member.value, "QueryLanguage").or(machine);
                let mut state = State {
                    member,
                    is_jsonata: language == Some("JSONata"),
                    ends: false,
                    next: Vec::new(),
                };
                state.ends = state.may_end();
                state.next = state.targets().into_iter().filter_map(id).collect();
                state
            })
            .collect();
        Self {
            states,
            start: id(container.get("StartAt")),
        }
    }

    /// Which states can be reached from `start`, itself among them.
    pub(super) fn reached_from(&self, start: usize) -> Vec<bool> {
        let next: Vec<&[usize]> = self.states.iter().map(|s| s.next.as_slice()).collect();
        flood(&next, [start])
    }

    /// From which states an end can be reached.
    pub(super) fn can_end(&self) -> Vec<bool> {
        let mut before = vec![Vec::new(); self.states.len()];
        for (from, state) in self.states.iter().enumerate() {
            for to in &state.next {
                if let Some(before) = before.get_mut(*to) {
                    before.push(from);
                }
            }
        }
        let before: Vec<&[usize]> = before.iter().map(Vec::as_slice).collect();
        let ends = self.states.iter().enumerate().filter(|(_, s)| s.ends);
        flood(&before, ends.map(|(i, _)| i))
    }

    /// The largest sets of states, each in order, in which every state can be reached from every other on a way of at
    /// least one step through `among` alone.
    ///
    /// Two depth-first searches give them (Kosaraju): one that orders states by when they were left, and one backwards.
    pub(super) fn loops(&self, among: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let among: Vec<bool> = (0..self.states.len()).map(among).collect();
        let among = |i: usize| among.get(i) == Some(&true);
        let edges = |reverse: bool| {
            let mut edges = vec![Vec::new(); self.states.len()];
            for (from, state) in self.states.iter().enumerate().filter(|(i, _)| among(*i)) {
                for to in state.next.iter().copied().filter(|to| among(*to)) {
                    let (from, to) = if reverse { (to, from) } else { (from, to) };
                    if let Some(out) = edges.get_mut(from) {
                        out.push(to);
                    }
                }
            }
            edges
        };
        let (forwards, backwards) = (edges(false), edges(true));
        let mut met = vec![false; self.states.len()];
        let mut left = Vec::new();
        for i in (0..self.states.len()).filter(|i| among(*i)) {
            left.extend(left_from(&forwards, i, &mut met));
        }
        let mut met = vec![false; self.states.len()];
        let mut loops = Vec::new();
        for i in left.into_iter().rev() {
            let mut found = left_from(&backwards, i, &mut met);
            found.sort_unstable();
            let leads_to_itself = |i: &usize| forwards.get(*i).is_some_and(|to| to.contains(i));
            if found.len() > 1 || found.first().is_some_and(leads_to_itself) {
                loops.push(found);
            }
        }
        loops.sort_unstable();
        loops
    }

    /// Whether a way leads out of `states`, which are in order.
    pub(super) fn leads_out_of(&self, states: &[usize]) -> bool {
        states
            .iter()
            .filter_map(|i| self.states.get(*i))
            .flat_map(|state| &state.next)
            .any(|to| states.binary_search(to).is_err())
    }
}

impl<'n> State<'n> {
    pub(super) fn name(&self) -> &'n str {
        &self.member.key
    }

    pub(super) fn node(&self) -> &'n Node {
        &self.member.value
    }

    /// The byte of the text where its name stands.
    pub(super) fn key_start(&self) -> usize {
        self.member.key_span.start
    }

    pub(super) fn is_choice(&self) -> bool {
        text(self.node(), "Type") == Some("Choice")
    }

    fn may_end(&self) -> bool {
        let node = self.node();
        match text(node, "Type") {
            Some("Succeed" | "Fail") => true,
            Some("Choice") => node.get("Default").is_none(),
            _ => matches!(node.get("End").map(|n| &n.json), Some(Json::Bool(true))),
        }
    }

    /// The names of where it leads, each a `Next` or a `Default`.
    fn targets(&self) -> Vec<Option<&'n Node>> {
        let node = self.node();
        if !self.is_choice() {
            let caught = handlers::live_catchers(node).map(|catcher| catcher.get("Next"));
            return std::iter::once(node.get("Next")).chain(caught).collect();
        }
        let mut targets = Vec::new();
        for rule in elements(node, "Choices") {
            targets.push(rule.get("Next"));
            if self.is_jsonata && is_always_true(rule) {
                return targets;
            }
        }
        targets.push(node.get("Default"));
        targets
    }
}

fn is_always_true(rule: &Node) -> bool {
    match rule.get("Condition").map(|condition| &condition.json) {
        Some(Json::Bool(value)) => *value,
        Some(Json::String(text)) => {
            let inner = text.strip_prefix("{%").and_then(|t| t.strip_suffix("%}"));
            inner.is_some_and(|inner| inner.trim() == "true")
        }
        _ => false,
    }
}

pub(super) fn text<'n>(object: &'n Node, name: &str) -> Option<&'n str> {
    object.get(name)?.as_text().map(|text| text.as_str())
}

pub(super) fn elements<'n>(object: &'n Node, name: &str) -> &'n [Node] {
    match object.get(name).map(|node| &node.json) {
        Some(Json::Array(elements)) => elements,
        _ => &[],
    }
}

/// What can be reached over `next` from any of `starts`.
fn flood(next: &[&[usize]], starts: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut reached = vec![false; next.len()];
    let mut frontier: Vec<usize> = starts.into_iter().collect();
    while let Some(at) = frontier.pop() {
        match reached.get_mut(at) {
            Some(is_reached) if !*is_reached => *is_reached = true,
            _ => continue,
        }
        frontier.extend(next.get(at).copied().unwrap_or_default());
    }
    reached
}

/// What a depth-first search from `start` newly meets, in the order in which it leaves it.
fn left_from(next: &[Vec<usize>], start: usize, met: &mut [bool]) -> Vec<usize> {
    let mut meet = |at: usize| {
        met.get_mut(at)
            .is_some_and(|met| !std::mem::replace(met, true))
    };
    let mut left = Vec::new();
    let mut path = Vec::new();
    if meet(start) {
        path.push((start, 0));
    }
    while let Some((at, tried)) = path.last_mut() {
        let following = next.get(*at).and_then(|next| next.get(*tried));
        *tried += 1;
        match following {
            Some(to) if meet(*to) => path.push((*to, 0)),
            Some(_) => {}
            None => {
                left.push(*at);
                path.pop();
            }
        }
    }
    left
}
