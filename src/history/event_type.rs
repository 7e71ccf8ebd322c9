//! The types of history events that an Express execution makes, and the least log level that lets each through.

use super::LogLevel;

/// `HistoryEventType`, as far as the machine makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are AWS's, and say all")]
pub enum EventType {
    ChoiceStateEntered,
    ChoiceStateExited,
    EvaluationFailed,
    ExecutionAborted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionSucceeded,
    ExecutionTimedOut,
    FailStateEntered,
    LambdaFunctionFailed,
    LambdaFunctionScheduled,
    LambdaFunctionStarted,
    LambdaFunctionSucceeded,
    LambdaFunctionTimedOut,
    MapIterationAborted,
    MapIterationFailed,
    MapIterationStarted,
    MapIterationSucceeded,
    MapStateAborted,
    MapStateEntered,
    MapStateExited,
    MapStateFailed,
    MapStateStarted,
    MapStateSucceeded,
    ParallelStateAborted,
    ParallelStateEntered,
    ParallelStateExited,
    ParallelStateFailed,
    ParallelStateStarted,
    ParallelStateSucceeded,
    PassStateEntered,
    PassStateExited,
    SucceedStateEntered,
    SucceedStateExited,
    TaskFailed,
    TaskScheduled,
    TaskStarted,
    TaskStateAborted,
    TaskStateEntered,
    TaskStateExited,
    TaskSucceeded,
    TaskTimedOut,
    WaitStateAborted,
    WaitStateEntered,
    WaitStateExited,
}

impl EventType {
    /// Whether it is the entry of a state, of whatever type.
    #[must_use]
    pub fn is_state_entered(self) -> bool {
        self.as_str().ends_with("StateEntered")
    }

    /// Whether it is the exit of a state, of whatever type.
    #[must_use]
    pub fn is_state_exited(self) -> bool {
        self.as_str().ends_with("StateExited")
    }

    /// AWS's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChoiceStateEntered => "ChoiceStateEntered",
            Self::ChoiceStateExited => "ChoiceStateExited",
            Self::EvaluationFailed => "EvaluationFailed",
            Self::ExecutionAborted => "ExecutionAborted",
            Self::ExecutionFailed => "ExecutionFailed",
            Self::ExecutionStarted => "ExecutionStarted",
            Self::ExecutionSucceeded => "ExecutionSucceeded",
            Self::ExecutionTimedOut => "ExecutionTimedOut",
            Self::FailStateEntered => "FailStateEntered",
            Self::LambdaFunctionFailed => "LambdaFunctionFailed",
            Self::LambdaFunctionScheduled => "LambdaFunctionScheduled",
            Self::LambdaFunctionStarted => "LambdaFunctionStarted",
            Self::LambdaFunctionSucceeded => "LambdaFunctionSucceeded",
            Self::LambdaFunctionTimedOut => "LambdaFunctionTimedOut",
            Self::MapIterationAborted => "MapIterationAborted",
            Self::MapIterationFailed => "MapIterationFailed",
            Self::MapIterationStarted => "MapIterationStarted",
            Self::MapIterationSucceeded => "MapIterationSucceeded",
            Self::MapStateAborted => "MapStateAborted",
            Self::MapStateEntered => "MapStateEntered",
            Self::MapStateExited => "MapStateExited",
            Self::MapStateFailed => "MapStateFailed",
            Self::MapStateStarted => "MapStateStarted",
            Self::MapStateSucceeded => "MapStateSucceeded",
            Self::ParallelStateAborted => "ParallelStateAborted",
            Self::ParallelStateEntered => "ParallelStateEntered",
            Self::ParallelStateExited => "ParallelStateExited",
            Self::ParallelStateFailed => "ParallelStateFailed",
            Self::ParallelStateStarted => "ParallelStateStarted",
            Self::ParallelStateSucceeded => "ParallelStateSucceeded",
            Self::PassStateEntered => "PassStateEntered",
            Self::PassStateExited => "PassStateExited",
            Self::SucceedStateEntered => "SucceedStateEntered",
            Self::SucceedStateExited => "SucceedStateExited",
            Self::TaskFailed => "TaskFailed",
            Self::TaskScheduled => "TaskScheduled",
            Self::TaskStarted => "TaskStarted",
            Self::TaskStateAborted => "TaskStateAborted",
            Self::TaskStateEntered => "TaskStateEntered",
            Self::TaskStateExited => "TaskStateExited",
            Self::TaskSucceeded => "TaskSucceeded",
            Self::TaskTimedOut => "TaskTimedOut",
            Self::WaitStateAborted => "WaitStateAborted",
            Self::WaitStateEntered => "WaitStateEntered",
            Self::WaitStateExited => "WaitStateExited",
        }
    }

    /// The least level at which AWS logs it (developer guide, "Log levels for execution events").
    #[must_use]
    pub const fn level(self) -> LogLevel {
        match self {
            Self::ExecutionAborted | Self::ExecutionFailed | Self::ExecutionTimedOut => {
                LogLevel::Fatal
            }
            // AWS's guide does not list EvaluationFailed; it is the error of a state.
            Self::EvaluationFailed
            | Self::FailStateEntered
            | Self::LambdaFunctionFailed
            | Self::LambdaFunctionTimedOut
            | Self::MapIterationAborted
            | Self::MapIterationFailed
            | Self::MapStateAborted
            | Self::MapStateFailed
            | Self::ParallelStateAborted
            | Self::ParallelStateFailed
            | Self::TaskFailed
            | Self::TaskStateAborted
            | Self::TaskTimedOut
            | Self::WaitStateAborted => LogLevel::Error,
            Self::ChoiceStateEntered
            | Self::ChoiceStateExited
            | Self::ExecutionStarted
            | Self::ExecutionSucceeded
            | Self::LambdaFunctionScheduled
            | Self::LambdaFunctionStarted
            | Self::LambdaFunctionSucceeded
            | Self::MapIterationStarted
            | Self::MapIterationSucceeded
            | Self::MapStateEntered
            | Self::MapStateExited
            | Self::MapStateStarted
            | Self::MapStateSucceeded
            | Self::ParallelStateEntered
            | Self::ParallelStateExited
            | Self::ParallelStateStarted
            | Self::ParallelStateSucceeded
            | Self::PassStateEntered
            | Self::PassStateExited
            | Self::SucceedStateEntered
            | Self::SucceedStateExited
            | Self::TaskScheduled
            | Self::TaskStarted
            | Self::TaskStateEntered
            | Self::TaskStateExited
            | Self::TaskSucceeded
            | Self::WaitStateEntered
            | Self::WaitStateExited => LogLevel::All,
        }
    }

    /// Whether a log of this level has it.
    #[must_use]
    pub fn passes(self, level: LogLevel) -> bool {
        level != LogLevel::Off && self.level() <= level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_lets_through_its_own_events_and_those_of_the_levels_below() {
        let cases = [
            (EventType::ExecutionFailed, [false, true, true, true]),
            (EventType::ExecutionTimedOut, [false, true, true, true]),
            (EventType::ExecutionAborted, [false, true, true, true]),
            (EventType::FailStateEntered, [false, false, true, true]),
            (EventType::TaskTimedOut, [false, false, true, true]),
            (EventType::LambdaFunctionFailed, [false, false, true, true]),
            (EventType::MapIterationFailed, [false, false, true, true]),
            (EventType::ParallelStateAborted, [false, false, true, true]),
            (EventType::MapStateStarted, [false, false, false, true]),
            (EventType::ExecutionSucceeded, [false, false, false, true]),
            (EventType::TaskStateEntered, [false, false, false, true]),
        ];
        let levels = [
            LogLevel::Off,
            LogLevel::Fatal,
            LogLevel::Error,
            LogLevel::All,
        ];
        for (event_type, expected) in cases {
            assert_eq!(
                levels.map(|level| event_type.passes(level)),
                expected,
                "{event_type:?}"
            );
        }
    }
}
