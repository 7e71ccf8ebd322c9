//! What a program comes to, by recursion.

use serde_json::{Map, Value as Json, json};

use super::{CONFLICT, Chain, RUNTIME, Seen, Step, Work};

/// How a program ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// With this output.
    Output(Json),
    /// With this error.
    Error(String),
    /// Branches fail in different ways, or a Map goes through the members of an object: what comes first is not told here.
    /// Or a value becomes too large to be worth the time: each state may multiply it.
    Unknown,
}

/// How large the output of a state may become. Nothing is shared here, so the time is that of all its copies.
const NODES_MAX: usize = 2_000;

type Variables = Map<String, Json>;

/// Why a state has no output: an error, or none that is known.
type Broken = Option<String>;

pub(super) fn run(chain: &Chain, input: &Json) -> End {
    let variables = json!({"$v": 0, "$w": {"a": "x"}});
    let mut variables = variables.as_object().cloned().unwrap_or_default();
    match flow(chain, input.clone(), input, &mut variables) {
        Ok(output) => End::Output(output),
        Err(Some(error)) => End::Error(error),
        Err(None) => End::Unknown,
    }
}

fn flow(
    chain: &Chain,
    input: Json,
    whole: &Json,
    variables: &mut Variables,
) -> Result<Json, Broken> {
    let (mut at, mut data) = (0, input);
    while let Some(step) = chain.get(at) {
        (data, at) = state(step, at, data, whole, variables)?;
        if nodes(&data) > NODES_MAX {
            return Err(None);
        }
    }
    Ok(data)
}

fn nodes(json: &Json) -> usize {
    1 + match json {
        Json::Array(elements) => elements.iter().map(nodes).sum(),
        Json::Object(members) => members.values().map(nodes).sum(),
        _ => 0,
    }
}

fn runtime<T>(found: Option<T>) -> Result<T, Broken> {
    found.ok_or_else(|| Some(RUNTIME.to_owned()))
}

/// The output, and which state is next.
fn state(
    step: &Step,
    at: usize,
    raw: Json,
    whole: &Json,
    variables: &mut Variables,
) -> Result<(Json, usize), Broken> {
    let mut retries = 0;
    loop {
        let error = match attempt(step, at, &raw, whole, variables, retries) {
            Err(Some(error)) => error,
            ended => return ended,
        };
        match step.retry {
            Some((name, attempts)) if names(name, &error) && retries < attempts => retries += 1,
            _ => {
                let caught = step.catch.filter(|(name, ..)| names(name, &error));
                let Some((_, target, place)) = caught else {
                    return Err(Some(error));
                };
                let members: Vec<_> = place.into_iter().collect();
                let output = put(raw, &members, json!({"Error": error, "Cause": ""}))?;
                return Ok((output, target));
            }
        }
    }
}

fn names(name: &str, error: &str) -> bool {
    error != RUNTIME
        && match name {
            "States.ALL" => true,
            "States.TaskFailed" => error != "States.Timeout",
            name => name == error,
        }
}

fn attempt(
    step: &Step,
    at: usize,
    raw: &Json,
    whole: &Json,
    variables: &mut Variables,
    retries: u64,
) -> Result<(Json, usize), Broken> {
    let old = variables.clone();
    macro_rules! seen {
        ($input:expr) => {
            &Seen {
                input: $input,
                whole,
                variables: &old,
            }
        };
    }
    let input = match &step.input_path {
        Some(way) => runtime(way.find(seen!(raw)))?,
        None => raw.clone(),
    };
    // What a Map selects, it selects for each item.
    let is_map = matches!(step.work, Work::Map(..));
    let filled = match step.parameters.as_ref().filter(|_| !is_map) {
        Some(filling) => runtime(filling.fill(seen!(&input)))?,
        None => input.clone(),
    };
    let mut next = at + 1;
    let mut is_default = true;
    let result = match &step.work {
        Work::Pass(result) => result.clone().unwrap_or(filled),
        Work::Wait | Work::Succeed => input,
        Work::Task(fails, error) if retries < *fails => return Err(Some((*error).to_owned())),
        Work::Task(..) => filled,
        Work::Fail(error) => return Err(Some((*error).to_owned())),
        Work::Choice(rules) => {
            for (test, target) in rules {
                if runtime(test.holds(seen!(&input)))? {
                    (next, is_default) = (*target, false);
                    break;
                }
            }
            input
        }
        Work::Parallel(branches) => {
            let ends = branches
                .iter()
                .map(|branch| flow(branch, filled.clone(), whole, &mut old.clone()));
            join(ends.collect())?
        }
        Work::Map(items, body) => {
            let ends = items_of(items.root, runtime(items.find(seen!(&input)))?)?
                .into_iter()
                .map(|item| {
                    let item = match &step.parameters {
                        Some(filling) => runtime(filling.fill(seen!(&input)))?,
                        None => item,
                    };
                    flow(body, item, whole, &mut old.clone())
                });
            join(ends.collect())?
        }
    };
    let assigned = match step.assign.as_ref().filter(|_| is_default) {
        Some((name, way)) => Some((*name, runtime(way.fill(seen!(&result)))?)),
        None => None,
    };
    let selected = match &step.selector {
        Some(filling) => runtime(filling.fill(seen!(&result)))?,
        None => result,
    };
    let data = match &step.result_path {
        None => selected,
        Some(None) => raw.clone(),
        Some(Some(members)) => put(raw.clone(), members, selected)?,
    };
    let output = match &step.output_path {
        Some(way) => runtime(way.find(seen!(&data)))?,
        None => data,
    };
    if let Some((name, value)) = assigned {
        variables.insert(name.to_owned(), value);
    }
    Ok((output, next))
}

/// An object is gone through like an array, but not one of the context object (recorded).
fn items_of(root: &str, items: Json) -> Result<Vec<Json>, Broken> {
    match items {
        Json::Array(items) => Ok(items),
        // Their order is not kept here.
        Json::Object(entries) if !root.starts_with("$$") && entries.len() > 1 => Err(None),
        Json::Object(entries) if !root.starts_with("$$") => {
            let pairs = entries
                .into_iter()
                .map(|(key, value)| json!({"Key": key, "Value": value}));
            Ok(pairs.collect())
        }
        _ => Err(Some(RUNTIME.to_owned())),
    }
}

fn join(ends: Vec<Result<Json, Broken>>) -> Result<Json, Broken> {
    let mut errors: Vec<Broken> = ends.iter().filter_map(|end| end.clone().err()).collect();
    errors.dedup();
    match &errors[..] {
        [] => Ok(ends.into_iter().filter_map(Result::ok).collect()),
        [one] => Err(one.clone()),
        _ => Err(None),
    }
}

fn put(mut into: Json, members: &[&str], value: Json) -> Result<Json, Broken> {
    let Some((last, way)) = members.split_last() else {
        return Ok(value);
    };
    let conflict = || Some(CONFLICT.to_owned());
    let mut place = &mut into;
    for name in way {
        let object = place.as_object_mut().ok_or_else(conflict)?;
        place = object.entry(*name).or_insert_with(|| json!({}));
    }
    let object = place.as_object_mut().ok_or_else(conflict)?;
    object.insert((*last).to_owned(), value);
    Ok(into)
}
