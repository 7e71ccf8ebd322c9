//! What expressions may take: each by itself, and all of a step.

use super::*;

/// Two states, of which the first evaluates an expression.
fn machine(expression: &str) -> String {
    format!(
        r#"{{"QueryLanguage": "JSONata", "StartAt": "A", "States": {{
            "A": {{"Type": "Pass", "Output": "{{% {expression} %}}", "Next": "B"}}, "B": {{"Type": "Succeed"}}}}}}"#
    )
}

const THOUSANDS_OF_STEPS: &str = "$sum($map([1..500], function($v) { $v * 2 }))";

#[test]
fn expressions_use_fuel() {
    let cases = [
        ("1 + 1", 2, "finish SUCCEEDED -"),
        (THOUSANDS_OF_STEPS, 2, "yield"),
        (THOUSANDS_OF_STEPS, 1_000, "finish SUCCEEDED -"),
    ];
    for (expression, fuel, expected) in cases {
        let adjust = |options: &mut Options| options.limits.fuel_per_step = fuel;
        let mut driver = Driver::new(&machine(expression), adjust);
        assert_eq!(driver.tell(Event::Begin), [expected], "{expression} {fuel}");
    }
}

#[test]
fn an_expression_is_bounded() {
    let bound = "threw an error during evaluation: Expression evaluation timeout";
    for (steps, expected) in [(1_000_000, None), (100, Some(bound))] {
        let adjust = |options: &mut Options| options.limits.query_steps_max = steps;
        let mut driver = Driver::new(&machine(THOUSANDS_OF_STEPS), adjust);
        driver.tell(Event::Begin);
        let outcome = driver.execution.outcome().expect("it has enough fuel");
        let error = expected.map(|_| "States.QueryEvaluationError");
        assert_eq!(outcome.error.as_deref(), error);
        let cause = outcome.cause.as_deref().unwrap_or_default();
        assert!(cause.contains(expected.unwrap_or_default()), "{cause}");
    }
}

#[test]
fn the_expressions_of_a_turn_are_bounded_together() {
    let expressions = vec![format!("\"{{% {THOUSANDS_OF_STEPS} %}}\""); 40].join(", ");
    let definition = machine("1").replace("\"{% 1 %}\"", &format!("[{expressions}]"));
    // Each of them takes more than 1,600 steps and fewer than 4,000; sixteen times the bound are for all.
    for (steps, expected) in [(100_000, Status::Succeeded), (4000, Status::Failed)] {
        let adjust = |options: &mut Options| options.limits.query_steps_max = steps;
        let mut driver = Driver::new(&definition, adjust);
        driver.tell(Event::Begin);
        let status = driver.execution.outcome().map(|outcome| outcome.status);
        assert_eq!(status, Some(expected), "{steps}");
    }
}

#[test]
fn each_iteration_has_a_budget_of_its_own() {
    let items: Vec<_> = (0..100).map(|i| i.to_string()).collect();
    let items = items.join(", ");
    let definition = format!(
        r#"{{"QueryLanguage": "JSONata", "StartAt": "M", "States": {{"M": {{
            "Type": "Map", "Items": [{items}], "ItemSelector": "{{% {THOUSANDS_OF_STEPS} %}}", "End": true,
            "ItemProcessor": {{"StartAt": "I", "States": {{"I": {{"Type": "Pass", "End": true}}}}}}}}}}}}"#
    );
    // Each selector takes nearly all that an expression may take; together those of the first turn would take forty times that.
    let adjust = |options: &mut Options| {
        options.limits.query_steps_max = 4_000;
        options.limits.fuel_per_step = 10;
    };
    let mut driver = Driver::new(&definition, adjust);
    let mut effects = driver.tell(Event::Begin);
    let mut turns = 1;
    while effects == ["yield"] {
        effects = driver.tell(Event::Continue);
        turns += 1;
    }
    assert_eq!(effects, ["finish SUCCEEDED -"]);
    assert!(turns > 20, "a turn is bounded by its fuel: {turns}");
    let output = driver.output();
    assert_eq!(output.matches("250500").count(), 100, "{output}");
}

#[test]
fn a_fork_that_waits_for_fuel_ends_like_any_other() {
    let task = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Arguments": {}, "End": true}}}"#;
    let definition = format!(
        r#"{{"QueryLanguage": "JSONata", "StartAt": "M", "States": {{"M": {{
            "Type": "Map", "Items": [1, 2, 3, 4], "ItemSelector": "{{% {THOUSANDS_OF_STEPS} %}}",
            "ItemProcessor": {task}, "Catch": [{{"ErrorEquals": ["Bad"], "Next": "C"}}], "End": true}},
            "C": {{"Type": "Succeed", "Output": "caught"}}}}}}"#
    );
    let adjust = |options: &mut Options| options.limits.fuel_per_step = 2;
    // What is told after the first call, while the fork stands in the queue.
    let cases = [(failure(1, "Bad"), r#""caught""#), (answer(1), "[1,1,1,1]")];
    for (event, output) in cases {
        let mut driver = Driver::new(&definition, adjust);
        let mut effects = driver.tell(Event::Begin);
        while effects == ["yield"] {
            effects = driver.tell(Event::Continue);
        }
        assert_eq!(effects, ["call 1 retry 0", "yield"]);
        let owed: &[&str] = &[];
        assert_eq!(driver.tell(event), owed, "the driver owes an event");
        let mut calls = 1;
        while driver.execution.outcome().is_none() {
            effects = driver.tell(Event::Continue);
            calls += effects.iter().filter(|e| e.starts_with("call")).count() as u64;
            if effects.last().is_none_or(|e| e != "yield") {
                for call in 2..=calls {
                    driver.tell(answer(call));
                }
            }
        }
        assert_eq!(driver.output(), output);
    }
}
