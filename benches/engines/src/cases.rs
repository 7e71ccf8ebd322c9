//! What is measured: expressions, and the same work written by hand over the same value.

use stepstream::value::{ArrayBuilder, ObjectBuilder, Value};

/// A document with 50 items.
pub(crate) fn document() -> String {
    let items: Vec<String> = (0..50)
        .map(|i| {
            format!(
                r#"{{"sku":"sku-{i}","price":{}.5,"quantity":{}}}"#,
                i % 17,
                i % 5
            )
        })
        .collect();
    format!(
        r#"{{"id":"dev-17","type":"thermometer","site":"plant-7","temperature":31.5,"battery":64,
        "location":{{"zone":"paint","lat":52.5,"lon":13.4}},"numbers":[{}],"items":[{}]}}"#,
        (0..50).map(|i| i.to_string()).collect::<Vec<_>>().join(","),
        items.join(",")
    )
}

/// One expression.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// The same by hand, for `$states.input`.
    pub(crate) by_hand: fn(&Value) -> Option<Value>,
}

const fn case(
    name: &'static str,
    text: &'static str,
    by_hand: fn(&Value) -> Option<Value>,
) -> Case {
    Case {
        name,
        text,
        by_hand,
    }
}

/// All of them.
pub(crate) const CASES: [Case; 9] = [
    case("path", "$states.input.location.zone", path),
    case(
        "condition",
        "$states.input.temperature > 30 and $states.input.battery < 100",
        condition,
    ),
    case(
        "object of six fields",
        "{'id': $states.input.id, 'type': $states.input.type, 'site': $states.input.site,
        'temperature': $states.input.temperature, 'zone': $states.input.location.zone, 'level': 'none'}",
        object,
    ),
    case("filter, predicate", "$states.input.items[price > 8]", filter),
    case(
        "filter, function",
        "$filter($states.input.items, function($i){ $i.price > 8 })",
        filter,
    ),
    case("map, path", "$states.input.items.(price * quantity)", map),
    case(
        "map, function",
        "$map($states.input.items, function($i){ $i.price * $i.quantity })",
        map,
    ),
    case(
        "concatenation",
        "$states.input.type & '@' & $states.input.site & ':' & $states.input.id",
        concatenation,
    ),
    case("sum", "$sum($states.input.numbers)", sum),
];

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
