//! Checks that all places with a version have the same one.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{installed, is_another_version, packages_named};
use crate::attribution::readings::reading::last_of;
use crate::attribution::signs::package::stamped_version;
use crate::carriers::Pair;
use crate::contracts::Place;

use super::findings::Findings;

/// Checks the places that the contract lists, and compares packages of bases with their stamps: whoever
/// replaces a package leaves the variables with its old version.
pub(super) fn check(found: &mut Findings, case: &Case, family: &Family) {
    let mut lists = family.contract.agree.iter();
    let differ = lists.any(|places| differ(case, family, places));
    let mut bases = case.families.iter().filter(|base| base.id() != family.id());
    let base_differs =
        bases.any(|base| case.contracts.wraps(family.id(), base.id()) && base_differs(case, base));
    found.missing(differ || base_differs, "versions-differ");
}

/// Returns true if two places have different versions, or a tag names a package that is not installed.
fn differ(case: &Case, family: &Family, places: &[Place]) -> bool {
    let values: Vec<Vec<String>> = places.iter().map(|at| values(case, family, at)).collect();
    let mut all = values.iter().flatten().map(|value| release(value));
    let first = all.next();
    let mut pairs = places.iter().zip(&values);
    let tagged =
        (pairs.clone()).any(|(at, found)| matches!(at, Place::Tag(_)) && !found.is_empty());
    let absent = pairs.any(|(at, found)| matches!(at, Place::Package(_)) && found.is_empty());
    tagged && absent && case.facts.packages_known || all.any(|value| Some(value) != first)
}

/// Returns the numbers of a version: the tag of a release candidate's wheel is that of the release, and a
/// local part only says how the wheel was built.
fn release(version: &str) -> &str {
    let version = version.trim().trim_start_matches('v');
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or(version)
        .trim_end_matches('.')
}

fn values(case: &Case, family: &Family, place: &Place) -> Vec<String> {
    let facts = case.facts;
    let last = |pairs: &[Pair], key: &str| {
        let found = last_of(pairs, key).filter(|pair| !pair.value.is_empty());
        found.map(|pair| pair.value.clone()).into_iter().collect()
    };
    match place {
        Place::Package(name) => {
            let packages = packages_named(facts, name).into_iter();
            packages.map(|package| package.version.clone()).collect()
        }
        Place::Environment(key) => last(&facts.environment, key),
        Place::Label(key) => last(&facts.labels, key),
        Place::OsRelease(key) => facts.os_release.get(key).cloned().into_iter().collect(),
        Place::Tag(group) => {
            let part = case.tag_part(family, group).map(str::to_owned);
            part.into_iter().collect()
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
            ("0.28.0", "0.28.0"),
            ("v0.28.0+cu130", "0.28.0"),
            ("2.12.0a0+0ac5faa.nv26.08", "2.12.0"),
            ("0.10.1rc2.dev409+g1", "0.10.1"),
            ("0.10.1.dev409", "0.10.1"),
            ("1770180557", "1770180557"),
            ("main", ""),
        ] {
            assert_eq!(release(text), numbers, "{text}");
        }
    }
}
