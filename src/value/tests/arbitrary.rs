//! What holds for arbitrary texts and changes, with `serde_json` as the judge of what is JSON.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::super::*;
use super::{check, parsed};

/// A JSON text of an arbitrary value, as other writers might write it.
fn json_text() -> impl Strategy<Value = String> {
    let string = prop_oneof![
        any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
        r#""([a-z ]|\\[nrtbf/"\\]|\\u[0-9a-fA-F]{4}|\\ud8[0-9]{2}\\udc[0-9]{2}|é|😀){0,30}""#,
    ];
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        any::<i64>().prop_map(|i| i.to_string()),
        r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        string.clone(),
    ];
    let space = "[ \t\r\n]{0,2}";
    scalar.prop_recursive(6, 120, 12, move |inner| {
        let key = prop_oneof!["\"[a-c]{0,1}\"", string.clone()];
        prop_oneof![
            (vec(inner.clone(), 0..12), space)
                .prop_map(|(all, space)| format!("[{space}{}]", all.join(&format!("{space},")))),
            (vec((key, inner), 0..60), space).prop_map(|(all, space)| {
                let entries: Vec<_> = all.iter().map(|(k, v)| format!("{k}:{space}{v}")).collect();
                format!("{{{}{space}}}", entries.join(","))
            }),
        ]
    })
}

/// Our verdict on these bytes must be `serde_json`'s.
fn agrees_with_serde(bytes: &[u8]) {
    let ours = Value::parse(bytes);
    // Kept raw, a text is only checked against the grammar: lone surrogates and huge numbers pass, as with us.
    let valid = serde_json::from_slice::<&RawValue>(bytes).is_ok();
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(ours.is_ok(), valid, "{ours:?} {shown}");
    let Ok(ours) = ours else { return };
    check(&ours);
    if let Ok(theirs) = serde_json::from_slice::<serde_json::Value>(bytes) {
        assert_eq!(ours.to_serde(), theirs, "{shown}");
    }
}

proptest! {
    #[test]
    fn arbitrary_texts_agree_with_serde(json in json_text()) {
        agrees_with_serde(json.as_bytes());
    }

    #[test]
    fn broken_texts_agree_with_serde(
        json in json_text(),
        breaks in vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
    ) {
        let mut bytes = json.into_bytes();
        for (place, byte, kind) in breaks {
            let at = place.index(bytes.len() + 1);
            match kind {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, byte),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"[]{}\",:\\u0-.e"[usize::from(byte) % 13]),
            }
        }
        agrees_with_serde(&bytes);
    }

    #[test]
    fn garbage_agrees_with_serde(bytes in vec(prop_oneof![any::<u8>(), prop::sample::select(&b"[]{}\",:\\u0-.e1 tn"[..])], 0..40)) {
        agrees_with_serde(&bytes);
    }

    #[test]
    fn doubles_print_as_they_parse(f in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let value = Value::from_f64(f).unwrap();
        check(&value);
        prop_assert_eq!(parsed(&value.to_json()).as_number().unwrap().as_f64(), f);
    }

    #[test]
    fn inserts_and_removes_match_a_map(
        start in btree_map("[a-d]{0,2}", any::<i64>(), 0..60),
        changes in vec(("[a-d]{0,2}", prop::option::of(any::<i64>())), 0..40),
    ) {
        let mut model = start.clone();
        let mut object = ObjectBuilder::new();
        start.into_iter().for_each(|(key, i)| object.insert(key, i.into()));
        let mut value = object.finish().unwrap();
        let mut shared = value.clone();
        for (at, (key, change)) in changes.into_iter().enumerate() {
            // Every third change meets a shared value.
            if at % 3 == 0 {
                shared = value.clone();
            }
            let before = shared.to_json();
            match change {
                Some(i) => {
                    value.insert(&key, i.into()).unwrap();
                    model.insert(key, i);
                }
                None => prop_assert_eq!(value.remove(&key), model.remove(&key).map(Value::from)),
            }
            prop_assert_eq!(shared.to_json(), before);
        }
        check(&value);
        prop_assert_eq!(value.to_serde(), serde_json::json!(model));
    }
}

proptest! {
    /// The quick ways of a decimal's double and of a double's length say what the slow ones say.
    #[test]
    fn decimals_and_doubles_agree(whole in -9_999_999_999_i64..9_999_999_999, decimals in 0_usize..9, divisor in 1_u32..2_000) {
        let digits = format!("{:0>9}", whole.unsigned_abs());
        let (before, after) = digits.split_at(digits.len() - decimals);
        let before = before.trim_start_matches('0');
        let before = if before.is_empty() { "0" } else { before };
        let sign = if whole < 0 { "-" } else { "" };
        let text = if decimals == 0 {
            format!("{sign}{before}")
        } else {
            format!("{sign}{before}.{after}")
        };
        let value = parsed(&text);
        let expected: f64 = text.parse().unwrap();
        prop_assert_eq!(value.as_f64().map(f64::to_bits), Some(expected.to_bits()));
        for f in [expected, expected / f64::from(divisor), expected / 1e6, expected * 1e7] {
            let value = Value::from_f64(f).unwrap();
            prop_assert_eq!(value.json_bytes(), value.to_json().len(), "{}", f);
        }
    }
}
