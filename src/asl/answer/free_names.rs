//! The variables of the workflow that an expression reads.

use std::collections::BTreeSet;

use crate::expr::jsonata::Expression;

/// The reserved variable of JSONata.
const STATES: &str = "states";

/// The variables that a JSONPath or a call of an intrinsic function reads: `$name` outside of quotes. A faulty one has some, too.
pub(super) fn in_path<'t>(text: &'t str, names: &mut BTreeSet<&'t str>) {
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\'']) {
        let (mark, after) = rest.split_at(at).1.split_at(1);
        if mark == "'" {
            rest = after_quoted(after);
            continue;
        }
        // `$$.name` is the context object's.
        let is_context = after.starts_with('$');
        let after = after.strip_prefix('$').unwrap_or(after);
        let len = after.find(|c| !is_name(c)).unwrap_or(after.len());
        let (name, following) = after.split_at(len);
        if !name.is_empty() && !is_context {
            names.insert(name);
        }
        rest = following;
    }
}

/// What follows a quoted text, in which a backslash takes the next character as it is.
fn after_quoted(text: &str) -> &str {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\'' => return text.get(at + 1..).unwrap_or(""),
            _ => {}
        }
    }
    ""
}

/// The variables that a JSONata expression reads, given with its braces; none of what is no expression.
pub(super) fn in_jsonata<'t>(text: &'t str, names: &mut BTreeSet<&'t str>) {
    let inner = text.strip_prefix("{%").and_then(|t| t.strip_suffix("%}"));
    let Some((inner, Ok(expression))) = inner.map(|inner| (inner, Expression::compile(inner)))
    else {
        return;
    };
    for variable in expression.free_variables() {
        let from = inner.get(variable.offset_bytes..).unwrap_or("");
        let name = from.trim_start_matches('$').get(..variable.name.len());
        names.extend(name.filter(|name| *name != STATES));
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
