//! Checks that all places with a version have the same one.

use crate::attribution::case::Case;
use crate::attribution::make::{conflict, python, source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{installed, is_another_version, packages_named};
use crate::attribution::readings::reading::last_of;
use crate::attribution::signs::package::stamped_version;
use crate::carriers::Pair;
use crate::contracts::Place;
use crate::provenance::{Conflict, SourcedValue};

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
    found.missing(differ || base_differs, "versions-differ");
}

/// Returns the conflicts of places with different versions.
pub(crate) fn conflicts(case: &Case, family: &Family) -> Vec<Conflict> {
    let lists = family.contract.agree.iter();
    let all = lists.filter_map(|places| different(case, family, places));
    let message = "parts of the image name different versions of the same thing";
    all.map(|values| conflict("versions-differ", "origin.version", message, values))
        .collect()
}

/// Returns the first value of these places, and one with another version.
fn different(case: &Case, family: &Family, places: &[Place]) -> Option<[SourcedValue; 2]> {
    let mut all = places.iter().flat_map(|at| values(case, family, at));
    let first = all.next()?;
    let other = all.find(|other| release(&other.value) != release(&first.value))?;
    Some([first, other])
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

/// Returns the numbers of a version: the tag of a release candidate's wheel is that of the release, and a
/// local part only says how the wheel was built. `1.0` and `1.0.0` are one release (PEP 440).
fn release(version: &str) -> &str {
    let version = version.trim().trim_start_matches('v');
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or(version)
        .trim_end_matches('.')
        .trim_end_matches(".0")
}

fn values(case: &Case, family: &Family, place: &Place) -> Vec<SourcedValue> {
    let facts = case.facts;
    let last = |pairs: &[Pair], key: &str| {
        let found = last_of(pairs, key).filter(|pair| !pair.value.is_empty());
        found.map(Pair::sourced).into_iter().collect()
    };
    match place {
        Place::Package(name) => {
            let packages = packages_named(facts, name).into_iter();
            packages
                .map(|package| sourced(&package.version, python(&package.path)))
                .collect()
        }
        Place::Environment(key) => last(&facts.environment, key),
        Place::Label(key) => last(&facts.labels, key),
        Place::OsRelease(key) => {
            let found = facts.os_release.get(key).into_iter();
            found
                .map(|value| sourced(value, source("os-release", key)))
                .collect()
        }
        Place::Tag(group) => {
            let part = case.tag_part(family, group).zip(case.import());
            part.map(|(part, import)| sourced(part, import.source.clone()))
                .into_iter()
                .collect()
        }
    }
}

/// Returns true if the package of a base has another version than the base's own stamp.
fn base_differs(case: &Case, base: &Family) -> bool {
    let copies = installed(&base.contract, case.facts);
    let stamped = stamped_version(base).filter(|_| base.contract.owns_package());
    stamped.is_some_and(|(version, _)| is_another_version(&copies, &version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_numbers_of_a_version_count() {
        for (text, numbers) in [
            ("0.28.0", "0.28"),
            ("v0.28.1+cu130", "0.28.1"),
            ("1.0.0", "1"),
            ("1.0", "1"),
            ("24.10", "24.10"),
            ("2.12.0a0+0ac5faa.nv26.08", "2.12"),
            ("0.10.1rc2.dev409+g1", "0.10.1"),
            ("0.10.1.dev409", "0.10.1"),
            ("0.10.0.dev409", "0.10"),
            ("1770180557", "1770180557"),
            ("main", ""),
        ] {
            assert_eq!(release(text), numbers, "{text}");
        }
    }
}
