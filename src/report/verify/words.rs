//! The words of an answer of `verify`.

use crate::finding::Severity;
use crate::report::given_path;
use crate::report::words::severities;
use crate::verify::document::Verification;
use crate::verify::{Check, Level, Status, Verdict};

/// Returns the path of the image as the user gave it, or its role.
pub(super) fn name(answer: &Verification) -> String {
    match (&answer.path, &answer.role) {
        (Some(path), None) => given_path(path),
        (Some(path), Some(role)) => format!("{} ({role})", given_path(path)),
        (None, role) => role.clone().unwrap_or_default(),
    }
}

/// The field of the check for a recipe that expects nothing.
const OF_THE_RECIPE: &str = "recipe";

/// The verdict in words, with how far it reaches.
pub(super) fn verdict(answer: &Verification) -> String {
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
        Verdict::Holds => {
            let checks = answer.checks.iter();
            let declared = checks.filter(|check| check.status == Status::Declared);
            let (silent, declared): (Vec<_>, Vec<_>) =
                declared.partition(|check| check.field == OF_THE_RECIPE);
            let declared = match declared.len() {
                0 if silent.is_empty() => String::new(),
                0 => "and the recipe expects nothing".to_owned(),
                1 => "1 check declared only".to_owned(),
                count => format!("{count} checks declared only"),
            };
            let mut parts = vec!["OK", by, &declared];
            parts.retain(|part| !part.is_empty());
            parts.join(", ")
        }
    }
}

pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::Declared => "declared",
        Status::Undecidable => "could not tell",
        Status::Mismatch => "mismatch",
    }
}

/// Returns `expected 'a', got 'b'`, as far as both are known.
pub(super) fn compared(check: &Check) -> Option<String> {
    match (&check.expected, &check.actual) {
        (Some(expected), Some(actual)) => Some(format!("expected '{expected}', got '{actual}'")),
        (Some(expected), None) => Some(format!("expected '{expected}'")),
        (None, Some(actual)) => Some(format!("'{actual}'")),
        (None, None) => None,
    }
}

pub(super) fn policy_of(answer: &Verification) -> String {
    format!("policy {}", answer.policy.as_deref().unwrap_or_default())
}

pub(super) fn refuses(answer: &Verification) -> bool {
    let mut findings = answer.findings.iter();
    findings.any(|finding| finding.severity == Severity::Error)
}

/// Returns the result of the policy, `it holds, with 1 warning`; `None` without a policy.
pub(super) fn policy_says(answer: &Verification) -> Option<String> {
    answer.policy.as_ref()?;
    let count = |severity| {
        let all = answer.findings.iter();
        all.filter(|finding| finding.severity == severity).count()
    };
    Some(match (refuses(answer), severities(count)) {
        (true, counts) => format!("it does not hold: {counts}"),
        (false, counts) if counts.is_empty() => "everything that it asks for holds".to_owned(),
        (false, counts) => format!("it holds, with {counts}"),
    })
}
