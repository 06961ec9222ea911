//! Judges one image alone. It does no I/O, so a record of an earlier run can be judged again.

use jiff::Timestamp;

use super::attested::Attested;
use super::names::name_differs;
use super::record::{FindingRecord, OriginSummary, Record, SCHEMA};
use crate::finding::{Finding, Severity};
use crate::provenance::Kind;
use crate::words;

/// The codes of findings, with severity and meaning.
pub const CODES: [(&str, Severity, &str); 25] = [
    (
        "attestation-invalid",
        Severity::Warning,
        "a statement about it is not believed",
    ),
    (
        "attestation-missing",
        Severity::Warning,
        "no trusted signer signed a statement about it",
    ),
    (
        "conflicting-evidence",
        Severity::Warning,
        "sources in the image disagree",
    ),
    (
        "derived",
        Severity::Info,
        "built on a publisher's image, without a stamp of its own",
    ),
    (
        "duplicate-file",
        Severity::Warning,
        "a copy of another file: superblock, size and tables are equal",
    ),
    (
        "empty",
        Severity::Error,
        "the file has no bytes: an import or a copy failed",
    ),
    (
        "file-name-differs",
        Severity::Warning,
        "the file's name names another image than the content",
    ),
    (
        "gone",
        Severity::Info,
        "in the earlier report, and now gone",
    ),
    ("local", Severity::Warning, "built by hand"),
    (
        "modified-after-import",
        Severity::Warning,
        "changed after it was imported",
    ),
    (
        "moving-tag",
        Severity::Info,
        "imported under a tag that moves to new images",
    ),
    ("new", Severity::Info, "not in the earlier report"),
    (
        "nightly-old",
        Severity::Warning,
        "a nightly build that is older than `--nightly-days`: the registry may have deleted it",
    ),
    (
        "older-copy",
        Severity::Info,
        "older than another copy of the same moving tag",
    ),
    (
        "partly-unreadable",
        Severity::Warning,
        "part of the image could not be read",
    ),
    (
        "re-imported",
        Severity::Info,
        "the same image as in the earlier report, imported again",
    ),
    (
        "renamed",
        Severity::Info,
        "in the earlier report under another path",
    ),
    (
        "replaced",
        Severity::Warning,
        "another image than in the earlier report, under the same path",
    ),
    (
        "same-image",
        Severity::Info,
        "the same listing as another file, and the same origin: one image was imported twice",
    ),
    (
        "staging",
        Severity::Warning,
        "built for publication, but not published",
    ),
    (
        "touched",
        Severity::Info,
        "the file's times changed since the earlier report; it may have been changed in place",
    ),
    (
        "truncated",
        Severity::Error,
        "the file is shorter than the image in it: it will not start",
    ),
    (
        "unknown-kind",
        Severity::Info,
        "its origin is known in part, but not whether it is a release",
    ),
    (
        "unknown-origin",
        Severity::Warning,
        "nothing says where it comes from",
    ),
    ("unreadable", Severity::Warning, "it could not be read"),
];

/// The settings for judging ages.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The time that ages are counted to.
    pub now: Timestamp,
    /// Days after which a nightly is old; registries prune them then.
    pub nightly_days: u32,
}

/// Returns a finding about one image, with the severity of its code.
#[must_use]
pub fn finding(code: &str, message: impl Into<String>) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: severity(code),
        message: message.into(),
    }
}

/// Returns a finding about several images, with the severity of its code.
pub(super) fn of_several(code: &str, message: impl Into<String>) -> FindingRecord {
    FindingRecord {
        schema: SCHEMA.to_owned(),
        code: code.to_owned(),
        severity: severity(code),
        message: message.into(),
        ..FindingRecord::default()
    }
}

/// Returns the severity of a code of this program; a warning for others.
#[must_use]
pub fn severity(code: &str) -> Severity {
    let known = CODES.iter().find(|(known, ..)| *known == code);
    known.map_or(Severity::Warning, |(_, severity, _)| *severity)
}

/// Judges a record, and puts the findings into it. Findings with other codes stay, such as a policy's.
pub fn judge(record: &mut Record, rules: &Rules) {
    let mut findings = find(record, rules);
    let known = |code: &str| CODES.iter().any(|(known, ..)| *known == code);
    findings.extend(record.findings.drain(..).filter(|f| !known(&f.code)));
    findings.sort_by(|one, other| one.code.cmp(&other.code));
    record.findings = findings;
}

fn find(record: &Record, rules: &Rules) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code: &str, message: &str| found.push(finding(code, message));
    of_reading(record, &mut add);
    let Some(origin) = &record.origin else {
        return found;
    };
    match origin.kind {
        // The unreadable part may name the origin.
        Kind::Unknown if record.partial || record.file.whole == Some(false) => {}
        Kind::Unknown if is_known(origin) => add(
            "unknown-kind",
            &list("its origin is known in part: ", &origin.reasons),
        ),
        Kind::Unknown => add(
            "unknown-origin",
            &list("nothing says where it comes from: ", &origin.reasons),
        ),
        Kind::Derived => {
            let base = origin.derived_from.as_deref().unwrap_or("another image");
            add("derived", &format!("built on {base}"));
        }
        Kind::Local => add("local", "built by hand"),
        Kind::Staging => add("staging", "built for publication, but not published"),
        Kind::Nightly => {
            if let Some((days, exact)) = age(record, rules.now)
                && days > i64::from(rules.nightly_days)
            {
                let least = if exact { "" } else { "at least " };
                let limit = rules.nightly_days;
                add(
                    "nightly-old",
                    &format!("{least}{days} days old; nightlies are deleted after {limit} days"),
                );
            }
        }
        Kind::Release | Kind::Ci | Kind::Pr => {}
    }
    if origin.moving {
        let reference = origin.imported.as_deref().unwrap_or("its tag");
        add("moving-tag", &format!("{reference} is moved to new images"));
    }
    if origin.modified_after_import {
        add("modified-after-import", "changed after it was imported");
    }
    if let Some(message) = name_differs(&record.path, origin) {
        add("file-name-differs", &message);
    }
    for (code, message) in record.attested.iter().flat_map(Attested::problems) {
        add(code, &message);
    }
    if !record.conflicts.is_empty() {
        let message = list("sources disagree: ", &record.conflicts);
        let mut conflict = finding("conflicting-evidence", message);
        if origin.kind == Kind::Derived {
            // In a derived image, conflicts with the publisher only show the derivation.
            conflict.severity = Severity::Info;
        }
        found.push(conflict);
    }
    found
}

/// Judges the file itself.
fn of_reading(record: &Record, add: &mut impl FnMut(&str, &str)) {
    let is_cut = record.file.whole == Some(false);
    match &record.error {
        Some(error) if is_empty(record) => add("empty", error),
        Some(error) if is_cut => add("truncated", error),
        Some(error) => add("unreadable", error),
        None if is_cut => add("truncated", "the file is shorter than the image in it"),
        None => {}
    }
    if record.partial && (record.error.is_some() || !is_cut) {
        add("partly-unreadable", &list("not read: ", &record.warnings));
    }
}

/// Returns true if the image says anything about its origin.
fn is_known(origin: &OriginSummary) -> bool {
    let texts = [
        &origin.publisher,
        &origin.commit,
        &origin.pipeline,
        &origin.public_reference,
        &origin.imported,
    ];
    texts.into_iter().any(Option::is_some)
}

/// Returns true for an empty regular file. A directory has a format, or its own error.
fn is_empty(record: &Record) -> bool {
    record.file.size == 0 && record.file.format.is_none()
}

fn list(start: &str, codes: &[String]) -> String {
    format!("{start}{}", words::list(codes))
}

/// Returns the days since the image was built, and `true`. If that time is unknown, returns the days since
/// the file was packed, and `false`: the image is at least that old.
#[must_use]
pub fn age(record: &Record, now: Timestamp) -> Option<(i64, bool)> {
    let origin = record.origin.as_ref();
    let created = origin.and_then(|origin| origin.created.as_ref());
    let (text, exact) = match (created, &record.file.packed_at) {
        (Some(created), _) => (created, true),
        (None, Some(packed)) => (packed, false),
        (None, None) => return None,
    };
    let time: Timestamp = text.parse().ok()?;
    let seconds = now.as_second().checked_sub(time.as_second())?;
    // The number is negative for a wrong clock, or for an audit as of an earlier day.
    Some((seconds.div_euclid(86_400).max(0), exact))
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
