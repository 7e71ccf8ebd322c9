//! Which state leads to which.

use super::program::{Kind, Next, Program, State, StateId};

impl Program {
    /// Every way from one state to another, in the order of the text: `Next`, the rules of a Choice and its `Default`, and
    /// `Next` of catchers. Into and out of branches and iterations none leads.
    #[must_use]
    pub fn transitions(&self) -> Vec<(StateId, StateId)> {
        let mut all = Vec::new();
        for (at, state) in self.states().iter().enumerate() {
            let from = StateId(u32::try_from(at).expect("a program has fewer states"));
            all.extend(targets(state).into_iter().map(|to| (from, to)));
        }
        all
    }
}

fn targets(state: &State) -> Vec<StateId> {
    let mut targets = Vec::new();
    if let Next::State(next) = state.next {
        targets.push(next);
    }
    let catchers = match &state.kind {
        Kind::Choice(choice) => {
            targets.extend(choice.rules.iter().map(|rule| rule.next));
            targets.extend(choice.default);
            return targets;
        }
        Kind::Task(task) => &task.catch,
        Kind::Map(map) => &map.catch,
        Kind::Parallel(parallel) => &parallel.catch,
        Kind::Pass(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => return targets,
    };
    targets.extend(catchers.iter().map(|catcher| catcher.next));
    targets
}
