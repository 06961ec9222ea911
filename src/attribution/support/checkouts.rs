//! Makes evidence and conflicts of checkouts in the image.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::packages::own_checkouts;
use crate::attribution::readings::reading::Reading;
use crate::attribution::text::{CommitText, same_commit};
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Status};

use super::evidence::from_pair;

/// Returns each checkout's commit; another commit than the image's own is ignored.
pub(crate) fn evidence(case: &Case, built: &Built, known: &[Evidence]) -> Vec<Evidence> {
    let own = built.commit.as_ref();
    let commits = case.facts.checkouts.iter();
    let commits = commits.filter_map(|checkout| checkout.commit.as_ref());
    commits
        .filter(|pair| !known.iter().any(|other| other.source == pair.source))
        .map(|pair| {
            let status = match own {
                Some(own) if same_commit(&own.id, &pair.value) => Status::Agrees,
                _ => Status::Ignored,
            };
            from_pair(Field::Commit.document_field(), pair, 2, status)
        })
        .collect()
}

/// Returns a conflict if a checkout of the publisher's own repository has another commit.
pub(crate) fn conflicts(case: &Case, ownership: &Ownership, built: &Built) -> Option<Conflict> {
    let family = ownership.family?;
    let own = built.commit.as_ref()?;
    let other = own_checkouts(case.facts, &family.contract.source).find_map(|checkout| {
        let pair = checkout.commit.as_ref()?;
        let text = CommitText::parse(&pair.value)?;
        (!same_commit(&text.id, &own.id)).then_some(pair)
    })?;
    let stamped = family.reading(Field::Commit).map(Reading::sourced);
    Some(conflict(
        "checkout-differs",
        Field::Commit.document_field(),
        "the image contains a checkout of the publisher's repository at another commit",
        Vec::from_iter(stamped.into_iter().chain([other.sourced()])),
    ))
}
