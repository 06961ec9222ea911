//! Compares the extended attribute `user.image_uri` with what the image itself says.

use crate::attribution::case::Case;
use crate::attribution::make::{conflict, python, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::{attribute, hinted};
use crate::attribution::readings::packages::{installed, is_another_version};
use crate::attribution::text::{is_published, version_of_tag};
use crate::attribution::verdict::ownership::Ownership;
use crate::provenance::{Conflict, Kind, SourcedValue};
use crate::reference::Reference;

/// Returns the conflict of the attribute with the provenance line, the stamp, or the package.
pub(crate) fn conflicts(case: &Case, ownership: &Ownership) -> Option<Conflict> {
    let hint = hinted(case.facts)?;
    let other = against_line(case, &hint)
        .or_else(|| against_stamp(case, ownership.family?, &hint))
        .or_else(|| against_package(case, ownership.family?, &hint))?;
    let uri = case.facts.image_uri.as_deref().unwrap_or_default();
    Some(conflict(
        "image-uri-differs",
        "origin.imported",
        "the attribute user.image_uri, which the file's owner can write, names another image; sqsh-prov believes the image",
        [sourced(uri, attribute()), other],
    ))
}

/// Returns the tag that the attribute adds to an import by digest, if nothing contradicts it.
pub(crate) fn tag(case: &Case, ownership: &Ownership) -> Option<String> {
    let import = case.import()?;
    import.document.digest.as_ref()?;
    let hint = hinted(case.facts)?;
    let contradicted = conflicts(case, ownership).is_some();
    hint.tag
        .filter(|_| !contradicted && import.document.tag.is_none())
}

fn against_line(case: &Case, hint: &Reference) -> Option<SourcedValue> {
    let import = case.registry_import()?;
    let line = import.reference.as_ref()?;
    let differ = |a: &Option<String>, b: &Option<String>| {
        a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b)
    };
    let tags = line.digest.is_none() && differ(&line.tag, &hint.tag);
    let digests = differ(&line.digest, &hint.digest);
    let differs = !line.same_repository(hint) || tags || digests;
    differs.then(|| sourced(line.to_string(), import.source.clone()))
}

fn against_stamp(case: &Case, family: &Family, hint: &Reference) -> Option<SourcedValue> {
    let (reading, stamped) = family.stamp_reference()?;
    let (tag, own) = (hint.tag.as_deref()?, stamped.tag.as_deref()?);
    let import = case.import()?;
    let same = stamped.same_repository(hint) && case.compatible_tag(family, import, tag, own);
    (!same).then(|| reading.sourced())
}

fn against_package(case: &Case, family: &Family, hint: &Reference) -> Option<SourcedValue> {
    let tag = hint.tag.as_deref()?;
    let rule = family.contract.tag_rule(&hint.name(), tag);
    let released = is_published(rule) && rule.is_some_and(|rule| rule.kind == Kind::Release);
    let version = version_of_tag(tag).filter(|_| released)?;
    let packages = installed(&family.contract, case.facts);
    let first = packages.first()?;
    let differs = is_another_version(&packages, version) && family.contract.owns_package();
    differs.then(|| sourced(&first.version, python(&first.path)))
}
