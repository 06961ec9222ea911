//! The version of one thing, in all places of the image that name it.

use crate::attribution::case::Case;
use crate::attribution::make::{python, source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::packages_named;
use crate::attribution::readings::reading::last_of;
use crate::carriers::Pair;
use crate::contracts::{Field, Place};
use crate::provenance::SourcedValue;

use super::signal::Signal;

/// The code of places that name different versions.
pub(crate) const DIFFER: &str = "versions-differ";
/// What it means.
pub(crate) const MESSAGE: &str = "parts of the image name different versions of the same thing";

/// Returns a sign if a package has another version than the variable or label into which the publisher's build
/// writes it: somebody installed another one.
pub(super) fn replaced_package(case: &Case, family: &Family) -> Option<Signal> {
    let is_package = |at: &Place| matches!(at, Place::Package(_));
    let is_written = |at: &Place| matches!(at, Place::Environment(_) | Place::Label(_));
    let mut lists = family.contract.agree.iter();
    let values = lists.find_map(|places| {
        let written = places.iter().filter(|at| is_written(at));
        let packages = places.iter().filter(|at| is_package(at));
        different(case, family, written.take(1).chain(packages))
    })?;
    Some(Signal::new(
        DIFFER,
        2,
        Field::Version.document_field(),
        MESSAGE,
        values,
    ))
}

/// Returns the first value of these places, and one with another version.
pub(crate) fn different<'p>(
    case: &Case,
    family: &Family,
    places: impl IntoIterator<Item = &'p Place>,
) -> Option<[SourcedValue; 2]> {
    let mut all = places.into_iter().flat_map(|at| values(case, family, at));
    let first = all.next()?;
    let other = all.find(|other| release(&other.value) != release(&first.value))?;
    Some([first, other])
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

pub(crate) fn values(case: &Case, family: &Family, place: &Place) -> Vec<SourcedValue> {
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
