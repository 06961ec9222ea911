//! One line for a log: printable ASCII, at most 256 bytes.

use super::words::{compared, name, verdict};
use crate::finding::Severity;
use crate::report::escape;
use crate::report::line::{MAX_BYTES, MAX_NAME, cut};
use crate::verify::Status;
use crate::verify::document::Verification;

/// The image, the verdict, and what is wrong first; with a newline at the end.
#[must_use]
pub fn line(answer: &Verification) -> String {
    let mut parts = vec![verdict(answer)];
    for wanted in [Status::Mismatch, Status::Undecidable, Status::Declared] {
        let checks = answer.checks.iter().filter(|check| check.status == wanted);
        parts.extend(checks.map(|check| match (wanted, compared(check)) {
            (Status::Mismatch, Some(compared)) => format!("{} {compared}", check.field),
            _ => format!("{} {}", check.field, check.code),
        }));
        if wanted == Status::Mismatch {
            let errors = answer
                .findings
                .iter()
                .filter(|f| f.severity == Severity::Error);
            for finding in errors {
                if !parts.contains(&finding.code) {
                    parts.push(finding.code.clone());
                }
            }
        }
    }
    let fine = answer
        .checks
        .iter()
        .filter(|check| check.status == Status::Ok)
        .count();
    if fine > 0 {
        parts.push(format!("{fine} OK"));
    }
    let mut line = cut(&escape::ascii(&name(answer)), MAX_NAME);
    line.push_str(": ");
    line.push_str(&escape::ascii(&parts.join("; ")));
    let mut line = cut(&line, MAX_BYTES);
    line.push('\n');
    line
}
