//! The images that an image was built on, with their products and versions.

use crate::attribution::case::Case;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::class::classify;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::recipe::recipe;
use crate::attribution::text::{
    CommitText, is_published, public_version, repository_owner, repository_url, same_version,
    version_of_tag,
};
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::{Field, Role};
use crate::provenance::Ancestor;
use crate::reference::Reference;

/// Every contract that the image inherited, outermost first.
pub(crate) fn lineage(case: &Case, ownership: &Ownership) -> Vec<Ancestor> {
    let fork = ownership
        .fork_of
        .map(|family| upstream(case, ownership, family));
    let bases = ownership
        .bases
        .iter()
        .filter(|family| {
            ownership
                .fork_of
                .is_none_or(|fork| fork.id() != family.id())
        })
        .map(|family| ancestor(case, family, ownership))
        .enumerate()
        .filter(|(at, a)| {
            let known = a.version.is_some() || a.commit.is_some() || a.reference.is_some();
            // The publisher of a derived image's base is listed even if nothing else about it is
            // known.
            known || (*at == 0 && ownership.derived)
        })
        .map(|(_, ancestor)| ancestor);
    let mut lineage: Vec<Ancestor> = fork.into_iter().chain(bases).collect();
    lineage.extend(labelled(case));
    for image in case.builds.images() {
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
pub(crate) fn derived_from(ownership: &Ownership, lineage: &[Ancestor]) -> Option<Ancestor> {
    let first = lineage.first()?;
    if ownership.derived {
        return Some(first.clone());
    }
    let publisher = ownership
        .bases
        .first()
        .is_some_and(|base| base.contract.role == Role::Publisher);
    (ownership.fork_of.is_none() && publisher && first.reference.is_some()).then(|| first.clone())
}

/// The project that a fork was taken from: known by its package, never by the fork's stamp.
fn upstream(case: &Case, ownership: &Ownership, family: &Family) -> Ancestor {
    let version = installed(&family.contract, case.facts)
        .first()
        .map(|package| public_version(&package.version).to_owned());
    let commit = ownership
        .upstream_stamp
        .then(|| family.commit(&[]))
        .flatten();
    Ancestor {
        publisher: Some(family.contract.id.clone()),
        product: Some(family.contract.name.clone()),
        version,
        commit: commit.map(|(_, text)| text.id),
        reference: None,
    }
}

fn ancestor(case: &Case, family: &Family, ownership: &Ownership) -> Ancestor {
    let contract = &family.contract;
    // A package that the outer image built again has its local version, not the base's.
    let mut outer = ownership.family.iter();
    let rebuilt =
        contract.package.is_some() && outer.any(|outer| outer.contract.package == contract.package);
    let reference = public_reference(case, family);
    let cooked = recipe(case.facts, contract);
    let package = installed(contract, case.facts)
        .first()
        .map(|package| match rebuilt {
            true => public_version(&package.version).to_owned(),
            false => package.version.clone(),
        });
    let tagged = reference
        .as_ref()
        .and_then(|reference| version_of_tag(reference.tag.as_deref()?));
    // A value in both variables and labels counts more than a package, which may have been replaced.
    let mut stamped = family
        .of(Field::Reference)
        .filter(|reading| !reading.placeholder);
    let first = stamped.next();
    let mut others = stamped.peekable();
    let agree = others.peek().is_some()
        && others.all(|other| first.is_some_and(|first| first.value == other.value));
    let copies = installed(contract, case.facts);
    let is_held = |tagged: &str| {
        let mut copies = copies.iter();
        copies.any(|copy| same_version(&copy.version, tagged))
    };
    let sure = tagged.filter(|tagged| agree || is_held(tagged));
    let version = cooked
        .as_ref()
        .and_then(|cooked| cooked.version.clone())
        .or_else(|| family.value(Field::Version).map(|v| v.trim().to_owned()))
        .or_else(|| sure.map(str::to_owned))
        .or(package)
        .or_else(|| tagged.map(str::to_owned));
    let line = family
        .stamp_reference()
        .and_then(|(_, reference)| contract.line_of(&reference.name()))
        .or_else(|| contract.lines.first());
    Ancestor {
        publisher: Some(contract.id.clone()),
        product: cooked
            .and_then(|cooked| cooked.product)
            .or_else(|| line.map(|line| line.product.clone())),
        version,
        commit: family
            .commit(&case.package_commits(contract))
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
