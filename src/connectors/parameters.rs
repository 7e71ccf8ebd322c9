//! Reading the parameters of a service integration, and AWS's answers to wrong ones.

use crate::machine::TaskError;
use crate::value::{Object, Text, Value};

/// The parameters, if they are an object with no other names than `known`.
pub(super) fn object<'a>(parameters: &'a Value, known: &[&str]) -> Result<Object<'a>, TaskError> {
    let Some(object) = parameters.as_object() else {
        return Err(unusable(parameters, "The parameters must be an object"));
    };
    let unknown = object
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()));
    match unknown {
        None => Ok(object),
        Some((name, _)) => Err(unusable(
            parameters,
            &format!("The field \"{name}\" is not supported by Step Functions"),
        )),
    }
}

/// The text `name`; null is as good as nothing.
pub(super) fn text<'a>(parameters: &'a Value, name: &str) -> Result<Option<&'a Text>, TaskError> {
    match parameters.get(name) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(value) => value.as_text().map(Some).ok_or_else(|| {
            unusable(
                parameters,
                &format!("The value for the field \"{name}\" must be a STRING"),
            )
        }),
    }
}

/// A parameter that must be there is not.
pub(super) fn missing(parameters: &Value, name: &str) -> TaskError {
    unusable(
        parameters,
        &format!("The field \"{name}\" is required but was missing"),
    )
}

/// The parameters cannot be used, and why.
pub(super) fn unusable(parameters: &Value, why: &str) -> TaskError {
    /// Causes are for people.
    const SHOWN_BYTES_MAX: usize = 4_096;
    let shown = if parameters.json_bytes() <= SHOWN_BYTES_MAX {
        parameters.to_json()
    } else {
        format!("({} bytes)", parameters.json_bytes())
    };
    runtime(format!(
        "The Parameters '{shown}' could not be used to start the Task: [{why}]"
    ))
}

/// `States.Runtime`
pub(super) fn runtime(cause: String) -> TaskError {
    TaskError {
        error: Text::new_static("States.Runtime"),
        cause: Some(cause),
    }
}
