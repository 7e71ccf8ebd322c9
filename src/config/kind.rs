//! The kinds of values that settings have, and how one is read from TOML and from a variable.

use toml::de::DeValue;

/// What a setting's value must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Text, not empty.
    Text,
    /// The name of a workflow: what AWS allows in the name of a state machine, 1 to 80 characters.
    Name,
    /// The name of a topic.
    Topic,
    /// One or more names of topics; in a variable separated by commas.
    Topics,
    /// Names of hosts, or `*`; in a variable separated by commas.
    Hosts,
    /// Texts, possibly none; in a variable separated by commas.
    Texts,
    /// One or more names of topics or beginnings of names followed by `*`; in a variable separated by commas.
    TopicPatterns,
    /// A file, relative to the settings file.
    File,
    /// `HOST:PORT` with a literal IP address.
    Address,
    /// `true` or `false`.
    Flag,
    /// A whole number in this range.
    Integer(u64, u64),
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A value of the right kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    Integer(u64),
}

impl Kind {
    /// What the documentation calls it.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Name => "text of 1 to 80 letters, digits, - and _".to_owned(),
            Self::Topic => {
                "the name of a topic: 1 to 249 letters, digits, dots, - and _".to_owned()
            }
            Self::Topics => "a list of one or more names of topics".to_owned(),
            Self::Hosts => "a list of names of hosts, or \"*\" for any".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::TopicPatterns => {
                "a list of one or more names of topics, or of beginnings of names followed by *"
                    .to_owned()
            }
            Self::File => "a path, relative to the settings file".to_owned(),
            Self::Address => "IP-ADDRESS:PORT".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Integer(min, u64::MAX) => format!("a whole number, at least {min}"),
            Self::Integer(min, max) => format!("a whole number, {min} to {max}"),
            Self::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
                format!("one of {}", words.join(", "))
            }
        }
    }

    /// Reads a value of the file; `None` if it is of another kind.
    pub(super) fn read(self, value: &DeValue<'_>) -> Option<Value> {
        match value {
            DeValue::String(text) => self.text(text),
            DeValue::Integer(integer) => {
                let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok()?;
                self.integer(number)
            }
            DeValue::Boolean(flag) => matches!(self, Self::Flag).then_some(Value::Flag(*flag)),
            DeValue::Array(items) => {
                let is_item = self.item()?;
                let texts: Option<Vec<String>> = items
                    .iter()
                    .map(|item| item.get_ref().as_str().filter(|text| is_item(text)))
                    .map(|text| text.map(str::to_owned))
                    .collect();
                let may_be_empty = matches!(self, Self::Texts);
                texts
                    .filter(|texts| may_be_empty || !texts.is_empty())
                    .map(Value::Texts)
            }
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
        }
    }

    /// Reads the value of a variable; `None` if it is of another kind.
    pub(super) fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Flag => text.parse().ok().map(Value::Flag),
            Self::Integer(..) => self.integer(text.replace('_', "").parse().ok()?),
            Self::Topics | Self::TopicPatterns | Self::Hosts | Self::Texts => {
                let is_item = self.item()?;
                let texts: Vec<String> = text.split(',').map(|t| t.trim().to_owned()).collect();
                texts
                    .iter()
                    .all(|t| is_item(t))
                    .then_some(Value::Texts(texts))
            }
            Self::Text
            | Self::Name
            | Self::Topic
            | Self::File
            | Self::Address
            | Self::Choice(_) => self.text(text),
        }
    }

    /// What each element of a list must be, if it is one.
    fn item(self) -> Option<fn(&str) -> bool> {
        match self {
            Self::Topics => Some(is_topic),
            Self::TopicPatterns => Some(is_topic_pattern),
            Self::Hosts => Some(is_host),
            Self::Texts => Some(|text| !text.is_empty()),
            Self::Text
            | Self::Name
            | Self::Topic
            | Self::File
            | Self::Address
            | Self::Flag
            | Self::Integer(..)
            | Self::Choice(_) => None,
        }
    }

    fn text(self, text: &str) -> Option<Value> {
        let fits = match self {
            Self::Text | Self::File => !text.is_empty(),
            Self::Name => is_name(text),
            Self::Topic => is_topic(text),
            Self::Address => text.parse::<std::net::SocketAddr>().is_ok(),
            Self::Choice(words) => words.contains(&text),
            Self::Topics
            | Self::TopicPatterns
            | Self::Hosts
            | Self::Texts
            | Self::Flag
            | Self::Integer(..) => false,
        };
        fits.then(|| Value::Text(text.to_owned()))
    }

    fn integer(self, number: u64) -> Option<Value> {
        match self {
            Self::Integer(min, max) => (min..=max)
                .contains(&number)
                .then_some(Value::Integer(number)),
            Self::Text
            | Self::Name
            | Self::Topic
            | Self::Topics
            | Self::Hosts
            | Self::Texts
            | Self::TopicPatterns
            | Self::File
            | Self::Address
            | Self::Flag
            | Self::Choice(_) => None,
        }
    }
}

fn is_host(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    name == "*" || ((1..=253).contains(&name.len()) && name.bytes().all(legal))
}

/// The name of a topic, or the beginning of names followed by `*`.
fn is_topic_pattern(text: &str) -> bool {
    is_topic(text.strip_suffix('*').unwrap_or(text))
}

/// Kafka's own rule.
pub(super) fn is_topic(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name.bytes().all(legal) && name != "." && name != ".."
}

fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=80).contains(&name.len()) && name.bytes().all(legal)
}
