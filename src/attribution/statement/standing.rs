//! Whether the image is a prerelease, and whether its tag moves.

use crate::attribution::case::Case;
use crate::attribution::readings::packages::installed;
use crate::attribution::text::{has_prerelease_part, is_moving};
use crate::attribution::verdict::ownership::Ownership;
use crate::provenance::Kind;
use crate::reference::Reference;

/// Returns true for a release or nightly whose tag or version has an a, b, rc, dev, alpha or beta part.
///
/// `named` are the public reference and the version.
pub(crate) fn is_prerelease(
    case: &Case,
    ownership: &Ownership,
    kind: Kind,
    named: &[Option<&str>; 2],
) -> bool {
    let [reference, version] = named;
    let tag = reference
        .and_then(|text| Reference::parse(text).ok())
        .and_then(|reference| reference.tag);
    let package = ownership
        .family
        .filter(|family| family.contract.owns_package())
        .and_then(|family| installed(&family.contract, case.facts).into_iter().next())
        .map(|package| package.version.as_str());
    matches!(kind, Kind::Release | Kind::Nightly)
        && [tag.as_deref(), package, *version]
            .into_iter()
            .flatten()
            .any(has_prerelease_part)
}

/// Returns true if the file was imported under a tag that its publisher moves.
pub(crate) fn is_moving_import(case: &Case, ownership: &Ownership) -> bool {
    let family = ownership.family;
    let rule = family.and_then(|family| case.imported_rule(family));
    case.registry_import().is_some_and(|import| {
        let tag = import.tag();
        import.document.digest.is_none()
            && tag.is_some_and(|tag| is_moving(rule, case.registries, tag))
    })
}
