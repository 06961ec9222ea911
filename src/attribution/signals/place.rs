//! Another repository or tag than the stamp, the recipe or the contract names.

use crate::contracts::Field;
use crate::provenance::{Kind, Source, SourcedValue};
use crate::reference::Reference;

use super::{Signal, stamp_reference};
use crate::attribution::evidence::{conflict, source};
use crate::attribution::family::Family;
use crate::attribution::import::{Import, RepositoryClass, classify};
use crate::attribution::tags::{is_moving, same_image};
use crate::attribution::values::same_commit;
use crate::attribution::{Case, package_commits, recipe};

/// The imported repository is not the one that the stamp, the recipe or the contract names.
pub(super) fn repository(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import?;
    if family.class.is_some() {
        return other_line(case, family, import).or_else(|| tag(case, family, import));
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
        return tag(case, family, import);
    }
    let expected = own
        .iter()
        .map(Reference::name)
        .collect::<Vec<_>>()
        .join(", ");
    let at = stamp_reference(family).map_or_else(
        || source("contract", family.id()),
        |(r, _)| r.source.clone(),
    );
    let sentence = elsewhere(family);
    Some(repository_differs(sentence, import, shown, expected, at))
}

/// A marker alone, in an image of a repository that fits none of the publisher's patterns.
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
        let cooked = recipe::recipe(case.facts, &family.contract).filter(|_| conditional)?;
        Some((cooked.reference, source("contract", family.id())))
    };
    let (named, at) = stamp_reference(family)
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

/// The repositories that the image should have come from; `None` where nothing says,
/// because the stamp names a repository that is not the publisher's.
fn reference_repository(case: &Case, family: &Family) -> Option<Vec<Reference>> {
    let contract = &family.contract;
    if family.of(Field::Reference).next().is_some() {
        let (_, stamped) = stamp_reference(family)?;
        let known = matches!(
            classify(contract, &stamped.name()),
            Some(class) if class != RepositoryClass::Elsewhere
        );
        return known.then(|| vec![stamped]);
    }
    if let Some(recipe) = recipe::recipe(case.facts, contract) {
        return Some(vec![recipe.reference]);
    }
    // A hand build may have any name in a daemon.
    let in_daemon = case
        .import
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

/// The imported tag names another image than the stamp.
fn tag(case: &Case, family: &Family, import: &Import) -> Option<Signal> {
    if !matches!(family.class, Some(RepositoryClass::Official) | None) {
        return None;
    }
    let (reading, stamped) = stamp_reference(family)?;
    let (imported, stamped_tag) = (import.tag()?, stamped.tag.as_deref()?);
    if classify(&family.contract, &stamped.name()) != Some(RepositoryClass::Official)
        || import.document.digest.is_some()
        || compatible_tag(case, family, import, imported, stamped_tag)
    {
        return None;
    }
    Some(Signal {
        weight: 3,
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

/// True when an image with this stamp can be found under the imported tag.
pub(in crate::attribution) fn compatible_tag(
    case: &Case,
    family: &Family,
    import: &Import,
    imported: &str,
    stamped: &str,
) -> bool {
    let contract = &family.contract;
    let repository = import.repository().unwrap_or_default();
    let rule = contract.tag_rule(&repository, imported);
    if same_image(contract, imported, stamped) || is_moving(rule, case.registries, imported) {
        return true;
    }
    // A preview tag that was put on a nightly: the package's own commit says it is that nightly.
    let nightly = contract
        .tags
        .iter()
        .find(|rule| rule.pattern.is_match(stamped))
        .is_some_and(|rule| rule.kind == Kind::Nightly);
    let commits = package_commits(case.facts, contract);
    let backed = family
        .commit(&[])
        .is_some_and(|(_, commit)| commits.iter().any(|id| same_commit(id, &commit.id)));
    // The staging fallback of the stamp is never published under its own name.
    let staged = contract
        .tags
        .iter()
        .find(|rule| rule.pattern.is_match(stamped))
        .is_some_and(|rule| rule.kind == Kind::Staging);
    (rule.is_none() && nightly && backed) || staged
}
