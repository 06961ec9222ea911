//! The answer of `lint`: the JSON document of schema `sqsh-prov-lint/1`. Its field names
//! are a promise to scripts: fields are added, never renamed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::Rule;
use super::survey::{Form, Level};
use super::survives::Row;
use crate::finding::Severity;
use crate::provenance::{PathText, Warning};

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-lint/1";

/// What is wrong with one input, or what of it survives an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Always `sqsh-prov-lint/1`.
    pub schema: String,
    /// What was given.
    pub input: Input,
    /// What is wrong, the worst first; null with `--survives`.
    pub findings: Option<Vec<Finding>>,
    /// With `--survives`: what becomes of each key; else null.
    pub survives: Option<Vec<Row>>,
    /// What could not be read, or should be known.
    pub warnings: Vec<Warning>,
}

/// What was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// As given on the command line.
    pub path: PathText,
    /// What it is, by its content.
    pub form: Form,
    /// Its platforms or targets; empty where there is one image without a name.
    pub images: Vec<String>,
    /// True where it could be read in part only.
    pub partial: bool,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable, kebab-case.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to change.
    pub change: String,
    /// The lines that mend it, where it is a change of lines: in the order of the file, the
    /// numbers are those before any change.
    pub edits: Vec<Edit>,
    /// The words of a command that mends it, where there is one; `NAME` stands for a name
    /// that the input does not say. Quote them for a shell (`jq -r '.command | @sh'`).
    pub command: Option<Vec<String>>,
    /// The variable, label, annotation or argument that it is about.
    pub key: Option<String>,
    /// Where that stands, or should stand.
    pub level: Option<Level>,
    /// The platforms or targets that it is about; empty is all.
    pub images: Vec<String>,
    /// The line of the file, from 1, where it has lines.
    pub line: Option<u32>,
    /// The file; null for the one that was given.
    pub path: Option<String>,
}

/// A change of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file; null for the one that was given.
    pub path: Option<String>,
    /// The line before which the new ones go, from 1; one behind the last line is the end.
    pub line: u32,
    /// How many lines, from this one on, are taken away.
    pub remove: u32,
    /// The new lines.
    pub insert: Vec<String>,
}

impl Finding {
    /// A breach of a rule.
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

    pub(super) fn at(mut self, level: Level, key: &str) -> Self {
        self.level = Some(level);
        self.key = Some(key.to_owned());
        self
    }

    pub(super) fn on(mut self, name: Option<&String>) -> Self {
        self.images.extend(name.cloned());
        self
    }

    pub(super) fn line(mut self, line: Option<u32>) -> Self {
        self.line = line;
        self
    }

    /// Says which lines mend it: these, put before a line of the file that was given.
    pub(super) fn insert(self, line: u32, lines: Vec<String>) -> Self {
        self.edit(Edit {
            path: None,
            line,
            remove: 0,
            insert: lines,
        })
    }

    /// Says which lines mend it, where that is known.
    pub(super) fn edits(self, edits: impl IntoIterator<Item = Edit>) -> Self {
        edits.into_iter().fold(self, Self::edit)
    }

    /// Says which lines mend it.
    pub(super) fn edit(mut self, edit: Edit) -> Self {
        if !edit.insert.is_empty() || edit.remove > 0 {
            self.edits.push(edit);
        }
        self
    }

    /// Says what to change in other words than the rule.
    pub(super) fn change(mut self, change: impl Into<String>) -> Self {
        self.change = change.into();
        self
    }
}

impl Document {
    /// True when there is a finding of the severity error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Findings of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter().flatten();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }
}
