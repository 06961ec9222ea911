//! The words of an answer of `lint`.

use crate::finding::Severity;
use crate::lint::document::{Document, Edit, Finding};
use crate::lint::survey::Form;
use crate::lint::survives::{Fate, Outcome, Row, SIF_CONFIG};
use crate::provenance::{Format, PathText, Warning};
use crate::report::words::severities;
use crate::report::{escape, path_name};

/// Returns the words for what an input is.
#[must_use]
pub fn form(form: Form) -> &'static str {
    match form {
        Form::Image(format) => match format {
            Format::Squashfs => "a squashfs image",
            Format::Sif => "a SIF file",
            Format::Rootfs => "a root file system",
            Format::OciLayout => "an OCI layout",
            Format::SkopeoDir => "a skopeo directory",
            Format::OciArchive => "an OCI layout in a tar archive",
            Format::DockerArchive => "a docker archive",
            Format::ImageConfig => "an image's configuration",
            Format::Inspect => "the output of inspect for an image",
            Format::BuildMetadata => "a build's metadata file",
        },
        Form::ImageIndex => "an image index alone",
        Form::ImageManifest => "an image manifest alone",
        Form::Dockerfile => "a Dockerfile",
        Form::Bake => "a bake file",
        Form::Compose => "a Compose file",
        Form::Workflow => "a CI workflow",
    }
}

pub(super) fn path(path: &PathText) -> String {
    match path {
        PathText::Text(path) => path.clone(),
        PathText::Bytes { .. } => path_name(path),
    }
}

/// Returns `3 errors, 1 warning`. Warnings about the reading count too.
pub(super) fn counts(document: &Document) -> String {
    let counted = severities(|severity| {
        let warnings = match severity {
            Severity::Warning => document.warnings.len(),
            Severity::Info | Severity::Error => 0,
        };
        document.count(severity).saturating_add(warnings)
    });
    let unread = |warning: &Warning| warning.code.ends_with("-not-read");
    let nothing = match document.warnings.iter().any(unread) {
        true => "nothing found in what could be read",
        false => "nothing found",
    };
    match (document.findings.iter().flatten().next(), counted) {
        (Some(_), counted) => counted,
        (None, warnings) if warnings.is_empty() => nothing.to_owned(),
        (None, warnings) => format!("{nothing}; {warnings}"),
    }
}

/// Returns the command of a finding, quoted for a shell.
pub(super) fn command(finding: &Finding) -> Option<String> {
    let words = finding.command.as_ref()?;
    let words: Vec<_> = words.iter().map(|word| escape::shell_quote(word)).collect();
    Some(words.join(" "))
}

/// Returns `line 3, linux/arm64`.
pub(super) fn place(finding: &Finding) -> String {
    let file = match &finding.path {
        Some(path) => format!(" of {path}"),
        None => String::new(),
    };
    let mut parts = finding.images.clone();
    if let Some(line) = finding.line {
        parts.insert(0, format!("line {line}{file}"));
    }
    parts.join(", ")
}

/// The key of a row, and the images that have it.
pub(super) fn key(row: &Row) -> String {
    match row.images.as_slice() {
        [] => row.key.clone(),
        images => format!("{} ({})", row.key, images.join(", ")),
    }
}

pub(super) fn fate(outcome: &Outcome) -> &'static str {
    match outcome.fate {
        Fate::Kept if outcome.place.as_deref() == Some(SIF_CONFIG) => "SIF only",
        Fate::Kept => "kept",
        Fate::Altered => "altered",
        Fate::Lost => "lost",
    }
}

/// Says where the new lines go: `before line 3:`.
pub(super) fn edit(edit: &Edit) -> String {
    let file = match &edit.path {
        Some(path) => format!("in {path}, "),
        None => String::new(),
    };
    let last = edit.line.saturating_add(edit.remove).saturating_sub(1);
    let place = match edit.remove {
        0 => format!("before line {}:", edit.line),
        1 => format!("in place of line {}:", edit.line),
        _ => format!("in place of lines {} to {last}:", edit.line),
    };
    format!("{file}{place}")
}
