//! Staging, nightly and release, by the publisher's own repositories, tags and build pages.

use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::recipe::recipe;
use crate::attribution::text::{is_published, is_uuid, public_version};
use crate::contracts::{Build, Field, RepositoryClass, TagRule};
use crate::provenance::Kind;

use super::row::Asked;

/// Returns the kind of a staging image that was published: the imported tag says it.
pub(super) fn under_imported_tag(asked: &Asked) -> Option<Kind> {
    let family = asked.family.filter(|family| is_official(family))?;
    let rule = imported_rule(asked, family).filter(|_| stamp_names_staging(asked))?;
    Some(rule.kind)
}

/// The stamp names a staging repository, or a tag that is never published.
pub(super) fn stamp_names_staging(asked: &Asked) -> bool {
    let stamped = asked.family.and_then(|family| {
        let (_, reference) = family.stamp_reference()?;
        Some((family, reference))
    });
    stamped.is_some_and(|(family, reference)| {
        let contract = &family.contract;
        let tag = reference.tag.as_deref().unwrap_or_default();
        contract.class_of(&reference.name()) == Some(RepositoryClass::Staging)
            || contract.tag_kind(tag) == Some(Kind::Staging)
            || tag.ends_with("-staging")
    })
}

/// The stamp names a repository for CI images.
pub(super) fn stamp_names_ci(asked: &Asked) -> bool {
    let class = asked.family.and_then(|family| {
        let (_, reference) = family.stamp_reference()?;
        family.contract.class_of(&reference.name())
    });
    matches!(
        class,
        Some(RepositoryClass::Ci | RepositoryClass::PullRequest)
    )
}

/// The kind of the tag, if the contract has no build page to prove it.
pub(super) fn by_grammar(asked: &Asked) -> Option<Kind> {
    let family = asked.family.filter(|it| it.contract.build.is_none())?;
    claim(asked, family)
}

/// The kind of the tag, if the build page is the publisher's.
pub(super) fn by_build_page(asked: &Asked) -> Option<Kind> {
    let family = asked.family?;
    let build = family.contract.build.as_ref()?;
    claim(asked, family).filter(|_| is_proven(family, build))
}

/// The kind that the stamp claims without the publisher's build page.
pub(super) fn claims_unproven(asked: &Asked) -> Option<Kind> {
    let family = asked.family?;
    let build = family.contract.build.as_ref()?;
    claim(asked, family).filter(|_| !is_proven(family, build))
}

/// Returns the kind of the tag in the stamp; without a reference there, that of the imported tag.
fn claim(asked: &Asked, family: &Family) -> Option<Kind> {
    let rule = match family.stamp_reference() {
        Some((_, reference)) => family.contract.official_rule(&reference),
        None => imported_rule(asked, family).filter(|_| family.stamped && is_official(family)),
    };
    Some(rule?.kind)
}

fn is_proven(family: &Family, build: &Build) -> bool {
    let url = family.value(Field::Url);
    let mut stamps = family.contract.stamps.iter();
    let pipeline = match family.value(Field::Pipeline) {
        Some(id) => {
            let named = build.official_pipeline.as_ref();
            build.pipelines.iter().any(|known| known == id)
                || named.is_some_and(|pattern| pattern.is_match(id))
                || is_uuid(id)
        }
        None => !stamps.any(|stamp| stamp.field == Field::Pipeline),
    };
    pipeline && url.is_some_and(|url| build.official_url.is_match(url))
}

/// The pipeline's id has the right form, but the contract does not list it.
pub(super) fn has_unlisted_pipeline(asked: &Asked) -> bool {
    let pipeline = asked.family.and_then(|family| {
        let build = family.contract.build.as_ref()?;
        Some((build, family.value(Field::Pipeline)?))
    });
    pipeline
        .is_some_and(|(build, id)| is_uuid(id) && !build.pipelines.iter().any(|known| known == id))
}

/// The image has no stamp, and comes from the publisher's repository under a published tag.
pub(super) fn by_reference(asked: &Asked) -> Option<Kind> {
    let family = asked.family.filter(|family| !family.stamped)?;
    let listed = matches!(
        family.class,
        Some(RepositoryClass::Official | RepositoryClass::Elsewhere)
    ) || family.mirrored.is_some();
    asked.case.registry_import().filter(|_| listed)?;
    Some(imported_rule(asked, family)?.kind)
}

/// The kind of the tag that the contract's recipe gives.
pub(super) fn by_recipe(asked: &Asked) -> Option<Kind> {
    let family = without_reference(asked)?;
    let cooked = asked.case.own_recipe(family)?;
    let tag = cooked.reference.tag.as_deref()?;
    let rule = family.contract.tag_rule(&cooked.reference.name(), tag)?;
    Some(rule.kind)
}

/// The kind of the package's version: an import by digest has no tag.
pub(super) fn by_package_version(asked: &Asked) -> Option<Kind> {
    let family = without_reference(asked)?;
    let contract = &family.contract;
    let import = asked.case.import()?;
    let by_digest = import.document.digest.is_some() && is_official(family);
    let has_recipe = recipe(asked.case.facts, contract).is_some();
    if !by_digest || contract.build.is_some() || has_recipe {
        return None;
    }
    let packages = installed(contract, asked.case.facts);
    let version = public_version(&packages.first()?.version);
    Some(contract.tag_rule(&import.repository()?, version)?.kind)
}

/// Returns the contract whose recipe or package may say the kind. The image then has no reference in
/// its stamp and no published tag.
fn without_reference<'a>(asked: &Asked<'a>) -> Option<&'a Family> {
    let family = asked.family?;
    let import = asked.case.import();
    let untagged = import.is_some_and(|import| import.tag().is_none());
    let open = match family.stamped {
        true => family.class.is_none() || untagged,
        false => is_official(family),
    };
    (open && family.stamp_reference().is_none()).then_some(family)
}

/// Returns the contract's default kind, for stamped images whose tag and channel say nothing.
pub(super) fn by_default(asked: &Asked) -> Option<Kind> {
    let family = asked.family?;
    let named = family.stamp_reference().is_some();
    family.contract.default_kind.filter(|_| !named)
}

fn imported_rule<'a>(asked: &Asked<'a>, family: &'a Family) -> Option<&'a TagRule> {
    let rule = asked.case.imported_rule(family)?;
    is_published(Some(rule)).then_some(rule)
}

fn is_official(family: &Family) -> bool {
    family.class == Some(RepositoryClass::Official)
}
