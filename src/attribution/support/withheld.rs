//! Withdraws conclusions if a part of the image could not be read: that part may contradict them.

use crate::attribution::answer::Attribution;
use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::LaterThanImport;
use crate::contracts::Field;
use crate::provenance::{Ancestor, Conflict, Kind, Origin, Pull, Via};

/// Withdraws each conclusion from something missing that may be in the unread part.
pub(crate) fn withhold(
    case: &Case,
    ownership: &Ownership,
    built: &Built,
    answer: &mut Attribution,
) {
    if !case.facts.is_partial() {
        return;
    }
    let is_unseen = |publisher: Option<&str>| is_unseen(case, publisher);
    answer
        .lineage
        .retain(|base| !is_unseen(base.publisher.as_deref()));
    let base = answer.origin.derived_from.as_ref();
    if let Some(id) = base.and_then(|base| base.publisher.clone())
        && is_unseen(Some(&id))
    {
        no_base(&id, answer);
    }
    let origin = &mut answer.origin;
    for base in answer.lineage.iter_mut().chain(&mut origin.derived_from) {
        keep_what_is_settled(case, base);
    }
    let foreign = origin.kind != Kind::Derived && may_be_anothers(case, ownership);
    // Only a package says what the image is, and only the lost part could say who owns the package.
    let by_package =
        built.package.is_some() && ownership.family.is_none() && ownership.fork_of.is_none();
    let unseen = is_unseen(origin.publisher.as_deref());
    if foreign || unseen {
        origin.kind = Kind::Unknown;
        origin.publisher = None;
        origin.public_reference = None;
        origin.pipeline = None;
        origin.pull = Pull::default();
        origin.created = None;
    }
    if foreign || unseen || by_package {
        origin.product = None;
        origin.version = None;
        origin.prerelease = false;
    }
    if foreign || by_package {
        origin.commit = None;
    } else if unseen && let Some(commit) = &mut origin.commit {
        commit.repository = None;
    }
    if let LaterThanImport::Unknown { .. } = case.facts.later {
        // The image may have been changed.
        origin.public_reference = None;
        origin.pull = Pull::default();
    }
    if origin.imported.is_none() {
        // The record may be in the unread part.
        forget(origin, &["no-import-record"]);
    }
    // Only a build of another known kind is certainly not official.
    let may_be = matches!(origin.kind, Kind::Unknown | Kind::Release | Kind::Nightly);
    if may_be && origin.official == Some(false) && !origin.modified_after_import {
        origin.official = None;
    }
    let reason = "image-read-in-part";
    if !origin.reasons.iter().any(|known| known == reason) {
        origin.reasons.push(reason.to_owned());
    }
}

/// Returns true if the keys of a publisher need its package, and the package was not found: it may be in the
/// unread part, or the keys belong to somebody else.
fn is_unseen(case: &Case, publisher: Option<&str>) -> bool {
    let contract = publisher.and_then(|id| case.contracts.get(id));
    contract.is_some_and(|contract| {
        contract.package_required && installed(contract, case.facts).is_empty()
    })
}

/// Returns true if the stamp may belong to a base or to the upstream of a fork. The record of the import and
/// the environment would tell, but one of them is missing.
fn may_be_anothers(case: &Case, ownership: &Ownership) -> bool {
    let Some(import) = case.import() else {
        return case.facts.packages_known;
    };
    let classed = ownership.family.and_then(|family| family.class).is_some();
    let from_publisher = import.document.via == Via::Registry && classed;
    case.facts.packages_known && case.facts.environment.is_empty() && !from_publisher
}

/// Removes facts of a base that are not certain. A fact is certain if all stamps of the base agree, and either
/// two carriers have it or no carrier is missing.
fn keep_what_is_settled(case: &Case, base: &mut Ancestor) {
    let mut families = case.families.iter();
    let Some(family) = families.find(|family| Some(family.id()) == base.publisher.as_deref())
    else {
        return;
    };
    let missing = case.import().is_none() || case.facts.environment.is_empty();
    if !is_settled(family, Field::Commit, missing) {
        base.commit = None;
    }
    if !is_settled(family, Field::Reference, missing) {
        base.reference = None;
    }
    // Without the base's own files, a child's label would be taken for the base's version.
    let packages = installed(&family.contract, case.facts);
    if packages.is_empty() && !is_settled(family, Field::Version, true) {
        base.version = None;
    }
}

fn is_settled(family: &Family, field: Field, missing: bool) -> bool {
    let mut readings = family.real(field);
    let Some(first) = readings.next() else {
        return true;
    };
    let mut carriers = 1;
    for reading in readings {
        if reading.value != first.value {
            return false;
        }
        carriers += usize::from(reading.source.carrier != first.source.carrier);
    }
    carriers > 1 || !missing
}

/// Withdraws that the image is derived: what it was compared with may not be its base.
fn no_base(id: &str, answer: &mut Attribution) {
    let origin = &mut answer.origin;
    origin.derived_from = None;
    origin.kind = Kind::Unknown;
    forget(
        origin,
        &["built-on-another-image", "not-a-published-kind", "derived"],
    );
    let is_with_it = |conflict: &Conflict| {
        conflict.values.iter().any(|value| {
            value.source.carrier == "contract" && value.source.key.as_deref() == Some(id)
        })
    };
    let conflicts = std::mem::take(&mut answer.conflicts).into_iter();
    let (gone, left): (Vec<_>, Vec<_>) = conflicts.partition(is_with_it);
    // A conflict that remains keeps its reason.
    let is_left = |code: &String| left.iter().any(|conflict| conflict.code == *code);
    for code in gone.iter().map(|conflict| &conflict.code) {
        if !is_left(code) {
            forget(origin, &[code]);
        }
    }
    answer.conflicts = left;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::make::{conflict, source, sourced};

    #[test]
    fn a_reason_stays_if_another_conflict_has_its_code() {
        let with = |contract: &str| {
            let value = sourced("acme", source("contract", contract));
            conflict("repository-differs", "origin.imported", "differs", [value])
        };
        let reasons = |conflicts: Vec<Conflict>| {
            let mut answer = Attribution {
                conflicts,
                ..Attribution::default()
            };
            answer.origin.reasons = vec!["repository-differs".to_owned()];
            no_base("vllm", &mut answer);
            (answer.origin.reasons.len(), answer.conflicts.len())
        };
        assert_eq!(reasons(vec![with("vllm")]), (0, 0));
        assert_eq!(reasons(vec![with("vllm"), with("sglang")]), (1, 1));
    }
}
