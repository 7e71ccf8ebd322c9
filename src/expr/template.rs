//! (to come)
/// A payload template.
#[derive(Debug)]
pub struct Template;
/// Why a template is refused.
#[derive(Debug, thiserror::Error)]
#[error("bad template")]
pub struct TemplateError;
