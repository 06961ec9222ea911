//! The answer of `verify`: for a person, as JSON, as one line, and for srt-slurm.

mod checks;
mod human;
mod line;

use crate::finding::Severity;
use crate::verify::document::{SCHEMA, Verification};
use crate::verify::{Check, Level, Status, Verdict};

pub use checks::srt_slurm_checks;
pub use human::human;
pub use line::line;

use super::{json, path_name};

/// One answer as an object, several as an array; indented, with a newline at the end.
///
/// # Errors
///
/// When a document cannot be serialised; none of its types does that.
pub fn json(answers: &[Verification]) -> Result<String, serde_json::Error> {
    match answers {
        [one] => json::pretty_value(one),
        several => json::pretty_value(&several),
    }
}

/// The JSON schema of the answer, with a newline at the end: what `schema/sqsh-prov-verify-1.json` has.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Verification);
    schema.insert("title".to_owned(), SCHEMA.into());
    format!("{:#}\n", schema.to_value())
}

/// What the answer is about.
fn name(answer: &Verification) -> String {
    match (&answer.path, &answer.role) {
        (Some(path), None) => path_name(path),
        (Some(path), Some(role)) => format!("{} ({role})", path_name(path)),
        (None, role) => role.clone().unwrap_or_default(),
    }
}

/// The verdict in words, with how far it reaches.
fn verdict(answer: &Verification) -> String {
    let by = match answer.level {
        Level::Digest => "by digest",
        Level::Reference => "by reference",
        Level::Commit => "by commit",
        Level::Framework => "by framework version",
        Level::Declared => "",
    };
    match answer.verdict {
        Verdict::Mismatch => "mismatch".to_owned(),
        Verdict::Undecidable => "could not tell".to_owned(),
        Verdict::Holds if by.is_empty() => "OK".to_owned(),
        Verdict::Holds => format!("OK, {by}"),
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::Declared => "declared",
        Status::Undecidable => "could not tell",
        Status::Mismatch => "mismatch",
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// `expected 'a', got 'b'`, as far as both are known.
fn compared(check: &Check) -> Option<String> {
    match (&check.expected, &check.actual) {
        (Some(expected), Some(actual)) => Some(format!("expected '{expected}', got '{actual}'")),
        (Some(expected), None) => Some(format!("expected '{expected}'")),
        (None, Some(actual)) => Some(format!("'{actual}'")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
