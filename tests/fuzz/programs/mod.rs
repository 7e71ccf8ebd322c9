//! Structured definitions made of bytes, and what they come to by an interpreter that is nothing but recursion over `serde_json`.

use serde_json::{Map, Value as Json, json};

/// Takes choices out of bytes; without bytes the first of all.
pub(crate) struct Choices<'d>(&'d [u8]);

/// States that follow each other; a Choice or a catcher may leap forward, so every program ends.
type Chain = Vec<Step>;

#[derive(Debug)]
struct Step {
    work: Work,
    input_path: Option<Way>,
    parameters: Option<Filling>,
    selector: Option<Filling>,
    /// `None` is absent, `Some(None)` is null.
    result_path: Option<Option<Vec<&'static str>>>,
    output_path: Option<Way>,
    /// The variable and what it gets.
    assign: Option<(&'static str, Way)>,
    /// The error that is retried, and how often.
    retry: Option<(&'static str, u64)>,
    /// The error that is caught, where that leads, and where the error goes.
    catch: Option<(&'static str, usize, Option<&'static str>)>,
}

#[derive(Debug)]
enum Work {
    Pass(Option<Json>),
    Wait,
    /// How many attempts fail, and with what.
    Task(u64, &'static str),
    /// Rules with their targets; without a match the next state.
    Choice(Vec<(Test, usize)>),
    Parallel(Vec<Chain>),
    Map(Way, Chain),
    Fail(&'static str),
    Succeed,
}

#[derive(Debug)]
enum Test {
    Present(Way, bool),
    Less(Way, i64),
    Text(Way, &'static str),
    Null(Way, bool),
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
}

/// A path: from the input, a variable, or the item of a Map; then members.
#[derive(Clone, Debug)]
struct Way {
    root: &'static str,
    members: Vec<&'static str>,
}

#[derive(Debug)]
enum Filling {
    Path(Way),
    Literal(Json),
    Array(Way, Way),
    Object(Vec<(&'static str, Self)>),
}

const NAMES: [&str; 3] = ["a", "b", "c"];
const VARIABLES: [&str; 2] = ["$v", "$w"];
const ERRORS: [&str; 3] = ["E0", "E1", "States.Timeout"];
const CAUGHT: [&str; 5] = [
    "E0",
    "E1",
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
];
const CONFLICT: &str = "States.ReferencePathConflict";
const RUNTIME: &str = "States.Runtime";
const TASK: &str = "arn:aws:states:::sqs:sendMessage";

impl Choices<'_> {
    fn take(&mut self, below: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first) % below
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.take(all.len())]
    }

    fn rarely<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.take(4) == 3).then(|| make(self))
    }

    fn way(&mut self) -> Way {
        let root = self.of(&["$", "$", "$", "$v", "$w", "$$.Execution.Input"]);
        let count = self.of(&[0, 0, 0, 1, 1, 2]);
        let members = (0..count).map(|_| self.of(&NAMES)).collect();
        Way { root, members }
    }

    fn json(&mut self, depth: usize) -> Json {
        match self.take(if depth == 0 { 5 } else { 7 }) {
            0 => json!(self.take(5)),
            1 => json!(self.of(&["x", "", "y z"])),
            2 => Json::Null,
            3 => json!(true),
            4 => json!({}),
            5 => (0..self.take(3)).map(|_| self.json(depth - 1)).collect(),
            _ => NAMES
                .iter()
                .map(|name| ((*name).to_owned(), self.json(depth - 1)))
                .collect(),
        }
    }

    fn filling(&mut self, depth: usize) -> Filling {
        match self.take(if depth == 0 { 3 } else { 4 }) {
            0 => Filling::Path(self.way()),
            1 => Filling::Literal(self.json(1)),
            2 => Filling::Array(self.way(), self.way()),
            _ => {
                let count = self.take(NAMES.len() + 1);
                let members = NAMES.iter().take(count);
                Filling::Object(
                    members
                        .map(|name| (*name, self.filling(depth - 1)))
                        .collect(),
                )
            }
        }
    }

    fn payload(&mut self) -> Filling {
        let count = self.take(NAMES.len() + 1);
        let members = NAMES.iter().take(count);
        Filling::Object(members.map(|name| (*name, self.filling(1))).collect())
    }

    fn test(&mut self, depth: usize) -> Test {
        match self.take(if depth == 0 { 4 } else { 7 }) {
            0 => Test::Present(self.way(), self.take(2) == 0),
            1 => Test::Less(self.way(), self.take(4) as i64),
            2 => Test::Text(self.way(), self.of(&["x", "y z"])),
            3 => Test::Null(self.way(), self.take(2) == 0),
            4 => Test::And((0..=self.take(2)).map(|_| self.test(depth - 1)).collect()),
            5 => Test::Or((0..=self.take(2)).map(|_| self.test(depth - 1)).collect()),
            _ => Test::Not(Box::new(self.test(depth - 1))),
        }
    }

    fn chain(&mut self, depth: usize, is_inner: bool) -> Chain {
        let length = 1 + self.take(4);
        (0..length)
            .map(|at| self.step(at, length, depth, is_inner))
            .collect()
    }

    fn step(&mut self, at: usize, length: usize, depth: usize, is_inner: bool) -> Step {
        let is_last = at + 1 == length;
        let forward = |choices: &mut Self| at + 1 + choices.take(length - at - 1);
        let work = match self.take(if depth == 0 { 6 } else { 8 }) {
            0 | 1 => Work::Pass(self.rarely(|choices| choices.json(2))),
            2 => Work::Task(self.take(3) as u64, self.of(&ERRORS)),
            3 if !is_last => {
                let count = 1 + self.take(2);
                Work::Choice((0..count).map(|_| (self.test(2), forward(self))).collect())
            }
            3 => Work::Succeed,
            4 if is_last => Work::Fail(self.of(&ERRORS)),
            4 | 5 => Work::Wait,
            6 => Work::Parallel(
                (0..=self.take(2))
                    .map(|_| self.chain(depth - 1, true))
                    .collect(),
            ),
            _ => Work::Map(self.way(), self.chain(depth - 1, true)),
        };
        let does = matches!(work, Work::Task(..) | Work::Parallel(_) | Work::Map(..));
        let fills = does || matches!(work, Work::Pass(None));
        let leads = !matches!(work, Work::Fail(_));
        Step {
            input_path: leads.then(|| self.rarely(Self::way)).flatten(),
            parameters: fills.then(|| self.rarely(Self::payload)).flatten(),
            selector: does.then(|| self.rarely(Self::payload)).flatten(),
            result_path: (does || matches!(work, Work::Pass(_)))
                .then(|| {
                    self.rarely(|choices| {
                        let members = (0..choices.take(3)).map(|_| choices.of(&NAMES));
                        let members: Vec<_> = members.collect();
                        (choices.take(4) > 0).then_some(members)
                    })
                })
                .flatten(),
            output_path: leads.then(|| self.rarely(Self::way)).flatten(),
            // An inner flow may not assign what its surroundings have.
            assign: (leads && !is_inner && !matches!(work, Work::Succeed))
                .then(|| self.rarely(|choices| (choices.of(&VARIABLES), choices.way())))
                .flatten(),
            retry: does
                .then(|| self.rarely(|choices| (choices.of(&CAUGHT), choices.take(3) as u64)))
                .flatten(),
            catch: (does && !is_last)
                .then(|| {
                    self.rarely(|choices| {
                        let place = choices.rarely(|choices| choices.of(&NAMES));
                        (choices.of(&CAUGHT), forward(choices), place)
                    })
                })
                .flatten(),
            work,
        }
    }
}

impl Way {
    fn text(&self) -> String {
        let members: String = self.members.iter().map(|name| format!(".{name}")).collect();
        format!("{}{members}", self.root)
    }

    /// What a template gets of it: AWS refuses to read null there (recorded).
    fn fill(&self, seen: &Seen<'_>) -> Option<Json> {
        let is_refused = self.root == "$" && seen.input.is_null();
        self.find(seen).filter(|_| !is_refused)
    }

    /// `None` if it leads nowhere.
    fn find(&self, seen: &Seen<'_>) -> Option<Json> {
        let root = match self.root {
            "$" => seen.input,
            "$$.Execution.Input" => seen.whole,
            variable => seen.variables.get(variable)?,
        };
        let mut found = root;
        for name in &self.members {
            found = found.as_object()?.get(*name)?;
        }
        Some(found.clone())
    }
}

/// What paths read.
struct Seen<'s> {
    input: &'s Json,
    whole: &'s Json,
    variables: &'s Map<String, Json>,
}

impl Filling {
    /// Adds the member of a template that gives it.
    fn write(&self, name: &str, template: &mut Map<String, Json>) {
        match self {
            Self::Path(way) => template.insert(format!("{name}.$"), json!(way.text())),
            Self::Literal(literal) => template.insert(name.to_owned(), literal.clone()),
            Self::Array(a, b) => {
                let call = format!("States.Array({}, {})", a.text(), b.text());
                template.insert(format!("{name}.$"), json!(call))
            }
            Self::Object(_) => template.insert(name.to_owned(), self.template()),
        };
    }

    fn template(&self) -> Json {
        let Self::Object(members) = self else {
            unreachable!("a payload is an object");
        };
        let mut template = Map::new();
        for (name, filling) in members {
            filling.write(name, &mut template);
        }
        Json::Object(template)
    }

    fn fill(&self, seen: &Seen<'_>) -> Option<Json> {
        match self {
            Self::Path(way) => way.fill(seen),
            Self::Literal(literal) => Some(literal.clone()),
            Self::Array(a, b) => Some(json!([a.fill(seen)?, b.fill(seen)?])),
            Self::Object(members) => members
                .iter()
                .map(|(name, filling)| Some(((*name).to_owned(), filling.fill(seen)?)))
                .collect::<Option<Map<_, _>>>()
                .map(Json::Object),
        }
    }
}

impl Test {
    fn rule(&self) -> Json {
        match self {
            Self::Present(way, expected) => json!({"Variable": way.text(), "IsPresent": expected}),
            Self::Less(way, bound) => json!({"Variable": way.text(), "NumericLessThan": bound}),
            Self::Text(way, text) => json!({"Variable": way.text(), "StringEquals": text}),
            Self::Null(way, expected) => json!({"Variable": way.text(), "IsNull": expected}),
            Self::And(all) => json!({"And": all.iter().map(Self::rule).collect::<Json>()}),
            Self::Or(any) => json!({"Or": any.iter().map(Self::rule).collect::<Json>()}),
            Self::Not(test) => json!({"Not": test.rule()}),
        }
    }

    fn holds(&self, seen: &Seen<'_>) -> Option<bool> {
        Some(match self {
            Self::Present(way, expected) => way.find(seen).is_some() == *expected,
            Self::Less(way, bound) => way.find(seen)?.as_i64().is_some_and(|n| n < *bound),
            Self::Text(way, text) => way.find(seen)?.as_str() == Some(text),
            Self::Null(way, expected) => way.find(seen)?.is_null() == *expected,
            Self::And(all) => {
                for test in all {
                    if !test.holds(seen)? {
                        return Some(false);
                    }
                }
                true
            }
            Self::Or(any) => {
                for test in any {
                    if test.holds(seen)? {
                        return Some(true);
                    }
                }
                false
            }
            Self::Not(test) => !test.holds(seen)?,
        })
    }
}

mod naive;
mod written;

pub(crate) use naive::End;

/// A program and its input: the definition's text, the input's text, and how it ends.
pub(crate) fn of(data: &[u8]) -> (String, String, End) {
    let mut choices = Choices(data);
    let input: Map<String, Json> = NAMES
        .iter()
        .map(|name| ((*name).to_owned(), choices.json(2)))
        .collect();
    let input = Json::Object(input);
    let chain = choices.chain(2, false);
    let definition = written::machine(&chain);
    (
        definition.to_string(),
        input.to_string(),
        naive::run(&chain, &input),
    )
}
