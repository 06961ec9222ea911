//! Checks that all places with a version have the same one.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{installed, is_another_version};
use crate::attribution::signs::agreement::{DIFFER, MESSAGE, different, values};
use crate::attribution::signs::package::stamped_version;
use crate::contracts::Place;
use crate::provenance::Conflict;

use super::findings::Findings;

/// Checks the places that the contract lists, and compares packages of bases with their stamps: whoever
/// replaces a package leaves the variables with its old version.
pub(super) fn check(found: &mut Findings, case: &Case, family: &Family) {
    let mut lists = family.contract.agree.iter();
    let differ = lists.any(|places| {
        different(case, family, places).is_some() || lacks_package(case, family, places)
    });
    let mut bases = case.families.iter().filter(|base| base.id() != family.id());
    let base_differs =
        bases.any(|base| case.contracts.wraps(family.id(), base.id()) && base_differs(case, base));
    found.missing(differ || base_differs, DIFFER);
}

/// Returns the conflicts of places with different versions.
pub(crate) fn conflicts(case: &Case, family: &Family) -> Vec<Conflict> {
    let lists = family.contract.agree.iter();
    let all = lists.filter_map(|places| different(case, family, places));
    all.map(|values| conflict(DIFFER, "origin.version", MESSAGE, values))
        .collect()
}

/// Returns true if a tag names the version of a package that is not installed.
fn lacks_package(case: &Case, family: &Family, places: &[Place]) -> bool {
    let has = |at: &Place| !values(case, family, at).is_empty();
    let tagged = places
        .iter()
        .any(|at| matches!(at, Place::Tag(_)) && has(at));
    let mut packages = places.iter().filter(|at| matches!(at, Place::Package(_)));
    tagged && case.facts.packages_known && packages.any(|at| !has(at))
}

/// Returns true if the package of a base has another version than the base's own stamp.
fn base_differs(case: &Case, base: &Family) -> bool {
    let copies = installed(&base.contract, case.facts);
    let stamped = stamped_version(base).filter(|_| base.contract.owns_package());
    stamped.is_some_and(|(version, _)| is_another_version(&copies, &version))
}
