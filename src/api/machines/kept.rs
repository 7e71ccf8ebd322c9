//! The machines that the API made in an earlier process, loaded again.

use super::configuration::definition_of;
use crate::api::store::{Document, Machine};
use crate::api::{ApiOptions, Kept, StartError};
use crate::asl::answer::check_name;
use crate::engine::Registry;

/// Makes a machine of each text, and its current definition the active revision of its name.
pub(in crate::api) fn load(
    options: &ApiOptions,
    registry: &Registry,
    workflows: &[String],
    kept: &[Kept],
) -> Result<Vec<Machine>, StartError> {
    let load = |kept: &Kept| {
        if workflows.contains(&kept.name) {
            return Err("a workflow of the settings has the same name".to_owned());
        }
        machine(options, registry, kept)
    };
    let load = |kept: &Kept| {
        load(kept).map_err(|why| StartError::Kept {
            place: kept.place.clone(),
            why,
        })
    };
    kept.iter().map(load).collect()
}

fn machine(options: &ApiOptions, registry: &Registry, kept: &Kept) -> Result<Machine, String> {
    let document = Document::parse(&kept.text)?;
    check_name(&document.name).map_err(|refused| refused.to_string())?;
    if document.name != kept.name {
        return Err(format!(
            "it holds the state machine {}, which is kept under another name",
            document.name
        ));
    }
    document.machine(|written, logging| {
        let made = definition_of(
            options,
            &kept.name,
            &written.definition(),
            &written.role_arn,
            logging,
        );
        registry.put(made).map_err(|refused| refused.to_string())
    })
}
