//! The known name that a mistyped one was probably meant to be.

/// Names longer than this are compared with nothing: no name that a hint could give is so long.
const CHARS_MAX: usize = 80;

/// The candidate that differs least from `name`, if it differs little: by case only, or in at most a third of its
/// characters, where a swap of neighbours counts as one difference.
pub(super) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let letters: Vec<char> = fold(name);
    if letters.len() > CHARS_MAX {
        return None;
    }
    let bound = (letters.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && candidate.len() <= 4 * CHARS_MAX)
        .map(|candidate| (distance(&letters, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the usual table: the one before the last, the last, and the one at hand.
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_finds_its_name_and_a_stranger_none() {
        let names = ["InputPath", "OutputPath", "ResultPath", "Next", "End"];
        let cases = [
            ("InptuPath", Some("InputPath")),
            ("inputpath", Some("InputPath")),
            ("OutputPaht", Some("OutputPath")),
            ("ResultsPath", Some("ResultPath")),
            ("Nxet", Some("Next")),
            ("nd", Some("End")),
            ("Next", None),
            ("Timeout", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
        let endless = "x".repeat(100_000);
        assert_eq!(nearest(&endless, [endless.as_str(), "y"]), None);
    }
}
