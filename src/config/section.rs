//! What the table of settings is made of: sections and their keys.

use super::kind::Kind;
use super::table::sections;

/// A section of the file.
#[derive(Debug)]
pub(super) struct Section {
    /// `kafka`, `workflows.log`
    pub(super) path: &'static str,
    pub(super) shape: Shape,
    pub(super) settings: &'static [Setting],
    pub(super) doc: &'static str,
}

/// How a section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `[path]`; all its keys have defaults.
    Table,
    /// `[path]` with keys that are not ours: properties of librdkafka.
    Properties,
    /// `[[path]]`
    List,
    /// The same; of most who read the documentation there will be none.
    OptionalList,
    /// A table within each element of a list, which may be absent.
    Optional,
    /// The same with keys that are not ours.
    Free,
}

/// One key of a section.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) default: Absent,
    pub(super) doc: &'static str,
}

/// What a key is when it is not written. Texts are TOML.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// This value.
    Value(&'static str),
    /// Nothing; an example for the documentation.
    Unset(&'static str),
    /// It must be written; an example.
    Required(&'static str),
}

/// One line of the table.
pub(super) const fn setting(
    key: &'static str,
    kind: Kind,
    default: Absent,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        kind,
        default,
        doc,
    }
}

/// The section at `path`.
pub(super) fn section(path: &str) -> Option<&'static Section> {
    sections().find(|section| section.path == path)
}

impl Section {
    /// The setting `key` of this section.
    pub(super) fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// The last word of its path.
    pub(super) fn name(&self) -> &'static str {
        last_word(self.path)
    }

    /// The sections directly below this one; those of the root are below `""`.
    pub(super) fn below(path: &str) -> impl Iterator<Item = &'static Self> {
        sections().filter(move |section| {
            let parent = section
                .path
                .rsplit_once('.')
                .map_or("", |(parent, _)| parent);
            parent == path
        })
    }
}

/// The word after the last dot.
pub(super) fn last_word(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, word)| word)
}

/// `kafka` and `group`: `kafka.group`; a key of the root stands alone.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
