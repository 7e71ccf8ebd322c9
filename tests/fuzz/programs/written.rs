//! A program as a definition.

use serde_json::{Map, Value as Json, json};

use super::{Chain, Step, TASK, Work};

/// A machine that first gives its variables a value.
pub(super) fn machine(chain: &Chain) -> Json {
    let mut names = 0;
    let mut machine = block(chain, &mut names);
    let first =
        json!({"Type": "Pass", "Assign": {"v": 0, "w": {"a": "x"}}, "Next": machine["StartAt"]});
    machine["States"]["First"] = first;
    machine["StartAt"] = json!("First");
    machine
}

fn block(chain: &Chain, names: &mut usize) -> Json {
    let own: Vec<String> = chain
        .iter()
        .map(|step| {
            *names += 1;
            match &step.work {
                // Whoever does the task reads here what it comes to.
                Work::Task(fails, error) => format!("{names} {fails} {error}"),
                _ => names.to_string(),
            }
        })
        .collect();
    let mut states = Map::new();
    for (at, step) in chain.iter().enumerate() {
        states.insert(own[at].clone(), state(step, &own, at, names));
    }
    json!({"StartAt": own[0], "States": states})
}

fn state(step: &Step, own: &[String], at: usize, names: &mut usize) -> Json {
    let way_out = match own.get(at + 1) {
        Some(next) => ("Next", json!(next)),
        None => ("End", json!(true)),
    };
    let mut parameters = "Parameters";
    let (fields, way_out) = match &step.work {
        Work::Pass(None) => (json!({"Type": "Pass"}), Some(way_out)),
        Work::Pass(Some(result)) => (json!({"Type": "Pass", "Result": result}), Some(way_out)),
        Work::Wait => (json!({"Type": "Wait", "Seconds": 1}), Some(way_out)),
        Work::Task(..) => (json!({"Type": "Task", "Resource": TASK}), Some(way_out)),
        Work::Choice(rules) => {
            let rules = rules.iter().map(|(test, target)| {
                let mut rule = test.rule();
                rule["Next"] = json!(own[*target]);
                rule
            });
            let rules: Json = rules.collect();
            (
                json!({"Type": "Choice", "Choices": rules, "Default": own[at + 1]}),
                None,
            )
        }
        Work::Parallel(branches) => {
            let branches: Json = branches.iter().map(|branch| block(branch, names)).collect();
            (
                json!({"Type": "Parallel", "Branches": branches}),
                Some(way_out),
            )
        }
        Work::Map(items, body) => {
            parameters = "ItemSelector";
            let body = block(body, names);
            let map = json!({"Type": "Map", "ItemsPath": items.text(), "ItemProcessor": body});
            (map, Some(way_out))
        }
        Work::Fail(error) => (json!({"Type": "Fail", "Error": error}), None),
        Work::Succeed => (json!({"Type": "Succeed"}), None),
    };
    let Json::Object(mut fields) = fields else {
        unreachable!("a state is an object");
    };
    let result_path = step.result_path.as_ref().map(|path| match path {
        Some(members) => json!(
            std::iter::once(&"$")
                .chain(members)
                .copied()
                .collect::<Vec<_>>()
                .join(".")
        ),
        None => Json::Null,
    });
    let retry = step
        .retry
        .map(|(error, attempts)| json!([{"ErrorEquals": [error], "MaxAttempts": attempts}]));
    let catch = step.catch.map(|(error, target, place)| {
        let path = place.map_or("$".to_owned(), |place| format!("$.{place}"));
        json!([{"ErrorEquals": [error], "Next": own[target], "ResultPath": path}])
    });
    let assign = step.assign.as_ref().map(|(name, way)| {
        let name = format!("{}.$", name.trim_start_matches('$'));
        Json::Object(Map::from_iter([(name, json!(way.text()))]))
    });
    let all = [
        (
            "InputPath",
            step.input_path.as_ref().map(|way| json!(way.text())),
        ),
        (
            parameters,
            step.parameters.as_ref().map(super::Filling::template),
        ),
        (
            "ResultSelector",
            step.selector.as_ref().map(super::Filling::template),
        ),
        ("ResultPath", result_path),
        (
            "OutputPath",
            step.output_path.as_ref().map(|way| json!(way.text())),
        ),
        ("Assign", assign),
        ("Retry", retry),
        ("Catch", catch),
    ];
    let given = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in given.chain(way_out) {
        fields.insert(name.to_owned(), value);
    }
    Json::Object(fields)
}
