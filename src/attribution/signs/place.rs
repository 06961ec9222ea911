//! Signs of another repository or tag than the stamp, the recipe or the contract names.

use crate::attribution::case::Case;
use crate::attribution::make::{source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::recipe::{of_product, recipe};
use crate::attribution::signs::additions::lines_on;
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{CommitText, same_commit, version_of_tag};
use crate::contracts::{Field, RepositoryClass};
use crate::provenance::SourcedValue;
use crate::reference::Reference;

/// Returns a sign if the stamp, the recipe or the contract names another repository than the imported one.
pub(crate) fn repository(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import().filter(|import| !import.is_a_hint())?;
    if family.class.is_some() {
        return other_line(case, family, import);
    }
    let Some(own) = reference_repository(case, family) else {
        return outside_globs(family, import);
    };
    let (imported, shown) = match (&import.effective, &import.daemon_name) {
        (Some(reference), _) => (reference.clone(), import.document.reference.clone()?),
        // A daemon's name has no registry (podman writes localhost): only the path counts.
        (None, Some(name)) => {
            let mut name = name.clone();
            if name.registry == "localhost" {
                name = Reference::parse(&name.repository).ok()?;
            }
            (name, import.document.uri.clone())
        }
        (None, None) => return None,
    };
    let is_own = |own: &Reference| imported.same_repository(own) || imported.may_mirror(own);
    if own.iter().any(is_own) || family.may_be_mirrored(&imported) {
        return None;
    }
    let expected: Vec<String> = own.iter().map(Reference::name).collect();
    let at = family.stamp_reference().map_or_else(
        || source("contract", family.id()),
        |(r, _)| r.source.clone(),
    );
    let expected = sourced(expected.join(", "), at);
    Some(elsewhere(family, import, shown, expected))
}

/// Returns the warning for the publisher's path under another host or prefix: a mirror, or a push by
/// somebody else.
pub(crate) fn possible_mirror(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.registry_import().filter(|_| family.class.is_none())?;
    let imported = import.effective.as_ref()?;
    let own = reference_repository(case, family)?;
    let copied = own.iter().find(|own| imported.may_mirror(own))?;
    let expected = sourced(copied.to_string(), source("contract", family.id()));
    Some(elsewhere(family, import, imported.to_string(), expected))
}

/// Returns a sign for an image with a marker only, from a repository that matches no pattern of the
/// publisher.
fn outside_globs(family: &Family, import: &Import) -> Option<Signal> {
    let patterns: Vec<&str> = family.contract.official_repositories().collect();
    let only_patterns = !patterns.is_empty() && patterns.iter().all(|name| name.contains('*'));
    if family.stamped || !only_patterns {
        return None;
    }
    let imported = import.effective.as_ref()?;
    if family.may_be_mirrored(imported) {
        return None;
    }
    let expected = sourced(patterns.join(", "), source("contract", family.id()));
    Some(elsewhere(family, import, imported.to_string(), expected))
}

/// Returns a sign for an import from another official repository than the stamp or recipe names.
fn other_line(case: &Case, family: &Family, import: &Import) -> Option<Signal> {
    if family.class != Some(RepositoryClass::Official) {
        return None;
    }
    let imported = import.effective.as_ref()?;
    let mut recipes = family.contract.recipes.iter();
    let conditional = recipes.any(|recipe| !recipe.when.is_empty());
    let cooked = || {
        let built_for = of_product(case.facts, &family.contract).filter(|_| conditional)?;
        Some((built_for, source("contract", family.id())))
    };
    let (named, at) = family
        .stamp_reference()
        .map(|(reading, reference)| (reference, reading.source.clone()))
        .or_else(cooked)?;
    // Part of the stamp is that of the base, and so is the recipe.
    let is_base = !family.inherited.is_empty();
    let official = family.contract.line_of(&named.name()).is_some() && !is_base;
    (official && !imported.same_repository(&named)).then(|| {
        let sentence = "the file was imported from another of the publisher's repositories than it was built for";
        let expected = sourced(named.to_string(), at);
        repository_differs(sentence.to_owned(), import, imported.to_string(), expected)
    })
}

fn elsewhere(family: &Family, import: &Import, imported: String, expected: SourcedValue) -> Signal {
    let name = &family.contract.name;
    let sentence = format!("the file was imported from another repository than {name}'s");
    repository_differs(sentence, import, imported, expected)
}

pub(crate) fn repository_differs(
    sentence: String,
    import: &Import,
    imported: String,
    expected: SourcedValue,
) -> Signal {
    let imported = sourced(imported, import.source.clone());
    Signal::new(
        "repository-differs",
        3,
        "origin.imported.reference",
        sentence,
        [imported, expected],
    )
}

/// Returns the repositories from which the image should come; `None` if nothing says it, or if the stamp
/// names a repository that is not the publisher's.
fn reference_repository(case: &Case, family: &Family) -> Option<Vec<Reference>> {
    let contract = &family.contract;
    if family.of(Field::Reference).next().is_some() {
        let (_, stamped) = family.stamp_reference()?;
        let known = matches!(
            contract.class_of(&stamped.name()),
            Some(class) if class != RepositoryClass::Elsewhere
        );
        return known.then(|| vec![stamped]);
    }
    if let Some(recipe) = recipe(case.facts, contract) {
        let line = contract.line_of(&recipe.reference.name());
        // An image of the publisher that stands on this one carries its stamp.
        let above = line.into_iter().flat_map(|line| lines_on(family, line));
        let above = above.flat_map(|line| &line.repositories);
        let above = above.filter_map(|name| Reference::parse(name).ok());
        return Some([recipe.reference].into_iter().chain(above).collect());
    }
    // A hand build may have any name in a daemon.
    let in_daemon = case
        .import()
        .is_some_and(|import| import.daemon_name.is_some());
    if in_daemon && family.value(Field::Commit).is_none() {
        return None;
    }
    let official: Vec<Reference> = contract
        .official_repositories()
        .filter_map(|name| Reference::parse(name).ok())
        .collect();
    (!official.is_empty()).then_some(official)
}

/// Returns a sign if the imported tag names another image than the stamp.
///
/// In the publisher's own repository, only another version or commit counts. A tag that matches no rule
/// may be new, and another variant is an alias.
pub(crate) fn tag(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import().filter(|import| !import.is_a_hint())?;
    let (reading, stamped) = family.stamp_reference()?;
    let (imported, stamped_tag) = (import.tag()?, stamped.tag.as_deref()?);
    let other = is_other_build(case, family, imported, stamped_tag);
    // A digest in the same reference replaces the tag. Beside the digest of a layout or a daemon, the tag may be
    // another name of the image, but not another version.
    let reference = import.reference.as_ref();
    let replaced = reference.is_some_and(|reference| reference.digest.is_some());
    let comparable = matches!(family.class, Some(RepositoryClass::Official) | None)
        && family.contract.line_of(&stamped.name()).is_some()
        && !replaced
        && (import.document.digest.is_none() || other);
    if !comparable
        || case.compatible_tag(family, import, imported, stamped_tag)
        || repository(case, family).is_some()
    {
        return None;
    }
    let weighs = !case.is_from_publisher(family) || other;
    Some(Signal::new(
        "tag-differs",
        if weighs { 3 } else { 0 },
        "origin.public_reference",
        "the imported tag and the stamped one name different images",
        [sourced(imported, import.source.clone()), reading.sourced()],
    ))
}

/// Returns true if the imported tag names another version or commit than the stamped one.
fn is_other_build(case: &Case, family: &Family, imported: &str, stamped: &str) -> bool {
    let named = case.tag_part(family, "commit").and_then(CommitText::parse);
    if let (Some(named), Some((_, own))) = (named, case.stamped_commit(family)) {
        return !same_commit(&named.id, &own.id);
    }
    // In the publisher's own repository, a tag that matches no rule may be new.
    let is_known = case.imported_rule(family).is_some() || !case.is_from_publisher(family);
    // A tag that moves names no version.
    let version = version_of_tag(imported).filter(|_| is_known);
    version.is_some_and(|version| Some(version) != version_of_tag(stamped))
}
