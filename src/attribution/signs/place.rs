//! Another repository or tag than the stamp, the recipe or the contract names.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::make::source;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::class::classify;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::recipe::{of_product, recipe};
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{CommitText, same_commit, version_of_tag};
use crate::contracts::Field;
use crate::provenance::{Source, SourcedValue};
use crate::reference::Reference;

/// The imported repository is not the one that the stamp, the recipe or the contract names.
pub(crate) fn repository(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import().filter(|import| !import.is_a_hint())?;
    if family.class.is_some() {
        return other_line(case, family, import);
    }
    let Some(own) = reference_repository(case, family) else {
        return outside_globs(family, import);
    };
    let differs = |imported: &Reference| {
        !own.iter()
            .any(|own| imported.same_repository(own) || imported.may_mirror(own))
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
    if !differs(&imported) {
        return None;
    }
    let expected = own
        .iter()
        .map(Reference::name)
        .collect::<Vec<_>>()
        .join(", ");
    let at = family.stamp_reference().map_or_else(
        || source("contract", family.id()),
        |(r, _)| r.source.clone(),
    );
    let sentence = elsewhere(family);
    Some(repository_differs(sentence, import, shown, expected, at))
}

/// Returns the warning for the publisher's path under another host or prefix: a mirror, or a push by
/// somebody else.
pub(crate) fn possible_mirror(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.registry_import().filter(|_| family.class.is_none())?;
    let imported = import.effective.as_ref()?;
    let own = reference_repository(case, family)?;
    let copied = own.iter().find(|own| imported.may_mirror(own))?;
    Some(repository_differs(
        elsewhere(family),
        import,
        imported.to_string(),
        copied.to_string(),
        source("contract", family.id()),
    ))
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
    Some(repository_differs(
        elsewhere(family),
        import,
        imported.to_string(),
        patterns.join(", "),
        source("contract", family.id()),
    ))
}

/// Imported from an official repository, but the stamp or recipe names another one.
fn other_line(case: &Case, family: &Family, import: &Import) -> Option<Signal> {
    if family.class != Some(RepositoryClass::Official) {
        return None;
    }
    let imported = import.effective.as_ref()?;
    let conditional = family
        .contract
        .recipes
        .iter()
        .any(|recipe| !recipe.when.is_empty());
    let cooked = || {
        let built_for = of_product(case.facts, &family.contract).filter(|_| conditional)?;
        Some((built_for, source("contract", family.id())))
    };
    let (named, at) = family
        .stamp_reference()
        .map(|(reading, reference)| (reference, reading.source.clone()))
        .or_else(cooked)?;
    let official = classify(&family.contract, &named.name()) == Some(RepositoryClass::Official);
    (official && !imported.same_repository(&named)).then(|| {
        let sentence = "the file was imported from another of the publisher's repositories than it was built for";
        repository_differs(sentence.to_owned(), import, imported.to_string(), named.to_string(), at)
    })
}

fn elsewhere(family: &Family) -> String {
    format!(
        "the file was imported from another repository than {}'s",
        family.contract.name
    )
}

/// The repository that the file was imported from against the one expected, and who says so.
fn repository_differs(
    sentence: String,
    import: &Import,
    imported: String,
    expected: String,
    expected_at: Source,
) -> Signal {
    Signal {
        weight: 3,
        conflict: conflict(
            "repository-differs",
            "origin.imported.reference",
            sentence,
            vec![
                SourcedValue {
                    value: imported,
                    source: import.source.clone(),
                },
                SourcedValue {
                    value: expected,
                    source: expected_at,
                },
            ],
        ),
    }
}

/// The repositories that the image should have come from; `None` if nothing says,
/// because the stamp names a repository that is not the publisher's.
fn reference_repository(case: &Case, family: &Family) -> Option<Vec<Reference>> {
    let contract = &family.contract;
    if family.of(Field::Reference).next().is_some() {
        let (_, stamped) = family.stamp_reference()?;
        let known = matches!(
            classify(contract, &stamped.name()),
            Some(class) if class != RepositoryClass::Elsewhere
        );
        return known.then(|| vec![stamped]);
    }
    if let Some(recipe) = recipe(case.facts, contract) {
        return Some(vec![recipe.reference]);
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
/// In the publisher's own repository only another version or commit counts. A tag that matches no rule
/// may be new, and another variant is an alias.
pub(crate) fn tag(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import().filter(|import| !import.is_a_hint())?;
    let (reading, stamped) = family.stamp_reference()?;
    let (imported, stamped_tag) = (import.tag()?, stamped.tag.as_deref()?);
    let comparable = matches!(family.class, Some(RepositoryClass::Official) | None)
        && classify(&family.contract, &stamped.name()) == Some(RepositoryClass::Official)
        && import.document.digest.is_none();
    if !comparable
        || case.compatible_tag(family, import, imported, stamped_tag)
        || repository(case, family).is_some()
    {
        return None;
    }
    let weighs = !case.is_from_publisher(family) || is_other_build(case, family, stamped_tag);
    Some(Signal {
        weight: if weighs { 3 } else { 0 },
        conflict: conflict(
            "tag-differs",
            "origin.public_reference",
            "the imported tag and the stamped one name different images".to_owned(),
            vec![
                SourcedValue {
                    value: imported.to_owned(),
                    source: import.source.clone(),
                },
                reading.sourced(),
            ],
        ),
    })
}

/// The imported tag is of another version or commit than the stamped one.
fn is_other_build(case: &Case, family: &Family, stamped: &str) -> bool {
    let rule = case.imported_rule(family);
    let tag = case.import().and_then(Import::tag);
    let Some((rule, tag)) = rule.zip(tag) else {
        return false;
    };
    let named = rule.pattern.capture(tag, "commit");
    let named = named.and_then(CommitText::parse);
    let commit = family.commit(&case.package_commits(&family.contract));
    match (named, commit) {
        (Some(named), Some((_, own))) => !same_commit(&named.id, &own.id),
        // A tag that moves names no version.
        _ => version_of_tag(tag).is_some_and(|version| Some(version) != version_of_tag(stamped)),
    }
}
