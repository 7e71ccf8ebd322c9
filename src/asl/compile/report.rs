//! The faults found so far.

use crate::asl::source::{Node, Source};
use crate::asl::{Diagnostic, Severity, code};

/// No more faults than these are kept; AWS lists 100.
const DIAGNOSTICS_MAX: usize = 1000;
/// Nor faults with more text than this in all, since each may quote a long name.
const DIAGNOSTIC_BYTES_MAX: usize = 4 << 20;

/// A fault in the making.
pub(in crate::asl) struct Fault<'n> {
    severity: Severity,
    code: &'static str,
    message: String,
    location: Option<&'n Node>,
    at: usize,
    hint: Option<String>,
}

impl<'n> Fault<'n> {
    /// An error without a location.
    pub(in crate::asl) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            location: None,
            at: 0,
            hint: None,
        }
    }

    /// A faulty field: the location and the place are the node's.
    pub(in crate::asl) fn schema(node: &'n Node, message: impl Into<String>) -> Self {
        Self::new(code::SCHEMA_VALIDATION_FAILED, message).of(node)
    }

    /// Something that does no harm.
    pub(in crate::asl) fn warning(
        code: &'static str,
        node: &'n Node,
        message: impl Into<String>,
    ) -> Self {
        let mut fault = Self::new(code, message).of(node);
        fault.severity = Severity::Warning;
        fault
    }

    /// Sets location and place.
    pub(in crate::asl) fn of(mut self, node: &'n Node) -> Self {
        self.location = Some(node);
        self.at = node.span.start;
        self
    }

    /// Sets the byte of the text that is pointed at.
    pub(in crate::asl) fn at(mut self, at: usize) -> Self {
        self.at = at;
        self
    }

    /// Says what to do.
    pub(in crate::asl) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do, if that is known.
    pub(in crate::asl) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// Collects faults.
pub(in crate::asl) struct Report<'s> {
    source: &'s Source<'s>,
    found: Vec<(usize, Diagnostic)>,
    found_bytes: usize,
    has_errors: bool,
}

impl<'s> Report<'s> {
    pub(in crate::asl) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            found: Vec::new(),
            found_bytes: 0,
            has_errors: false,
        }
    }

    pub(in crate::asl) fn source(&self) -> &'s Source<'s> {
        self.source
    }

    pub(in crate::asl) fn has_errors(&self) -> bool {
        self.has_errors
    }

    pub(in crate::asl) fn push(&mut self, fault: Fault<'_>) {
        self.has_errors |= fault.severity == Severity::Error;
        if self.found.len() >= DIAGNOSTICS_MAX || self.found_bytes >= DIAGNOSTIC_BYTES_MAX {
            return;
        }
        let (line, column) = self.source.line_and_column(fault.at);
        let location = fault.location.map(|node| self.source.pointer(node));
        self.found_bytes += fault.message.len()
            + location.as_ref().map_or(0, String::len)
            + fault.hint.as_ref().map_or(0, String::len);
        let diagnostic = Diagnostic {
            severity: fault.severity,
            code: fault.code,
            message: fault.message,
            location,
            line,
            column,
            hint: fault.hint,
        };
        self.found.push((fault.at, diagnostic));
    }

    /// In the order of the text.
    pub(in crate::asl) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, d)| d).collect()
    }
}
