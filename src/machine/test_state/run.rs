//! One state, driven through its turns by hand.

use super::answer::{ErrorDetails, InspectionData, TestStateAnswer, TestStatus};
use super::mock::MockAnswer;
use super::subject::Subject;
use super::{TestStateRequest, context};
use crate::asl::{Catcher, Kind, Next, Resource, Retrier, State};
use crate::history::EventType;
use crate::machine::core::Core;
use crate::machine::exit::Exit;
use crate::machine::flow::Flow;
use crate::machine::fork::Fork;
use crate::machine::frame::{Frame, Phase};
use crate::machine::problem::{Problem, executing};
use crate::machine::step::Turn;
use crate::machine::{Effect, Options, TaskCall, TaskError, TaskResult, Timestamp, states};
use crate::value::{ObjectBuilder, Value};

/// How a test goes on.
pub(super) struct Test<'t> {
    pub(super) request: &'t TestStateRequest<'t>,
    pub(super) subject: &'t Subject,
    pub(super) inspection: InspectionData,
}

/// Runs the state.
pub(super) fn run(
    request: &TestStateRequest<'_>,
    subject: &Subject,
    mock: Option<MockAnswer>,
    options: Options,
    now: Timestamp,
    work: impl FnOnce(&Resource, &TaskCall) -> TaskResult,
) -> TestStateAnswer {
    let context = context::build(request, subject, &options, now);
    let deadline = now.plus_millis(options.limits.duration_ms);
    let mut core = Core::new(options, request.input.clone(), now, deadline);
    core.inspection = Some(Box::default());
    let mut frame = Frame::new(subject.id, request.input.clone());
    let variables = request.variables.as_object();
    for (name, value) in variables.iter().flat_map(|object| object.iter()) {
        if let Some(slot) = subject.program.variables.find(name) {
            frame.variables.set(slot, value.clone());
        }
    }
    let mut effects = Vec::new();
    let mut flow = Flow {
        program: &subject.program,
        core: &mut core,
        frame: &mut frame,
        now,
        effects: &mut effects,
    };
    // Texts of errors count the beginning of the execution.
    flow.record(EventType::ExecutionStarted, |_| {});

    let mut test = Test {
        request,
        subject,
        inspection: InspectionData {
            input: Some(request.input.clone()),
            ..InspectionData::default()
        },
    };
    let state = subject.state();
    let entered = flow.enter(state).and_then(|()| {
        flow.frame.context = context.map_err(|why| flow.runtime(why.to_string(), state))?;
        Ok(())
    });
    let turn = match entered {
        Ok(()) => test.turn(&mut flow, state, mock, work),
        Err(problem) => Turn::Fail(problem),
    };
    test.end(&mut flow, state, turn)
}

impl Test<'_> {
    /// All turns of the state until it has a result or a problem.
    fn turn(
        &mut self,
        flow: &mut Flow<'_>,
        state: &State,
        mock: Option<MockAnswer>,
        work: impl FnOnce(&Resource, &TaskCall) -> TaskResult,
    ) -> Turn {
        if let Some(items) = &self.request.configuration.map_item_reader_data
            && self.subject.field("ItemReader").is_some()
        {
            let forked = self.fork_over(flow, state, items.clone());
            if let Err(problem) = forked {
                return Turn::Fail(problem);
            }
        } else {
            let turn = states::enter(flow, state);
            let is_map = matches!(state.kind, Kind::Map(_));
            if is_map && matches!(turn, Turn::Leave(_)) {
                // It has no items, and is done; the mock has another result.
                flow.core.inspection = Some(Box::default());
                if let Err(problem) = self.fork_over(flow, state, Value::default()) {
                    return Turn::Fail(problem);
                }
            } else if !matches!(turn, Turn::Park) {
                return turn;
            }
        }
        match flow.frame.phase {
            Phase::Calling { .. } => {
                let call = flow.effects.iter().find_map(|effect| {
                    if let Effect::Call(call) = effect {
                        Some(call.clone())
                    } else {
                        None
                    }
                });
                let (Kind::Task(task), Some(call)) = (&state.kind, call) else {
                    unreachable!("only a Task state calls, and it says so");
                };
                match state.is_jsonata {
                    true => self.inspection.after_arguments = Some(call.payload.clone()),
                    false => self.inspection.after_parameters = Some(call.payload.clone()),
                }
                let result = match mock {
                    Some(mock) => mock.into(),
                    None => work(&task.resource, &call),
                };
                if let TaskResult::Succeeded(result) = &result {
                    self.inspection.result = Some(result.clone());
                }
                states::task_ended(flow, state, result)
            }
            Phase::Forked => self.join(flow, state, mock),
            Phase::Waiting { .. } => states::wait_ended(flow, state),
            Phase::Entering | Phase::BackingOff { .. } => {
                unreachable!("a state that has its first turn neither enters nor backs off")
            }
        }
    }

    /// A Map over what its reader has read.
    fn fork_over(
        &mut self,
        flow: &mut Flow<'_>,
        state: &State,
        items: Value,
    ) -> Result<(), Problem> {
        let items = self.pointed(items)?;
        let length = items.as_array().map_or(0, <[Value]>::len);
        let input = flow.effective_input(state)?;
        let bytes_max = flow.core.options.limits.payload_bytes_max;
        let fork = Fork::new(input, items, length, length, bytes_max);
        flow.frame.fork = Some(Box::new(fork));
        flow.frame.phase = Phase::Forked;
        Ok(())
    }

    /// The mock stands for all branches or iterations.
    fn join(&mut self, flow: &mut Flow<'_>, state: &State, mock: Option<MockAnswer>) -> Turn {
        if let Kind::Map(map) = &state.kind
            && let Err(problem) = self.inspect_map(flow, state, map)
        {
            return Turn::Fail(problem);
        }
        match mock.map(TaskResult::from) {
            Some(TaskResult::Succeeded(result)) => match self.exceeds_threshold(flow) {
                true => Turn::Fail(Problem::new(
                    "States.ExceedToleratedFailureThreshold",
                    "The specified tolerated failure threshold was exceeded",
                )),
                false => states::delivered(flow, state, result),
            },
            Some(TaskResult::Failed(TaskError { error, cause })) => Turn::Fail(Problem {
                error: Some(error),
                cause,
                query: None,
            }),
            Some(TaskResult::TimedOut) | None => unreachable!("a fork is tested with a mock"),
        }
    }

    /// Whether more iterations have failed than may. A Map that says nothing of it is not asked.
    fn exceeds_threshold(&self, flow: &Flow<'_>) -> bool {
        let Some(failed) = self.request.configuration.map_iteration_failure_count else {
            return false;
        };
        let failed = failed as f64;
        let number = |value: &Option<Value>| Some(value.as_ref()?.as_number()?.as_f64());
        let items = flow.frame.fork.as_deref();
        let items = items
            .and_then(|fork| fork.items.as_array())
            .map_or(0, <[Value]>::len);
        let percentage = 100.0 * failed / items.max(1) as f64;
        let exceeds = |found: f64, bound: Option<f64>| bound.is_some_and(|bound| found > bound);
        exceeds(failed, number(&self.inspection.tolerated_failure_count))
            || exceeds(
                percentage,
                number(&self.inspection.tolerated_failure_percentage),
            )
    }

    fn end(mut self, flow: &mut Flow<'_>, state: &State, turn: Turn) -> TestStateAnswer {
        // Before catchers put their own data into it.
        self.inspect_data(flow, state);
        let (status, exit, problem) = match turn {
            Turn::Leave(exit) => (TestStatus::Succeeded, Some(exit), None),
            Turn::End(problem) => (TestStatus::Failed, None, Some(problem)),
            Turn::Fail(mut problem) => {
                // There is no history, so causes do not speak of it (recorded).
                let beginning = executing(&state.name, flow.frame.entered_id, "");
                let cause = problem.cause.as_deref();
                if let Some(rest) = cause.and_then(|cause| cause.strip_prefix(&*beginning)) {
                    problem.cause = Some(rest.to_owned());
                }
                self.recover(flow, state, problem)
            }
            Turn::Park => unreachable!("nothing is waited for"),
        };
        self.inspection.variables = self.variables(exit.as_ref());
        let (error, cause) = problem.map_or((None, None), |p| (p.error, p.cause));
        let next = exit.as_ref().map(|exit| exit.next);
        TestStateAnswer {
            status,
            output: exit.map(|exit| exit.output),
            error,
            cause,
            next_state: match next {
                Some(Next::State(id)) => Some(flow.program.state(id).name.clone()),
                Some(Next::End) | None => None,
            },
            inspection: self.inspection,
        }
    }

    /// Asks retriers and catchers.
    fn recover(
        &mut self,
        flow: &mut Flow<'_>,
        state: &State,
        problem: Problem,
    ) -> (TestStatus, Option<Exit>, Option<Problem>) {
        let (retry, catch) = handlers(&state.kind);
        let retry_index = retry
            .iter()
            .position(|retrier| problem.is_named_by(&retrier.error_equals));
        let spent = self.request.configuration.retrier_retry_count.unwrap_or(0);
        flow.frame.retries = vec![spent; retry.len()];
        let mut details = ErrorDetails {
            retry_index,
            ..ErrorDetails::default()
        };
        let recovered = states::recover(flow, state, problem.clone());
        let ended = match recovered {
            Ok(Turn::Leave(exit)) => {
                let mut catchers = catch.iter();
                details.catch_index =
                    catchers.position(|catcher| problem.is_named_by(&catcher.error_equals));
                (TestStatus::CaughtError, Some(exit), Some(problem))
            }
            Ok(_) => {
                if let Phase::BackingOff { until, .. } = flow.frame.phase {
                    let delay_ms = until.as_millis() - flow.now.as_millis();
                    details.retry_backoff_seconds = Some(delay_ms as f64 / 1000.0);
                }
                (TestStatus::Retriable, None, Some(problem))
            }
            Err(problem) => (TestStatus::Failed, None, Some(problem)),
        };
        self.inspection.error_details = details;
        ended
    }

    /// What was seen of the data. Only states in JSONPath show it, and each type what it has.
    fn inspect_data(&mut self, flow: &mut Flow<'_>, state: &State) {
        let seen = flow.core.inspection.take().unwrap_or_default();
        if state.is_jsonata {
            return;
        }
        let inspection = &mut self.inspection;
        inspection.after_input_path = seen.input_path.into_inner();
        inspection.after_result_selector = seen.result_selector.into_inner();
        inspection.after_result_path = seen.result_path.into_inner();
        match &state.kind {
            Kind::Pass(pass) => match &pass.result {
                // A literal takes the place of the input.
                Some(literal) => {
                    inspection.after_input_path = None;
                    inspection.result = Some(literal.clone());
                }
                None => inspection
                    .after_parameters
                    .clone_from(&inspection.after_result_selector),
            },
            // Its texts are read from the whole input.
            Kind::Fail(_) => inspection.after_input_path = Some(self.request.input.clone()),
            Kind::Task(_)
            | Kind::Choice(_)
            | Kind::Wait(_)
            | Kind::Succeed
            | Kind::Parallel(_)
            | Kind::Map(_) => {}
        }
    }

    /// The given variables and what the state assigns; none if there are none.
    fn variables(&self, exit: Option<&Exit>) -> Option<Value> {
        let assigned = exit.and_then(|exit| exit.assigned.as_ref());
        let assigned = assigned.and_then(|assigned| assigned.values.as_object());
        let given = self.request.variables.as_object();
        let mut all = ObjectBuilder::with_capacity(4);
        let mut is_empty = true;
        for (name, value) in given
            .iter()
            .chain(&assigned)
            .flat_map(|object| object.iter())
        {
            all.insert(name.clone(), value.clone());
            is_empty = false;
        }
        let all = all.finish().ok();
        all.filter(|_| !is_empty)
    }
}

fn handlers(kind: &Kind) -> (&[Retrier], &[Catcher]) {
    match kind {
        Kind::Task(task) => (&task.retry, &task.catch),
        Kind::Parallel(parallel) => (&parallel.retry, &parallel.catch),
        Kind::Map(map) => (&map.retry, &map.catch),
        Kind::Pass(_) | Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => {
            (&[], &[])
        }
    }
}

impl From<MockAnswer> for TaskResult {
    fn from(answer: MockAnswer) -> Self {
        match answer {
            MockAnswer::Result(result) => Self::Succeeded(result),
            MockAnswer::Error { error, cause } => Self::Failed(TaskError { error, cause }),
        }
    }
}
