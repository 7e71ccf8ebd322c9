//! Fields that hold paths and payload templates.

use super::report::Fault;
use super::{Compiler, code};
use crate::asl::source::{Json, Node};
use crate::asl::{IoPath, ResultPath};
use crate::expr::{Path, PathError, ReferencePath, Template};

impl<'s> Compiler<'s> {
    /// `InputPath` or `OutputPath`.
    pub(super) fn io_path(&mut self, object: &'s Node, name: &str) -> Option<IoPath> {
        let Some(node) = object.get(name) else {
            return Some(IoPath::All);
        };
        if matches!(node.json, Json::Null) {
            return Some(IoPath::Discard);
        }
        if node.as_text().is_some_and(|text| text == "$") {
            return Some(IoPath::All);
        }
        self.path(object, name).map(IoPath::Path)
    }

    /// `ResultPath`.
    pub(super) fn result_path(&mut self, object: &'s Node) -> Option<ResultPath> {
        let Some(node) = object.get("ResultPath") else {
            return Some(ResultPath::Replace);
        };
        if matches!(node.json, Json::Null) {
            return Some(ResultPath::Discard);
        }
        let text = self.string(object, "ResultPath")?;
        if text == "$" {
            return Some(ResultPath::Replace);
        }
        match ReferencePath::compile(text) {
            Ok(path) => Some(ResultPath::At(path)),
            Err(error) => {
                self.no_reference_path(node, &error.message, error.at);
                None
            }
        }
    }

    /// Any path.
    pub(super) fn path(&mut self, object: &'s Node, name: &str) -> Option<Path> {
        let text = self.string(object, name)?;
        let node = object.get(name)?;
        match Path::compile(text) {
            Ok(mut path) => {
                path.bind(&mut self.variables);
                self.uses_context |= path.reads_context();
                Some(path)
            }
            Err(error) => {
                let fault =
                    self.expression_fault(node, node, "Value is not a valid JSONPath", &error);
                self.report.push(fault);
                None
            }
        }
    }

    /// A path that leads to one place.
    pub(super) fn definite_path(&mut self, object: &'s Node, name: &str) -> Option<Path> {
        let path = self.path(object, name)?;
        if path.is_definite() {
            return Some(path);
        }
        self.no_reference_path(object.get(name)?, "it may lead to more than one place", 0);
        None
    }

    /// A payload template; `None` if it is absent, too.
    pub(super) fn template(&mut self, object: &'s Node, name: &str) -> Option<Template> {
        let node = object.get(name)?;
        self.undollared(node);
        match Template::compile(&node.to_value()) {
            Ok(mut template) => {
                template.bind(&mut self.variables);
                self.uses_context |= template.reads_context();
                Some(template)
            }
            Err(errors) => {
                for error in errors {
                    let (parent, _) = error.pointer.rsplit_once('/').unwrap_or_default();
                    let parent = node.descend(parent);
                    let value = node.descend(&error.pointer);
                    let fault = match &error.hint {
                        Some(hint) => self.expression_fault(parent, value, &error.message, hint),
                        None => Fault::schema(parent, error.message).at(value.span.start),
                    };
                    self.report.push(fault);
                }
                None
            }
        }
    }

    /// A path or an intrinsic call that can give a string.
    pub(super) fn string_expression(&mut self, object: &'s Node, name: &str) -> Option<Template> {
        let text = self.string(object, name)?;
        let node = object.get(name)?;
        let mut template = match Template::compile_expression(text, name) {
            Ok(template) => template,
            Err(error) => {
                let message = format!(
                    "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                );
                let fault = self.expression_fault(node, node, &message, &error);
                self.report.push(fault);
                return None;
            }
        };
        if !template.can_be_string() {
            let message = format!(
                "The value for the field '{name}' must be a path or an intrinsic function that returns a string"
            );
            self.report.push(Fault::schema(node, message));
            return None;
        }
        template.bind(&mut self.variables);
        self.uses_context |= template.reads_context();
        Some(template)
    }

    /// Warns of a literal that looks like a path, in a field that has a twin for paths.
    pub(super) fn looks_like_a_path(&mut self, object: &'s Node, name: &str) {
        let Some(node) = object.get(name) else { return };
        if node.as_text().is_some_and(|text| is_like_a_path(text)) {
            let message =
                format!("The value of '{name}' looks like a path, but is taken literally");
            let fault = Fault::warning(code::NO_PATH, node, message);
            self.report
                .push(fault.hint(format!("to read a path, call the field '{name}Path'")));
        }
    }

    /// Warns of paths in `Result`, which is a literal.
    pub(super) fn static_result(&mut self, node: &'s Node) {
        let Some(found) = find(node, &|n, key| {
            key.is_some_and(|key| key.ends_with(".$"))
                || n.as_text().is_some_and(|text| is_like_a_path(text))
        }) else {
            return;
        };
        let message = "'Result' is static: a path in it is not evaluated";
        let fault = Fault::warning(code::PASS_RESULT_IS_STATIC, node, message);
        self.report.push(
            fault
                .at(found.span.start)
                .hint("use 'Parameters', with keys that end in '.$'"),
        );
    }

    /// Warns of values in a template that look like paths, though their keys do not say so.
    fn undollared(&mut self, node: &'s Node) {
        match &node.json {
            Json::Object(members) => {
                for member in members {
                    let text = member.value.as_text();
                    if !member.key.ends_with(".$") && text.is_some_and(|t| is_like_a_path(t)) {
                        let message = format!(
                            "The value of '{}' looks like a path or an intrinsic function, but is taken literally",
                            member.key
                        );
                        let fault = Fault::warning(code::NO_DOLLAR, node, message);
                        self.report.push(
                            fault
                                .at(member.value.span.start)
                                .hint(format!("to evaluate it, call the field '{}.$'", member.key)),
                        );
                    }
                    self.undollared(&member.value);
                }
            }
            Json::Array(elements) => elements.iter().for_each(|n| self.undollared(n)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }

    fn no_reference_path(&mut self, node: &Node, why: &str, at: usize) {
        let at = self.place_in_string(node, at);
        let fault = Fault::schema(node, "Value is not a Reference Path");
        self.report.push(fault.at(at).hint(why));
    }

    /// A path or a call that is refused.
    fn expression_fault<'n>(
        &self,
        location: &'n Node,
        node: &'n Node,
        message: &str,
        error: &PathError,
    ) -> Fault<'n> {
        let at = self.place_in_string(node, error.at);
        Fault::schema(location, message)
            .at(at)
            .hint(error.message.as_str())
    }

    /// The byte of the definition where byte `at` of a string's contents stands.
    pub(super) fn place_in_string(&self, node: &Node, at: usize) -> usize {
        let raw = self.report.source().slice(node.span);
        let is_plain = node
            .as_text()
            .is_some_and(|text| text.len() + 2 == raw.len());
        match is_plain && at > 0 && at < raw.len() - 2 {
            true => node.span.start + 1 + at,
            false => node.span.start,
        }
    }
}

fn is_like_a_path(text: &str) -> bool {
    const PATHS: [&str; 4] = ["$.", "$[", "$$.", "$$["];
    let is_call = text.starts_with("States.") && text.ends_with(')');
    is_call || PATHS.iter().any(|start| text.starts_with(start))
}

/// The first node for which `wanted` holds, which is given its key, too.
fn find<'n>(node: &'n Node, wanted: &impl Fn(&Node, Option<&str>) -> bool) -> Option<&'n Node> {
    fn walk<'n>(
        node: &'n Node,
        key: Option<&str>,
        wanted: &impl Fn(&Node, Option<&str>) -> bool,
    ) -> Option<&'n Node> {
        if wanted(node, key) {
            return Some(node);
        }
        match &node.json {
            Json::Object(members) => members
                .iter()
                .find_map(|m| walk(&m.value, Some(&m.key), wanted)),
            Json::Array(elements) => elements.iter().find_map(|n| walk(n, None, wanted)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        }
    }
    walk(node, None, wanted)
}
