//! What is not concluded where a part of the image could not be read: it may have said otherwise.

use super::{Attribution, Case, Whose, installed};
use crate::provenance::{Kind, Origin, Pull};

/// Takes back what rests on something that may only be missing because it was not read.
pub(super) fn withhold(case: &Case, whose: &Whose, answer: &mut Attribution) {
    if !case.facts.losses.iter().any(|loss| loss.partial) {
        return;
    }
    // Keys of a publisher without its package are somebody else's; whether it is there is not known.
    let is_unseen = |publisher: Option<&str>| {
        publisher
            .and_then(|id| case.contracts.get(id))
            .is_some_and(|contract| {
                contract.package_required && installed(contract, case.facts).is_empty()
            })
    };
    answer
        .lineage
        .retain(|base| !is_unseen(base.publisher.as_deref()));
    let origin = &mut answer.origin;
    let base = origin.derived_from.as_ref();
    if let Some(id) = base.and_then(|base| base.publisher.clone())
        && is_unseen(Some(&id))
    {
        no_base(&id, answer);
    }
    let origin = &mut answer.origin;
    // Whose the package is, only what was lost may say.
    let by_package = whose.package.is_some() && whose.family.is_none() && whose.fork_of.is_none();
    // A stamp may be the base's, or that of what was forked: the import tells, and may have been lost.
    let import_lost =
        case.facts.packages_known && origin.imported.is_none() && origin.kind != Kind::Derived;
    if is_unseen(origin.publisher.as_deref()) || import_lost {
        origin.kind = Kind::Unknown;
        origin.publisher = None;
        origin.product = None;
        origin.version = None;
        origin.public_reference = None;
        origin.pipeline = None;
        origin.pull = Pull::default();
    }
    if by_package || import_lost {
        origin.commit = None;
    } else if origin.publisher.is_none()
        && let Some(commit) = &mut origin.commit
    {
        commit.repository = None;
    }
    if origin.imported.is_none() {
        // It may be recorded all the same.
        forget(origin, &["no-import-record"]);
    }
    // Only a build that is known to be another one is known not to be official.
    let may_be = matches!(origin.kind, Kind::Unknown | Kind::Release | Kind::Nightly);
    if may_be && origin.official == Some(false) && !origin.modified_after_import {
        origin.official = None;
    }
    let reason = "image-read-in-part";
    if !origin.reasons.iter().any(|known| known == reason) {
        origin.reasons.push(reason.to_owned());
    }
}

/// What the image was held against to call it derived may not be its base.
fn no_base(id: &str, answer: &mut Attribution) {
    let origin = &mut answer.origin;
    origin.derived_from = None;
    origin.kind = Kind::Unknown;
    forget(
        origin,
        &["built-on-another-image", "not-a-published-kind", "derived"],
    );
    answer.conflicts.retain(|conflict| {
        let is_with_it = conflict.values.iter().any(|value| {
            value.source.carrier == "contract" && value.source.key.as_deref() == Some(id)
        });
        if is_with_it {
            forget(origin, &[&conflict.code]);
        }
        !is_with_it
    });
}

fn forget(origin: &mut Origin, codes: &[&str]) {
    origin
        .reasons
        .retain(|reason| !codes.contains(&reason.as_str()));
    origin
        .pull
        .notes
        .retain(|note| !codes.contains(&note.as_str()));
}
