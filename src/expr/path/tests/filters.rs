//! Tables of filters.

use super::{check, find};

#[test]
fn filters_choose() {
    let kinds = |filter: &str| {
        let values = find(&format!("$.readings[?({filter})].value"));
        values.unwrap_or_else(|e| panic!("{filter}: {e}"))
    };
    for (filter, expected) in [
        ("@.kind == 'temp'", "[21.5,30]"),
        ("@.kind==\"temp\"", "[21.5,30]"),
        ("@.kind==temp", "[21.5,30]"),
        ("@['kind'] == temp", "[21.5,30]"),
        ("'temp' == @.kind", "[21.5,30]"),
        ("@.kind != 'temp'", "[40]"),
        ("@.unit.name == C", "[21.5]"),
        ("@.unit.name != C", "[]"),
        ("@.value > 21.5", "[40,30]"),
        ("@.value >= 30", "[40,30]"),
        ("@.value<30", "[21.5]"),
        ("@.value <= 30", "[21.5,30]"),
        ("30 < @.value", "[40]"),
        ("@.value == 30.0", "[30]"),
        ("@.value == '30'", "[30]"),
        ("@.value == $.limit", "[30]"),
        ("@.kind > 'i'", "[21.5,30]"),
        ("@.ok == true", "[30]"),
        ("@.ok == 'true'", "[30]"),
        ("@.ok", "[30]"),
        ("!@.ok", "[21.5,40]"),
        ("@.extra", "[]"),
        ("@.extra == null", "[30]"),
        ("@.extra != null", "[]"),
        ("@.value != null", "[21.5,40,30]"),
        ("@.kind == 'temp' && @.value > 25", "[30]"),
        ("@.kind == 'hum' || @.ok && @.value == 30", "[40,30]"),
        ("(@.kind == 'hum' || @.ok) && @.value == 30", "[30]"),
        ("!(@.kind == 'hum')", "[21.5,30]"),
        ("@.kind in ['hum', 'x']", "[40]"),
        ("@.kind nin [\"hum\"]", "[21.5,30]"),
        ("@.value IN [40]", "[40]"),
        ("@.kind contains 'em'", "[21.5,30]"),
        ("'hot' in $.device.tags", "[21.5,40,30]"),
        ("$.device.tags contains 'cold'", "[]"),
        ("$.device.tags subsetof ['new','hot','x']", "[21.5,40,30]"),
        ("$.device.tags subsetof ['new']", "[]"),
        ("$.device.tags anyof ['new']", "[21.5,40,30]"),
        ("$.device.tags noneof ['new']", "[]"),
        ("@.kind size 3", "[40]"),
        ("$.empty empty true", "[21.5,40,30]"),
        ("@.kind empty true", "[]"),
        ("@.kind.length() == 3", "[40]"),
        ("@.unit == {'name':'C'}", "[21.5]"),
        ("@.kind > 5", "[21.5,40,30]"),
        ("@.value > abc", "[]"),
        ("@.unit > 1", "[]"),
    ] {
        assert_eq!(kinds(filter), expected, "{filter}");
    }
    check(&[
        ("$.numbers[?(@ > 2)]", "[]"),
        ("$[?(@.limit > 1)].text", r#"["abc"]"#),
        ("$.[?( @.limit > 99 )]", "[]"),
        ("$.readings[ ?(@.ok) ].kind", r#"["temp"]"#),
    ]);
}
