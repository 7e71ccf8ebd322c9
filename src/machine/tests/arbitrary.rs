//! Arbitrary programs of nested Parallel and Map states against an evaluator that is nothing but recursion.

use proptest::prelude::*;
use serde_json::{Map as Object, Value as Json, json};

use super::virtual_run::run_from;
use super::*;

/// The deadline: no program meets it.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// A state. What takes time takes it in seconds; all failures have one name, so it does not matter which of two comes first.
#[derive(Clone, Debug)]
enum Node {
    /// Wraps its input.
    Pass,
    Wait(u64),
    /// Wraps its input, or fails.
    Task(u64, bool),
    Fail,
    Parallel(Vec<Vec<Self>>, bool),
    Map(Fan, Vec<Self>, bool),
}

/// How many items, and how many of them at once.
#[derive(Clone, Copy, Debug)]
struct Fan {
    items: usize,
    concurrency: usize,
}

/// States that follow each other, which hold others to a depth.
fn chain(depth: u32) -> BoxedStrategy<Vec<Node>> {
    let leaf = prop_oneof![
        4 => Just(Node::Pass),
        2 => (0_u64..4).prop_map(Node::Wait),
        4 => (0_u64..4, prop::bool::weighted(0.15)).prop_map(|(seconds, fails)| Node::Task(seconds, fails)),
        1 => Just(Node::Fail),
    ];
    let node = match depth.checked_sub(1) {
        None => leaf.boxed(),
        Some(depth) => {
            let branches = prop::collection::vec(chain(depth), 1..4);
            let parallel =
                (branches, any::<bool>()).prop_map(|(b, caught)| Node::Parallel(b, caught));
            let fan = (0_usize..6, 0_usize..4);
            let map = (fan, chain(depth), any::<bool>()).prop_map(
                |((items, concurrency), body, caught)| {
                    Node::Map(Fan { items, concurrency }, body, caught)
                },
            );
            prop_oneof![2 => leaf, 2 => parallel, 2 => map].boxed()
        }
    };
    let chain = prop::collection::vec(node, 1..4);
    // What follows a Fail state would not be reachable.
    let cut = |mut nodes: Vec<Node>| {
        let fail = nodes.iter().position(|node| matches!(node, Node::Fail));
        nodes.truncate(fail.map_or(nodes.len(), |at| at + 1));
        nodes
    };
    chain.prop_map(cut).boxed()
}

/// A block of states, with names of their own.
fn block(nodes: &[Node], names: &mut usize) -> Json {
    let own: Vec<String> = nodes
        .iter()
        .map(|_| {
            *names += 1;
            format!("S{names}")
        })
        .collect();
    let mut states = Object::new();
    for (at, node) in nodes.iter().enumerate() {
        let (state, caught) = state(node, names);
        let Json::Object(mut state) = state else {
            unreachable!("a state is an object");
        };
        let way_out = match own.get(at + 1) {
            Some(next) => ("Next".to_owned(), json!(next)),
            None => ("End".to_owned(), json!(true)),
        };
        if caught {
            let catcher = format!("{} caught", own[at]);
            state.insert(
                "Catch".to_owned(),
                json!([{"ErrorEquals": ["States.ALL"], "Next": catcher}]),
            );
            let mut pass = Object::from_iter([way_out.clone()]);
            pass.insert("Type".to_owned(), json!("Pass"));
            pass.insert("Result".to_owned(), json!("caught"));
            states.insert(catcher, Json::Object(pass));
        }
        if !matches!(node, Node::Fail) {
            state.extend([way_out]);
        }
        states.insert(own[at].clone(), Json::Object(state));
    }
    json!({"StartAt": own[0], "States": states})
}

/// A state without its way out, and whether its errors are caught.
fn state(node: &Node, names: &mut usize) -> (Json, bool) {
    match node {
        Node::Pass => (json!({"Type": "Pass", "Parameters": {"p.$": "$"}}), false),
        Node::Wait(seconds) => (json!({"Type": "Wait", "Seconds": seconds}), false),
        Node::Task(seconds, fails) => {
            let resource = "arn:aws:states:::sqs:sendMessage";
            let parameters = json!({"s": seconds, "fails": fails, "t.$": "$"});
            let task = json!({"Type": "Task", "Resource": resource, "Parameters": parameters});
            (task, false)
        }
        Node::Fail => (json!({"Type": "Fail", "Error": "E"}), false),
        Node::Parallel(branches, caught) => {
            let branches: Vec<_> = branches.iter().map(|b| block(b, names)).collect();
            (json!({"Type": "Parallel", "Branches": branches}), *caught)
        }
        Node::Map(fan, body, caught) => (
            json!({
                "Type": "Map",
                "ItemsPath": format!("$$.Execution.Input[{}]", fan.items),
                "ItemSelector": {"i.$": "$$.Map.Item.Value"},
                "MaxConcurrency": fan.concurrency,
                "ItemProcessor": block(body, names),
            }),
            *caught,
        ),
    }
}

/// When a chain that begins at a second ends, and with what.
fn evaluate(nodes: &[Node], begin: u64, input: &Json) -> (u64, Result<Json, ()>) {
    let (mut now, mut data) = (begin, input.clone());
    for node in nodes {
        let (end, result, caught) = match node {
            Node::Pass => (now, Ok(json!({"p": data})), false),
            Node::Wait(seconds) => (now + seconds, Ok(data.clone()), false),
            Node::Task(seconds, true) => (now + seconds, Err(()), false),
            Node::Task(seconds, false) => (now + seconds, Ok(json!({"t": data})), false),
            Node::Fail => (now, Err(()), false),
            Node::Parallel(branches, caught) => {
                let ends = branches.iter().map(|branch| evaluate(branch, now, &data));
                let (end, result) = join(now, ends.collect());
                (end, result, *caught)
            }
            Node::Map(fan, body, caught) => {
                let (end, result) = iterate(*fan, body, now);
                (end, result, *caught)
            }
        };
        now = end;
        data = match (result, caught) {
            (Ok(output), _) => output,
            (Err(()), true) => json!("caught"),
            (Err(()), false) => return (now, Err(())),
        };
    }
    (now, Ok(data))
}

/// Each item begins as soon as there is a place for it.
fn iterate(fan: Fan, body: &[Node], now: u64) -> (u64, Result<Json, ()>) {
    let places = if fan.concurrency == 0 {
        40
    } else {
        fan.concurrency
    };
    let mut free = vec![now; places];
    let mut ends = Vec::new();
    for item in 0..fan.items {
        free.sort_unstable();
        let (end, result) = evaluate(body, free[0], &json!({"i": item}));
        free[0] = end;
        ends.push((end, result));
    }
    join(now, ends)
}

/// The first failure counts, else the last success.
fn join(begin: u64, ends: Vec<(u64, Result<Json, ()>)>) -> (u64, Result<Json, ()>) {
    let failures = ends.iter().filter(|(_, result)| result.is_err());
    if let Some(first) = failures.map(|(end, _)| *end).min() {
        return (first, Err(()));
    }
    let end = ends.iter().map(|(end, _)| *end).max().unwrap_or(begin);
    (end, ends.into_iter().map(|(_, result)| result).collect())
}

fn begin(definition: &Json, input: &Json, level: LogLevel, fuel: u32) -> Execution {
    let (program, diagnostics) = compile(&definition.to_string());
    let program = program.unwrap_or_else(|| panic!("{diagnostics:?}\n{definition}"));
    let mut options = options();
    options.recording.level = level;
    options.limits.duration_ms = NEVER.as_millis();
    options.limits.payload_bytes_max = usize::MAX;
    options.limits.fuel_per_step = fuel;
    let input = Value::try_from(input).unwrap();
    Execution::start(Arc::new(program), input, options, Timestamp::from_millis(0))
}

fn result(call: &TaskCall) -> TaskResult {
    let payload = call.payload.to_serde();
    if payload["fails"] == true {
        return TaskResult::Failed(TaskError {
            error: "E".into(),
            cause: None,
        });
    }
    TaskResult::Succeeded(Value::try_from(&json!({"t": payload["t"]})).unwrap())
}

fn run_to_end(definition: &Json, input: &Json, level: LogLevel) -> VirtualRun {
    run_from(begin(definition, input, level, u32::MAX), |call, _| {
        Some(VirtualAnswer {
            result: result(call),
            after_ms: call.payload.to_serde()["s"].as_i64().unwrap() * 1000,
        })
    })
}

/// A driver that takes what is open in an order of its own, and holds the execution to what it asks for.
fn drive(mut execution: Execution, picks: &[u8]) -> Outcome {
    let mut picks = picks.iter().cycle();
    let (mut calls, mut timers) = (Vec::<TaskCall>::new(), Vec::<(Timestamp, TimerId)>::new());
    let (mut now, mut is_owed) = (Timestamp::from_millis(0), false);
    let mut event = Event::Begin;
    loop {
        let mut effects = Vec::new();
        execution.step(event, now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Call(call) => calls.push(call),
                Effect::Cancel { call, .. } => {
                    let place = calls.iter().position(|open| open.call == call);
                    calls.remove(place.expect("only open calls are cancelled"));
                }
                Effect::Arm { timer, at } => timers.push((at, timer)),
                Effect::Disarm { timer } => {
                    let place = timers.iter().position(|(_, armed)| *armed == timer);
                    timers.remove(place.expect("only armed timers are disarmed"));
                }
                Effect::Record(_) => {}
                Effect::Yield => assert!(!std::mem::replace(&mut is_owed, true), "it yields once"),
                Effect::Finish(outcome) => {
                    assert!(calls.is_empty(), "nothing is under way in what has ended");
                    assert!(timers.len() <= 1, "but the timer of the deadline");
                    return outcome;
                }
            }
        }
        let earliest = timers.iter().copied().min();
        if !is_owed {
            let wakeup = execution.next_wakeup().map(|(at, _)| at);
            assert_eq!(wakeup, earliest.map(|(at, _)| at));
        }
        let earliest = earliest.filter(|(at, _)| *at < NEVER);
        let others = usize::from(is_owed) + usize::from(earliest.is_some());
        let pick = usize::from(*picks.next().unwrap()) % (calls.len() + others);
        event = match (pick < calls.len(), earliest) {
            (true, _) => {
                let call = calls.swap_remove(pick);
                let result = result(&call);
                let call = call.call;
                Event::TaskEnded { call, result }
            }
            (false, Some((at, timer))) if !is_owed || pick > calls.len() => {
                now = now.max(at);
                timers.retain(|(_, armed)| *armed != timer);
                Event::TimerDue { timer }
            }
            (false, _) => {
                is_owed = false;
                Event::Continue
            }
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn programs_end_as_recursion_says(nodes in chain(3), fuel in 1_u32..9, picks in prop::collection::vec(any::<u8>(), 1..40)) {
        let definition = block(&nodes, &mut 0);
        let lists: Vec<Vec<usize>> = (0..6).map(|items| (0..items).collect()).collect();
        let input = json!(lists);
        let (end, expected) = evaluate(&nodes, 0, &input);
        let expected = expected.ok();

        let whole = run_to_end(&definition, &input, LogLevel::All);
        let outcome = whole.outcome.as_ref().unwrap();
        let output = outcome.output.as_ref().map(Value::to_serde);
        prop_assert_eq!(&output, &expected, "{}", definition);
        prop_assert_eq!(outcome.stop.as_millis(), i64::try_from(end).unwrap() * 1000);

        // Events are counted alike whether somebody records them or not, and point back.
        for (record, id) in whole.records.iter().zip(1..) {
            prop_assert_eq!(record.id, id);
            prop_assert!(record.previous_id < id);
        }
        prop_assert_eq!(whole.records.len() as u64, outcome.last_event_id);
        let silent = run_to_end(&definition, &input, LogLevel::Off);
        prop_assert_eq!(&silent.outcome, &whole.outcome);
        prop_assert!(silent.records.is_empty());
        let again = run_to_end(&definition, &input, LogLevel::All);
        prop_assert_eq!(format!("{again:?}"), format!("{whole:?}"));

        // What comes out does not depend on who is first.
        let outcome = drive(begin(&definition, &input, LogLevel::Off, fuel), &picks);
        prop_assert_eq!(outcome.output.as_ref().map(Value::to_serde), expected);
    }
}
