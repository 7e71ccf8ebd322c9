//! The environment as an argument, so that only one place reads it.

use std::collections::BTreeMap;

/// The variables whose names begin with `STEPSTREAM_`, and those of others that mean the same.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Variables of Step Functions Local, and ours that mean the same and go first.
const ALIASES: &[(&str, &str)] = &[
    ("LAMBDA_ENDPOINT", "STEPSTREAM_LAMBDA_ENDPOINT"),
    ("SFN_MOCK_CONFIG", "STEPSTREAM_MOCKS_FILE"),
];

/// Variables of AWS's clients that settings refer to.
const OF_AWS: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "STEPSTREAM_";

impl Environment {
    /// That of this process. A variable that is not UTF-8 is left out.
    #[must_use]
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// These variables; the names that are not ours are dropped.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut ours = BTreeMap::new();
        let mut others = Vec::new();
        for (name, value) in variables {
            if name.starts_with(PREFIX) || OF_AWS.contains(&name.as_str()) {
                ours.insert(name, value);
            } else if let Some((_, ours)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
                others.push((*ours, value));
            }
        }
        for (name, value) in others {
            ours.entry(name.to_owned()).or_insert(value);
        }
        Self(ours)
    }

    /// The variable `STEPSTREAM_NAME`.
    pub(super) fn own(&self, name: &str) -> Option<&str> {
        self.get(&format!("{PREFIX}{name}"))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The variables that begin with `prefix`, as what follows it and the value.
    pub(super) fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: a value may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The variable of the key `path`: `kafka.group` is `STEPSTREAM_KAFKA_GROUP`.
pub(super) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "_").to_uppercase())
}
