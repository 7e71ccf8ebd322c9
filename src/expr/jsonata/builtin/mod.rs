//! The built-in functions: JSONata's, save `$eval`, and those that AWS Step Functions adds.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the functions of the table have one type"
)]

mod aggregate;
mod array;
mod aws;
mod boolean;
mod encoding;
mod higher_order;
mod matches;
mod matching;
mod notation;
mod number;
mod object;
mod substring;
mod text;

pub(super) use matches::{first_match, match_from};
pub(super) use text::text_of;

use std::sync::LazyLock;

use super::datum::Datum;
use super::error::Fault;
use super::eval::Evaluator;
use super::signature::Signature;
use crate::value::Text;

/// A built-in function, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Builtin(usize);

/// What a built-in function does with arguments that fit its signature.
type Body = fn(&mut Evaluator<'_>, Arguments) -> Result<Datum, Fault>;

struct Entry {
    name: &'static str,
    signature: &'static str,
    /// How many arguments it looks at where another function calls it.
    arity: usize,
    body: Body,
}

const fn entry(name: &'static str, signature: &'static str, arity: usize, body: Body) -> Entry {
    Entry {
        name,
        signature,
        arity,
        body,
    }
}

/// In the order of their names.
static TABLE: &[Entry] = &[
    entry("abs", "<n-:n>", 1, number::abs),
    entry("append", "<xx:a>", 2, array::append),
    entry("assert", "<bs?:x>", 2, boolean::assert),
    entry("average", "<a<n>:n>", 1, aggregate::average),
    entry("base64decode", "<s-:s>", 1, encoding::base64decode),
    entry("base64encode", "<s-:s>", 1, encoding::base64encode),
    entry("boolean", "<x-:b>", 1, boolean::boolean),
    entry("ceil", "<n-:n>", 1, number::ceil),
    entry("clone", "<(oa)-:o>", 1, object::clone),
    entry("contains", "<s-(sf):b>", 2, matching::contains),
    entry("count", "<a:n>", 1, aggregate::count),
    entry("decodeUrl", "<s-:s>", 1, encoding::decode_url),
    entry(
        "decodeUrlComponent",
        "<s-:s>",
        1,
        encoding::decode_url_component,
    ),
    entry("distinct", "<x:x>", 1, array::distinct),
    entry("each", "<o-f:a>", 2, higher_order::each),
    entry("encodeUrl", "<s-:s>", 1, encoding::encode_url),
    entry(
        "encodeUrlComponent",
        "<s-:s>",
        1,
        encoding::encode_url_component,
    ),
    entry("error", "<s?:x>", 1, boolean::error),
    entry("exists", "<x:b>", 1, boolean::exists),
    entry("filter", "<af>", 2, higher_order::filter),
    entry("floor", "<n-:n>", 1, number::floor),
    entry("formatBase", "<n-n?:s>", 2, notation::format_base),
    entry("formatInteger", "<n-s:s>", 2, notation::format_integer),
    entry("formatNumber", "<n-so?:s>", 3, notation::format_number),
    entry("fromMillis", "<n-s?s?:s>", 3, notation::from_millis),
    entry("hash", "<ss:s>", 2, aws::hash),
    entry("join", "<a<s>s?:s>", 2, text::join),
    entry("keys", "<x-:a<s>>", 1, object::keys),
    entry("length", "<s-:n>", 1, text::length),
    entry("lookup", "<x-s:x>", 2, object::lookup),
    entry("lowercase", "<s-:s>", 1, text::lowercase),
    entry("map", "<af>", 2, higher_order::map),
    entry("match", "<s-f<s:o>n?:a<o>>", 3, matching::find),
    entry("max", "<a<n>:n>", 1, aggregate::max),
    entry("merge", "<a<o>:o>", 1, object::merge),
    entry("millis", "<:n>", 0, notation::millis),
    entry("min", "<a<n>:n>", 1, aggregate::min),
    entry("not", "<x-:b>", 1, boolean::not),
    entry("now", "<s?s?:s>", 2, notation::now),
    entry("number", "<(nsb)-:n>", 1, number::number),
    entry("pad", "<s-ns?:s>", 3, substring::pad),
    entry("parse", "<s-:x>", 1, aws::parse),
    entry("parseInteger", "<s-s:n>", 2, notation::parse_integer),
    entry("partition", "<an:a>", 2, aws::partition),
    entry("power", "<n-n:n>", 2, number::power),
    entry("random", "<n?:n>", 0, aws::random),
    entry("range", "<nnn:a>", 3, aws::range),
    entry("reduce", "<afj?:j>", 3, higher_order::reduce),
    entry("replace", "<s-(sf)(sf)n?:s>", 4, matching::replace),
    entry("reverse", "<a:a>", 1, array::reverse),
    entry("round", "<n-n?:n>", 2, number::round),
    entry("shuffle", "<a:a>", 1, array::shuffle),
    entry("sift", "<o-f?:o>", 2, higher_order::sift),
    entry("single", "<af?>", 2, higher_order::single),
    entry("sort", "<af?:a>", 2, array::sort),
    entry("split", "<s-(sf)n?:a<s>>", 3, matching::split),
    entry("spread", "<x-:a<o>>", 1, object::spread),
    entry("sqrt", "<n-:n>", 1, number::sqrt),
    entry("string", "<x-b?:s>", 1, text::string),
    entry("substring", "<s-nn?:s>", 3, substring::substring),
    entry("substringAfter", "<s-s:s>", 2, substring::substring_after),
    entry("substringBefore", "<s-s:s>", 2, substring::substring_before),
    entry("sum", "<a<n>:n>", 1, aggregate::sum),
    entry("toMillis", "<s-s?:n>", 2, notation::to_millis),
    entry("trim", "<s-:s>", 1, text::trim),
    entry("type", "<x:s>", 1, boolean::kind),
    entry("uppercase", "<s-:s>", 1, text::uppercase),
    entry("uuid", "<:s>", 0, aws::uuid),
    entry("zip", "<a+>", 0, array::zip),
];

static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    let parsed = TABLE.iter().map(|entry| Signature::parse(entry.signature));
    parsed
        .collect::<Result<_, _>>()
        .expect("the signatures of the table are well formed")
});

impl Builtin {
    /// The built-in function of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TABLE
            .binary_search_by(|entry| entry.name.cmp(name))
            .ok()
            .map(Self)
    }

    pub(super) fn arity(self) -> usize {
        TABLE.get(self.0).map_or(0, |entry| entry.arity)
    }
}

/// Calls a built-in function; a sequence it gives is not collapsed yet.
pub(super) fn call(
    evaluator: &mut Evaluator<'_>,
    builtin: Builtin,
    arguments: Vec<Datum>,
    context: &Datum,
) -> Result<Datum, Fault> {
    evaluator.steps(1)?;
    let (Some(entry), Some(signature)) = (TABLE.get(builtin.0), SIGNATURES.get(builtin.0)) else {
        return Ok(Datum::Nothing);
    };
    (entry.body)(evaluator, Arguments(signature.apply(arguments, context)?))
}

/// The arguments of a call.
struct Arguments(Vec<Datum>);

impl Arguments {
    fn at(&self, place: usize) -> &Datum {
        self.0.get(place).unwrap_or(&Datum::Nothing)
    }

    /// The argument, which is nothing from then on.
    fn take(&mut self, place: usize) -> Datum {
        let argument = self.0.get_mut(place);
        argument.map_or(Datum::Nothing, |argument| {
            std::mem::replace(argument, Datum::Nothing)
        })
    }

    fn text(&self, place: usize) -> Option<&Text> {
        self.at(place).as_text()
    }

    fn number(&self, place: usize) -> Option<f64> {
        self.at(place).as_f64()
    }
}

/// A text that was computed.
fn new_text(evaluator: &mut Evaluator<'_>, text: String) -> Result<Datum, Fault> {
    evaluator.take(text.len())?;
    Ok(Datum::text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_signature_is_understood() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(SIGNATURES.len(), TABLE.len());
    }
}
