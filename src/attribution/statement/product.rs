//! What the image is called, and its version.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::text::{labelled_version, version_of_tag};
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;
use crate::provenance::Kind;

/// Returns what the image is called, and its version.
pub(crate) fn product(
    case: &Case,
    ownership: &Ownership,
    built: &Built,
    verdict: &Verdict,
) -> (Option<String>, Option<String>) {
    match ownership.family {
        _ if ownership.derived => (None, None),
        Some(family) => by_contract(case, family, verdict),
        None => by_labels(case, built),
    }
}

fn by_labels(case: &Case, built: &Built) -> (Option<String>, Option<String>) {
    let title = case.generic.reading(Field::Product);
    let label = case.generic.reading(Field::Version);
    let label = label.and_then(|reading| labelled_version(&reading.value));
    let package = built.package.as_ref();
    let product = title
        .map(|reading| &reading.value)
        .or(package.map(|package| &package.name));
    let version = label
        .or(package.map(|package| package.version.as_str()))
        .or_else(|| case.builds.tagged_version(case.import()));
    (product.cloned(), version.map(str::to_owned))
}

fn by_contract(
    case: &Case,
    family: &Family,
    verdict: &Verdict,
) -> (Option<String>, Option<String>) {
    let contract = &family.contract;
    let cooked = case.recipe(family);
    let imported = case.tag().and_then(version_of_tag);
    let stamped = family
        .stamp_reference()
        .and_then(|(_, reference)| version_of_tag(reference.tag.as_deref()?).map(str::to_owned));
    let copies = installed(contract, case.facts);
    let package = copies.first().map(|package| package.version.clone());
    let product = cooked
        .as_ref()
        .and_then(|cooked| cooked.product.clone())
        .or_else(|| case.line(family).map(|line| line.product.clone()))
        .unwrap_or_else(|| contract.name.clone());
    let released = (verdict.kind == Kind::Release).then_some(stamped).flatten();
    let version = cooked
        .and_then(|cooked| cooked.version)
        .or(released)
        .or_else(|| family.value(Field::Version).map(|v| v.trim().to_owned()))
        .or(package)
        .or_else(|| imported.map(str::to_owned));
    (Some(product), version)
}
