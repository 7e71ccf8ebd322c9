//! What holds for generated paths, documents and texts.

use proptest::prelude::*;

use super::with_scope;
use crate::expr::path::select::{Budget, find};
use crate::expr::path::{Path, Shape, Step, Steps};
use crate::value::{ArrayBuilder, Hint, ObjectBuilder, Text, Value};

/// Few names and short arrays, so that many paths lead somewhere.
fn documents() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::NULL),
        any::<bool>().prop_map(Value::from),
        (-3_i64..9).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 60, 4, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..4).prop_map(|elements| {
            let elements: ArrayBuilder = elements.into_iter().collect();
            elements.finish().unwrap()
        });
        let object = prop::collection::vec(("[a-c]", inner), 0..4).prop_map(|members| {
            let mut object = ObjectBuilder::new();
            for (name, member) in members {
                object.insert(name, member);
            }
            object.finish().unwrap()
        });
        prop_oneof![array, object]
    })
}

fn definite_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => "[a-c]".prop_map(|name| Step::Name(Text::from(name), Hint::default())),
        2 => (-1_i64..4).prop_map(Step::Index),
        1 => (1_i64..4).prop_map(Step::FromEnd),
    ];
    prop::collection::vec(step, 0..6)
}

/// What the steps give, or the text of the miss.
fn found(steps: &Steps, document: &Value) -> Result<Value, String> {
    find(steps, document, document, &mut Budget::default())
        .map(std::borrow::Cow::into_owned)
        .map_err(|stop| stop.told(&steps.list).to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn plain_walks_agree_with_the_general_walk(list in definite_steps(), document in documents()) {
        let mut steps = Steps::new(list);
        prop_assert_eq!(steps.shape, Shape::Plain);
        let plain = found(&steps, &document);
        steps.shape = Shape::Built;
        prop_assert_eq!(plain, found(&steps, &document));
    }

    #[test]
    fn no_path_makes_it_panic(text in r#"\$[\.\[\]\(\)\*@?'",:0-9a-c&|=!~/ {}$-]{0,24}"#, document in documents()) {
        if let Ok(path) = Path::compile(&text) {
            path.find_in(&document).map_err(|miss| miss.to_string()).ok();
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in r"\PC{0,40}") {
        for text in [format!("$.{text}"), format!("$['{text}']"), format!("$[?({text})]"), format!("$.a[?(@.b =~ /{text}/)]"), text] {
            if let Ok(path) = Path::compile(&text) {
                with_scope(|scope| path.find(scope).map_err(|miss| miss.to_string()).is_ok());
            }
        }
    }
}
