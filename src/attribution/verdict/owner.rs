//! Decides the ownership of an image.

use crate::attribution::case::Case;
use crate::attribution::readings::families::{Family, has_marker, outermost};
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::signs::signal::{Signal, weight};
use crate::attribution::signs::{packers, signals};
use crate::attribution::text::repository_owner;
use crate::contracts::{Field, RepositoryClass, Role};

use super::forks;
use super::ownership::Ownership;

/// Decides the ownership by the outermost contract and the evidence against it.
pub(crate) fn owner<'a>(case: &'a Case<'a>) -> Ownership<'a> {
    let outer = outermost(&case.families, case.contracts).or_else(|| untouched_base(case));
    let mut ownership = match outer {
        Some(family) => under_contract(case, family),
        None => without_contract(case),
    };
    if !ownership.derived && ownership.publisher.is_none() && ownership.family.is_none() {
        ownership.publisher = publisher(case);
    }
    ownership
}

/// Returns the base whose copied labels equal the image's labels: the image is that base, wherever it
/// was pulled from.
fn untouched_base<'a>(case: &'a Case<'a>) -> Option<&'a Family> {
    let base = case.facts.base_labels.as_deref()?;
    let mut labels = case.facts.labels.iter();
    let same =
        labels.all(|label| last_of(base, &label.key).is_some_and(|it| it.value == label.value));
    let mut families = case.families.iter();
    families.find(|family| same && family.is_frozen_base())
}

fn under_contract<'a>(case: &'a Case<'a>, family: &'a Family) -> Ownership<'a> {
    if let Some(ownership) = forks::ownership(case, family) {
        return ownership;
    }
    let mut ownership = Ownership::of(family, case);
    ownership.signals = signals(case, family);
    if is_disowned(case, family, &ownership.signals) {
        ownership.disowned = true;
        return ownership;
    }
    if weight(&ownership.signals) >= 2 {
        ownership.derived = true;
        return ownership.on_top_of(family);
    }
    ownership.family = Some(family);
    ownership.publisher = (!is_anonymous(case, family)).then(|| family.contract.id.clone());
    ownership
}

/// Returns true if only the import names the publisher, and the image has nothing of it.
fn is_disowned(case: &Case, family: &Family, signals: &[Signal]) -> bool {
    let mut codes = signals.iter().map(|signal| signal.conflict.code.as_str());
    let missing = codes.any(|code| code == "package-missing");
    // If a part of the image is lost, the package may be in it, and so may what contradicts the signs.
    let unsupported = missing || (case.facts.is_partial() && weight(signals) >= 2);
    let published = family.class == Some(RepositoryClass::Official);
    unsupported && published && !family.stamped && !has_marker(&family.contract, case.facts)
}

/// Returns true for a build by hand under a publisher's name: nothing in the stamp names the
/// publisher.
fn is_anonymous(case: &Case, family: &Family) -> bool {
    family.stamped
        && family.value(Field::Commit).is_none()
        && family.contract.role == Role::Publisher
        && family.class.is_none()
        && family.of(Field::Commit).next().is_some()
        && case.import().is_some_and(Import::is_registry)
}

fn without_contract<'a>(case: &'a Case<'a>) -> Ownership<'a> {
    let mut ownership = Ownership {
        bases: case.bases(None),
        ..Ownership::default()
    };
    let frozen = ownership.bases.iter().any(|family| family.is_frozen_base());
    if frozen && !case.generic.is_own() {
        ownership.derived = true;
        if let Some(base) = ownership.bases.first() {
            ownership.signals = signals(case, base);
        }
    }
    if let Some(steps) = packers::steps(case.facts) {
        ownership.derived = true;
        ownership.signals.push(steps);
    }
    ownership
}

/// Returns the owner of the image's own source repository.
fn publisher(case: &Case) -> Option<String> {
    if let Some((_, Some(repository))) = case.builds.commit(&case.generic) {
        return repository_owner(&repository);
    }
    let owner = case.generic.owner()?;
    if case.generic.commit().is_some() {
        return Some(owner);
    }
    // Without a revision the label may be the base's: only the import can back it.
    let imported = case.import()?.reference.as_ref()?.owner();
    imported.eq_ignore_ascii_case(&owner).then_some(owner)
}
