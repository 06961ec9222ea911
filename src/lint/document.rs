//! The answer of `lint`: the JSON document of schema `sqsh-prov-lint/1`. Its field names
//! are a promise to scripts: fields are added, never renamed.

use serde::{Deserialize, Serialize};

use super::rules::Rule;
use super::survey::{Form, Image, Level};
use super::survives::Row;
use crate::finding::Severity;
use crate::provenance::{PathText, Warning};

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-lint/1";

/// The findings about one input, or the keys that survive an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Document {
    /// Always `sqsh-prov-lint/1`.
    pub schema: String,
    /// The input.
    pub input: Input,
    /// The findings, the worst first; null with `--survives`.
    pub findings: Option<Vec<Finding>>,
    /// With `--survives`: what importers keep of each key; else null.
    pub survives: Option<Vec<Row>>,
    /// What could not be read, and other remarks.
    pub warnings: Vec<Warning>,
}

/// The input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Input {
    /// As given on the command line.
    pub path: PathText,
    /// The form of the input, by its content.
    pub form: Form,
    /// Its platforms or targets; empty for one image without a name.
    pub images: Vec<String>,
    /// True if only part of it could be read.
    pub partial: bool,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Stable, kebab-case.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to change.
    pub change: String,
    /// Edits of lines that fix it, if there are such, in the order of the file. Line
    /// numbers are those before any edit.
    pub edits: Vec<Edit>,
    /// The words of a command that fixes it, if there is one; `NAME` stands for a name
    /// that the input does not have. Quote them for a shell (`jq -r '.command | @sh'`).
    pub command: Option<Vec<String>>,
    /// The variable, label, annotation or argument that it is about.
    pub key: Option<String>,
    /// Where that is, or should be.
    pub level: Option<Level>,
    /// The platforms or targets that it is about; empty for all.
    pub images: Vec<String>,
    /// The line of the file, from 1, if it has lines.
    pub line: Option<u32>,
    /// The file; null for the input itself.
    pub path: Option<String>,
}

/// A change of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Edit {
    /// The file; null for the input itself.
    pub path: Option<String>,
    /// Insert the new lines before this line, from 1; the number of lines plus one is the end.
    pub line: u32,
    /// How many lines to remove from this one on.
    pub remove: u32,
    /// The new lines.
    pub insert: Vec<String>,
}

impl Finding {
    pub(super) fn new(rule: &Rule, message: impl Into<String>) -> Self {
        Self {
            code: rule.code.to_owned(),
            severity: rule.severity,
            message: message.into(),
            change: rule.change.to_owned(),
            edits: Vec::new(),
            command: None,
            key: None,
            level: None,
            images: Vec::new(),
            line: None,
            path: None,
        }
    }

    /// Names the level and the key that it is about.
    pub(super) fn at(mut self, level: Level, key: &str) -> Self {
        self.level = Some(level);
        self.key = Some(key.to_owned());
        self
    }

    /// Names the image that it is about.
    pub(super) fn on(mut self, name: Option<&String>) -> Self {
        self.images.extend(name.cloned());
        self
    }

    pub(super) fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Adds the fix, if it is known.
    pub(super) fn edits(self, edits: impl IntoIterator<Item = Edit>) -> Self {
        edits.into_iter().fold(self, Self::edit)
    }

    /// Adds the fix.
    pub(super) fn edit(mut self, edit: Edit) -> Self {
        if !edit.insert.is_empty() || edit.remove > 0 {
            self.edits.push(edit);
        }
        self
    }

    /// Replaces the rule's words for what to change.
    pub(super) fn change(mut self, change: impl Into<String>) -> Self {
        self.change = change.into();
        self
    }
}

impl Edit {
    /// Inserts lines before a line of the input.
    pub(super) fn before(line: u32, insert: Vec<String>) -> Self {
        Self {
            path: None,
            line,
            remove: 0,
            insert,
        }
    }
}

impl Image {
    /// A violation of a rule by this image.
    pub(super) fn finding(&self, rule: &Rule, message: impl Into<String>) -> Finding {
        Finding::new(rule, message).on(self.name.as_ref())
    }
}

impl Document {
    /// Returns true if there is a finding of the severity error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Findings of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter().flatten();
        findings.filter(|it| it.severity == severity).count()
    }
}
