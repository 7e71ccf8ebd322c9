//! Translation: what each piece of JavaScript's syntax matches, and what is refused.

use super::regex;

/// The matches of a literal in a text, joined by `|`.
fn found(literal: &str, text: &str) -> String {
    let regex = regex(literal).unwrap();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(one) = regex.find_at(text, from) {
        if one.end == one.start {
            return "an empty match".to_owned();
        }
        found.push(text.get(one.start..one.end).unwrap());
        from = one.end;
    }
    found.join("|")
}

#[test]
fn each_piece_of_the_syntax_matches_as_in_javascript() {
    let cases = [
        ("or.", "order horn or", "ord|orn"),
        ("/ORD/i", "order Ord", "ord|Ord"),
        ("^b+", "bb\nbb", "bb"),
        ("/^b+/m", "bb\nbb\r\nb", "bb|bb|b"),
        ("/b$/m", "ab\nb\r\nbc", "b|b"),
        ("b$", "b\nb", "b"),
        (".+", "a\nb\rc\u{2028}d\u{2029}e", "a|b|c|d|e"),
        // The classes of one letter hold ASCII only, but all of JavaScript's white space.
        ("\\d+", "12 ٣4", "12|4"),
        ("\\w+", "ab_1 é x", "ab_1|x"),
        (
            "\\s",
            "a\u{a0}b\u{feff}c\u{2003}d\u{85}",
            "\u{a0}|\u{feff}|\u{2003}",
        ),
        ("[^\\s\\w]+", "a-- é!", "--|é!"),
        ("\\bé", "é xé", "é"),
        ("\\Bb", "ab b", "b"),
        ("/\\w+/i", "k\u{212a}\u{17f}s", "k|s"),
        ("/[k-s]+/i", "k\u{212a}\u{17f}S", "k|S"),
        ("/é+/i", "éÉe", "éÉ"),
        ("/[^b-d]+/i", "aBxD", "a|x"),
        // Escapes.
        ("\\x41\\u0042\\u00e9", "ABé", "ABé"),
        ("\\ud83d\\ude80+", "🚀🚀", "🚀🚀"),
        (
            "\\cJ\\t\\v\\f\\r\\n",
            "\n\t\u{b}\u{c}\r\n",
            "\n\t\u{b}\u{c}\r\n",
        ),
        ("\\0\\12\\101", "\0\nA", "\0\nA"),
        ("\\x4\\u12\\q\\8", "x4u12q8", "x4u12q8"),
        ("a\\/b\\-c", "a/b-c", "a/b-c"),
        ("\\c", "\\c", "\\c"),
        // Braces and brackets that are themselves, and what only other dialects know.
        ("a{", "a{", "a{"),
        ("a{,2}", "a{,2}", "a{,2}"),
        ("x{1,y}]}", "x{1,y}]}", "x{1,y}]}"),
        ("a{2}b{1,}c{0,1}", "aabbc", "aabbc"),
        ("<a~b#c&d>", "<a~b#c&d>", "<a~b#c&d>"),
        ("[a&&b]+", "a&b", "a&b"),
        ("[a-c--]+", "b-d", "b-"),
        ("[[x]+", "[x", "[x"),
        ("[\\d-x]+", "1-x2y", "1-x2"),
        ("[\\b]", "\u{8}", "\u{8}"),
        ("[]a]?b", "ab", ""),
        ("[^]", "\n", "\n"),
        ("a+?", "aa", "a|a"),
        ("(?<year>\\d{4})-(?:\\d\\d)", "in 2026-11", "2026-11"),
        ("x*", "ax", "an empty match"),
    ];
    for (literal, text, expected) in cases {
        assert_eq!(found(literal, text), expected, "{literal} in {text:?}");
    }
}

#[test]
fn what_cannot_be_matched_is_refused() {
    let long = "a".repeat(9);
    let nested = "(".repeat(400) + "a" + &")".repeat(400);
    let cases = [
        ("//", "Empty regular expressions are not allowed"),
        ("a(?=b)", "uses look-around"),
        ("a(?!b)", "uses look-around"),
        ("(?<=a)b", "uses look-around"),
        ("(?<!a)b", "uses look-around"),
        ("(a)\\1", "uses a back-reference"),
        ("\\1(a)", "uses a back-reference"),
        ("(?<n>a)\\k<n>", "uses a back-reference"),
        ("\\ud83d", "uses a lone surrogate"),
        (&nested, "uses more nesting"),
        ("(a", "unterminated group at position 2"),
        ("a)", "unmatched ')' at position 2"),
        ("[a", "unterminated character class"),
        ("[b-a]", "range out of order"),
        ("*a", "nothing to repeat at position 1"),
        ("a**", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("{2}", "nothing to repeat"),
        ("a{2,1}", "numbers out of order"),
        ("(?i)a", "invalid group"),
        ("(?<>a)", "invalid capture group name"),
        ("a\\", "\\ at end of pattern"),
        ("/a/g", "invalid flags"),
        ("(a{900}){900}", "takes more than 1048576 bytes"),
        ("a{99999999}", "takes more than 1048576 bytes"),
    ];
    for (literal, expected) in cases {
        let refusal = regex(literal).unwrap_err().to_string();
        assert!(refusal.contains(expected), "{literal}: {refusal}");
    }
    assert_eq!(found("a{9}", &long), long);
}
