//! Records of one image that disagree: annotations and labels, two build records, a metadata file of
//! another image, a tag and the variable that it names.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::builds::parsed;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::text::same_commit;
use crate::contracts::Field;
use crate::provenance::{Conflict, SourcedValue};

/// Keys that say which build it is.
const IDENTIFYING: [&str; 3] = [
    "org.opencontainers.image.revision",
    "org.opencontainers.image.source",
    "org.opencontainers.image.version",
];

/// Returns every such conflict.
pub(crate) fn conflicts(case: &Case, family: Option<&Family>) -> Vec<Conflict> {
    let mut all: Vec<Conflict> = IDENTIFYING
        .iter()
        .filter_map(|key| annotation(case, key))
        .collect();
    all.extend(build_records(case));
    all.extend(metadata_file(case));
    all.extend(
        family
            .into_iter()
            .flat_map(|family| tag_variables(case, family)),
    );
    all
}

/// An annotation of the index or manifest, which an import loses, against the label of its key.
fn annotation(case: &Case, key: &str) -> Option<Conflict> {
    let label = last_of(&case.facts.labels, key)?;
    let mut annotations = case.facts.annotations.iter();
    let other = annotations.find(|pair| pair.key == key && pair.value != label.value)?;
    Some(conflict(
        "annotation-differs",
        "labels",
        format!("the annotation {key} has another value than the label; an import keeps the label"),
        vec![label.sourced(), other.sourced()],
    ))
}

/// Two records of build tools that name different commits.
fn build_records(case: &Case) -> Option<Conflict> {
    let mut commits = case.facts.builds.iter().filter_map(|build| {
        let pair = build.commits.iter().find(|pair| parsed(pair).is_some())?;
        Some((pair, parsed(pair)?))
    });
    let (first, own) = commits.next()?;
    let (other, _) = commits.find(|(_, text)| !same_commit(&text.id, &own.id))?;
    Some(conflict(
        "build-records-differ",
        Field::Commit.document_field(),
        "two records of build tools name different commits".to_owned(),
        vec![first.sourced(), other.sourced()],
    ))
}

/// Returns the conflict of a metadata file that has another digest for the same manifest or image.
fn metadata_file(case: &Case) -> Option<Conflict> {
    let sidecar = case.facts.sidecar.as_ref()?;
    let own = &case.facts.digests;
    let differs = sidecar.digests.iter().find_map(|digest| {
        let known = last_of(own, &digest.key)?;
        (known.value != digest.value).then_some((known, digest))
    });
    let same = sidecar
        .digests
        .iter()
        .any(|digest| own.iter().any(|known| known.value == digest.value));
    let (known, digest) = differs.filter(|_| !same)?;
    Some(conflict(
        "sidecar-of-another-image",
        "digests",
        "the metadata file is about another image: its digest is not the image's".to_owned(),
        vec![known.sourced(), digest.sourced()],
    ))
}

/// A part of the tag against the variable that the publisher's build sets to it.
fn tag_variables(case: &Case, family: &Family) -> Vec<Conflict> {
    let contract = &family.contract;
    let Some((rule, tag)) = case
        .imported_rule(family)
        .zip(case.import().and_then(Import::tag))
    else {
        return Vec::new();
    };
    let plain = |text: &str| text.trim().to_ascii_lowercase().replace('_', "-");
    let groups = contract.tag_variables.iter();
    groups
        .filter_map(|(group, key)| {
            let tagged = rule.pattern.capture(tag, group)?;
            let variable = last_of(&case.facts.environment, key)?;
            (plain(&variable.value) != plain(tagged)).then(|| {
                let import = case.import().map(|import| import.source.clone());
                let tagged = SourcedValue {
                    value: tagged.to_owned(),
                    source: import.unwrap_or_default(),
                };
                conflict(
                    "tag-variable-differs",
                    "origin.imported.tag",
                    format!("the tag names another {group} than the variable {key}"),
                    vec![tagged, variable.sourced()],
                )
            })
        })
        .collect()
}
