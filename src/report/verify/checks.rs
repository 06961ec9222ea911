//! Checks as srt-slurm keeps them in a lockfile. The words "not verifiable" in a message mean that a value was
//! only declared, and not checked.

use serde::Serialize;

use crate::finding::Severity;
use crate::report::json;
use crate::verify::document::Verification;
use crate::verify::{Check, STRICT, Status};

/// The words by which srt-slurm recognises a declared check.
const DECLARED: &str = "not verifiable";

#[derive(Serialize)]
struct Row {
    field: String,
    passed: bool,
    message: String,
}

/// `[{"field","passed","message"}]` of all images, with a newline at the end.
///
/// # Errors
///
/// When a row cannot be serialised, which a row of texts never does.
pub fn srt_slurm_checks(answers: &[Verification]) -> Result<String, serde_json::Error> {
    let mut rows = Vec::new();
    for answer in answers {
        let first = rows.len();
        rows.extend(answer.checks.iter().map(row));
        let policy = answer.policy.as_deref().unwrap_or_default();
        rows.extend(answer.findings.iter().map(|finding| {
            let passed = finding.severity != Severity::Error;
            Row {
                field: format!("policy.{}", finding.code),
                passed,
                message: if passed {
                    without_the_words(&finding.message)
                } else {
                    format!("expected 'policy {policy}', got '{}'", finding.message)
                },
            }
        }));
        name_variants(rows.get_mut(first..).unwrap_or_default(), answer);
    }
    json::pretty(&rows)
}

/// Adds the variants to the fields, and the role for other images than the workers'.
fn name_variants(rows: &mut [Row], answer: &Verification) {
    if answer.variants.is_empty() {
        return;
    }
    let role = answer.role.as_deref();
    let of = match role.and_then(|role| role.split_once(" of ")) {
        None => answer.variants.join(", "),
        Some(("model.container", variants)) => variants.to_owned(),
        Some((role, variants)) => format!("{role}, {variants}"),
    };
    for row in rows {
        row.field = format!("{} ({of})", row.field);
    }
}

fn row(check: &Check) -> Row {
    let actual = check.actual.as_deref();
    let expected = check.expected.as_deref();
    let message = match check.status {
        Status::Ok => {
            let value = actual.or(expected).unwrap_or("OK");
            without_the_words(&format!("{value} ({})", check.message))
        }
        Status::Mismatch => {
            let (expected, actual) = (expected.unwrap_or("OK"), actual.unwrap_or("unavailable"));
            let compared = format!("expected '{expected}', got '{actual}'");
            // Both values may be the same: the check failed because nothing proves them.
            match check.message.ends_with(STRICT) {
                true => format!("{compared} ({})", without_the_words(&check.message)),
                false => compared,
            }
        }
        Status::Declared | Status::Undecidable => {
            let value = expected.or(actual).unwrap_or(&check.code);
            if check.message.contains(DECLARED) {
                format!("{value}: {}", check.message)
            } else {
                format!("{value}: {} ({DECLARED} offline)", check.message)
            }
        }
    };
    Row {
        field: check.field.clone(),
        passed: check.status != Status::Mismatch,
        message,
    }
}

/// Removes the words from the message of a real check, where a version or label may contain them.
fn without_the_words(message: &str) -> String {
    message.replace(DECLARED, "not-verifiable")
}
