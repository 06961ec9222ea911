//! Signs in the image's own build records that it was built on the image whose stamp it carries.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::builds::{commit_of, repository};
use crate::attribution::readings::families::Family;
use crate::attribution::text::{is_among, is_published, same_commit};
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Conflict, SourcedValue};
use crate::reference::Reference;

use super::signal::Signal;

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
            let official = contract.line_of(&name).is_some();
            official && !base && (tag.is_empty() || is_published(contract.tag_rule(&name, tag)))
        })
    });
    all.extend(image.map(|pair| {
        Signal::new(
            "built-from-published-image",
            3,
            "origin.derived_from",
            format!(
                "it was built from an image that {} publishes",
                contract.name
            ),
            [pair.sourced()],
        )
    }));
    let stamped = case.stamped_commit(family);
    let differs = own().find_map(|build| {
        let (pair, text) = commit_of(build)?;
        let foreign = match &stamped {
            Some((_, stamp)) => !same_commit(&stamp.id, &text.id),
            None => {
                let url = repository(build)?;
                !contract.source.is_empty() && !is_among(&contract.source, &url)
            }
        };
        foreign.then_some(pair)
    });
    all.extend(differs.map(|pair| {
        let stamp = stamped.as_ref().map(|(reading, _)| reading.sourced());
        Signal {
            weight: 3,
            conflict: differing(Field::Commit, pair, stamp),
        }
    }));
    all
}

/// Makes the conflict of a build record with what the image says of itself.
pub(crate) fn differing(field: Field, pair: &Pair, other: Option<SourcedValue>) -> Conflict {
    conflict(
        "build-record-differs",
        field.document_field(),
        "the record of the build tool differs from what the image says about itself",
        Vec::from_iter(std::iter::once(pair.sourced()).chain(other)),
    )
}
