//! Turns readings into evidence, and disagreement into conflicts.

use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Source, SourcedValue, Status};

use super::reading::Reading;
use super::values::{CommitText, same_commit};

pub(super) fn conflict(
    code: &str,
    field: &str,
    message: String,
    values: Vec<SourcedValue>,
) -> Conflict {
    Conflict {
        code: code.to_owned(),
        field: field.to_owned(),
        message,
        values,
    }
}

pub(super) fn source(carrier: &str, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        key: Some(key.to_owned()),
        ..Source::default()
    }
}

/// A file of an installed Python package.
pub(super) fn python(path: &str) -> Source {
    Source {
        carrier: "python".to_owned(),
        path: Some(path.to_owned()),
        ..Source::default()
    }
}

/// One piece of evidence from a stamp.
pub(super) fn from_reading(reading: &Reading, status: Status) -> Evidence {
    Evidence {
        field: field_of(reading).document_field().to_owned(),
        value: reading.value.clone(),
        source: reading.source.clone(),
        contract: Some(reading.contract.clone()),
        strength: reading.strength,
        status: if reading.placeholder {
            Status::Ignored
        } else {
            status
        },
    }
}

/// One piece of evidence that no contract gives its meaning.
pub(super) fn from_pair(field: &str, pair: &Pair, strength: u8, status: Status) -> Evidence {
    Evidence {
        field: field.to_owned(),
        value: pair.value.clone(),
        source: pair.source.clone(),
        contract: None,
        strength,
        status,
    }
}

/// A version label that holds a whole reference speaks of the reference.
fn field_of(reading: &Reading) -> Field {
    let is_reference = reading.field == Field::Version && reading.value.contains('/');
    if is_reference {
        Field::Reference
    } else {
        reading.field
    }
}

/// Settles the status of evidence that is neither inherited nor ignored: it agrees or
/// conflicts with the other evidence for the same field, or stands alone. `compatible`
/// says which references name one image.
pub(super) fn settle(evidence: &mut [Evidence], compatible: impl Fn(&str, &str) -> bool) {
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
        return super::values::same_repository(a, b);
    }
    if field == Field::Version.document_field() {
        let version = |text| super::values::public_version(text);
        return version(a.trim()) == version(b.trim());
    }
    let same = a.trim() == b.trim();
    same || (field == Field::Reference.document_field() && compatible(a, b))
}
