//! The images that an image was built on, with their products and versions.

use std::sync::Arc;

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::inherited::described_source;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::recipe::{recipe, recipe_for};
use crate::attribution::text::{
    CommitText, is_among, is_published, public_version, repository_owner, same_version,
    version_of_tag,
};
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::{Contract, Field, Role};
use crate::provenance::Ancestor;
use crate::reference::Reference;

/// Returns every ancestor, the outermost first.
pub(crate) fn lineage(case: &Case, ownership: &Ownership) -> Vec<Ancestor> {
    let fork = ownership.fork_of;
    let bases = ownership
        .bases
        .iter()
        .filter(|family| fork.is_none_or(|fork| fork.id() != family.id()))
        .map(|family| ancestor(case, family, ownership))
        .enumerate()
        .filter(|(at, a)| {
            let known = a.version.is_some() || a.commit.is_some() || a.reference.is_some();
            // A derived image names the publisher of its base, even if nothing else of the base is known.
            known || (*at == 0 && ownership.derived)
        })
        .map(|(_, ancestor)| ancestor);
    let fork = fork.map(|family| upstream(case, ownership, family));
    let own = ownership.family.and_then(|family| stood_on(case, family));
    let below = ownership.on_fork.as_ref().map(|(family, owner)| {
        let upstream = upstream(case, ownership, family);
        [forked(case, family, owner), upstream]
    });
    let mut lineage: Vec<Ancestor> = fork.into_iter().chain(own).collect();
    lineage.extend(below.into_iter().flatten().chain(bases));
    let is_new = |labelled: &Ancestor| {
        let mut known = lineage.iter();
        !known.any(|it| (&it.publisher, &it.commit) == (&labelled.publisher, &labelled.commit))
    };
    let labelled = labelled(case).filter(is_new);
    lineage.extend(labelled);
    for image in case.builds.images() {
        add_image(case, image, &mut lineage);
    }
    lineage
}

/// Returns the image of the same publisher that this one was built on, by the part of the stamp that is its.
fn stood_on(case: &Case, family: &Family) -> Option<Ancestor> {
    let contract = &family.contract;
    let value = |field: Field| {
        let mut readings = family.inherited.iter();
        readings.find(|reading| reading.is_real(field))
    };
    let version = value(Field::Version)?.value.trim();
    let commit = value(Field::Commit).and_then(|reading| CommitText::parse(&reading.value));
    let repository = case.line(family)?.stands_on.first()?;
    let cooked = recipe_for(case.facts, contract, repository);
    let line = contract.line_of(repository);
    Some(Ancestor {
        publisher: Some(contract.id.clone()),
        product: line.map(|line| line.product.clone()),
        version: Some(version.to_owned()),
        commit: commit.map(|text| text.id),
        reference: cooked.map(|cooked| cooked.reference.to_string()),
    })
}

/// Returns the base that labels or variables name, if they are not the image's own.
fn labelled(case: &Case) -> Option<Ancestor> {
    let value = |field: Field| {
        let mut labels = case.generic.contradicted.iter();
        let found = labels.find(|reading| reading.is_real(field));
        found.map(|reading| reading.value.clone())
    };
    let (source, is_mixed) = described_source(case.generic.contradicted.iter(), case.tag())?;
    // Of labels that a child replaced in part, commit and version may be the child's.
    let own = |field: Field| value(field).filter(|_| !is_mixed);
    let is_of = |contract: &&Arc<Contract>| {
        contract.role == Role::Publisher && is_among(&contract.source, &source)
    };
    // Of publishers that name one source, the others build on the first.
    let inner = |outer: &&Arc<Contract>| {
        let mut contracts = case.contracts.all().iter().filter(is_of);
        !contracts.any(|it| it.id != outer.id && case.contracts.wraps(&outer.id, &it.id))
    };
    let mut contracts = case.contracts.all().iter().filter(is_of);
    let publisher = contracts.find(inner).map(|contract| contract.id.clone());
    Some(Ancestor {
        publisher: publisher.or_else(|| repository_owner(&source)),
        product: value(Field::Product),
        version: own(Field::Version).filter(|version| !version.contains('/')),
        commit: own(Field::Commit)
            .and_then(|text| CommitText::parse(&text))
            .map(|text| text.id),
        reference: None,
    })
}

/// Adds an image that went into the build. A known ancestor only gets its digest.
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
        version: tagged_version(&image).map(str::to_owned),
        commit: None,
        reference: Some(text),
    });
}

fn tagged_version(reference: &Reference) -> Option<&str> {
    version_of_tag(reference.tag.as_deref()?)
}

/// Returns the image that this one was built on. If the image is not derived, its base needs a reference.
pub(crate) fn derived_from(ownership: &Ownership, lineage: &[Ancestor]) -> Option<Ancestor> {
    let first = lineage.first()?;
    if ownership.derived {
        return Some(first.clone());
    }
    let base = ownership.bases.first();
    let publisher = base.is_some_and(|base| base.contract.role == Role::Publisher);
    (ownership.fork_of.is_none() && publisher && first.reference.is_some()).then(|| first.clone())
}

/// Returns the project of a fork. Its package shows the version; the fork's stamp does not.
fn upstream(case: &Case, ownership: &Ownership, family: &Family) -> Ancestor {
    let version = installed(&family.contract, case.facts)
        .first()
        .map(|package| public_version(&package.version).to_owned());
    let commit = case
        .stamped_commit(family)
        .filter(|_| ownership.upstream_stamp);
    Ancestor {
        publisher: Some(family.contract.id.clone()),
        product: Some(family.contract.name.clone()),
        version,
        commit: commit.map(|(_, text)| text.id),
        reference: None,
    }
}

/// Returns a fork's image, by the keys of the upstream's contract that it filled.
fn forked(case: &Case, family: &Family, owner: &str) -> Ancestor {
    let reference = family.stamp_reference().map(|(_, reference)| reference);
    let version = reference.as_ref().and_then(tagged_version);
    Ancestor {
        publisher: Some(owner.to_owned()),
        product: None,
        version: version.map(str::to_owned),
        commit: case.stamped_commit(family).map(|(_, text)| text.id),
        reference: reference.map(|reference| reference.to_string()),
    }
}

fn ancestor(case: &Case, family: &Family, ownership: &Ownership) -> Ancestor {
    let contract = &family.contract;
    let copies = installed(contract, case.facts);
    // If the outer image built the package again, the local part of its version is not the base's.
    let outer = ownership.family.map(|outer| &outer.contract.package);
    let rebuilt = contract.package.is_some() && outer == Some(&contract.package);
    let reference = public_reference(case, family);
    let cooked = recipe(case.facts, contract);
    let package = copies.first().map(|package| match rebuilt {
        true => public_version(&package.version).to_owned(),
        false => package.version.clone(),
    });
    let tagged = reference.as_ref().and_then(tagged_version);
    // A value in both variables and labels counts more than a package: somebody may have replaced that.
    let mut stamped = family.real(Field::Reference);
    let first = stamped.next();
    let mut others = stamped.peekable();
    let agree = others.peek().is_some()
        && others.all(|other| first.is_some_and(|first| first.value == other.value));
    let is_held = |tagged: &&str| copies.iter().any(|it| same_version(&it.version, tagged));
    let sure = tagged.filter(|tagged| agree || is_held(tagged));
    let version = cooked
        .as_ref()
        .and_then(|cooked| cooked.version.clone())
        .or_else(|| family.value(Field::Version).map(|v| v.trim().to_owned()))
        .or_else(|| sure.map(str::to_owned))
        .or(package)
        .or_else(|| tagged.map(str::to_owned));
    let line = case.stamped_line(family);
    Ancestor {
        publisher: Some(contract.id.clone()),
        product: cooked
            .and_then(|cooked| cooked.product)
            .or_else(|| line.map(|line| line.product.clone())),
        version,
        commit: case.stamped_commit(family).map(|(_, text)| text.id),
        reference: reference.map(|reference| reference.to_string()),
    }
}

/// Returns the public reference of a base, by its stamp or recipe. If variables and labels disagree, the
/// installed package decides.
fn public_reference(case: &Case, family: &Family) -> Option<Reference> {
    let contract = &family.contract;
    let versions: Vec<&str> = installed(contract, case.facts)
        .iter()
        .map(|package| public_version(&package.version))
        .collect();
    let published: Vec<Reference> = family
        .real(Field::Reference)
        .filter(|reading| reading.value.contains('/'))
        .filter_map(|reading| Reference::parse(&reading.value).ok())
        .filter(|reference| is_published(contract.official_rule(reference)))
        .collect();
    let backed = published.iter().position(|reference| {
        tagged_version(reference).is_some_and(|version| versions.contains(&version))
    });
    let found = published.into_iter().nth(backed.unwrap_or(0));
    found.or_else(|| recipe(case.facts, contract).map(|cooked| cooked.reference))
}
