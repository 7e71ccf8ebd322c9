//! What JSONata costs beside hand-written Rust over the same value: `cargo bench --no-default-features --bench jsonata`.

use std::borrow::Cow;

use divan::{Bencher, black_box};
use stepstream::expr::jsonata::{Environment, Expression, Limits, Variables};
use stepstream::value::{ArrayBuilder, ObjectBuilder, Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// `$states`, whose members are there without the whole.
struct States(Value);

impl Variables for States {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        (name == "states").then(|| {
            let mut states = ObjectBuilder::new();
            states.insert("input", self.0.clone());
            Cow::Owned(states.finish().expect("the document is flat"))
        })
    }

    fn member(&self, name: &str, field: &str) -> Option<Cow<'_, Value>> {
        (name == "states" && field == "input").then_some(Cow::Borrowed(&self.0))
    }
}

/// A document with 50 items.
fn document() -> Value {
    let items: Vec<String> = (0..50)
        .map(|i| {
            format!(
                r#"{{"sku":"sku-{i}","price":{}.5,"quantity":{}}}"#,
                i % 17,
                i % 5
            )
        })
        .collect();
    let json = format!(
        r#"{{"id":"dev-17","type":"thermometer","site":"plant-7","temperature":31.5,"battery":64,
        "location":{{"zone":"paint","lat":52.5,"lon":13.4}},"numbers":[{}],"items":[{}]}}"#,
        (0..50).map(|i| i.to_string()).collect::<Vec<_>>().join(","),
        items.join(",")
    );
    Value::parse(json.as_bytes()).expect("the document is JSON")
}

const PATH: &str = "$states.input.location.zone";
const CONDITION: &str = "$states.input.temperature > 30 and $states.input.battery < 100";
const OBJECT: &str = "{'id': $states.input.id, 'type': $states.input.type, 'site': $states.input.site,
    'temperature': $states.input.temperature, 'zone': $states.input.location.zone, 'level': 'none'}";
const PREDICATE: &str = "$states.input.items[price > 8]";
const FILTER: &str = "$filter($states.input.items, function($i){ $i.price > 8 })";
const MAP: &str = "$states.input.items.(price * quantity)";
const MAP_FUNCTION: &str = "$map($states.input.items, function($i){ $i.price * $i.quantity })";
const CONCATENATION: &str =
    "$states.input.type & '@' & $states.input.site & ':' & $states.input.id";
const SUM: &str = "$sum($states.input.numbers)";

#[divan::bench(args = [PATH, CONDITION, OBJECT, PREDICATE, FILTER, MAP, MAP_FUNCTION, CONCATENATION, SUM])]
fn jsonata(bencher: Bencher<'_, '_>, text: &str) {
    let states = States(document());
    let expression = Expression::compile(text).expect("it is an expression");
    let environment = Environment {
        input: None,
        variables: &states,
        now_ms: 0,
        randomness: &|| 0,
        limits: Limits::default(),
    };
    bencher.bench_local(|| black_box(&expression).eval(black_box(&environment)));
}

fn number(value: &Value, name: &str) -> Option<f64> {
    Some(value.get(name)?.as_number()?.as_f64())
}

fn path(input: &Value) -> Option<Value> {
    input.get("location")?.get("zone").cloned()
}

fn condition(input: &Value) -> Option<Value> {
    let warm = number(input, "temperature")? > 30.0 && number(input, "battery")? < 100.0;
    Some(Value::from(warm))
}

fn object(input: &Value) -> Option<Value> {
    let mut object = ObjectBuilder::with_capacity(6);
    for name in ["id", "type", "site", "temperature"] {
        object.insert(name, input.get(name)?.clone());
    }
    object.insert("zone", input.get("location")?.get("zone")?.clone());
    object.insert("level", Value::from("none"));
    object.finish().ok()
}

fn filter(input: &Value) -> Option<Value> {
    let mut array = ArrayBuilder::new();
    for item in input.get("items")?.as_array()? {
        if number(item, "price")? > 8.0 {
            array.push(item.clone());
        }
    }
    array.finish().ok()
}

fn map(input: &Value) -> Option<Value> {
    let items = input.get("items")?.as_array()?;
    let mut array = ArrayBuilder::with_capacity(items.len());
    for item in items {
        array.push(Value::from_f64(
            number(item, "price")? * number(item, "quantity")?,
        )?);
    }
    array.finish().ok()
}

fn concatenation(input: &Value) -> Option<Value> {
    let text = |name: &str| input.get(name)?.as_str();
    let label = [text("type")?, "@", text("site")?, ":", text("id")?].concat();
    Some(Value::from(label))
}

fn sum(input: &Value) -> Option<Value> {
    let numbers = input.get("numbers")?.as_array()?.iter();
    Value::from_f64(
        numbers
            .filter_map(Value::as_number)
            .map(|n| n.as_f64())
            .sum(),
    )
}

type HandWritten = (&'static str, fn(&Value) -> Option<Value>);

const HAND_WRITTEN: [HandWritten; 7] = [
    ("path", path),
    ("condition", condition),
    ("object", object),
    ("filter", filter),
    ("map", map),
    ("concatenation", concatenation),
    ("sum", sum),
];

#[divan::bench(args = HAND_WRITTEN.map(|(name, _)| name))]
fn hand_written(bencher: Bencher<'_, '_>, name: &str) {
    let input = document();
    let (_, work) = HAND_WRITTEN
        .into_iter()
        .find(|(known, _)| *known == name)
        .expect("the names are those of the table");
    bencher.bench_local(|| work(black_box(&input)));
}
