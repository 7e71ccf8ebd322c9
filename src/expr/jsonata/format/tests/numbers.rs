//! `$formatNumber` and `$formatBase`.

use super::budget;
use super::told;
use crate::expr::jsonata::format::FormatError;
use crate::expr::jsonata::format::base::format_base;
use crate::expr::jsonata::format::number::Options;
use crate::expr::jsonata::format::number::format_number;

/// Options by their names in JSONata.
type NamedOptions<'a> = &'a [(&'a str, &'a str)];

fn written(value: f64, picture: &str, options: NamedOptions<'_>) -> Result<String, FormatError> {
    let mut format = Options::default();
    for (name, value) in options {
        format.set(name, value);
    }
    format_number(value, picture, &format, &mut budget())
}

#[test]
fn numbers_by_pictures() {
    let cases = [
        (7.0, "0", "7"),
        (7.0, "000", "007"),
        (0.0, "#", "0"),
        (0.0, "#.#", ".0"),
        (0.25, ".0", ".2"),
        (3.5, "0", "4"),
        (2.5, "0", "2"),
        (1.005, "0.00", "1.00"),
        (1.0, "0.", "1"),
        (-3.0, "0", "-3"),
        (-3.0, "0;(0)", "(3)"),
        (3.0, "0;(0)", "3"),
        (-0.001, "0.0", "-0.0"),
        (2_500_000.0, "#,##0", "2,500,000"),
        (123_456_789.0, "#,##,##0", "1234,56,789"),
        (1_234.567_8, "#,##0.0,00", "1,234.5,68"),
        (1_234.567_8, "0000000,000.0,00", "0,000,001,234.5,6,8"),
        (12.0, "#,#,##0", ",1,2"),
        (0.375, "0.0%", "37.5%"),
        (0.375, "%0.0", "%37.5"),
        (0.375, "000\u{2030}", "375\u{2030}"),
        (250.0, "EUR 0.00 net", "EUR 250.00 net"),
        (98_765.0, "0.00e0", "9.88e4"),
        (0.000_45, "0.0e00", "4.5e-04"),
        (98_765.0, "#.00e0", "0.99e5"),
        (98_765.0, "#e0", "1.e5"),
        (10.0, "0e0", "10e0"),
        (0.0, "0.00e0", "0.00e0"),
        (-42.0, "0e0", "-4e1"),
        (1e20, "#,##0", "100,000,000,000,000,000,000"),
        (1e21, "0", "1e+21"),
        (0.1 + 0.2, "#.####################", ".30000000000000004441"),
        (1.0, "1;2;3", "D3080"),
        (1.0, "0.0.0", "D3081"),
        (1.0, "0%%", "D3082"),
        (1.0, "0\u{2030}\u{2030}", "D3083"),
        (1.0, "0%\u{2030}", "D3084"),
        (1.0, ".", "D3085"),
        (1.0, "", "D3085"),
        (1.0, "0;", "D3085"),
        (1.0, "0a0", "D3086"),
        (1.0, "0,.0", "D3087"),
        (1.0, "0.,0", "D3087"),
        (1.0, "0,", "D3088"),
        (1.0, "#,,0", "D3089"),
        (1.0, "0#", "D3090"),
        (1.0, "0.#0", "D3091"),
        (1.0, "0e0%", "D3092"),
        (1.0, "0e", "D3093"),
        (1.0, "$0e0", "D3093"),
    ];
    for (value, picture, expected) in cases {
        let text = told(written(value, picture, &[]));
        assert_eq!(text, expected, "{value} by {picture}");
    }
}

#[test]
fn numbers_by_options() {
    let continental = [("decimal-separator", ","), ("grouping-separator", ".")];
    let cases: [(f64, &str, NamedOptions<'_>, &str); 7] = [
        (6_543.21, "#.##0,0", &continental, "6.543,2"),
        (15.0, "٠٠٠", &[("zero-digit", "٠")], "٠١٥"),
        (0.5, "0pc", &[("percent", "pc")], "50pc"),
        (-2.0, "0", &[("minus-sign", "minus ")], "minus 2"),
        (0.002, "0x0", &[("exponent-separator", "x")], "2x-3"),
        (-2.0, "0|[0]", &[("pattern-separator", "|")], "[2]"),
        (5.0, "_0", &[("digit", "_"), ("unheard-of", "1")], "5"),
    ];
    for (value, picture, options, expected) in cases {
        let text = told(written(value, picture, options));
        assert_eq!(text, expected, "{value} by {picture}");
    }
}

#[test]
fn bases() {
    let cases = [
        (202.0, 2.0, "11001010"),
        (-202.0, 16.0, "-ca"),
        (202.5, 10.0, "202"),
        (203.5, 36.0, "5o"),
        (-0.4, 2.0, "0"),
        (1e21, 10.0, "1e+21"),
        (1e21, 16.0, "3635c9adc5dea00000"),
        (7.0, 2.5, "111"),
        (7.0, 1.0, "D3100"),
        (7.0, 37.0, "D3100"),
        (7.0, f64::NAN, "D3100"),
    ];
    for (value, radix, expected) in cases {
        assert_eq!(told(format_base(value, radix)), expected, "{value} {radix}");
    }
    let refusal = format_base(7.0, 1.0).unwrap_err();
    assert_eq!(
        refusal.message,
        "The radix of the formatBase function must be between 2 and 36.  It was given 1"
    );
}

#[test]
fn pictures_are_paid_for() {
    let long = "0".repeat(super::BYTES_MAX);
    assert_eq!(told(written(1.0, &long, &[])), "BUDGET");
    let many = "0,".repeat(10_000) + "0";
    assert_eq!(told(written(1e6, &many, &[])), "BUDGET");
}
