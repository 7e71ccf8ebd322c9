//! Cases for `source`.

use super::{Json, Node, Source};

#[test]
fn faults_have_a_place_and_the_words_of_aws() {
    const VALUE: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";
    #[rustfmt::skip]
    let cases: &[(&str, &str, usize, usize)] = &[
        ("not a definition", &format!("Unrecognized token 'not': was expecting ({VALUE})"), 0, 3),
        ("{\"a\":tru}", &format!("Unrecognized token 'tru': was expecting ({VALUE})"), 5, 8),
        ("{\"a\":1,}", "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 7, 8),
        ("{a:1}", "Unexpected character ('a' (code 97)): was expecting double-quote to start field name", 1, 2),
        ("{\"a\" 1}", "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 5, 6),
        ("{\"a\":1 \"b\":2}", "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 7, 8),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 3, 4),
        ("[1,]", &format!("Unexpected character (']' (code 93)): expected a valid value ({VALUE})"), 3, 4),
        ("{} x", "Unexpected character ('x' (code 120)): expected nothing after the definition", 3, 4),
        ("{\"a", "Unexpected end-of-input within a string", 3, 3),
        ("{\"a\":", "Unexpected end-of-input within the text", 5, 5),
        ("{", "Unexpected end-of-input within an object", 1, 1),
        ("[", "Unexpected end-of-input within the text", 1, 1),
        ("\"a\nb\"", "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value", 2, 3),
        ("\"\\x\"", "Unrecognized character escape 'x' (code 120)", 2, 3),
        ("\"\\u12g4\"", "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence", 5, 6),
        ("\"\\ud800\"", "Incomplete surrogate pair", 1, 1),
        ("01", "Invalid numeric value '01'", 0, 2),
        ("-", "Invalid numeric value '-'", 0, 1),
        ("1.", "Invalid numeric value '1.'", 0, 2),
        ("\u{feff}{}", &format!("Unexpected character ('\u{feff}' (code 65279)): expected a valid value ({VALUE})"), 0, 3),
    ];
    for (text, message, at, read) in cases {
        let error = Source::parse(text).unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.at, error.read, error.too_deep),
            (*message, *at, *read, false),
            "{text}"
        );
    }
}

#[test]
fn what_parses_equals_the_value_of_the_same_text() {
    let texts = [
        "null",
        " [1, 1.10, -0, 1E400, true, false, null, \"x\"] ",
        r#"{"a": {"b": [{}, []]}, "\u00e9\ud83d\ude00\n": "\"\\\/\b\f\r\t"}"#,
        r#"{"a": 1, "b": 2, "a": 3}"#,
    ];
    for text in texts {
        let value = crate::value::Value::parse(text.as_bytes()).unwrap();
        assert_eq!(
            Source::parse(text).unwrap().root.to_value().to_json(),
            value.to_json(),
            "{text}"
        );
    }
}

#[test]
fn every_node_knows_its_line_column_and_pointer() {
    let text = "{\n\t\"é\": 1,\r\n  \"States\": {\"A b\": [null, {\"c/d\": true}]}\n}";
    let source = Source::parse(text).unwrap();
    let mut seen = Vec::new();
    walk(&source.root, &mut |node| {
        seen.push((
            source.pointer(node),
            source.line_and_column(node.span.start),
        ));
    });
    let expected = [
        ("/", (1, 1)),
        ("/é", (2, 7)),
        ("/States", (3, 13)),
        ("/States/A b", (3, 21)),
        ("/States/A b[0]", (3, 22)),
        ("/States/A b[1]", (3, 28)),
        ("/States/A b[1]/c/d", (3, 36)),
    ];
    assert_eq!(
        seen,
        expected
            .map(|(pointer, place)| (pointer.to_owned(), place))
            .to_vec()
    );
}

#[test]
fn depth_is_bounded_on_the_way_in() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Source::parse(&deep(128)).is_ok());
    let error = Source::parse(&deep(129)).unwrap_err();
    assert!(error.too_deep);
    assert_eq!(error.at, 128);
    assert!(Source::parse(&"[".repeat(100_000)).unwrap_err().too_deep);
}

#[test]
fn repeated_keys_are_listed_and_the_last_one_counts() {
    let source = Source::parse(r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#).unwrap();
    let repeated: Vec<_> = source
        .duplicates
        .iter()
        .map(|span| (span.start, source.slice(*span)))
        .collect();
    assert_eq!(repeated, [(23, "\"c\""), (32, "\"a\"")]);
    assert_eq!(source.root.get("a").unwrap().to_value().to_json(), "3");
    assert_eq!(source.pointer(source.root.descend("/b/c")), "/b/c");
}

fn walk<'n>(node: &'n Node, visit: &mut impl FnMut(&'n Node)) {
    visit(node);
    match &node.json {
        Json::Array(elements) => elements.iter().for_each(|n| walk(n, visit)),
        Json::Object(members) => members.iter().for_each(|m| walk(&m.value, visit)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
