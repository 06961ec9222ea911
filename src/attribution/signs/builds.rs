//! Signs in the image's own build records that it was built on the image whose stamp it carries.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::builds::{parsed, repository};
use crate::attribution::readings::class::{RepositoryClass, classify};
use crate::attribution::readings::families::Family;
use crate::attribution::text::{is_published, same_commit, same_repository};
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Conflict, SourcedValue};
use crate::reference::Reference;

use super::signal::Signal;

/// Signs in the image's own records that it was built on the one whose stamp it carries.
pub(crate) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let own = || case.builds.own();
    let contract = &family.contract;
    let mut all = Vec::new();
    let image = own().flat_map(|build| &build.images).find(|pair| {
        Reference::parse(&pair.value).is_ok_and(|reference| {
            let tag = reference.tag.as_deref().unwrap_or_default();
            // A publisher's own base images are published beside the images.
            let base = tag.split('-').any(|part| part == "base");
            let name = reference.name();
            let published = classify(contract, &name) == Some(RepositoryClass::Official);
            published && !base && (tag.is_empty() || is_published(contract.tag_rule(&name, tag)))
        })
    });
    all.extend(image.map(|pair| Signal {
        weight: 3,
        conflict: conflict(
            "built-from-published-image",
            "origin.derived_from",
            format!(
                "it was built from an image that {} publishes",
                contract.name
            ),
            vec![pair.sourced()],
        ),
    }));
    let stamped = family.commit(&case.package_commits(contract));
    let differs = own().find_map(|build| {
        let pair = build.commits.iter().find(|pair| parsed(pair).is_some())?;
        let text = parsed(pair)?;
        match &stamped {
            Some((_, stamp)) => (!same_commit(&stamp.id, &text.id)).then_some(pair),
            None => {
                let url = repository(build)?;
                let known = &contract.source;
                let foreign =
                    !known.is_empty() && !known.iter().any(|source| same_repository(source, &url));
                foreign.then_some(pair)
            }
        }
    });
    all.extend(differs.map(|pair| Signal {
        weight: 3,
        conflict: differing(
            Field::Commit,
            pair,
            stamped.as_ref().map(|(reading, _)| reading.sourced()),
        ),
    }));
    all
}

/// Makes the conflict of a build record with what the image says of itself.
pub(crate) fn differing(field: Field, pair: &Pair, other: Option<SourcedValue>) -> Conflict {
    conflict(
        "build-record-differs",
        field.document_field(),
        "the record of the build tool differs from what the image says about itself".to_owned(),
        std::iter::once(pair.sourced()).chain(other).collect(),
    )
}
