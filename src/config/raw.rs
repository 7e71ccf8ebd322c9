//! The settings as written: the file's text and the environment → tables of checked values, each with its place.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::{Environment, variable};
use super::fault::{Faults, Place};
use super::kind::Value;
use super::nearest::{nearest, nearest_key};
use super::section::{Absent, Section, Setting, Shape, join, section};
use super::table::sections;

/// One section as written, with the defaults of the keys that were not.
#[derive(Debug)]
pub(super) struct Table {
    /// None for the root.
    pub(super) section: Option<&'static Section>,
    /// `workflows[2].log`: for messages.
    pub(super) path: String,
    /// Where it begins.
    pub(super) place: Place,
    pub(super) values: BTreeMap<&'static str, (Value, Place)>,
    /// Of a free section.
    pub(super) properties: Vec<(String, String)>,
    /// By the last word of their path.
    pub(super) tables: BTreeMap<&'static str, Vec<Self>>,
}

/// Reads everything that is known and reports everything else.
pub(super) fn read(
    path: &Path,
    text: &str,
    environment: &Environment,
    faults: &mut Faults,
) -> Table {
    let reader = Reader {
        file: path.display().to_string(),
        text,
        environment,
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let offset = error.span().map_or(0, |span| span.start);
        faults.push(
            reader.place(offset),
            "",
            format!("not TOML: {}", error.message()),
        );
    }
    reader.unknown_variables(faults);
    reader.table(None, "", document.get_ref(), 0, faults)
}

struct Reader<'a> {
    file: String,
    text: &'a str,
    environment: &'a Environment,
}

impl Reader<'_> {
    /// Reads a section, or the root if `section` is none.
    fn table(
        &self,
        section: Option<&'static Section>,
        path: &str,
        written: &DeTable<'_>,
        offset: usize,
        faults: &mut Faults,
    ) -> Table {
        let mut table = Table {
            section,
            path: path.to_owned(),
            place: self.place(offset),
            values: BTreeMap::new(),
            properties: Vec::new(),
            tables: BTreeMap::new(),
        };
        let free = section.is_some_and(|s| matches!(s.shape, Shape::Properties | Shape::Free));
        for (key, value) in written {
            let at = key.span().start;
            let full = join(path, key.get_ref());
            let below = find_below(section, key.get_ref());
            if free {
                self.property(&mut table, key.get_ref(), &full, value, faults);
            } else if let Some(setting) = section.and_then(|s| s.setting(key.get_ref())) {
                match setting.kind.read(value.get_ref()) {
                    Some(value) => {
                        table.values.insert(setting.key, (value, self.place(at)));
                    }
                    None => faults.push(self.place(at), full, must_be(setting)),
                }
            } else if let Some(below) = below {
                let tables = self.tables(below, &full, value, at, faults);
                table.tables.insert(below.name(), tables);
            } else {
                let nearest = nearest_key(section, key.get_ref());
                let message = format!("unknown key; the nearest known one is {nearest}");
                faults.push(self.place(at), full, message);
            }
        }
        self.absent_sections(section, &mut table, faults);
        if let Some(section) = section {
            self.read_variables(section, &mut table, faults);
            defaults(section, &mut table, faults);
        }
        table
    }

    /// Reads the one table, or the list of tables, that stands at a section's key.
    fn tables(
        &self,
        section: &'static Section,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        offset: usize,
        faults: &mut Faults,
    ) -> Vec<Table> {
        match (section.shape, value.get_ref()) {
            (Shape::List | Shape::OptionalList, DeValue::Array(items)) => {
                let mut tables = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    if let DeValue::Table(written) = item.get_ref() {
                        let at = item.span().start;
                        tables.push(self.table(Some(section), &path, written, at, faults));
                    } else {
                        let message = "must be a table".to_owned();
                        faults.push(self.place(item.span().start), path, message);
                    }
                }
                tables
            }
            (
                Shape::Table | Shape::Properties | Shape::Optional | Shape::Free,
                DeValue::Table(written),
            ) => {
                vec![self.table(Some(section), path, written, offset, faults)]
            }
            (Shape::List | Shape::OptionalList, _) => {
                let message = format!("must be a list of tables: write [[{}]]", section.path);
                faults.push(self.place(offset), path, message);
                Vec::new()
            }
            (Shape::Table | Shape::Properties | Shape::Optional | Shape::Free, _) => {
                let message = format!("must be a table: write [{}]", section.path);
                faults.push(self.place(offset), path, message);
                Vec::new()
            }
        }
    }

    /// Sections with defaults exist even when nobody wrote them.
    fn absent_sections(
        &self,
        parent: Option<&'static Section>,
        table: &mut Table,
        faults: &mut Faults,
    ) {
        for section in Section::below(parent.map_or("", |s| s.path)) {
            let implied = matches!(section.shape, Shape::Table | Shape::Properties);
            if implied && !table.tables.contains_key(section.name()) {
                let absent = self.table(Some(section), section.path, &DeTable::new(), 0, faults);
                table.tables.insert(section.name(), vec![absent]);
            }
        }
    }

    /// A property that is not ours: text, number or flag, or (`a.b = …` without quotes) a table of them.
    fn property(
        &self,
        table: &mut Table,
        name: &str,
        full: &str,
        value: &Spanned<DeValue<'_>>,
        faults: &mut Faults,
    ) {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(integer) => integer.to_string(),
            DeValue::Float(float) => float.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Table(inner) => {
                for (key, value) in inner {
                    let name = join(name, key.get_ref());
                    let full = join(full, key.get_ref());
                    self.property(table, &name, &full, value, faults);
                }
                return;
            }
            DeValue::Datetime(_) | DeValue::Array(_) => {
                let message = "must be text, a number, true or false".to_owned();
                faults.push(self.place(value.span().start), full, message);
                return;
            }
        };
        let refusal = match table.section {
            Some(section) if section.shape == Shape::Properties => reserved(name),
            Some(section) if section.name() == "substitutions" => not_a_placeholder(name),
            _ => None,
        };
        match refusal {
            Some(reason) => {
                faults.push(self.place(value.span().start), full, reason.to_owned());
            }
            None => table.properties.push((name.to_owned(), text)),
        }
    }

    fn read_variables(&self, section: &'static Section, table: &mut Table, faults: &mut Faults) {
        if matches!(
            section.shape,
            Shape::List | Shape::OptionalList | Shape::Optional | Shape::Free
        ) {
            return;
        }
        if section.shape == Shape::Properties {
            let prefix = format!("{}_", variable(section.path));
            for (rest, value) in self.environment.below(&prefix) {
                let name = rest.to_lowercase().replace('_', ".");
                match reserved(&name) {
                    Some(reason) => {
                        let place = Place::Variable(format!("{prefix}{rest}"));
                        faults.push(place, join(section.path, &name), reason.to_owned());
                    }
                    None => {
                        table.properties.retain(|(known, _)| *known != name);
                        table.properties.push((name, value.to_owned()));
                    }
                }
            }
            return;
        }
        for setting in section.settings {
            let path = join(section.path, setting.key);
            let name = variable(&path);
            if let Some(text) = self.environment.get(&name) {
                let place = Place::Variable(name);
                match setting.kind.parse(text) {
                    Some(value) => {
                        table.values.insert(setting.key, (value, place));
                    }
                    None => faults.push(place, path, must_be(setting)),
                }
            }
        }
    }

    /// Variables that begin like a section but name no key of it.
    fn unknown_variables(&self, faults: &mut Faults) {
        let known: Vec<String> = overridable().collect();
        let free = sections().filter(|s| s.shape == Shape::Properties);
        let free: Vec<String> = free.map(|s| format!("{}_", variable(s.path))).collect();
        for section in Section::below("") {
            let prefix = format!("{}_", variable(section.path));
            for (rest, _) in self.environment.below(&prefix) {
                let name = format!("{prefix}{rest}");
                let is_free = free.iter().any(|f| name.starts_with(f.as_str()));
                if known.contains(&name) || is_free {
                    continue;
                }
                let nearest = nearest(&name, known.iter().map(String::as_str));
                let message = format!("unknown variable; the nearest known one is {nearest}");
                faults.push(Place::Variable(name), "", message);
            }
        }
    }

    /// The place of a byte of the text.
    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Place::File(self.file.clone(), line, column)
    }
}

/// Fills in what was not written, and reports what must be.
fn defaults(section: &'static Section, table: &mut Table, faults: &mut Faults) {
    if matches!(section.shape, Shape::Properties | Shape::Free) {
        return;
    }
    for setting in section.settings {
        if table.values.contains_key(setting.key) {
            continue;
        }
        let path = join(&table.path, setting.key);
        match setting.default {
            Absent::Value(text) => {
                let value = default_value(setting, text);
                table
                    .values
                    .insert(setting.key, (value, table.place.clone()));
            }
            Absent::Unset(_) => {}
            Absent::Required(example) => {
                // A value of the wrong kind has been reported already.
                if !faults.0.iter().any(|fault| fault.key == path) {
                    let message = format!("missing; for example {} = {example}", setting.key);
                    faults.push(table.place.clone(), path, message);
                }
            }
        }
    }
}

fn default_value(setting: &Setting, text: &str) -> Value {
    DeValue::parse(text)
        .ok()
        .and_then(|value| setting.kind.read(value.get_ref()))
        .expect("a default is of its setting's kind, which the tests check for all of them")
}

fn must_be(setting: &Setting) -> String {
    format!("must be {}", setting.kind.describe())
}

/// The section named `key` below `section`, or below the root.
fn find_below(parent: Option<&'static Section>, key: &str) -> Option<&'static Section> {
    section(&join(parent.map_or("", |s| s.path), key))
}

/// All variables with a fixed name.
pub(super) fn overridable() -> impl Iterator<Item = String> {
    sections()
        .filter(|section| section.shape == Shape::Table)
        .flat_map(|section| section.settings.iter().map(|s| join(section.path, s.key)))
        .map(|path| variable(&path))
}

/// A substitution that no placeholder can name.
fn not_a_placeholder(name: &str) -> Option<&'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let refused = name.is_empty() || !name.chars().all(is_name);
    refused.then_some("is no name of a placeholder: it must be letters, digits and _")
}

/// Properties that Stepstream sets itself, because its promise stands on them.
fn reserved(name: &str) -> Option<&'static str> {
    match name {
        "bootstrap.servers" | "metadata.broker.list" => {
            Some("is not a property to pass through: write kafka.bootstrap_servers")
        }
        "group.id" => Some("is not a property to pass through: write kafka.group"),
        "enable.auto.commit" | "enable.auto.offset.store" => Some(
            "is not a property to pass through: offsets are committed only when all before them are answered",
        ),
        _ => None,
    }
}
