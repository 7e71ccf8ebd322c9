//! Which fields the states have, by type and query language.

use StateType::{Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait};

/// The language of a state's expressions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum QueryLanguage {
    #[default]
    JsonPath,
    Jsonata,
}

impl QueryLanguage {
    pub(super) const NAMES: [&str; 2] = ["JSONPath", "JSONata"];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }

    /// The name that a key of a payload has when it is evaluated: in JSONPath `.$` asks for that.
    pub(super) fn name_of_field(self, key: &str) -> &str {
        match self {
            Self::JsonPath => key.strip_suffix(".$").unwrap_or(key),
            Self::Jsonata => key,
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::JsonPath, Self::Jsonata]
            .into_iter()
            .find(|language| language.name() == name)
    }
}

/// The type of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateType {
    Task,
    Wait,
    Pass,
    Succeed,
    Fail,
    Choice,
    Parallel,
    Map,
}

impl StateType {
    /// All types in the order in which AWS lists them.
    pub(super) const NAMES: [&str; 8] = [
        "Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map",
    ];

    const ALL: [Self; 8] = [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        let types = Self::NAMES.into_iter().zip(Self::ALL);
        types.into_iter().find(|(n, _)| *n == name).map(|(_, t)| t)
    }

    pub(super) fn name(self) -> &'static str {
        let types = Self::NAMES.into_iter().zip(Self::ALL);
        types
            .into_iter()
            .find(|(_, t)| *t == self)
            .map_or("", |(name, _)| name)
    }
}

/// A field of states.
pub(super) struct StateField {
    pub(super) name: &'static str,
    /// The language it is for, if not for both.
    pub(super) language: Option<QueryLanguage>,
    /// The types that have it.
    pub(super) types: &'static [StateType],
}

impl StateField {
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        STATE_FIELDS.iter().find(|field| field.name == name)
    }
}

const BOTH: Option<QueryLanguage> = None;
const PATH: Option<QueryLanguage> = Some(QueryLanguage::JsonPath);
const ATA: Option<QueryLanguage> = Some(QueryLanguage::Jsonata);

/// Every field of every type.
#[rustfmt::skip]
pub(super) const STATE_FIELDS: &[StateField] = &[
    field("Type", BOTH, &StateType::ALL),
    field("Comment", BOTH, &StateType::ALL),
    field("QueryLanguage", BOTH, &StateType::ALL),
    field("Next", BOTH, &[Task, Parallel, Map, Pass, Wait]),
    field("End", BOTH, &[Task, Parallel, Map, Pass, Wait]),
    field("InputPath", PATH, &[Task, Parallel, Map, Pass, Wait, Choice, Succeed]),
    field("OutputPath", PATH, &[Task, Parallel, Map, Pass, Wait, Choice, Succeed]),
    field("Parameters", PATH, &[Task, Parallel, Map, Pass]),
    field("ResultSelector", PATH, &[Task, Parallel, Map]),
    field("ResultPath", PATH, &[Task, Parallel, Map, Pass]),
    field("Arguments", ATA, &[Task, Parallel]),
    field("Output", ATA, &[Task, Parallel, Map, Pass, Wait, Choice, Succeed]),
    field("Assign", BOTH, &[Task, Parallel, Map, Pass, Wait, Choice]),
    field("Retry", BOTH, &[Task, Parallel, Map]),
    field("Catch", BOTH, &[Task, Parallel, Map]),
    field("Result", PATH, &[Pass]),
    field("Resource", BOTH, &[Task]),
    field("TimeoutSeconds", BOTH, &[Task]),
    field("TimeoutSecondsPath", PATH, &[Task]),
    field("HeartbeatSeconds", BOTH, &[Task]),
    field("HeartbeatSecondsPath", PATH, &[Task]),
    field("Credentials", BOTH, &[Task]),
    field("Seconds", BOTH, &[Wait]),
    field("SecondsPath", PATH, &[Wait]),
    field("Timestamp", BOTH, &[Wait]),
    field("TimestampPath", PATH, &[Wait]),
    field("Choices", BOTH, &[Choice]),
    field("Default", BOTH, &[Choice]),
    field("Error", BOTH, &[Fail]),
    field("ErrorPath", PATH, &[Fail]),
    field("Cause", BOTH, &[Fail]),
    field("CausePath", PATH, &[Fail]),
    field("Branches", BOTH, &[Parallel]),
    field("ItemProcessor", BOTH, &[Map]),
    field("Iterator", BOTH, &[Map]),
    field("Items", ATA, &[Map]),
    field("ItemsPath", PATH, &[Map]),
    field("ItemSelector", BOTH, &[Map]),
    field("ItemReader", BOTH, &[Map]),
    field("ItemBatcher", BOTH, &[Map]),
    field("ResultWriter", BOTH, &[Map]),
    field("MaxConcurrency", BOTH, &[Map]),
    field("MaxConcurrencyPath", PATH, &[Map]),
    field("ToleratedFailureCount", BOTH, &[Map]),
    field("ToleratedFailureCountPath", PATH, &[Map]),
    field("ToleratedFailurePercentage", BOTH, &[Map]),
    field("ToleratedFailurePercentagePath", PATH, &[Map]),
    field("Label", BOTH, &[Map]),
];

const fn field(
    name: &'static str,
    language: Option<QueryLanguage>,
    types: &'static [StateType],
) -> StateField {
    StateField {
        name,
        language,
        types,
    }
}
