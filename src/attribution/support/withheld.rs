//! What is not concluded where a part of the image could not be read: it may have said otherwise.

use crate::attribution::answer::Attribution;
use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::LaterThanImport;
use crate::contracts::Field;
use crate::provenance::{Ancestor, Kind, Origin, Pull, Via};

/// Takes back what rests on something that may only be missing because it was not read.
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
    // Only a package says what the image is, and only the lost part could say whose package that is.
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
        // It may be a changed one.
        origin.public_reference = None;
        origin.pull = Pull::default();
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

/// Keys of a publisher without its package belong to somebody else. Here it is not known whether the
/// package is there.
fn is_unseen(case: &Case, publisher: Option<&str>) -> bool {
    let contract = publisher.and_then(|id| case.contracts.get(id));
    contract.is_some_and(|contract| {
        contract.package_required && installed(contract, case.facts).is_empty()
    })
}

/// A stamp may be a base's, or that of what was forked. What tells are the record of the import and
/// the environment, and one of them is not there.
fn may_be_anothers(case: &Case, ownership: &Ownership) -> bool {
    let Some(import) = case.import() else {
        return case.facts.packages_known;
    };
    let from_publisher = import.document.via == Via::Registry
        && ownership
            .family
            .is_some_and(|family| family.class.is_some());
    case.facts.packages_known && case.facts.environment.is_empty() && !from_publisher
}

/// A base's facts are known where all of its stamps agree, and no carrier is missing that could differ
/// or two have them.
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
    // Where the base's own files are gone, a child's label would be taken for its version.
    let packages = installed(&family.contract, case.facts);
    if packages.is_empty() && !is_settled(family, Field::Version, true) {
        base.version = None;
    }
}

fn is_settled(family: &Family, field: Field, missing: bool) -> bool {
    let mut readings = family.of(field).filter(|reading| !reading.placeholder);
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
