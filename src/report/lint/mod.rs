//! The answer of `lint`: for a person, as JSON, as SARIF, and as markdown.

mod human;
mod markdown;
mod sarif;

pub use human::human;
pub use markdown::markdown;
pub use sarif::sarif;

use super::{escape, json};
use crate::finding::Severity;
use crate::lint::document::{Document, Finding, SCHEMA};
use crate::lint::survey::Form;
use crate::lint::survives::{Fate, Outcome, SIF_CONFIG};
use crate::provenance::PathText;

/// As JSON, indented, with a newline at the end.
///
/// # Errors
/// When it cannot be serialised; none of its types does that.
pub fn document(document: &Document) -> Result<String, serde_json::Error> {
    json::pretty_value(document)
}

/// The JSON schema of the answer, with a newline at the end: what `schema/sqsh-prov-lint-1.json` has.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Document);
    schema.insert("title".to_owned(), SCHEMA.into());
    format!("{:#}\n", schema.to_value())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Squashfs => "a squashfs image",
        Form::Sif => "a SIF file",
        Form::Rootfs => "a root file system",
        Form::OciLayout => "an OCI layout",
        Form::OciArchive => "an OCI layout in a tar archive",
        Form::DockerArchive => "a docker archive",
        Form::ImageConfig => "an image's configuration",
        Form::Inspect => "what inspect prints of an image",
        Form::ImageIndex => "an image index alone",
        Form::ImageManifest => "an image manifest alone",
        Form::MetadataFile => "a build's metadata file",
        Form::Dockerfile => "a Dockerfile",
        Form::Bake => "a bake file",
    }
}

/// The path as text.
fn path(path: &PathText) -> String {
    match path {
        PathText::Text(path) if path == "-" => "standard input".to_owned(),
        PathText::Text(path) => path.clone(),
        PathText::Bytes { .. } => super::path_name(path),
    }
}

/// `3 errors, 1 warning`.
fn counts(document: &Document) -> String {
    let counted = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ]
    .map(|(severity, word)| match document.count(severity) {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    if counted.is_empty() {
        "nothing found".to_owned()
    } else {
        counted.join(", ")
    }
}

/// The command of a finding, for a shell.
fn command(finding: &Finding) -> Option<String> {
    let words = finding.command.as_ref()?;
    let words: Vec<_> = words.iter().map(|word| escape::shell_quote(word)).collect();
    Some(words.join(" "))
}

/// `line 3, linux/arm64`.
fn place(finding: &Finding) -> String {
    let line = finding.line.map(|line| format!("line {line}"));
    let parts: Vec<String> = line
        .into_iter()
        .chain(finding.images.iter().cloned())
        .collect();
    parts.join(", ")
}

fn fate(outcome: &Outcome) -> &'static str {
    match outcome.fate {
        Fate::Kept if outcome.place.as_deref() == Some(SIF_CONFIG) => "SIF only",
        Fate::Kept => "kept",
        Fate::Altered => "altered",
        Fate::Lost => "lost",
    }
}

#[cfg(test)]
mod tests;
