//! Which evidence agrees.

use crate::attribution::text::{CommitText, public_version, same_commit, same_repository};
use crate::contracts::Field;
use crate::provenance::{Evidence, Status};

/// Sets the status of evidence that is neither inherited nor ignored: it agrees or conflicts with
/// other evidence for the same field, or is the only one. `compatible` says whether two references
/// name one image.
pub(crate) fn settle(evidence: &mut [Evidence], compatible: impl Fn(&str, &str) -> bool) {
    let open: Vec<(usize, String, String)> = evidence
        .iter()
        .enumerate()
        .filter(|(_, e)| !matches!(e.status, Status::Inherited | Status::Ignored))
        .map(|(at, e)| (at, e.field.clone(), e.value.clone()))
        .collect();
    for (at, field, value) in &open {
        let others: Vec<&String> = open
            .iter()
            .filter(|(other, f, _)| other != at && f == field)
            .map(|(_, _, value)| value)
            .collect();
        let status = if others.is_empty() {
            Status::Alone
        } else if others
            .iter()
            .all(|other| agree(field, value, other, &compatible))
        {
            Status::Agrees
        } else {
            Status::Conflicts
        };
        if let Some(e) = evidence.get_mut(*at) {
            e.status = status;
            // An environment variable and a label that agree are stronger than either.
            if status == Status::Agrees && e.strength == 3 {
                e.strength = 4;
            }
        }
    }
}

fn agree(field: &str, a: &str, b: &str, compatible: impl Fn(&str, &str) -> bool) -> bool {
    if field == Field::Commit.document_field()
        && let (Some(a), Some(b)) = (CommitText::parse(a), CommitText::parse(b))
    {
        return same_commit(&a.id, &b.id);
    }
    if field == Field::Source.document_field() {
        return same_repository(a, b);
    }
    if field == Field::Version.document_field() {
        let version = |text| public_version(text);
        return version(a.trim()) == version(b.trim());
    }
    let same = a.trim() == b.trim();
    same || (field == Field::Reference.document_field() && compatible(a, b))
}
