//! `$fromMillis` and `$toMillis`.

use super::budget;
use super::told;
use crate::expr::jsonata::format::date::read::to_millis;
use crate::expr::jsonata::format::date::write::from_millis;

/// 2024-02-29T17:04:09.083Z, a Thursday.
const LEAP_DAY: f64 = 1_709_226_249_083.0;

#[test]
fn instants_by_pictures() {
    let cases = [
        ("[Y0001]-[M01]-[D01]", "2024-02-29"),
        ("[Y] [Y,2] [Y,2-2] [Y#,*-3]", "D3130"),
        ("[Y,2-2] [Y,*-3] [Y##01,2-4]", "24 024 2024"),
        (
            "[YI] [Yi] [Yw]",
            "MMXXIV mmxxiv two thousand and twenty-four",
        ),
        (
            "[D1o] [Dwo] [DW] [DWw] [Da]",
            "29th twenty-ninth TWENTY-NINE Twenty-Nine ac",
        ),
        (
            "[M] [M01] [MN] [Mn] [MNn] [MNn,*-3]",
            "2 02 FEBRUARY february February Feb",
        ),
        ("[F] [FNn] [FN,3-3] [F1]", "thursday Thursday THU 4"),
        ("[d] [W] [w] [X] [x] [xNn]", "60 9 5 2024 2 February"),
        ("[H]:[m]:[s].[f] [f001] [f,2-2]", "17:04:09.83 083 83"),
        ("[h] [P] [PN] [Pn] [PNn]", "5 pm PM pm pm"),
        (
            "[Z] [z] [Z0] [Z0101] [Z01:01t] [z0t]",
            "+00:00 GMT+00:00 +0 +0000 Z Z",
        ),
        ("[C] [E]", "ISO ISO"),
        ("[[[Y]]] a]b", "[2024] a]b"),
        ("[ Y 0001 ]", "2024"),
        ("[M,*-3] [M,4] [D,1-3]", "002 0002 029"),
        ("no marker", "no marker"),
        ("", ""),
        ("[Mo]", "D3130"),
        ("[D0٠]", "D3131"),
        ("[q]", "D3132"),
        ("[q1]", "D3132"),
        ("[]", "D3132"),
        ("[YN]", "D3133"),
        ("[Z00000]", "D3134"),
        ("[Y", "D3135"),
        ("[H,999999999]", "BUDGET"),
    ];
    for (picture, expected) in cases {
        let text = told(from_millis(LEAP_DAY, Some(picture), None, &mut budget()));
        assert_eq!(text, expected, "{picture}");
    }
}

#[test]
fn instants_in_iso_8601_and_time_zones() {
    let cases = [
        (LEAP_DAY, None, None, "2024-02-29T17:04:09.083Z"),
        (
            LEAP_DAY,
            None,
            Some("+1000"),
            "2024-03-01T03:04:09.083+10:00",
        ),
        (
            LEAP_DAY,
            None,
            Some("-0500"),
            "2024-02-29T12:04:09.083-05:00",
        ),
        (LEAP_DAY, Some("[H]:[m] [Z0]"), Some("0530"), "22:34 +5:30"),
        (0.0, Some("[H01]:[m01] [Z0]"), Some("-0530"), "17:30 -6:-30"),
        (-1.0, None, None, "1969-12-31T23:59:59.999Z"),
        (1.9, None, None, "1970-01-01T00:00:00.001Z"),
        (
            -62_167_219_200_001.0,
            None,
            None,
            "-0001-12-31T23:59:59.999Z",
        ),
        (8.64e15, Some("[Y]"), None, "275760"),
        (8.64e15 + 2.0, None, None, "D1001"),
        (f64::NAN, None, None, "D1001"),
        (0.0, None, Some("Z"), "T0410"),
    ];
    for (millis, picture, timezone, expected) in cases {
        let text = told(from_millis(millis, picture, timezone, &mut budget()));
        assert_eq!(text, expected, "{millis} {picture:?} {timezone:?}");
    }
}

#[test]
fn weeks_at_the_turns_of_years_and_months() {
    let cases = [
        ("2004-12-27", "2004-53 1 5 12"),
        ("2005-01-02", "2004-53 7 5 12"),
        ("2012-01-01", "2011-52 7 5 12"),
        ("2015-12-31", "2015-53 4 5 12"),
        ("2018-12-31", "2019-1 1 1 1"),
        ("2024-08-01", "2024-31 4 1 8"),
        ("2024-03-31", "2024-13 7 4 3"),
        ("2024-12-30", "2025-1 1 1 1"),
    ];
    for (date, expected) in cases {
        let millis = to_millis(date, None, 0.0, &mut budget()).unwrap().unwrap();
        let text = told(from_millis(
            millis,
            Some("[X]-[W] [F1] [w] [x]"),
            None,
            &mut budget(),
        ));
        assert_eq!(text, expected, "{date}");
    }
}

/// The instant in ISO 8601, `none`, or the code of the refusal.
fn read(text: &str, picture: Option<&str>) -> String {
    match to_millis(text, picture, LEAP_DAY, &mut budget()) {
        Ok(Some(millis)) => told(from_millis(millis, None, None, &mut budget())),
        Ok(None) => "none".to_owned(),
        Err(error) => error.code.to_owned(),
    }
}

#[test]
fn timestamps_in_iso_8601() {
    let cases = [
        ("2021", "2021-01-01T00:00:00.000Z"),
        ("2021-07", "2021-07-01T00:00:00.000Z"),
        ("2021-07-04Z", "2021-07-04T00:00:00.000Z"),
        ("2021-07-04T05:06:07", "2021-07-04T05:06:07.000Z"),
        ("2021-07-04T05:06:07.8", "2021-07-04T05:06:07.800Z"),
        (
            "2021-07-04T05:06:07.89999+02:30",
            "2021-07-04T02:36:07.899Z",
        ),
        ("2021-07-04T05:06:07-0230", "2021-07-04T07:36:07.000Z"),
        ("2021T05:06:07Z", "2021-01-01T05:06:07.000Z"),
        ("2021-02-31", "2021-03-03T00:00:00.000Z"),
        ("2021-12-31T24:00:00Z", "2022-01-01T00:00:00.000Z"),
        ("0099-01-01", "0099-01-01T00:00:00.000Z"),
        ("2021-12-31T24:00:01Z", "none"),
        ("2021-13-01", "none"),
        ("2021-01-32", "none"),
        ("2021-01-02-03", "none"),
        ("2021-01-02+01:00", "none"),
        ("2021-01-02T03:04:05+24:00", "none"),
        ("2021-1-2", "D3110"),
        ("2021-01-02 03:04:05", "D3110"),
        ("2021-01-02T03:04", "D3110"),
        ("2021-01-02T03:04:05.", "D3110"),
        ("", "D3110"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text, None), expected, "{text}");
    }
}

#[test]
fn timestamps_by_pictures() {
    let cases = [
        ("2021-7-4", "[Y]-[M]-[D]", "2021-07-04T00:00:00.000Z"),
        ("20210704", "[Y0001][M01][D01]", "2021-07-04T00:00:00.000Z"),
        (
            "4th July 2021",
            "[D1o] [MNn] [Y]",
            "2021-07-04T00:00:00.000Z",
        ),
        (
            "Sun, Jul 4, 2021",
            "[FNn,3-3], [MNn,3-3] [D], [Y]",
            "2021-07-04T00:00:00.000Z",
        ),
        ("twelfth of june MMXXI", "[Dwo] OF [MNn] [YI]", "D3136"),
        (
            "twelfth of June MMXXI",
            "[Dwo] OF [MNn] [YI]",
            "2021-06-12T00:00:00.000Z",
        ),
        ("2021-185", "[Y]-[d]", "2021-07-04T00:00:00.000Z"),
        (
            "2021-7-4 12:30 am",
            "[Y]-[M]-[D] [h]:[m] [P]",
            "2021-07-04T00:30:00.000Z",
        ),
        (
            "2021-7-4 12:30 PM",
            "[Y]-[M]-[D] [h]:[m] [P]",
            "2021-07-04T12:30:00.000Z",
        ),
        (
            "2021-7-4 +05:30",
            "[Y]-[M]-[D] [Z]",
            "2021-07-03T18:30:00.000Z",
        ),
        (
            "2021-7-4 -0530",
            "[Y]-[M]-[D] [Z0001]",
            "2021-07-04T04:30:00.000Z",
        ),
        (
            "2021-7-4 GMT-5",
            "[Y]-[M]-[D] [z1]",
            "2021-07-04T05:00:00.000Z",
        ),
        (
            "2021-7-4 1:2:3.4",
            "[Y]-[M]-[D] [H]:[m]:[s].[f]",
            "2021-07-04T01:02:03.004Z",
        ),
        ("2021-15-40", "[Y]-[M]-[D]", "2022-04-09T00:00:00.000Z"),
        ("20-1-1", "[Y01]-[M]-[D]", "1920-01-01T00:00:00.000Z"),
        // What stands before the first component is that of now; what stands after is the least.
        ("11", "[D]", "2024-02-11T00:00:00.000Z"),
        ("8:15", "[H]:[m]", "2024-02-29T08:15:00.000Z"),
        ("am", "[P]", "2024-02-29T17:04:09.083Z"),
        ("[2021]", "[[[Y]]]", "2021-01-01T00:00:00.000Z"),
        ("2021-7-4", "[Y]/[M]/[D]", "none"),
        ("2021-007-4", "[Y]-[M01]-[D]", "none"),
        ("text", "text", "none"),
        ("99999999", "[Y]", "none"),
        ("2021-7", "[Y]-[M1#]", "2021-07-01T00:00:00.000Z"),
        ("2021-x", "[Y]-[Mβ]", "D3130"),
        ("2021-x", "[Y]-[q]", "D3132"),
        ("2021 ISO", "[Y] [C]", "D3133"),
        ("2021", "[Y", "D3135"),
        ("2021-4", "[Y]-[D]", "D3136"),
        ("2021-185 8", "[Y]-[d] [H]", "D3136"),
        ("2021-W27", "[X]-W[W]", "D3136"),
    ];
    for (text, picture, expected) in cases {
        assert_eq!(read(text, Some(picture)), expected, "{text} by {picture}");
    }
}

#[test]
fn attempts_to_match_are_paid_for() {
    let digits = "1".repeat(200);
    let picture = "[H][m][s][f]".repeat(10) + "x";
    assert_eq!(read(&digits, Some(&picture)), "BUDGET");
}
