//! Build records as conflicts and evidence.

use crate::attribution::case::Case;
use crate::attribution::readings::builds::parsed;
use crate::attribution::signs::builds::differing;
use crate::attribution::text::{
    CommitText, parse_url, repository_url, same_commit, same_repository,
};
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::{Build, Facts, Pair};
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Status};

use super::evidence::from_pair;

/// What a record says against the labels of an image that no contract claims.
pub(crate) fn conflicts(case: &Case, whose: &Ownership) -> Vec<Conflict> {
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
    let commits = case.builds.speaking.iter().flat_map(|build| &build.commits);
    let commit = label(Field::Commit).and_then(|reading| {
        let label = CommitText::parse(&reading.value)?;
        let other = |pair: &&Pair| parsed(pair).is_some_and(|own| !same_commit(&own.id, &label.id));
        Some((Field::Commit, commits.clone().find(other)?, reading))
    });
    let repositories = case
        .builds
        .speaking
        .iter()
        .flat_map(|build| &build.repositories);
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

/// Evidence that is weighed against other evidence for the same field.
pub(crate) fn evidence(case: &Case, whose: &Ownership) -> Vec<Evidence> {
    let mut all = Vec::new();
    for build in &case.facts.builds {
        let speaks = !whose.derived
            && case
                .builds
                .speaking
                .iter()
                .any(|own| std::ptr::eq(*own, build));
        all.extend(claims(
            build,
            if speaks {
                Status::Alone
            } else {
                Status::Inherited
            },
        ));
    }
    for build in case.builds.bound {
        all.extend(claims(build, Status::Alone));
    }
    all
}

/// What a label says may be the base's.
fn strength(build: &Build) -> u8 {
    if build.inheritable { 2 } else { 3 }
}

/// What one record says that other carriers can say too.
pub(crate) fn claims(build: &Build, status: Status) -> Vec<Evidence> {
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

/// What only the image's build records say.
pub(crate) fn all_details(facts: &Facts) -> Vec<Evidence> {
    facts.builds.iter().flat_map(details).collect()
}

/// What only such records say: bases, build arguments, what else was fetched.
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
