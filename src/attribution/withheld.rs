//! What is not concluded where a part of the image could not be read: it may have said otherwise.

use super::{Attribution, Case, installed};
use crate::provenance::Kind;

/// Takes back what rests on something that may only be missing because it was not read.
pub(super) fn withhold(case: &Case, answer: &mut Attribution) {
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
    let origin = &mut answer.origin;
    answer
        .lineage
        .retain(|base| !is_unseen(base.publisher.as_deref()));
    let base = origin.derived_from.as_ref();
    if base.is_some_and(|base| is_unseen(base.publisher.as_deref())) {
        origin.derived_from = None;
        origin.kind = Kind::Unknown;
    }
    if is_unseen(origin.publisher.as_deref()) {
        origin.publisher = None;
        origin.product = None;
        origin.version = None;
        origin.kind = Kind::Unknown;
    }
    // A stamp says less than the import, which may have been lost.
    if origin.imported.is_none() && origin.kind != Kind::Derived {
        origin.kind = Kind::Unknown;
        origin.public_reference = None;
    }
    if origin.imported.is_none() {
        // It may be recorded all the same.
        let recorded = |reason: &String| reason != "no-import-record";
        origin.reasons.retain(recorded);
        origin.pull.notes.retain(recorded);
    }
    let reason = "image-read-in-part";
    if !origin.reasons.iter().any(|known| known == reason) {
        origin.reasons.push(reason.to_owned());
    }
}
