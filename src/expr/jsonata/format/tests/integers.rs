//! `$formatInteger` and `$parseInteger`.

use super::budget;
use super::told;
use crate::expr::jsonata::format::integer::format_integer;
use crate::expr::jsonata::format::integer::parse_integer;

#[test]
fn integers_written_and_read_back() {
    let cases = [
        (7.0, "0", "7"),
        (7.0, "0000", "0007"),
        (86_400.0, "#,##0", "86,400"),
        (86_400_000.0, "#,##,##0", "864,00,000"),
        (4_711.0, "0-00", "47-11"),
        (1_234_567.0, "0.000,000", "1.234,567"),
        (15.0, "०००", "०१५"),
        (61.0, "０", "６１"),
        (3.0, "0;o", "3rd"),
        (112.0, "0;o", "112th"),
        (2_002.0, "#,##0;o", "2,002nd"),
        (28.0, "a", "ab"),
        (703.0, "A", "AAA"),
        (2_494.0, "I", "MMCDXCIV"),
        (49.0, "i", "xlix"),
        (0.0, "w", "zero"),
        (17.0, "W", "SEVENTEEN"),
        (81.0, "Ww", "Eighty-One"),
        (640.0, "w", "six hundred and forty"),
        (40.0, "w;o", "fortieth"),
        (1_300.0, "w;o", "one thousand, three hundredth"),
        (5_000_012.0, "w;o", "five million and twelfth"),
        (2e15, "w", "two thousand trillion"),
        (1e27, "Ww", "One Thousand Trillion Trillion"),
    ];
    for (value, picture, expected) in cases {
        let text = told(format_integer(value, picture, &mut budget()));
        assert_eq!(text, expected, "{value} by {picture}");
        let back = parse_integer(&text, picture, &mut budget());
        // Separators other than commas are read only where they do not repeat.
        if picture != "0-00" {
            assert_eq!(back, Ok(Some(value)), "{text} by {picture}");
        }
    }
}

#[test]
fn integers_only_written() {
    let cases = [
        (-12.5, "0", "-13"),
        (-21.0, "0;o", "-21st"),
        (-21.0, "w", "-twenty-one"),
        (0.0, "A", ""),
        (0.0, "I", ""),
        (12.0, "#:###,##0", ",:12"),
        (12_345.0, "#:###,##0", ",5"),
        (1e21, "0", "1e+21"),
        (5.0, "0;c", "5"),
        (5.0, "000,", "005,"),
        (5.0, "#", "D3130"),
        (5.0, "", "D3130"),
        (5.0, "β", "D3130"),
        (5.0, "0٠", "D3131"),
        (1e300, "I", "BUDGET"),
    ];
    for (value, picture, expected) in cases {
        let text = told(format_integer(value, picture, &mut budget()));
        assert_eq!(text, expected, "{value} by {picture}");
    }
    let refusal = format_integer(5.0, "β", &mut budget()).unwrap_err();
    assert_eq!(
        refusal.message,
        "Formatting or parsing an integer as a sequence starting with \"β\" is not supported by this implementation"
    );
}

#[test]
fn integers_only_read() {
    let cases = [
        ("12abc", "0", Some(12.0)),
        (" -12", "0", Some(-12.0)),
        ("0x1F", "0", Some(31.0)),
        ("abc", "0", None),
        ("", "0", None),
        ("1.234", "#.##0", Some(1.0)),
        ("1.234.567", "#.###.##0,0", Some(1_234_567.0)),
        ("12", "0;o", None),
        ("12", "٠", None),
        ("xiv", "I", None),
        ("IIX", "I", Some(8.0)),
        ("12", "A", Some(-404.0)),
        ("nineteen hundred and eighty-four", "w", Some(1_984.0)),
        ("minus one", "w", None),
        ("one, and two", "w", None),
        ("one  two", "w", None),
        ("hundred", "w", Some(0.0)),
    ];
    for (text, picture, expected) in cases {
        let value = parse_integer(text, picture, &mut budget());
        assert_eq!(value, Ok(expected), "{text} by {picture}");
    }
    let refusal = parse_integer("5", "#", &mut budget()).unwrap_err();
    assert_eq!(refusal.code, "D3130");
}
