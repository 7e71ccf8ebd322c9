//! Tables of templates: what they give, how they fail, what is refused.

use super::*;
use crate::expr::{Randomness, Variables};

fn value(json: &str) -> Value {
    Value::parse(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"))
}

fn eval(template: &Template, input: &str) -> Result<Value, Failure> {
    template.eval(&Scope {
        input: &value(input),
        context: &value(r#"{"Execution":{"Name":"n"}}"#),
        variables: Variables::NONE,
        randomness: &Randomness::new(1),
    })
}

#[test]
fn templates_are_filled() {
    let input = r#"{"a":1,"list":[{"v":1},{"v":2}],"s":"x"}"#;
    for (template, expected) in [
        ("5", "5"),
        (r#""$.a""#, r#""$.a""#),
        ("{}", "{}"),
        (
            r#"{"k":{"x":[1,{"y":"$.a"}]}}"#,
            r#"{"k":{"x":[1,{"y":"$.a"}]}}"#,
        ),
        (r#"{"k.$":"$.a"}"#, r#"{"k":1}"#),
        (
            r#"{"k.$":"$"}"#,
            r#"{"k":{"a":1,"list":[{"v":1},{"v":2}],"s":"x"}}"#,
        ),
        (
            r#"{"z":true,"k.$":"$.list[*].v","a":null}"#,
            r#"{"z":true,"k":[1,2],"a":null}"#,
        ),
        (r#"{"k.$":"$.no[*].v"}"#, r#"{"k":[]}"#),
        (r#"{"k.$":"$$.Execution.Name"}"#, r#"{"k":"n"}"#),
        (r#"{"k.$":"States.Format('{}!', $.s)"}"#, r#"{"k":"x!"}"#),
        (r#"[{"k.$":"$.s"},"$.s"]"#, r#"[{"k":"x"},"$.s"]"#),
        (
            r#"{"a":[{"b":[{"c.$":"$.a"}]}]}"#,
            r#"{"a":[{"b":[{"c":1}]}]}"#,
        ),
        (r#"{".$":"$.a","$":2}"#, r#"{"":1,"$":2}"#),
    ] {
        let compiled = Template::compile(&value(template)).unwrap();
        assert_eq!(
            eval(&compiled, input).unwrap().to_json(),
            expected,
            "{template}"
        );
    }
}

#[test]
fn constant_parts_are_shared() {
    let template = Template::compile(&value(r#"{"c":{"x":[1]},"d.$":"$.a"}"#)).unwrap();
    let Node::Object { nodes, .. } = &template.node else {
        panic!("it has a path");
    };
    assert!(matches!(&nodes[0], Node::Constant(c) if c.to_json() == r#"{"x":[1]}"#));
    assert!(matches!(&nodes[1], Node::Expression(_)));
}

#[test]
fn a_missing_value_fails_in_aws_words() {
    let input = r#"{"flagged":false,"n":null}"#;
    for (template, expected) in [
        (
            r#"{"k":[{"address.$":"$.application.address"}]}"#,
            "The JSONPath '$.application.address' specified for the field 'address.$' could not be found in the input '{\"flagged\":false,\"n\":null}'",
        ),
        (
            r#"{"x.$":"$.n[0]"}"#,
            "The JSONPath '$.n[0]' specified for the field 'x.$' could not be found in the input '{\"flagged\":false,\"n\":null}'",
        ),
        (
            r#"{"x.$":"$$.Execution.Input.no"}"#,
            "The JSONPath '$$.Execution.Input.no' specified for the field 'x.$' could not be found in the input '{\"Execution\":{\"Name\":\"n\"}}'",
        ),
        (
            r#"{"x.$":"States.Array(1, $.no)"}"#,
            "The function 'States.Array(1, $.no)' had the following error: The JsonPath argument for the field '$.no' could not be found in the input '{\"flagged\":false,\"n\":null}'",
        ),
    ] {
        let failure = eval(&Template::compile(&value(template)).unwrap(), input).unwrap_err();
        assert_eq!(failure, Failure::runtime(expected), "{template}");
    }
    let template = Template::compile_expression("$.ErrorX", "ErrorPath").unwrap();
    let failure = eval(&template, r#"{"Error":"e"}"#).unwrap_err();
    let expected = "The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input '{\"Error\":\"e\"}'";
    assert_eq!(failure, Failure::runtime(expected));
}

#[test]
fn a_null_input_has_no_paths() {
    for text in ["$", "$.a", "$.a[*]", "States.Array($.a)"] {
        let template = Template::compile_expression(text, "x.$").unwrap();
        let expected = "Unable to apply Path transformation to null or empty input.";
        assert_eq!(
            eval(&template, "null"),
            Err(Failure::runtime(expected)),
            "{text}"
        );
    }
    let template = Template::compile(&value(r#"{"a":1,"n.$":"$$.Execution.Name"}"#)).unwrap();
    assert_eq!(
        eval(&template, "null").unwrap().to_json(),
        r#"{"a":1,"n":"n"}"#
    );
}

#[test]
fn a_value_nested_too_deeply_fails() {
    let deep = "[".repeat(128) + &"]".repeat(128);
    for template in [
        r#"{"x.$":"$"}"#,
        r#"[{"x.$":"$"}]"#,
        r#"{"x.$":"$[*]"}"#,
        r#"{"x.$":"States.Array($)"}"#,
    ] {
        let failure = eval(&Template::compile(&value(template)).unwrap(), &deep);
        assert!(
            failure.unwrap_err().cause.contains("deeper than 128"),
            "{template}"
        );
    }
}

#[test]
fn all_faults_are_found_at_once() {
    let template = r#"{
        "number.$": 5,
        "list": [1, {"array.$": ["$.a"], "ok.$": "$.a"}],
        "word.$": "hello",
        "blank.$": " $.a",
        "call/x.$": "States.Format('{}')",
        "twice": 1, "twice.$": "$.a"
    }"#;
    let faults: Vec<_> = Template::compile(&value(template))
        .unwrap_err()
        .into_iter()
        .map(|e| (e.pointer, e.message, e.hint.map(|hint| hint.to_string())))
        .collect();
    let fault = |pointer: &str, field: &str, hint: Option<&str>| {
        let message = format!(
            "The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call"
        );
        (pointer.to_owned(), message, hint.map(str::to_owned))
    };
    let no_call = Some("expected a path or a call of an intrinsic function (at byte 0)");
    assert_eq!(
        faults,
        [
            fault("/number.$", "number.$", None),
            fault("/list/1/array.$", "array.$", None),
            fault("/word.$", "word.$", no_call),
            fault("/blank.$", "blank.$", no_call),
            fault(
                "/call~1x.$",
                "call/x.$",
                Some("1 '{}' in the pattern, 0 values (at byte 0)")
            ),
            (
                "/twice.$".to_owned(),
                "The field 'twice' is given twice".to_owned(),
                None
            ),
        ]
    );
}

#[test]
fn a_template_knows_what_it_reads_and_gives() {
    for (text, context, string) in [
        ("$.a", false, true),
        ("$$.Execution", true, true),
        ("States.UUID()", false, true),
        ("States.Format('{}', $$.Execution.Name)", true, true),
        ("States.ArrayGetItem(States.Array($$.a), 0)", true, true),
        ("States.Array($.a)", false, false),
        ("States.MathAdd(1, 2)", false, false),
    ] {
        let template = Template::compile_expression(text, "ErrorPath").unwrap();
        let known = (template.reads_context(), template.can_be_string());
        assert_eq!(known, (context, string), "{text}");
    }
    let template = Template::compile(&value(r#"{"a":[{"b.$":"$$.c"}]}"#)).unwrap();
    assert!(template.reads_context() && !template.can_be_string());
}
