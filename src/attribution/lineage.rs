//! What an image stands on, and what it is called.

use crate::contracts::{Field, Role};
use crate::provenance::{Ancestor, Kind};
use crate::reference::Reference;

use super::family::{Family, installed};
use super::import::{Import, RepositoryClass, classify};
use super::kind::Verdict;
use super::recipe::recipe;
use super::signals::{line, stamp_reference};
use super::tags::is_published;
use super::values::{CommitText, public_version, repository_owner, repository_url, version_of_tag};
use super::whose::Whose;
use super::{Case, builds, package_commits};

/// Every contract that the image inherited, outermost first.
pub(super) fn lineage(case: &Case, whose: &Whose) -> Vec<Ancestor> {
    let fork = whose.fork_of.map(|family| upstream(case, whose, family));
    let bases = whose
        .bases
        .iter()
        .filter(|family| whose.fork_of.is_none_or(|fork| fork.id() != family.id()))
        .map(|family| ancestor(case, family))
        .filter(|a| a.version.is_some() || a.commit.is_some() || a.reference.is_some());
    let mut lineage: Vec<Ancestor> = fork.into_iter().chain(bases).collect();
    lineage.extend(labelled(case));
    for image in builds::images(case) {
        add_image(case, image, &mut lineage);
    }
    lineage
}

/// The base that labels or variables speak of, where they are not the image's own.
fn labelled(case: &Case) -> Option<Ancestor> {
    let value = |field: Field| {
        let mut labels = case.generic.contradicted.iter();
        let found = labels.find(|reading| reading.field == field && !reading.placeholder);
        found.map(|reading| reading.value.clone())
    };
    let source = repository_url(&value(Field::Source)?)?;
    Some(Ancestor {
        publisher: repository_owner(&source),
        product: value(Field::Product),
        version: value(Field::Version).filter(|version| !version.contains('/')),
        commit: value(Field::Commit)
            .and_then(|text| CommitText::parse(&text))
            .map(|text| text.id),
        reference: None,
    })
}

/// Adds an image that went into the build, with its digest; one that is known gets it.
fn add_image(case: &Case, image: Reference, lineage: &mut Vec<Ancestor>) {
    let text = image.pinned();
    let same = |known: &Reference| known.same_repository(&image) && known.tag == image.tag;
    let known = lineage.iter_mut().find(|ancestor| {
        let reference = ancestor.reference.as_deref();
        reference.is_some_and(|text| Reference::parse(text).is_ok_and(|known| same(&known)))
    });
    if let Some(ancestor) = known {
        ancestor.reference = Some(text);
        return;
    }
    let name = image.name();
    let mut contracts = case.contracts.all().iter();
    let found = contracts.find_map(|contract| Some((contract, contract.line_of(&name)?)));
    lineage.push(Ancestor {
        publisher: found.map(|(contract, _)| contract.id.clone()),
        product: found.map(|(_, line)| line.product.clone()),
        version: image
            .tag
            .as_deref()
            .and_then(version_of_tag)
            .map(str::to_owned),
        commit: None,
        reference: Some(text),
    });
}

/// What the image was built on: for a derived image always, else where the base has a reference.
pub(super) fn derived_from(whose: &Whose, lineage: &[Ancestor]) -> Option<Ancestor> {
    let first = lineage.first()?;
    if whose.derived {
        return Some(first.clone());
    }
    let publisher = whose
        .bases
        .first()
        .is_some_and(|base| base.contract.role == Role::Publisher);
    (whose.fork_of.is_none() && publisher && first.reference.is_some()).then(|| first.clone())
}

/// The project that a fork was taken from: known by its package, never by the fork's stamp.
fn upstream(case: &Case, whose: &Whose, family: &Family) -> Ancestor {
    let version = installed(&family.contract, case.facts)
        .first()
        .map(|package| public_version(&package.version).to_owned());
    let commit = whose.upstream_stamp.then(|| family.commit(&[])).flatten();
    Ancestor {
        publisher: Some(family.contract.id.clone()),
        product: Some(family.contract.name.clone()),
        version,
        commit: commit.map(|(_, text)| text.id),
        reference: None,
    }
}

fn ancestor(case: &Case, family: &Family) -> Ancestor {
    let contract = &family.contract;
    let reference = public_reference(case, family);
    let cooked = recipe(case.facts, contract);
    let package = installed(contract, case.facts)
        .first()
        .map(|package| package.version.clone());
    let version = cooked
        .as_ref()
        .and_then(|cooked| cooked.version.clone())
        .or_else(|| family.value(Field::Version).map(|v| v.trim().to_owned()))
        .or(package)
        .or_else(|| version_of_tag(reference.as_ref()?.tag.as_deref()?).map(str::to_owned));
    let line = stamp_reference(family)
        .and_then(|(_, reference)| contract.line_of(&reference.name()))
        .or_else(|| contract.lines.first());
    Ancestor {
        publisher: Some(contract.id.clone()),
        product: cooked
            .and_then(|cooked| cooked.product)
            .or_else(|| line.map(|line| line.product.clone())),
        version,
        commit: family
            .commit(&package_commits(case.facts, contract))
            .map(|(_, text): (_, CommitText)| text.id),
        reference: reference.map(|reference| reference.to_string()),
    }
}

/// The public reference of a base, by its stamp or recipe. Where environment and labels
/// disagree, the one that the installed package agrees with.
fn public_reference(case: &Case, family: &Family) -> Option<Reference> {
    let contract = &family.contract;
    let versions: Vec<&str> = installed(contract, case.facts)
        .iter()
        .map(|package| public_version(&package.version))
        .collect();
    let published: Vec<Reference> = family
        .of(Field::Reference)
        .filter(|reading| !reading.placeholder && reading.value.contains('/'))
        .filter_map(|reading| Reference::parse(&reading.value).ok())
        .filter(|reference| {
            let tag = reference.tag.as_deref().unwrap_or_default();
            classify(contract, &reference.name()) == Some(RepositoryClass::Official)
                && is_published(contract.tag_rule(&reference.name(), tag))
        })
        .collect();
    let backed = published.iter().position(|reference| {
        reference
            .tag
            .as_deref()
            .and_then(version_of_tag)
            .is_some_and(|v| versions.contains(&v))
    });
    published
        .into_iter()
        .nth(backed.unwrap_or(0))
        .or_else(|| recipe(case.facts, contract).map(|cooked| cooked.reference))
}

/// What the image is called, and its version.
pub(super) fn product(
    case: &Case,
    whose: &Whose,
    verdict: &Verdict,
) -> (Option<String>, Option<String>) {
    if whose.derived {
        return (None, None);
    }
    let Some(family) = whose.family else {
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
        let package = whose.package.as_ref().map(|(package, _)| package);
        return (
            title.or_else(|| package.map(|package| package.name.clone())),
            label
                .or_else(|| package.map(|package| package.version.clone()))
                .or_else(|| builds::tagged_version(case).map(str::to_owned)),
        );
    };
    let cooked = recipe(case.facts, &family.contract);
    let imported = case.import.and_then(Import::tag).and_then(version_of_tag);
    let stamped = stamp_reference(family)
        .and_then(|(_, reference)| version_of_tag(reference.tag.as_deref()?).map(str::to_owned));
    let package = installed(&family.contract, case.facts)
        .first()
        .map(|p| p.version.clone());
    let product = cooked
        .as_ref()
        .and_then(|cooked| cooked.product.clone())
        .or_else(|| line(case, family).map(|line| line.product.clone()))
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
