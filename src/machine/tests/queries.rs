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
