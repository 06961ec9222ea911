//! Grades the evidence for the answer.

use crate::provenance::{Confidence, Evidence, Status};

/// Returns `Corroborated` if two carriers agree, and `Inferred` if packages, checkouts or names of files are
/// all that there is.
pub(crate) fn confidence(evidence: &[Evidence]) -> Confidence {
    let of_origin = |e: &&Evidence| e.field.starts_with("origin.");
    let carriers = |wanted: &[Status]| {
        let mut carriers: Vec<&str> = evidence
            .iter()
            .filter(of_origin)
            .filter(|e| wanted.contains(&e.status))
            .map(|e| e.source.carrier.as_str())
            .collect();
        carriers.sort_unstable();
        carriers.dedup();
        carriers
    };
    let own = carriers(&[Status::Agrees, Status::Alone, Status::Conflicts]);
    let inferred = |carrier: &&&str| matches!(**carrier, "python" | "git" | "xattr" | "file-name");
    let agreeing = carriers(&[Status::Agrees]);
    if agreeing.len() >= 2 && agreeing.iter().filter(inferred).count() < agreeing.len() {
        Confidence::Corroborated
    } else if own.is_empty() {
        Confidence::None
    } else if own.iter().filter(inferred).count() == own.len() {
        Confidence::Inferred
    } else {
        Confidence::Declared
    }
}
