//! Records of one image that disagree: annotations and labels, two build records, a metadata file of
//! another image, a tag and the variable that it names.

use crate::attribution::case::Case;
use crate::attribution::make::{conflict, sourced};
use crate::attribution::readings::builds::commit_of;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::reading::last_of;
use crate::attribution::text::same_commit;
use crate::contracts::Field;
use crate::provenance::Conflict;

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
    let families = family.into_iter();
    all.extend(families.flat_map(|family| tag_variables(case, family)));
    all
}

/// Returns the conflict of an annotation of the index or manifest with the label of the same key. An import
/// loses the annotation.
fn annotation(case: &Case, key: &str) -> Option<Conflict> {
    let label = last_of(&case.facts.labels, key)?;
    let mut annotations = case.facts.annotations.iter();
    let other = annotations.find(|pair| pair.key == key && pair.value != label.value)?;
    Some(conflict(
        "annotation-differs",
        "labels",
        format!("the annotation {key} has another value than the label; an import keeps the label"),
        [label.sourced(), other.sourced()],
    ))
}

/// Returns the conflict of two records of build tools that name different commits.
fn build_records(case: &Case) -> Option<Conflict> {
    let mut commits = case.facts.builds.iter().filter_map(commit_of);
    let (first, own) = commits.next()?;
    let (other, _) = commits.find(|(_, text)| !same_commit(&text.id, &own.id))?;
    Some(conflict(
        "build-records-differ",
        Field::Commit.document_field(),
        "two records of build tools name different commits",
        [first.sourced(), other.sourced()],
    ))
}

/// Returns the conflict of a metadata file that has another digest for the same manifest or configuration.
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
        "the metadata file is about another image: its digest is not the image's",
        [known.sourced(), digest.sourced()],
    ))
}

/// Returns conflicts of parts of the tag with the variables that the publisher's build sets to them.
fn tag_variables(case: &Case, family: &Family) -> Vec<Conflict> {
    let plain = |text: &str| text.trim().to_ascii_lowercase().replace('_', "-");
    let groups = family.contract.tag_variables.iter();
    let differs = groups.filter_map(|(group, key)| {
        let tagged = case.tag_part(family, group)?;
        let variable = last_of(&case.facts.environment, key)?;
        let source = &case.import()?.source;
        (plain(&variable.value) != plain(tagged)).then(|| {
            conflict(
                "tag-variable-differs",
                "origin.imported.tag",
                format!("the tag names another {group} than the variable {key}"),
                [sourced(tagged, source.clone()), variable.sourced()],
            )
        })
    });
    differs.collect()
}
