//! Tells whether the OCI labels are those of a base image: a build copies every label that it does not replace.

use crate::attribution::make::{conflict, sourced};
use crate::attribution::text::{
    labelled_version, repository_owner, repository_url, same_repository, version_of_tag,
};
use crate::carriers::{Facts, LaterThanImport};
use crate::contracts::Field;
use crate::provenance::Conflict;

use super::generic::Generic;
use super::import::Import;
use super::reading::{Carrier, Reading};

/// The most seconds from the time in the labels to the last file of the same build. Some builds write the time of
/// their commit.
const ONE_BUILD: i64 = 2 * 24 * 3600;

/// Returns the conflict if the labels name another project than the import, or two projects, and another build
/// than the tag or the files. A builder writes all of its labels at once (docker/metadata-action). One of the two signs
/// is not enough: a site may push under any name, and may build an old commit.
pub(super) fn conflict_of(
    generic: &Generic,
    facts: &Facts,
    import: Option<&Import>,
) -> Option<Conflict> {
    let source = label(generic, Field::Source)?;
    label(generic, Field::Commit)?;
    let project = other_project(generic, source, import)?;
    let build = other_build(generic, facts, import)?;
    let import = import.map(|import| sourced(&import.document.uri, import.source.clone()));
    Some(conflict(
        "labels-of-another-image",
        Field::Source.document_field(),
        format!("{project}, and {build}: the labels are those of a base image"),
        Vec::from_iter(std::iter::once(source.sourced()).chain(import)),
    ))
}

/// Returns the source repository of the image that inherited labels describe. A child may replace the source and
/// keep the home page, which docker/metadata-action sets to the same URL.
pub(crate) fn described_source<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
) -> Option<String> {
    let of = |field: Field| {
        let mut readings = readings.clone();
        let reading = readings.find(|reading| reading.is_real(field));
        reading.and_then(|reading| repository_url(&reading.value))
    };
    let source = of(Field::Source)?;
    let page = of(Field::Url).filter(|page| is_of_another_owner(page, &source));
    Some(page.unwrap_or(source))
}

fn other_project(
    generic: &Generic,
    source: &Reading,
    import: Option<&Import>,
) -> Option<&'static str> {
    let url = repository_url(&source.value)?;
    let page = label(generic, Field::Url).and_then(|page| repository_url(&page.value));
    if page.is_some_and(|page| is_of_another_owner(&page, &url)) {
        return Some("the source label and the URL label name different projects");
    }
    let import = import.filter(|import| !import.is_a_hint())?;
    let imported = import.effective.as_ref().or(import.daemon_name.as_ref())?;
    let path = imported.repository.to_ascii_lowercase();
    let (owner, name) = url.rsplit_once('/')?;
    let title = label(generic, Field::Product).map(|title| title.value.trim());
    let names = [Some(name), repository_owner(&url).as_deref(), title]
        .into_iter()
        .flatten()
        .any(|name| !name.is_empty() && path.contains(&name.to_ascii_lowercase()));
    // A project of a group below another one: the group's name is in the middle.
    let group = owner.rsplit('/').next().unwrap_or_default();
    let names = names || path.contains(&group.to_ascii_lowercase());
    (!names).then_some("the labels name another project than the import")
}

/// Returns true for two repositories of one forge that have different owners.
fn is_of_another_owner(page: &str, source: &str) -> bool {
    let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
    host(page) == host(source)
        && repository_owner(page) != repository_owner(source)
        && !same_repository(page, source)
}

fn other_build(generic: &Generic, facts: &Facts, import: Option<&Import>) -> Option<&'static str> {
    let tagged = import.and_then(|import| version_of_tag(import.tag()?));
    let labelled = label(generic, Field::Version)
        .and_then(|label| version_of_tag(labelled_version(&label.value)?));
    if let Some((tagged, labelled)) = tagged.zip(labelled) {
        if tagged == labelled {
            return None;
        }
        // Tag 1.4 may be version 1.4.2.
        let is_part = |part: &str, whole: &str| {
            whole
                .strip_prefix(part)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        if !is_part(tagged, labelled) && !is_part(labelled, tagged) {
            return Some("they have another version than the tag");
        }
    }
    let created = label(generic, Field::Created)?.value.trim();
    let created = created.parse::<jiff::Timestamp>().ok()?.as_second();
    let LaterThanImport::Read(later) = &facts.later else {
        return None;
    };
    (later.before > created.saturating_add(ONE_BUILD))
        .then_some("they were written days before the last file")
}

fn label(generic: &Generic, field: Field) -> Option<&Reading> {
    let mut readings = generic.real(field);
    readings.find(|reading| reading.carrier == Carrier::Label)
}
