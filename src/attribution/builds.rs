//! What build tools wrote about the build: build sources and SLSA provenance.
//!
//! Such a record is the image's own by the way it is kept, where a label may be the
//! base's. Only one in a label may be inherited: it counts where nothing else does.

use crate::carriers::{Build, Pair};
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Pipeline, SourcedValue, Status};
use crate::reference::Reference;

use super::evidence::{conflict, from_pair};
use super::family::Family;
use super::import::{RepositoryClass, classify};
use super::pipeline::parse_url;
use super::signals::Signal;
use super::tags::is_published;
use super::values::{CommitText, repository_url, same_commit, same_repository, version_of_tag};
use super::whose::Whose;
use super::{Case, package_commits};
use crate::carriers::Facts;

/// The records that speak for the image: its own, else those that it may have inherited.
pub(super) fn speaking<'f>(facts: &'f Facts, bound: &'f [Build], stamped: bool) -> Vec<&'f Build> {
    let own: Vec<&Build> = facts
        .builds
        .iter()
        .filter(|build| !build.inheritable)
        .chain(bound)
        .collect();
    if own.is_empty() && !stamped {
        return facts.builds.iter().collect();
    }
    own
}

/// The commit of the build's context, and its repository.
pub(super) fn commit(case: &Case) -> Option<(CommitText, Option<String>)> {
    let found = case.builds.iter().find_map(|build| {
        let mut text = build.commits.iter().find_map(parsed)?;
        // One of two records of a checkout may not know that it had changes.
        text.dirty = texts(case).any(|other| other.dirty && same_commit(&other.id, &text.id));
        Some((text, repository(build)))
    });
    found.filter(|(_, repository)| !contradicted(case, repository.as_deref()))
}

fn parsed(pair: &Pair) -> Option<CommitText> {
    CommitText::parse(&pair.value)
}

fn texts<'c>(case: &'c Case) -> impl Iterator<Item = CommitText> + 'c {
    let commits = case.builds.iter().flat_map(|build| &build.commits);
    commits.filter_map(parsed)
}

fn repository(build: &Build) -> Option<String> {
    let mut all = build.repositories.iter();
    all.find_map(|pair| repository_url(&pair.value))
}

/// A record that may be the base's, in an image whose own source label names another repository.
fn contradicted(case: &Case, repository: Option<&str>) -> bool {
    let inheritable = case.builds.iter().all(|build| build.inheritable);
    let label = case.generic.source();
    inheritable
        && repository
            .zip(label)
            .is_some_and(|(own, label)| !same_repository(own, &label))
}

/// True when the labels describe what the image was built on: its own record names another
/// repository, and no commit of theirs.
pub(super) fn labels_are_inherited(case: &Case) -> bool {
    let own = case.builds.iter().any(|build| !build.inheritable);
    let Some((text, Some(repository))) = commit(case).filter(|_| own) else {
        return false;
    };
    let other = case
        .generic
        .source()
        .is_some_and(|label| !same_repository(&label, &repository));
    let same = case
        .generic
        .commit()
        .is_some_and(|(_, label)| same_commit(&label.id, &text.id));
    other && !same
}

/// The git ref that was built, `refs/tags/v1.4.2`.
pub(super) fn reference<'c>(case: &'c Case) -> Option<&'c Pair> {
    let mut all = case.builds.iter();
    all.find_map(|build| build.reference.as_ref())
}

/// The version in the git tag that was built, where the image's own name does not say another.
pub(super) fn tagged_version<'c>(case: &'c Case) -> Option<&'c str> {
    let text = reference(case)?.value.as_str();
    let version = version_of_tag(text.strip_prefix("refs/tags/").unwrap_or(text))?;
    let named = case
        .import
        .and_then(super::Import::tag)
        .and_then(version_of_tag);
    named
        .is_none_or(|named| named == version)
        .then_some(version)
}

/// The run that a record names the page of.
pub(super) fn run(case: &Case) -> Option<Pipeline> {
    let runs = case.builds.iter().flat_map(|build| &build.runs);
    runs.filter_map(|page| parse_url(&page.value)).next()
}

/// When the build was finished.
pub(super) fn finished<'c>(case: &'c Case) -> Option<&'c str> {
    let mut all = case.builds.iter();
    all.find_map(|build| Some(build.finished.as_ref()?.value.as_str()))
}

/// Images that went into the build, as references.
pub(super) fn images(case: &Case) -> Vec<Reference> {
    let mut all: Vec<Reference> = Vec::new();
    for pair in case.builds.iter().flat_map(|build| &build.images) {
        if let Ok(reference) = Reference::parse(&pair.value)
            && !all.contains(&reference)
        {
            all.push(reference);
        }
    }
    all
}

/// Signs in the image's own records that it was built on the one whose stamp it carries.
pub(super) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let own = || case.builds.iter().filter(|build| !build.inheritable);
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
    let stamped = family.commit(&package_commits(case.facts, contract));
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

/// What a record says against the labels of an image that no contract claims.
pub(super) fn conflicts(case: &Case, whose: &Whose) -> Vec<Conflict> {
    if whose.family.is_some() || whose.derived {
        return Vec::new();
    }
    let label = |field: Field| {
        let labels = case
            .generic
            .readings
            .iter()
            .chain(&case.generic.contradicted);
        let mut labels = labels.filter(|reading| reading.field == field && !reading.placeholder);
        labels.next()
    };
    let commits = case.builds.iter().flat_map(|build| &build.commits);
    let commit = label(Field::Commit).and_then(|reading| {
        let label = CommitText::parse(&reading.value)?;
        let other = |pair: &&Pair| parsed(pair).is_some_and(|own| !same_commit(&own.id, &label.id));
        Some((Field::Commit, commits.clone().find(other)?, reading))
    });
    let repositories = case.builds.iter().flat_map(|build| &build.repositories);
    let repository = label(Field::Source).and_then(|reading| {
        let label = repository_url(&reading.value)?;
        let other = |pair: &&Pair| {
            repository_url(&pair.value).is_some_and(|own| !same_repository(&own, &label))
        };
        Some((Field::Source, repositories.clone().find(other)?, reading))
    });
    let both = commit.into_iter().chain(repository);
    both.map(|(field, pair, reading)| {
        let label = reading.sourced();
        differing(field, pair, Some(label))
    })
    .collect()
}

fn differing(field: Field, pair: &Pair, other: Option<SourcedValue>) -> Conflict {
    conflict(
        "build-record-differs",
        field.document_field(),
        "what the build tool recorded is not what the image says of itself".to_owned(),
        std::iter::once(pair.sourced()).chain(other).collect(),
    )
}

/// Evidence that is weighed against other evidence for the same field.
pub(super) fn evidence(case: &Case, whose: &Whose) -> Vec<Evidence> {
    let mut all = Vec::new();
    for build in &case.facts.builds {
        let speaks = !whose.derived && case.builds.iter().any(|own| std::ptr::eq(*own, build));
        all.extend(claims(
            build,
            if speaks {
                Status::Alone
            } else {
                Status::Inherited
            },
        ));
    }
    for build in case.bound {
        all.extend(claims(build, Status::Alone));
    }
    all
}

/// What a label says may be the base's.
fn strength(build: &Build) -> u8 {
    if build.inheritable { 2 } else { 3 }
}

/// What one record says that other carriers can say too.
pub(super) fn claims(build: &Build, status: Status) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut add = |field: Field, pair: &Pair, status: Status| {
        all.push(from_pair(
            field.document_field(),
            pair,
            strength(build),
            status,
        ));
    };
    for pair in &build.commits {
        let real = parsed(pair).is_some();
        add(
            Field::Commit,
            pair,
            if real { status } else { Status::Ignored },
        );
    }
    for pair in &build.repositories {
        add(Field::Source, pair, status);
    }
    for pair in &build.runs {
        let page = parse_url(&pair.value).is_some();
        add(
            Field::Url,
            pair,
            if page { status } else { Status::Ignored },
        );
    }
    if let Some(pair) = &build.reference {
        add(Field::Ref, pair, status);
    }
    all
}

/// What only such records say: bases, build arguments, what else was fetched.
pub(super) fn details(build: &Build) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut add = |field: &str, pair: &Pair, status: Status| {
        all.push(from_pair(field, pair, strength(build), status));
    };
    for pair in &build.images {
        add(Field::Base.document_field(), pair, Status::Inherited);
    }
    for pair in &build.arguments {
        add(&format!("origin.flags.{}", pair.key), pair, Status::Alone);
    }
    for pair in &build.sources {
        add("build.sources", pair, Status::Alone);
    }
    if let Some(pair) = &build.finished {
        add("build.finished", pair, Status::Alone);
    }
    all
}
