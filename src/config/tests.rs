//! Cases for `config`.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::raw::overridable;
use super::section::{Absent, Shape};
use super::table::sections;

#[test]
fn every_default_and_example_is_of_its_settings_kind() {
    for section in sections() {
        for setting in section.settings {
            let text = match setting.default {
                Absent::Value(text) | Absent::Unset(text) | Absent::Required(text) => text,
            };
            let value = DeValue::parse(text).unwrap();
            assert!(
                setting.kind.read(value.get_ref()).is_some(),
                "{}.{}: {text} is not {}",
                section.path,
                setting.key,
                setting.kind.describe()
            );
        }
    }
}

#[test]
fn every_variable_names_one_key() {
    let all: Vec<String> = overridable().collect();
    let different: BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    for section in sections().filter(|s| s.shape == Shape::Properties) {
        let prefix = format!("{}_", super::environment::variable(section.path));
        assert!(
            !all.iter().any(|name| name.starts_with(&prefix)),
            "a key hides the free section {}",
            section.path
        );
    }
}
