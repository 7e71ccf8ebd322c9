//! A machine that the API made ↔ the text that is kept of it: JSON that people can read, compare and correct.
//!
//! A configuration that several versions share is written once. A definition is written as its lines.
//!
//! *Not here*: ARNs, limits and connectors, which are those of the settings at each start.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Alias, Configuration, Logging, Machine, MachineType, Route, Version};
use crate::engine::Revision;
use crate::history::LogLevel;
use crate::machine::Timestamp;

/// The only format so far.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::api) struct Document {
    format: u32,
    pub(in crate::api) name: String,
    r#type: Type,
    created: Instant,
    pub(in crate::api) configurations: Vec<ConfigurationDocument>,
    /// The place of the current one in the list.
    current: usize,
    last_version: u64,
    versions: BTreeMap<u64, VersionDocument>,
    aliases: BTreeMap<String, AliasDocument>,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::api) struct ConfigurationDocument {
    updated: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
    pub(in crate::api) role_arn: String,
    logging: LoggingDocument,
    tracing: bool,
    definition: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LoggingDocument {
    level: Level,
    include_execution_data: bool,
    destinations: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionDocument {
    configuration: usize,
    description: String,
    created: Instant,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasDocument {
    description: String,
    routes: Vec<RouteDocument>,
    created: Instant,
    updated: Instant,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteDocument {
    version: u64,
    weight: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Type {
    Standard,
    Express,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Level {
    Off,
    Fatal,
    Error,
    All,
}

/// RFC 3339.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone, Copy)]
struct Instant(Timestamp);

impl Document {
    /// What is kept of a machine.
    pub(in crate::api) fn text(machine: &Machine) -> String {
        let mut all: Vec<&Arc<Configuration>> = Vec::new();
        let mut place = |configuration| -> usize {
            let same = all.iter().position(|c| Arc::ptr_eq(c, configuration));
            same.unwrap_or_else(|| {
                all.push(configuration);
                all.len() - 1
            })
        };
        let versions = machine.versions.iter().map(|(number, version)| {
            let document = VersionDocument {
                configuration: place(&version.configuration),
                description: version.description.clone(),
                created: Instant(version.created),
            };
            (*number, document)
        });
        let versions = versions.collect();
        let current = place(&machine.current);
        let document = Self {
            format: FORMAT,
            name: machine.name().to_owned(),
            r#type: match machine.machine_type {
                MachineType::Standard => Type::Standard,
                MachineType::Express => Type::Express,
            },
            created: Instant(machine.created),
            configurations: all.into_iter().map(|c| configuration(c)).collect(),
            current,
            last_version: machine.last_version,
            versions,
            aliases: machine.aliases.iter().map(alias).collect(),
            tags: machine.tags.clone(),
        };
        let text = serde_json::to_string_pretty(&document);
        let mut text = text.expect("texts, numbers and maps by text or number are JSON");
        text.push('\n');
        text
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub(in crate::api) fn parse(text: &str) -> Result<Self, String> {
        let document: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if document.format != FORMAT {
            return Err(format!("its format is {}, not {FORMAT}", document.format));
        }
        Ok(document)
    }

    /// The machine, whose configurations `load` makes active one after the other, the current one last.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub(in crate::api) fn machine(
        &self,
        mut load: impl FnMut(&ConfigurationDocument, &Logging) -> Result<Arc<Revision>, String>,
    ) -> Result<Machine, String> {
        let mut load = |written: &ConfigurationDocument| written.load(&mut load);
        let mut all = BTreeMap::new();
        for (place, written) in self.configurations.iter().enumerate() {
            if place != self.current {
                all.insert(place, Arc::new(load(written)?));
            }
        }
        let current = self.configurations.get(self.current);
        let current = current.ok_or("`current` is the place of no configuration")?;
        let current = Arc::new(load(current)?);
        all.insert(self.current, Arc::clone(&current));
        let mut versions = BTreeMap::new();
        for (number, version) in &self.versions {
            let configuration = all.get(&version.configuration);
            let configuration = configuration
                .ok_or_else(|| format!("version {number} has a configuration that is not there"))?;
            if *number == 0 || *number > self.last_version {
                return Err(format!("version {number} is not within 1 to `lastVersion`"));
            }
            let version = Version {
                configuration: Arc::clone(configuration),
                description: version.description.clone(),
                created: version.created.0,
            };
            versions.insert(*number, version);
        }
        for (name, alias) in &self.aliases {
            let is_there = |route: &RouteDocument| versions.contains_key(&route.version);
            let sum: u64 = alias.routes.iter().map(|r| r.weight.min(101)).sum();
            if !alias.routes.iter().all(is_there) || sum != 100 {
                return Err(format!(
                    "the alias {name} must lead to versions that are there, with weights that make 100"
                ));
            }
        }
        Ok(Machine {
            created: self.created.0,
            versions,
            last_version: self.last_version,
            aliases: self.aliases.iter().map(read_alias).collect(),
            tags: self.tags.clone(),
            ..Machine::with(
                match self.r#type {
                    Type::Standard => MachineType::Standard,
                    Type::Express => MachineType::Express,
                },
                current,
            )
        })
    }
}

impl ConfigurationDocument {
    pub(in crate::api) fn definition(&self) -> String {
        self.definition.join("\n")
    }

    fn load(
        &self,
        load: &mut impl FnMut(&Self, &Logging) -> Result<Arc<Revision>, String>,
    ) -> Result<Configuration, String> {
        let logging = Logging {
            level: match self.logging.level {
                Level::Off => LogLevel::Off,
                Level::Fatal => LogLevel::Fatal,
                Level::Error => LogLevel::Error,
                Level::All => LogLevel::All,
            },
            include_execution_data: self.logging.include_execution_data,
            destinations: self.logging.destinations.clone(),
        };
        Ok(Configuration {
            revision: load(self, &logging)?,
            revision_id: self.revision_id.clone(),
            logging,
            is_traced: self.tracing,
            updated: self.updated.0,
        })
    }
}

fn configuration(configuration: &Configuration) -> ConfigurationDocument {
    let Configuration {
        revision,
        revision_id,
        logging,
        is_traced,
        updated,
    } = configuration;
    ConfigurationDocument {
        updated: Instant(*updated),
        revision_id: revision_id.clone(),
        role_arn: revision.machine.role_arn.to_string(),
        logging: LoggingDocument {
            level: match logging.level {
                LogLevel::Off => Level::Off,
                LogLevel::Fatal => Level::Fatal,
                LogLevel::Error => Level::Error,
                LogLevel::All => Level::All,
            },
            include_execution_data: logging.include_execution_data,
            destinations: logging.destinations.clone(),
        },
        tracing: *is_traced,
        definition: revision.text.split('\n').map(str::to_owned).collect(),
    }
}

fn alias((name, alias): (&String, &Alias)) -> (String, AliasDocument) {
    let routes = alias.routes.iter().map(|route| RouteDocument {
        version: route.version,
        weight: route.weight,
    });
    let document = AliasDocument {
        description: alias.description.clone(),
        routes: routes.collect(),
        created: Instant(alias.created),
        updated: Instant(alias.updated),
    };
    (name.clone(), document)
}

fn read_alias((name, document): (&String, &AliasDocument)) -> (String, Alias) {
    let routes = document.routes.iter().map(|route| Route {
        version: route.version,
        weight: route.weight,
    });
    let alias = Alias {
        description: document.description.clone(),
        routes: routes.collect(),
        created: document.created.0,
        updated: document.updated.0,
    };
    (name.clone(), alias)
}

impl TryFrom<String> for Instant {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let instant = Timestamp::parse(&text);
        instant
            .map(Self)
            .ok_or_else(|| format!("{text} is no instant"))
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.0.to_rfc3339()
    }
}
