//! What the image is called, and its version.

use crate::attribution::case::Case;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::recipe::recipe;
use crate::attribution::text::version_of_tag;
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;
use crate::provenance::Kind;
use crate::reference::Reference;

/// What the image is called, and its version.
pub(crate) fn product(
    case: &Case,
    ownership: &Ownership,
    built: &Built,
    verdict: &Verdict,
) -> (Option<String>, Option<String>) {
    if ownership.derived {
        return (None, None);
    }
    let Some(family) = ownership.family else {
        let title = case
            .generic
            .reading(Field::Product)
            .map(|reading| reading.value.clone());
        let label = case.generic.reading(Field::Version).map(|reading| {
            Reference::parse(&reading.value)
                .ok()
                .filter(|_| reading.value.contains('/'))
                .and_then(|reference| reference.tag)
                .unwrap_or_else(|| reading.value.clone())
        });
        let package = built.package.as_ref();
        return (
            title.or_else(|| package.map(|package| package.name.clone())),
            label
                .or_else(|| package.map(|package| package.version.clone()))
                .or_else(|| case.builds.tagged_version(case.import()).map(str::to_owned)),
        );
    };
    let cooked = recipe(case.facts, &family.contract);
    let imported = case.import().and_then(Import::tag).and_then(version_of_tag);
    let stamped = family
        .stamp_reference()
        .and_then(|(_, reference)| version_of_tag(reference.tag.as_deref()?).map(str::to_owned));
    let package = installed(&family.contract, case.facts)
        .first()
        .map(|p| p.version.clone());
    let product = cooked
        .as_ref()
        .and_then(|cooked| cooked.product.clone())
        .or_else(|| case.line(family).map(|line| line.product.clone()))
        .unwrap_or_else(|| family.contract.name.clone());
    let released = (verdict.kind == Kind::Release).then_some(stamped).flatten();
    let version = cooked
        .and_then(|cooked| cooked.version)
        .or(released)
        .or_else(|| family.value(Field::Version).map(|v| v.trim().to_owned()))
        .or(package)
        .or_else(|| imported.map(str::to_owned));
    (Some(product), version)
}
