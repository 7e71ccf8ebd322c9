//! (to come)
/// A place in a value.
#[derive(Debug)]
pub struct ReferencePath;
