//! Makes conflicts and evidence of build records.

use crate::attribution::case::Case;
use crate::attribution::readings::builds::parsed;
use crate::attribution::readings::reading::Reading;
use crate::attribution::signs::builds::differing;
use crate::attribution::text::{
    CommitText, parse_url, repository_url, same_commit, same_repository,
};
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::{Build, Pair};
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Status};

use super::evidence::{from_pair, own};

/// Returns conflicts of records with the labels of an image that no contract claims.
pub(crate) fn conflicts(case: &Case, whose: &Ownership) -> Vec<Conflict> {
    if whose.family.is_some() || whose.derived {
        return Vec::new();
    }
    let label = |field: Field| -> Option<&Reading> {
        let mut labels = case
            .generic
            .readings
            .iter()
            .chain(&case.generic.contradicted);
        labels.find(|reading| reading.is_real(field))
    };
    let mut commits = case.builds.speaking.iter().flat_map(|build| &build.commits);
    let commit = label(Field::Commit).and_then(|reading| {
        let label = CommitText::parse(&reading.value)?;
        let other = |pair: &&Pair| parsed(pair).is_some_and(|own| !same_commit(&own.id, &label.id));
        Some((Field::Commit, commits.find(other)?, reading))
    });
    let builds = case.builds.speaking.iter();
    let mut repositories = builds.flat_map(|build| &build.repositories);
    let repository = label(Field::Source).and_then(|reading| {
        let label = repository_url(&reading.value)?;
        let other = |pair: &&Pair| {
            repository_url(&pair.value).is_some_and(|own| !same_repository(&own, &label))
        };
        Some((Field::Source, repositories.find(other)?, reading))
    });
    let both = commit.into_iter().chain(repository);
    both.map(|(field, pair, label)| differing(field, pair, Some(label.sourced())))
        .collect()
}

/// Returns evidence that is compared with other evidence for the same field.
pub(crate) fn evidence(case: &Case, whose: &Ownership) -> Vec<Evidence> {
    let mut all = Vec::new();
    for build in &case.facts.builds {
        let mut speaking = case.builds.speaking.iter();
        let speaks = !whose.derived && speaking.any(|own| std::ptr::eq(*own, build));
        all.extend(claims(build, own(speaks)));
    }
    for build in case.builds.bound {
        all.extend(claims(build, Status::Alone));
    }
    all
}

/// Returns the strength of a record. One in a label may be the base's.
fn strength(build: &Build) -> u8 {
    if build.inheritable { 2 } else { 3 }
}

/// Returns the facts of a record that other carriers can have too.
pub(crate) fn claims(build: &Build, status: Status) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut add = |field: Field, pair: &Pair, is_used: bool| {
        let status = if is_used { status } else { Status::Ignored };
        let field = field.document_field();
        all.push(from_pair(field, pair, strength(build), status));
    };
    for pair in &build.commits {
        add(Field::Commit, pair, parsed(pair).is_some());
    }
    for pair in &build.repositories {
        add(Field::Source, pair, true);
    }
    for pair in &build.runs {
        add(Field::Url, pair, parse_url(&pair.value).is_some());
    }
    if let Some(pair) = &build.reference {
        add(Field::Ref, pair, true);
    }
    all
}

/// Returns the facts that only build records have: bases, build arguments, other sources.
pub(crate) fn details(build: &Build) -> Vec<Evidence> {
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
