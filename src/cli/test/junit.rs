//! The result of tests as JUnit XML, which CI servers read.

use std::fmt::Write as _;

use super::Report;
use super::table::seconds;

/// One suite, named after the state machine; times are virtual.
pub(super) fn render(report: &Report) -> String {
    let total: f64 = report.ran.iter().map(seconds).sum();
    let machine = escaped(&report.machine);
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{total:.3}\"",
        report.ran.len(),
        report.failed()
    );
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"{machine}\" {counts}>\n"
    );
    for ran in &report.ran {
        let name = escaped(&ran.name);
        let time = seconds(ran);
        let case =
            format!("    <testcase classname=\"{machine}\" name=\"{name}\" time=\"{time:.3}\"");
        // Writing to a string cannot fail.
        if ran.faults.is_empty() {
            writeln!(xml, "{case}/>").ok();
        } else {
            let (first, all) = (ran.faults.first(), ran.faults.join("\n"));
            let message = escaped(first.map_or("", String::as_str));
            let all = escaped(&all);
            writeln!(
                xml,
                "{case}>\n      <failure message=\"{message}\">{all}</failure>\n    </testcase>"
            )
            .ok();
        }
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// As text and as an attribute. Characters that XML 1.0 cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{1}\n\u{ffff}"),
            "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}\n\u{fffd}"
        );
    }
}
