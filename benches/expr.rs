//! What expressions cost on a small IoT document: `cargo bench --no-default-features --bench expr`.

use divan::{Bencher, black_box};
use stepstream::expr::{Path, Randomness, ReferencePath, Scope, Template, Variables};
use stepstream::value::Value;

fn main() {
    divan::main();
}

const DOCUMENT: &str = r#"{"device":{"id":"sensor-0042","type":"thermometer","site":"plant-7","firmware":"2.4.1"},
"ts":"2026-11-23T09:00:00Z","seq":184467,"readings":[{"name":"temperature","value":21.5,"unit":"C"},
{"name":"humidity","value":40,"unit":"%"},{"name":"battery","value":3.71,"unit":"V"}],
"location":{"lat":52.52,"lon":13.405},"tags":["indoor","calibrated"],"alarm":false}"#;

fn with_scope(work: impl FnOnce(&Scope<'_>)) {
    let input = Value::parse(DOCUMENT.as_bytes()).expect("the document is JSON");
    let scope = Scope {
        input: &input,
        context: &Value::NULL,
        variables: Variables::NONE,
        randomness: &Randomness::new(1),
    };
    work(&scope);
}

#[divan::bench(args = [
    "$.device.id",
    "$.readings[1].value",
    "$.no.where",
    "$.readings[*].value",
    "$.readings[?(@.value > 30)].name",
    "$..unit",
])]
fn path(bencher: Bencher<'_, '_>, text: &str) {
    let path = Path::compile(text).expect("it is a path");
    with_scope(|scope| {
        bencher.bench_local(|| black_box(&path).find(black_box(scope)).is_ok());
    });
}

const TEMPLATES: [(&str, &str); 6] = [
    ("constant", r#"{"constant":{"a":[1,2,3]}}"#),
    ("one path", r#"{"id.$":"$.device.id"}"#),
    (
        "seven paths",
        r#"{"id.$":"$.device.id","ts.$":"$.ts","seq.$":"$.seq","site.$":"$.device.site","t.$":"$.readings[0].value",
        "at":{"lat.$":"$.location.lat","lon.$":"$.location.lon"},"kind":"reading"}"#,
    ),
    (
        "Format",
        r#"{"name.$":"States.Format('{}/{}', $.device.site, $.device.id)"}"#,
    ),
    ("MathAdd", r#"{"n.$":"States.MathAdd($.seq, 1)"}"#),
    ("UUID", r#"{"id.$":"States.UUID()"}"#),
];

#[divan::bench(args = TEMPLATES.map(|(name, _)| name))]
fn template(bencher: Bencher<'_, '_>, name: &str) {
    let (_, json) = TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .expect("the name is of the table");
    let json = Value::parse(json.as_bytes()).expect("it is JSON");
    let template = Template::compile(&json).expect("it is a template");
    with_scope(|scope| {
        bencher.bench_local(|| black_box(&template).eval(black_box(scope)));
    });
}

#[divan::bench(args = ["$.result", "$.device.result", "$.tags[1]"])]
fn result_path(bencher: Bencher<'_, '_>, text: &str) {
    let path = ReferencePath::compile(text).expect("it is a reference path");
    with_scope(|scope| {
        bencher.bench_local(|| black_box(&path).put(scope.input.clone(), Value::from(1)));
    });
}

#[divan::bench]
fn compile_path() -> bool {
    Path::compile(black_box("$.readings[0].value")).is_ok()
}
