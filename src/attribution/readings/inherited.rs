//! Tells whether the OCI labels are those of a base image: a build copies every label that it does not replace.

use crate::attribution::make::{conflict, sourced};
use crate::attribution::text::{
    CommitText, labelled_version, repository_owner, repository_url, same_commit, same_repository,
    version_of_tag,
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
    let commit = label(generic, Field::Commit)?;
    if is_confirmed(generic, commit, import) {
        return None;
    }
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

/// Returns true if a CI variable or the imported tag names the commit of the labels too.
fn is_confirmed(generic: &Generic, label: &Reading, import: Option<&Import>) -> bool {
    let Some(commit) = CommitText::parse(&label.value) else {
        return false;
    };
    let is_it = |text: &str| {
        CommitText::parse(text).is_some_and(|other| same_commit(&other.id, &commit.id))
    };
    let mut commits = generic.real(Field::Commit);
    let tag = import.and_then(Import::tag).unwrap_or_default();
    commits.any(|other| other.carrier != label.carrier && is_it(&other.value))
        || tag.split(['-', '_', '.']).any(is_it)
}

fn other_project(
    generic: &Generic,
    source: &Reading,
    import: Option<&Import>,
) -> Option<&'static str> {
    let url = repository_url(&source.value)?;
    let page = label(generic, Field::Url).and_then(|page| repository_url(&page.value));
    let page = page.filter(|page| is_of_another_owner(page, &url));
    let title = label(generic, Field::Product).map(|title| title.value.as_str());
    let import = import.filter(|import| !import.is_a_hint());
    let imported = import.and_then(|it| it.effective.as_ref().or(it.daemon_name.as_ref()));
    let path = words(imported.map_or("", |imported| imported.repository.as_str()));
    let is_named = |text: &str| words(text).iter().any(|word| path.contains(word));
    // Who packages a project names its home page, and the image after it.
    if let Some(page) = &page {
        let name = page.rsplit('/').next().unwrap_or_default();
        let is_packaged = is_named(name) || title.is_some_and(is_named);
        return (!is_packaged)
            .then_some("the source label and the URL label name different projects");
    }
    let own = url.splitn(4, '/').nth(3).unwrap_or_default();
    (imported.is_some() && !is_named(own) && !title.is_some_and(is_named))
        .then_some("the labels name another project than the import")
}

/// Splits a path or a title into words, without those that many images have.
fn words(text: &str) -> Vec<String> {
    const COMMON: [&str; 8] = [
        "docker",
        "image",
        "images",
        "container",
        "containers",
        "base",
        "app",
        "apps",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str()))
        .collect()
}

/// Returns true for two repositories of one forge that have different owners.
fn is_of_another_owner(page: &str, source: &str) -> bool {
    let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
    host(page) == host(source)
        && repository_owner(page) != repository_owner(source)
        && !same_repository(page, source)
}

fn other_build(generic: &Generic, facts: &Facts, import: Option<&Import>) -> Option<&'static str> {
    let tag = import.and_then(Import::tag).unwrap_or_default();
    let labelled = label(generic, Field::Version)
        .and_then(|label| version_of_tag(labelled_version(&label.value)?))
        .map(numbers)
        .filter(|numbers| numbers.iter().any(|number| *number > 0));
    if let Some(labelled) = labelled.filter(|_| version_of_tag(tag).is_some()) {
        // Tag 1.4 may be version 1.4.2, and so may cuda12.8-1.4.2.
        let same = |part: &str| {
            let tagged = numbers(part.trim_start_matches(|c: char| !c.is_ascii_digit()));
            let length = tagged.len().min(labelled.len());
            length > 0 && tagged.get(..length) == labelled.get(..length)
        };
        if !tag.split(['-', '_', '+']).any(same) {
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

/// Returns the numbers of a version: 5, 1, 0 and 2 of `5.1.0rc2`.
fn numbers(version: &str) -> Vec<u64> {
    let digits = version.split(|c: char| !c.is_ascii_digit());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

fn label(generic: &Generic, field: Field) -> Option<&Reading> {
    let mut readings = generic.real(field);
    readings.find(|reading| reading.carrier == Carrier::Label)
}
