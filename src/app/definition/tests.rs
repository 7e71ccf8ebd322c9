//! Tables of files and what they say.

use super::*;

fn read(
    name: &str,
    text: &str,
    substitutions: &[(&str, &str)],
) -> Result<DefinitionFile, Vec<String>> {
    let file = File {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let substitutions = substitutions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    DefinitionFile::new(file, &substitutions).map_err(|refusal| match refusal {
        Refusal::Definition(_, diagnostics) => shown(&diagnostics),
        Refusal::File(why) => panic!("{why}"),
    })
}

fn shown(diagnostics: &[Diagnostic]) -> Vec<String> {
    let shown = |d: &Diagnostic| format!("{}:{} {}: {}", d.line, d.column, d.code, d.message);
    diagnostics.iter().map(shown).collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn yaml_says_what_json_says() {
    #[rustfmt::skip]
    let cases = [
        ("a: 1\nb: [x, 'y', \"z\\n\", null, ~, true, False, on]", r#"{"a": 1, "b": ["x", "y", "z\n", null, null, true, false, "on"]}"#),
        ("- 0x1F\n- 0o17\n- 007\n- +5\n- -0.50\n- .5\n- 1.\n- 1e3\n- 1.2.3\n- 2016-03-14T01:59:00Z\n- .inf\n- 1_000", r#"[31, 15, 7, 5, -0.50, 0.5, 1.0, 1e3, "1.2.3", "2016-03-14T01:59:00Z", ".inf", "1_000"]"#),
        ("1: x\ntrue: y\n? z\n: {}\nempty:", r#"{"1": "x", "true": "y", "z": {}, "empty": null}"#),
        ("a: &x {b: [1, 2]}\nc: *x\nd: &y text\ne: *y\n*y : key", r#"{"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "text", "e": "text", "text": "key"}"#),
        ("a: |\n  two\n  lines\nb: >-\n  one\n  line\nc: !!str 5\nd: \"größe \\u00e9\"", r#"{"a": "two\nlines\n", "b": "one line", "c": "5", "d": "größe é"}"#),
        ("# nothing but a comment\n--- {\"a\": [[], {}, \"\\\"\"]}\n", r#"{"a": [[], {}, "\""]}"#),
    ];
    for (text, expected) in cases {
        let file = read("a.asl.yaml", text, &[]).expect("good YAML");
        assert_eq!(json(&file.text), json(expected), "{text}");
        assert_eq!(file.written, text);
    }
    let number = read("a.yml", "a: 12345678901234567890.10", &[]).expect("good YAML");
    assert!(
        number.text.contains("\n12345678901234567890.10\n"),
        "{}",
        number.text
    );
    assert_eq!(read("a.yaml", "", &[]).expect("no document").text, "");
}

#[test]
fn what_json_cannot_say_is_refused_with_its_place() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    let before = |i: usize| vec![format!("*a{i}"); 9].join(", ");
    let lists = (1..12).map(|i| format!("a{i}: &a{i} [{}]\n", before(i - 1)));
    laughs.extend(lists);
    let cases = [
        ("a: [1", "INVALID_YAML"),
        (
            "a: !Ref x",
            "1:4 INVALID_YAML: The tag !Ref has no meaning in JSON",
        ),
        (
            "a: &x [*x]",
            "1:8 INVALID_YAML: An alias stands within what it stands for",
        ),
        ("a: *x", "INVALID_YAML"),
        (
            "a: 1\n---\nb: 2",
            "2:1 INVALID_YAML: A definition is one YAML document",
        ),
        ("? [a]\n: 1", "1:3 INVALID_YAML: A key must be text"),
        (
            &laughs,
            "INVALID_YAML: Written as JSON the definition is longer than 1048576 bytes",
        ),
    ];
    for (text, expected) in cases {
        let faults = read("a.yaml", text, &[]).expect_err(text);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(
            faults[0].contains(expected),
            "{faults:?} instead of {expected}"
        );
    }
    let deep = "[".repeat(100_000);
    assert!(read("a.yaml", &deep, &[]).is_err());
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let deep = read("a.yaml", &deep, &[]).expect("YAML");
    assert!(shown(&deep.check())[0].contains("TOO_DEEPLY_NESTED"));
}

#[test]
fn faults_have_their_places_in_the_yaml_text() {
    let text = "\
StartAt: Frist
States:
  First:
    Type: Task # a comment
    Resource: 'arn:aws:lambda:us-east-1:111111111111:function:${Name}'
    Foo: 1
    InputPath: $.a[x]
    TimeoutSeconds: 0
    Parameters: {a.$: $.b, c: \"$.d\"}
    End: true
";
    let file = read("a.asl.yaml", text, &[("Name", "worker")]).expect("good YAML");
    let expected = [
        "1:10 MISSING_TRANSITION_TARGET: Missing 'Next' target: Frist",
        "6:5 SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported",
        "7:20 SCHEMA_VALIDATION_FAILED: Value is not a valid JSONPath",
        "8:21 SCHEMA_VALIDATION_FAILED: Minimum value is 1",
        "9:31 NO_DOLLAR: The value of 'c' looks like a path or an intrinsic function, but is taken literally",
    ];
    assert_eq!(shown(&file.check()), expected);
}

#[test]
fn placeholders_are_replaced_and_places_move_along() {
    let text = "{\"a\": \"x-${A}-${B}\", \"n\": ${N},\n \"q\": \"${A}\"} ${not one} $${A}";
    let substitutions = [("A", "l\"o\"ng"), ("B", ""), ("N", "5")];
    let file = read("a.json", text, &substitutions).expect("all are known");
    let expected =
        "{\"a\": \"x-l\\\"o\\\"ng-\", \"n\": 5,\n \"q\": \"l\\\"o\\\"ng\"} ${not one} $l\"o\"ng";
    assert_eq!(file.text, expected);

    let faults = read("a.json", text, &[("A", "x")]).expect_err("two are unknown");
    let expected = [
        "1:15 UNKNOWN_SUBSTITUTION: There is no substitution for ${B}",
        "1:27 UNKNOWN_SUBSTITUTION: There is no substitution for ${N}",
    ];
    assert_eq!(faults, expected);

    let text = "{\"StartAt\": \"${First}\", \"States\": {\"A\": {\"Type\": \"${Type}\", \"Foo\": 1,\n  \"Bar\": 1, \"End\": true}}, \"Baz\": 1}";
    let substitutions = [("First", "A"), ("Type", "Succeed or what\nelse")];
    let file = read("a.json", text, &substitutions).expect("all are known");
    let expected = [
        "1:50 SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        "2:28 SCHEMA_VALIDATION_FAILED: Field 'Baz' is not supported",
    ];
    assert_eq!(shown(&file.check()), expected);
    let untouched = read("a.json", text, &[]).expect("nothing to replace");
    assert_eq!(untouched.text, text);
}

/// JSON is YAML, too: definitions must say the same, and have their faults in the same places.
#[test]
fn definitions_in_json_are_yaml() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "config/workflows",
        "../shared/conformance/validate/invalid",
        "../shared/conformance/validate/valid",
        "../shared/conformance/real-world",
    ];
    let mut tried = 0;
    for folder in folders.map(|folder| package.join(folder)) {
        // The conformance data need not be at hand.
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let as_json = read("a.json", &text, &[]).expect("JSON is taken as it is");
            let as_yaml = read("a.yaml", &text, &[]).expect("JSON is YAML");
            assert_eq!(json(&as_yaml.text), json(&text), "{}", path.display());
            let (found, expected) = (shown(&as_yaml.check()), shown(&as_json.check()));
            assert_eq!(found, expected, "{}", path.display());
            tried += 1;
        }
    }
    assert!(tried > 0);
}
