//! The value against its alternatives, on two IoT events: parse, clone, copy-on-write insert, serialise, get.
//!
//! `simd_json_tape` is the tape alone, `from_simd_json_tape` our value built from it. The latter loses the digits
//! of numbers, so it is a lower bound of what parsing through the tape would cost.

#![expect(
    clippy::indexing_slicing,
    reason = "it is how the other library sets a member"
)]

use std::hint::black_box;

use divan::Bencher;
use simd_json::prelude::{MutableObject as _, ValueObjectAccess as _, Writable as _};
use stepstream::value::{ArrayBuilder, ObjectBuilder, Value};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two events by their sizes in bytes.
const SIZES: [usize; 2] = [291, 473];

const EVENTS: [&str; 2] = [
    r#"{"deviceId":"dev-045002","ts":1763800000000010,"tenant":"acme-eu-central","firmware":"2.13.3","type":"heartbeat","temperature":-0.11,"humidity":86.5,"battery":65,"location":{"site":"plant-13","zone":"warehouse","lat":57.06714,"lon":-172.50548},"readings":[1.786,14.646,71.884,16.023,70.461]}"#,
    r#"{"deviceId":"dev-045002","ts":1763800000000010,"tenant":"acme-eu-central","firmware":"2.13.3","type":"heartbeat","temperature":-0.11,"humidity":86.5,"battery":65,"location":{"site":"plant-13","zone":"warehouse","lat":57.06714,"lon":-172.50548},"readings":[1.786,14.646,71.884,16.023,70.461],"network":{"carrier":"nordic-mobile","signalDbm":-71,"roaming":false,"cell":"262-01-4711-88112"},"tags":["line-4","north","maintenance due"],"note":"Door \"B\" open","previous":null}"#,
];

fn event(size: usize) -> &'static str {
    EVENTS
        .into_iter()
        .find(|event| event.len() == size)
        .expect("each size has its event")
}

fn main() {
    divan::main();
}

fn ours(size: usize) -> Value {
    Value::parse(event(size).as_bytes()).expect("the events are JSON")
}

fn serde(size: usize) -> serde_json::Value {
    serde_json::from_str(event(size)).expect("the events are JSON")
}

fn sonic(size: usize) -> sonic_rs::Value {
    sonic_rs::from_str(event(size)).expect("the events are JSON")
}

fn simd_owned(size: usize) -> simd_json::OwnedValue {
    let mut bytes = event(size).as_bytes().to_vec();
    simd_json::to_owned_value(&mut bytes).expect("the events are JSON")
}

#[divan::bench_group]
mod parse {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ours(bencher: Bencher<'_, '_>, size: usize) {
        let bytes = event(size).as_bytes();
        bencher.bench(|| Value::parse(black_box(bytes)));
    }

    #[divan::bench(args = SIZES)]
    fn serde_json(bencher: Bencher<'_, '_>, size: usize) {
        let bytes = event(size).as_bytes();
        bencher.bench(|| ::serde_json::from_slice::<::serde_json::Value>(black_box(bytes)));
    }

    #[divan::bench(args = SIZES)]
    fn sonic_rs(bencher: Bencher<'_, '_>, size: usize) {
        let bytes = event(size).as_bytes();
        bencher.bench(|| ::sonic_rs::from_slice::<::sonic_rs::Value>(black_box(bytes)));
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_owned(bencher: Bencher<'_, '_>, size: usize) {
        bencher
            .with_inputs(|| event(size).as_bytes().to_vec())
            .bench_refs(|bytes| simd_json::to_owned_value(bytes));
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_borrowed(bencher: Bencher<'_, '_>, size: usize) {
        bencher
            .with_inputs(|| event(size).as_bytes().to_vec())
            .bench_local_refs(|bytes| {
                black_box(simd_json::to_borrowed_value(bytes).expect("the events are JSON"));
            });
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_tape(bencher: Bencher<'_, '_>, size: usize) {
        bencher
            .with_inputs(|| event(size).as_bytes().to_vec())
            .bench_local_refs(|bytes| {
                black_box(simd_json::to_tape(bytes).expect("the events are JSON"));
            });
    }

    #[divan::bench(args = SIZES)]
    fn from_simd_json_tape(bencher: Bencher<'_, '_>, size: usize) {
        bencher
            .with_inputs(|| event(size).as_bytes().to_vec())
            .bench_refs(|bytes| {
                let tape = simd_json::to_tape(bytes).expect("the events are JSON");
                from_nodes(&mut tape.0.into_iter())
            });
    }
}

/// Our value from a tape, its numbers as far as the tape has them.
fn from_nodes<'a>(nodes: &mut impl Iterator<Item = simd_json::Node<'a>>) -> Value {
    use simd_json::{Node, StaticNode};
    match nodes.next().expect("a tape holds as many nodes as it says") {
        Node::Static(StaticNode::Null) => Value::NULL,
        Node::Static(StaticNode::Bool(b)) => Value::from(b),
        Node::Static(StaticNode::I64(i)) => Value::from(i),
        Node::Static(StaticNode::U64(i)) => Value::from(i.cast_signed()),
        Node::Static(StaticNode::F64(f)) => Value::from_f64(f).unwrap_or_default(),
        Node::String(s) => Value::from(s),
        Node::Array { len, .. } => {
            let mut array = ArrayBuilder::with_capacity(len);
            for _ in 0..len {
                array.push(from_nodes(nodes));
            }
            array.finish().expect("the events are shallow")
        }
        Node::Object { len, .. } => {
            let mut object = ObjectBuilder::with_capacity(len);
            for _ in 0..len {
                if let Some(Node::String(key)) = nodes.next() {
                    object.insert(key, from_nodes(nodes));
                }
            }
            object.finish().expect("the events are shallow")
        }
    }
}

#[divan::bench_group]
mod clone {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ours(bencher: Bencher<'_, '_>, size: usize) {
        let value = super::ours(size);
        bencher.bench(|| value.clone());
    }

    #[divan::bench(args = SIZES)]
    fn serde_json(bencher: Bencher<'_, '_>, size: usize) {
        let value = serde(size);
        bencher.bench(|| value.clone());
    }

    #[divan::bench(args = SIZES)]
    fn sonic_rs(bencher: Bencher<'_, '_>, size: usize) {
        let value = sonic(size);
        bencher.bench(|| value.clone());
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_owned(bencher: Bencher<'_, '_>, size: usize) {
        let value = simd_owned(size);
        bencher.bench(|| value.clone());
    }
}

/// A copy with one more member, the original kept: what a state's `ResultPath` asks for.
#[divan::bench_group]
mod insert {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ours(bencher: Bencher<'_, '_>, size: usize) {
        let value = super::ours(size);
        bencher.bench(|| {
            let mut copy = value.clone();
            copy.insert("alert", Value::from("critical")).map(|()| copy)
        });
    }

    /// The same where nobody else holds the object.
    #[divan::bench(args = SIZES)]
    fn ours_unshared(bencher: Bencher<'_, '_>, size: usize) {
        bencher
            .with_inputs(|| super::ours(size))
            .bench_refs(|value| value.insert("alert", Value::from("critical")));
    }

    #[divan::bench(args = SIZES)]
    fn serde_json(bencher: Bencher<'_, '_>, size: usize) {
        let value = serde(size);
        bencher.bench(|| {
            let mut copy = value.clone();
            copy["alert"] = "critical".into();
            copy
        });
    }

    #[divan::bench(args = SIZES)]
    fn sonic_rs(bencher: Bencher<'_, '_>, size: usize) {
        let value = sonic(size);
        bencher.bench(|| {
            let mut copy = value.clone();
            copy["alert"] = "critical".into();
            copy
        });
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_owned(bencher: Bencher<'_, '_>, size: usize) {
        let value = simd_owned(size);
        bencher.bench(|| {
            let mut copy = value.clone();
            let inserted = copy.insert("alert", "critical");
            inserted.map(|_| copy)
        });
    }
}

#[divan::bench_group]
mod serialise {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ours(bencher: Bencher<'_, '_>, size: usize) {
        let value = super::ours(size);
        bencher.bench(|| value.to_json());
    }

    #[divan::bench(args = SIZES)]
    fn serde_json(bencher: Bencher<'_, '_>, size: usize) {
        let value = serde(size);
        bencher.bench(|| value.to_string());
    }

    #[divan::bench(args = SIZES)]
    fn sonic_rs(bencher: Bencher<'_, '_>, size: usize) {
        let value = sonic(size);
        bencher.bench(|| ::sonic_rs::to_string(&value));
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_owned(bencher: Bencher<'_, '_>, size: usize) {
        let value = simd_owned(size);
        bencher.bench(|| value.encode());
    }
}

/// The member in the middle of an event.
#[divan::bench_group]
mod get {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ours(bencher: Bencher<'_, '_>, size: usize) {
        let value = super::ours(size);
        bencher.bench(|| value.get(black_box("battery")).map(Value::is_null));
    }

    #[divan::bench(args = SIZES)]
    fn serde_json(bencher: Bencher<'_, '_>, size: usize) {
        let value = serde(size);
        bencher.bench(|| {
            value
                .get(black_box("battery"))
                .map(::serde_json::Value::is_null)
        });
    }

    #[divan::bench(args = SIZES)]
    fn sonic_rs(bencher: Bencher<'_, '_>, size: usize) {
        use ::sonic_rs::{JsonContainerTrait as _, JsonValueTrait as _};
        let value = sonic(size);
        let object = value.as_object().expect("the events are objects");
        bencher.bench(|| object.get(&black_box("battery")).map(|v| v.is_null()));
    }

    #[divan::bench(args = SIZES)]
    fn simd_json_owned(bencher: Bencher<'_, '_>, size: usize) {
        let value = simd_owned(size);
        bencher.bench(|| value.get(black_box("battery")).is_some());
    }
}
