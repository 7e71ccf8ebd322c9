//! The comparison operators of Choice rules.

use super::Compiler;
use super::report::Fault;
use super::state_type::QueryLanguage;
use crate::asl::source::{Json, Node};
use crate::asl::{Comparison, Operand, Operator};
use crate::value::Text;

/// All comparison operators.
#[rustfmt::skip]
pub(super) const OPERATORS: [&str; 39] = [
    "StringEquals", "StringEqualsPath", "StringLessThan", "StringLessThanPath",
    "StringGreaterThan", "StringGreaterThanPath", "StringLessThanEquals", "StringLessThanEqualsPath",
    "StringGreaterThanEquals", "StringGreaterThanEqualsPath", "StringMatches",
    "NumericEquals", "NumericEqualsPath", "NumericLessThan", "NumericLessThanPath",
    "NumericGreaterThan", "NumericGreaterThanPath", "NumericLessThanEquals", "NumericLessThanEqualsPath",
    "NumericGreaterThanEquals", "NumericGreaterThanEqualsPath",
    "BooleanEquals", "BooleanEqualsPath",
    "TimestampEquals", "TimestampEqualsPath", "TimestampLessThan", "TimestampLessThanPath",
    "TimestampGreaterThan", "TimestampGreaterThanPath", "TimestampLessThanEquals", "TimestampLessThanEqualsPath",
    "TimestampGreaterThanEquals", "TimestampGreaterThanEqualsPath",
    "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp",
];

impl<'s> Compiler<'s> {
    /// The operator `name`, which is one of [`OPERATORS`], with its operand.
    pub(super) fn operator(&mut self, rule: &'s Node, name: &str) -> Option<Operator> {
        match name {
            "StringMatches" => return self.string_matches(rule),
            "IsNull" => return self.boolean(rule, name).map(Operator::IsNull),
            "IsPresent" => return self.boolean(rule, name).map(Operator::IsPresent),
            "IsNumeric" => return self.boolean(rule, name).map(Operator::IsNumeric),
            "IsString" => return self.boolean(rule, name).map(Operator::IsString),
            "IsBoolean" => return self.boolean(rule, name).map(Operator::IsBoolean),
            "IsTimestamp" => return self.boolean(rule, name).map(Operator::IsTimestamp),
            _ => {}
        }
        let (family, reads_path) = match name.strip_suffix("Path") {
            Some(family) => (family, true),
            None => (name, false),
        };
        if family == "BooleanEquals" {
            let literal = |c: &mut Self| c.boolean(rule, name);
            return self
                .operand(rule, name, reads_path, literal)
                .map(Operator::BooleanEquals);
        }
        if let Some(comparison) = family.strip_prefix("String").and_then(comparison) {
            let literal = |c: &mut Self| c.literal_string(rule, name);
            let operand = self.operand(rule, name, reads_path, literal)?;
            return Some(Operator::String(comparison, operand));
        }
        if let Some(comparison) = family.strip_prefix("Numeric").and_then(comparison) {
            let literal = |c: &mut Self| c.number(rule, name);
            let operand = self.operand(rule, name, reads_path, literal)?;
            return Some(Operator::Numeric(comparison, operand));
        }
        let comparison = family.strip_prefix("Timestamp").and_then(comparison)?;
        let literal = |c: &mut Self| {
            c.timestamp(rule, name, QueryLanguage::JsonPath)?;
            c.string(rule, name).cloned()
        };
        let operand = self.operand(rule, name, reads_path, literal)?;
        Some(Operator::Timestamp(comparison, operand))
    }

    fn operand<T>(
        &mut self,
        rule: &'s Node,
        name: &str,
        reads_path: bool,
        literal: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Operand<T>> {
        match reads_path {
            true => self.path(rule, name).map(Operand::Path),
            false => literal(self).map(Operand::Literal),
        }
    }

    fn literal_string(&mut self, rule: &'s Node, name: &str) -> Option<Text> {
        self.looks_like_a_path(rule, name);
        self.string(rule, name).cloned()
    }

    fn number(&mut self, rule: &'s Node, name: &str) -> Option<crate::value::Value> {
        let node = rule.get(name)?;
        if let Json::Number(number) = &node.json {
            return Some(number.clone());
        }
        self.wrong_type(node, "Number");
        None
    }

    fn string_matches(&mut self, rule: &'s Node) -> Option<Operator> {
        let text = self.string(rule, "StringMatches")?;
        let pieces = pieces(text);
        if pieces.is_none() {
            // AWS finds this only when the rule is tried, and fails the execution then.
            let node = rule.get("StringMatches")?;
            let message = "A backslash in 'StringMatches' must be followed by '*' or a backslash";
            self.report.push(Fault::schema(node, message));
        }
        pieces.map(Operator::StringMatches)
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "Equals" => Comparison::Equals,
        "LessThan" => Comparison::LessThan,
        "GreaterThan" => Comparison::GreaterThan,
        "LessThanEquals" => Comparison::LessThanEquals,
        "GreaterThanEquals" => Comparison::GreaterThanEquals,
        _ => return None,
    })
}

/// The literal pieces between wildcards, so one more than there are wildcards; `None` for an escape that is none.
fn pieces(pattern: &str) -> Option<Vec<Text>> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => pieces.push(Text::from(std::mem::take(&mut piece))),
            '\\' => piece.push(chars.next().filter(|c| matches!(c, '*' | '\\'))?),
            _ => piece.push(c),
        }
    }
    pieces.push(Text::from(piece));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn patterns_are_cut_at_wildcards_and_unescaped() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("", Some(&[""])),
            ("log-*.txt", Some(&["log-", ".txt"])),
            ("*", Some(&["", ""])),
            ("a**b", Some(&["a", "", "b"])),
            (r"a\*b", Some(&["a*b"])),
            (r"a\\*b", Some(&[r"a\", "b"])),
            (r"a\", None),
            (r"a\b", None),
        ];
        for (pattern, expected) in cases {
            let found = pieces(pattern);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|p| p.iter().map(|t| t.as_str()).collect());
            assert_eq!(found.as_deref(), *expected, "{pattern}");
        }
    }
}
