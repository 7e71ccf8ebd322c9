//! Tables of texts and what is read from them.

use super::*;
use crate::machine::Timestamp;

#[test]
fn arns_are_taken_apart_or_refused() {
    let head = "arn:aws:states:us-east-1:123456789012";
    // An ARN of a machine; its name, qualifier and test case, or why it is none.
    let cases = [
        (format!("{head}:stateMachine:a"), Ok("a None None")),
        (
            format!("{head}:stateMachine:a:7"),
            Ok("a Some(Version(7)) None"),
        ),
        (
            format!("{head}:stateMachine:a:v7"),
            Ok("a Some(Alias(\"v7\")) None"),
        ),
        (
            format!("{head}:stateMachine:a#Happy"),
            Ok("a None Some(\"Happy\")"),
        ),
        ("x".to_owned(), Err("Invalid ARN prefix: x")),
        (
            "arn:aws:states".to_owned(),
            Err("Invalid Arn: arn:aws:states"),
        ),
        (
            format!("{head}:execution:a:b"),
            Err("Resource type not valid in this context: execution"),
        ),
        (
            head.replace("states", "sqs") + ":stateMachine:a",
            Err("Invalid service: sqs"),
        ),
        (
            format!("{head}:stateMachine:a:"),
            Err("Invalid qualifier: "),
        ),
        (
            format!("{head}:stateMachine:a:1:2"),
            Err("Invalid qualifier: 1:2"),
        ),
        (
            format!("{head}:stateMachine:a:99999999999999999999"),
            Err("Invalid qualifier: 99999999999999999999"),
        ),
    ];
    for (arn, expected) in cases {
        let found = machine_arn(&arn).map(|arn| {
            let (qualifier, test_case) = (arn.qualifier, arn.test_case);
            format!("{} {qualifier:?} {test_case:?}", arn.name)
        });
        let expected = expected.map(str::to_owned).map_err(Fault::invalid_arn);
        assert_eq!(found, expected, "{arn}");
    }
    for (arn, is_one) in [
        ("execution:m:e", true),
        ("express:m:e:id", true),
        ("execution:m:e:id", false),
        ("express:m:e", false),
        ("stateMachine:m", false),
    ] {
        let arn = format!("{head}:{arn}");
        assert_eq!(execution_arn(&arn).is_ok(), is_one, "{arn}");
    }
}

#[test]
fn members_are_read_within_their_constraints() {
    // A body; what is read, or the message of the refusal.
    #[rustfmt::skip]
    let cases: [(&str, Result<&str, &str>); 12] = [
        (r#"{"t":"x","n":3,"w":"A","f":true,"s":{"t":"y"},"l":[{"t":"z"}]}"#, Ok(r#""x" Some(3) Some("A") true Some("y") Some(["z"])"#)),
        (r#"{"t":"é","n":null,"unknown":[{}]}"#, Ok(r#""é" None None false None None"#)),
        ("", Err("1 validation error detected: Value null at 't' failed to satisfy constraint: Member must not be null")),
        (r#"{"t":"","n":9}"#, Err("2 validation errors detected: Value '' at 't' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '9' at 'n' failed to satisfy constraint: Member must have value less than or equal to 5")),
        (r#"{"t":"ééé"}"#, Err("1 validation error detected: Value 'ééé' at 't' failed to satisfy constraint: Member must have length less than or equal to 2")),
        (r#"{"t":"x","s":{},"l":[{"t":"a"},{}]}"#, Err("2 validation errors detected: Value null at 's.t' failed to satisfy constraint: Member must not be null; Value null at 'l.2.member.t' failed to satisfy constraint: Member must not be null")),
        (r#"{"t":"x","w":"C"}"#, Err("1 validation error detected: Value 'C' at 'w' failed to satisfy constraint: Member must satisfy enum value set: [A, B]")),
        (r#"{"t":1}"#, Err("NUMBER_VALUE can not be converted to String")),
        (r#"{"t":"x","n":1.5}"#, Err("NUMBER_VALUE can not be converted to Integer")),
        (r#"{"t":"x","f":"true"}"#, Err("STRING_VALUE can not be converted to Boolean")),
        (r#"{"t":"x","s":[]}"#, Err("START_ARRAY can not be converted to a structure")),
        (r#"{"t":"x","l":{}}"#, Err("START_OBJECT can not be converted to List")),
    ];
    for (body, expected) in cases {
        let found = read(body).map_err(|fault| fault.message);
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(found, expected, "{body}");
    }
}

fn read(body: &str) -> Result<String, Fault> {
    let mut fields = Fields::parse(body.as_bytes())?;
    let text = |fields: &mut Fields| fields.text("t", 1, 2);
    let (t, n) = (text(&mut fields)?, fields.integer("n", 0, 5)?);
    let (w, f) = (fields.word("w", &["A", "B"])?, fields.flag("f")?);
    let s = fields.structure("s", text)?;
    let l = fields.structures("l", text)?;
    fields.check()?;
    Ok(format!("{t:?} {n:?} {w:?} {f} {s:?} {l:?}"))
}

#[test]
fn pages_follow_one_another_to_the_end() {
    let names: Vec<String> = (0..7).map(|number| format!("n{number}")).collect();
    let mut body = r#"{"maxResults":3}"#.to_owned();
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let mut fields = Fields::parse(body.as_bytes()).unwrap();
        let page = Page::of("Names", &mut fields).unwrap();
        let rest = names.iter().filter(|name| page.after.as_ref() < Some(name));
        let (entries, token) = page.take(rest, |name| (*name).clone());
        sizes.push(entries.len());
        seen.extend(entries.into_iter().cloned());
        let Some(token) = token else {
            break;
        };
        body = format!(r#"{{"maxResults":3,"nextToken":"{token}"}}"#);
    }
    assert_eq!((seen, sizes), (names, vec![3, 3, 1]));
    let of_another = body.replace("TmFtZXM", "T3RoZXI");
    for (body, entries_max) in [
        ("{}", Some(100)),
        (r#"{"maxResults":0}"#, Some(100)),
        (of_another.as_str(), None),
    ] {
        let page = Page::of("Names", &mut Fields::parse(body.as_bytes()).unwrap());
        assert_eq!(
            page.map(|page| page.entries_max).ok(),
            entries_max,
            "{body}"
        );
    }
}

#[test]
fn answers_are_json() {
    let mut members = Members::new();
    members.text("text", "a\"\n");
    members.optional_text("none", None);
    members.integer("integer", -7);
    members.flag("flag", false);
    for (name, ms) in [("whole", 5_000), ("part", 5_070)] {
        members.instant(name, Timestamp::from_millis(ms));
    }
    let (mut inner, mut list) = (Members::new(), List::new());
    inner.flag("x", true);
    list.object(Members::new());
    list.text("t");
    members.object("object", inner);
    members.list("list", list);
    members.list("empty", List::new());
    let expected = r#"{"text":"a\"\n","integer":-7,"flag":false,"whole":5,"part":5.070,"object":{"x":true},"list":[{},"t"],"empty":[]}"#;
    assert_eq!(String::from_utf8(members.finish()).unwrap(), expected);
}

#[test]
fn a_fault_names_its_type_behind_a_namespace() {
    let body = |fault: Fault| String::from_utf8(fault.body()).unwrap();
    assert_eq!(
        body(Fault::new("InvalidName", "n")),
        r#"{"__type":"com.amazonaws.swf.service.v2.model#InvalidName","message":"n"}"#
    );
    assert_eq!(
        body(Fault::validation_because("WHY", "m")),
        r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"m","reason":"WHY"}"#
    );
}
