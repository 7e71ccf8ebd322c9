//! The ways in which a function can be named.

/// A function, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FunctionName {
    /// `enrich`
    pub(super) name: String,
    /// `$LATEST`, a version or an alias.
    pub(super) qualifier: Option<String>,
    /// The whole ARN without its qualifier, if it was given.
    pub(super) arn: Option<String>,
}

impl FunctionName {
    /// Takes the ARN of a Task state apart; `None` if it is no function's.
    pub(super) fn of_resource(arn: &str) -> Option<Self> {
        arn.starts_with("arn:").then(|| Self::parse(arn)).flatten()
    }

    /// Takes a name, a partial ARN (`ACCOUNT:function:NAME`) or an ARN apart, each with or without a qualifier.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (name, qualifier, is_arn) = match parts.as_slice() {
            ["arn", _, "lambda", _, _, "function", name, rest @ ..] => (name, rest, true),
            ["arn", ..] => return None,
            [_, "function", name, rest @ ..]
            | ["function", name, rest @ ..]
            | [name, rest @ ..] => (name, rest, false),
            [] => return None,
        };
        let qualifier = match qualifier {
            [] => None,
            [qualifier] if is_qualifier(qualifier) => Some((*qualifier).to_owned()),
            _ => return None,
        };
        let bare = match &qualifier {
            Some(qualifier) => text.get(..text.len() - qualifier.len() - 1)?,
            None => text,
        };
        is_name(name).then(|| Self {
            name: (*name).to_owned(),
            arn: is_arn.then(|| bare.to_owned()),
            qualifier,
        })
    }
}

/// Whether it is a version, an alias or `$LATEST`.
pub(super) fn is_qualifier(text: &str) -> bool {
    text == "$LATEST" || is_name(text)
}

fn is_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=140).contains(&text.len()) && text.bytes().all(legal)
}
