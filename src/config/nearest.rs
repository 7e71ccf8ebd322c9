//! What an unknown key was probably meant to be.

use super::section::{Section, Shape, join, last_word};
use super::table::sections;

/// Which known key an unknown one was probably meant to be: one of its section, or one that stands elsewhere.
pub(super) fn nearest_key(parent: Option<&'static Section>, key: &str) -> String {
    // Below it, two words have little more in common than chance gives.
    const ALIKE: f64 = 0.4;
    const NEARLY_EQUAL: f64 = 0.8;
    let path = parent.map_or("", |section| section.path);
    let settings = parent.map_or(&[][..], |section| section.settings);
    let here: Vec<String> = settings
        .iter()
        .map(|setting| join(path, setting.key))
        .chain(Section::below(path).map(|section| section.path.to_owned()))
        .collect();
    let everywhere = sections()
        .filter(|section| !matches!(section.shape, Shape::Properties | Shape::Free))
        .flat_map(|section| {
            let keys = section.settings.iter().map(|s| join(section.path, s.key));
            keys.chain([section.path.to_owned()])
        });
    let in_section = most_alike(key, here.iter().cloned());
    let elsewhere = most_alike(key, everywhere);
    match (in_section, elsewhere) {
        (Some((score, known)), _) if score >= ALIKE => known,
        (_, Some((score, known))) if score >= NEARLY_EQUAL => known,
        (Some((_, known)), _) => format!("{known} of {}", here.join(", ")),
        (None, elsewhere) => elsewhere.map(|(_, known)| known).unwrap_or_default(),
    }
}

/// The path whose last word is most like `key`, the first of equals, and how much alike they are: 0 to 1.
fn most_alike(key: &str, paths: impl Iterator<Item = String>) -> Option<(f64, String)> {
    let mut best: Option<(f64, String)> = None;
    for path in paths {
        let score = strsim::normalized_damerau_levenshtein(key, last_word(&path));
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, path));
        }
    }
    best
}

/// Which of `known` looks most like `name`.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known
        .min_by_key(|known| strsim::damerau_levenshtein(name, known))
        .unwrap_or_default()
}
