//! Log levels, and which events each of them lets through.

/// `loggingConfiguration.level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    #[default]
    Off,
    /// How an execution failed.
    Fatal,
    /// That, and what failed on the way.
    Error,
    /// Everything.
    All,
}
