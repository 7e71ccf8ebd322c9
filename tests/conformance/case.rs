//! One case: a file of the recordings' format.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A case as it stands in its file.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) area: String,
    pub(crate) kind: String,
    pub(crate) json: Json,
}

impl Case {
    pub(crate) fn read(file: &Path) -> Self {
        let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let json: Json =
            serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let text = |key: &str| {
            json[key]
                .as_str()
                .unwrap_or_else(|| panic!("{}: no {key}", file.display()))
                .to_owned()
        };
        Self {
            id: text("id"),
            area: text("area"),
            kind: text("kind"),
            json,
        }
    }

    /// The definition's text. The recordings write `activity_arn` where an activity's ARN was.
    pub(crate) fn definition(&self) -> String {
        let arn = "\"arn:aws:states:us-east-1:111111111111:activity:activity\"";
        text(&self.json["definition"]).replace("\"activity_arn\"", arn)
    }

    /// The input's text.
    pub(crate) fn input(&self) -> String {
        text(&self.json["input"])
    }

    pub(crate) fn is_express(&self) -> bool {
        self.json["type"] == "EXPRESS"
    }

    /// Whether the recording says that nothing in it is forbidden in Express.
    pub(crate) fn is_for_express(&self) -> bool {
        self.json["expressOk"] == true
    }

    /// Whether a task of it is an activity's, whose ARN the recording has lost.
    pub(crate) fn has_activity(&self) -> bool {
        self.definition().contains(":activity:")
    }

    /// Whether it was recorded before executions could be redriven (November 2023), and context objects told how often.
    pub(crate) fn is_before_redrive(&self) -> bool {
        // `24-10-2023, 17:18:16`
        let date: Vec<&str> = self.json["recorded"]
            .as_str()
            .unwrap_or_default()
            .split(['-', ','])
            .take(3)
            .collect();
        matches!(date[..], [day, month, year] if (year, month, day) < ("2023", "11", "15"))
    }

    pub(crate) fn expect(&self) -> &Json {
        &self.json["expect"]
    }
}

/// `{"$text": …}` is a text as it was sent, anything else stands for its JSON.
fn text(json: &Json) -> String {
    json["$text"]
        .as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

/// All `.json` files below `folder`, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
