//! How AWS prints a value inside a text: as Java prints its maps and lists.

use crate::value::{Number, Value, View};

/// `{Arg1=1, Arg2=[]}`; strings without quotes, also inside.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    append(value, &mut out);
    out
}

pub(super) fn append(value: &Value, out: &mut String) {
    match value.view() {
        View::Null => out.push_str("null"),
        View::Bool(true) => out.push_str("true"),
        View::Bool(false) => out.push_str("false"),
        View::Number(Number::Int(i)) => out.push_str(itoa::Buffer::new().format(i)),
        View::Number(_) => out.push_str(&value.to_json()),
        View::String(s) => out.push_str(s),
        View::Array(array) => {
            out.push('[');
            for (i, element) in array.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                append(element, out);
            }
            out.push(']');
        }
        View::Object(object) => {
            out.push('{');
            for (i, (key, member)) in object.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(key);
                out.push('=');
                append(member, out);
            }
            out.push('}');
        }
    }
}
