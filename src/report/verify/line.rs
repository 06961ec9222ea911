//! One line for a log: printable ASCII, at most 512 bytes. A gate that refuses a job shows it to the
//! job's owner, so it says why, and what to do.

use super::instead::instead;
use super::words::{compared, name, policy_of, policy_says, refuses, verdict};
use crate::finding::{Finding, Severity};
use crate::report::line::logged;
use crate::verify::document::Verification;
use crate::verify::{Check, NO_DIGEST, Status, Verdict};
use crate::words;

/// The longest line, without its newline.
const MAX_BYTES: usize = 512;
/// The most bytes of the path, to keep room for the answer.
const MAX_NAME: usize = 160;

fn is_error(finding: &&Finding) -> bool {
    finding.severity == Severity::Error
}

/// Returns the warnings of a policy, and that it holds if it refuses nothing.
fn policy(answer: &Verification, against: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for finding in answer.findings.iter().filter(|it| !is_error(it)) {
        let said = short(answer, against, &finding.message);
        parts.push(format!("{}: {said}", finding.severity.as_str()));
    }
    if let Some(said) = policy_says(answer).filter(|_| !refuses(answer)) {
        parts.push(format!("{}: {said}", policy_of(answer)));
    }
    parts
}

/// The image, the verdict, and what is wrong first; with a newline at the end.
#[must_use]
pub fn line(answer: &Verification) -> String {
    let against = answer.origin.as_ref().map(words::against);
    let against = against.unwrap_or_default();
    let mut parts = vec![verdict(answer)];
    for wanted in [Status::Mismatch, Status::Undecidable, Status::Declared] {
        let checks = answer.checks.iter().filter(|check| check.status == wanted);
        parts.extend(checks.map(|check| {
            let said = short(answer, &against, &check.message);
            match compared(check).filter(|_| wanted == Status::Mismatch) {
                Some(compared) => format!("{} {compared} ({said})", check.field),
                None => format!("{}: {said}", check.field),
            }
        }));
        if wanted == Status::Mismatch {
            for finding in answer.findings.iter().filter(is_error) {
                let said = short(answer, &against, &finding.message);
                let said = format!("{}: {said}", policy_of(answer));
                if !parts.contains(&said) {
                    parts.push(said);
                }
            }
        }
    }
    // A check that compared less than was asked is never just one of those that are fine.
    let in_part = |check: &&Check| check.status == Status::Ok && check.code == NO_DIGEST;
    let in_part = answer.checks.iter().filter(in_part);
    parts.extend(in_part.map(|it| format!("{}: {}", it.field, it.message)));
    // What to do comes early: a line that is too long loses its end.
    let wrong = parts.len().min(2);
    if let Some(instead) = instead(answer) {
        parts.insert(wrong, instead);
    }
    parts.extend(policy(answer, &against));
    parts.extend(why(answer, against));
    let fine = answer.checks.iter().filter(|it| it.status == Status::Ok);
    let fine = fine.count();
    if fine > 0 {
        let checks = if fine == 1 { "check" } else { "checks" };
        parts.push(format!("{fine} {checks} OK"));
    }
    logged((&name(answer), MAX_NAME), &parts.join("; "), MAX_BYTES)
}

/// Returns the reasons for the origin.
fn why(answer: &Verification, against: String) -> Option<String> {
    let open = answer.verdict != Verdict::Holds && !answer.why.is_empty();
    let reasons = Some(against).filter(|against| !against.is_empty());
    let coded = answer.origin.as_ref().map(|origin| &origin.reasons);
    // The rest are messages about conflicts, and about files that are later than the import.
    let said = |why: &&String| !coded.is_some_and(|codes| codes.contains(why));
    let messages = answer.why.iter().filter(said).cloned();
    // The messages name files, so they come first: the end may be cut off.
    let all: Vec<String> = messages.chain(reasons).collect();
    (open && !all.is_empty()).then(|| format!("why: {}", all.join("; ")))
}

/// Cuts off the reasons at the end of a message, which the line has at its end.
fn short<'m>(answer: &Verification, against: &str, message: &'m str) -> &'m str {
    if against.is_empty() || answer.verdict == Verdict::Holds {
        return message;
    }
    let first = message.strip_suffix(against);
    let first = first.and_then(|first| first.strip_suffix(": "));
    first.unwrap_or(message)
}
