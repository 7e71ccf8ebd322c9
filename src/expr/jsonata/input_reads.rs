//! What an expression reads of its input: names that no step before them leads to, `$` and `$$`.
//!
//! The first step of a path is evaluated for the input, and so is the body of a function; further steps, predicates,
//! the terms of a sort and groups are evaluated for what the steps before gave.

use super::InputRead;
use super::parse::{Id, Kind, Tree};
use crate::value::Text;

/// All reads, in the order of the text.
pub(super) fn of(tree: &Tree) -> Vec<InputRead> {
    let mut reads = Vec::new();
    // The tree's height is bounded, and with it what is put off at once.
    let mut open = vec![tree.root];
    while let Some(id) = open.pop() {
        let ast = tree.nodes.get(id as usize);
        let ast = ast.expect("ids are those of nodes in the tree");
        if let Kind::Path { steps, .. } = &ast.kind {
            open.extend(steps.first());
        } else if let Some(name) = name_read(&ast.kind) {
            reads.push(InputRead {
                name,
                offset_bytes: ast.at,
            });
        } else {
            inner(&ast.kind, &mut open);
        }
    }
    reads.sort_by_key(|read| read.offset_bytes);
    reads
}

/// What a node reads of its input by itself. `$` is the variable without a name, `$$` the one that is called `$`.
fn name_read(kind: &Kind) -> Option<Text> {
    if let Kind::Name(name) = kind {
        return Some(name.clone());
    }
    let Kind::Variable(name) = kind else {
        return None;
    };
    match name.as_str() {
        "" => Some(Text::new_static("$")),
        "$" => Some(Text::new_static("$$")),
        _ => None,
    }
}

/// The nodes within a node that are evaluated for the same input.
fn inner(kind: &Kind, open: &mut Vec<Id>) {
    match kind {
        Kind::Array(items) | Kind::Block(items) => open.extend(items),
        Kind::Range(first, last) => open.extend([*first, *last]),
        Kind::Object(pairs) => open.extend(pairs.iter().flat_map(|(key, value)| [*key, *value])),
        Kind::Negate(operand) => open.push(*operand),
        Kind::Chain(first, rest) => {
            open.push(*first);
            open.extend(rest.iter().map(|(_, operand)| *operand));
        }
        Kind::Condition(condition, then, otherwise) => {
            open.extend([*condition, *then]);
            open.extend(*otherwise);
        }
        Kind::Bind(_, value) => open.push(*value),
        Kind::Lambda { body, .. } => open.push(*body),
        Kind::Call(function, arguments) => {
            open.push(*function);
            open.extend(arguments);
        }
        Kind::Apply(value, function) => open.extend([*value, *function]),
        Kind::Literal(_)
        | Kind::Name(_)
        | Kind::Variable(_)
        | Kind::Wildcard
        | Kind::Descendants
        | Kind::Parent(_)
        | Kind::Path { .. }
        | Kind::Placeholder
        | Kind::Sort(_)
        | Kind::Regex { .. }
        | Kind::Transform { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::jsonata::Expression;

    #[test]
    fn names_that_nothing_leads_to_are_read_of_the_input() {
        let cases: &[(&str, &[&str])] = &[
            ("1 + $x", &[]),
            ("phone", &["phone"]),
            ("phone[0].number", &["phone"]),
            ("aaa + bbb * `c c`", &["aaa", "bbb", "c c"]),
            ("$.phone", &["$"]),
            ("$$.phone", &["$$"]),
            ("$states.input.phone", &[]),
            ("$x.items[price > 3 and $.ok].{name: $$}^(name)", &[]),
            ("$map($x, function($v) { $v.a & b })", &["b"]),
            ("{aaa: [1..n], 'x': -m}", &["aaa", "n", "m"]),
            ("($y := a; $y ? b : c) ~> $sum", &["a", "b", "c"]),
        ];
        for (text, expected) in cases {
            let expression = Expression::compile(text).unwrap();
            let reads = expression.input_reads().iter();
            let names: Vec<_> = reads.map(|read| read.name.as_str()).collect();
            assert_eq!(names, *expected, "{text}");
        }
    }
}
