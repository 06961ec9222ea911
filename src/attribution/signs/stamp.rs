//! A stamp that contradicts itself, or the labels beside it.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::make::source;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::generic::Generic;
use crate::attribution::readings::reading::Reading;
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{CommitText, parse_url, same_commit, same_repository};
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::SourcedValue;
use crate::reference::Reference;

/// Returns contradictions in the stamps of the bases. They are shown and have no weight: the base may
/// have been published that way.
pub(crate) fn inner_contradictions(case: &Case, family: &Family) -> Vec<Signal> {
    let bases = case.bases(Some(family)).into_iter();
    let told = bases.flat_map(|base| stamp_contradictions(case, base));
    let told = told.filter(|signal| signal.weight > 0);
    told.map(|signal| Signal {
        weight: 0,
        ..signal
    })
    .collect()
}

/// Returns signs if environment and labels of one stamp disagree, or a variable of it is set twice.
pub(crate) fn stamp_contradictions(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    for field in [
        Field::Commit,
        Field::Reference,
        Field::Url,
        Field::Pipeline,
        Field::BuildId,
        Field::Version,
    ] {
        let values: Vec<&Reading> = family.of(field).filter(|r| !r.placeholder).collect();
        let Some((first, rest)) = values.split_first() else {
            continue;
        };
        let Some(other) = rest.iter().find(|other| !same_value(field, first, other)) else {
            continue;
        };
        // A publisher may renew the id in one place alone.
        let weight = if field == Field::BuildId { 0 } else { 3 };
        signals.push(Signal {
            weight,
            conflict: conflict(
                "environment-label-conflict",
                field.document_field(),
                "the variables and the labels of the stamp disagree".to_owned(),
                [first, other].map(|r| r.sourced()).into(),
            ),
        });
    }
    for field in [Field::Commit, Field::Reference] {
        let real = family.reading(field);
        let unset = family.of(field).find(|reading| reading.placeholder);
        if let Some((real, unset)) = real.zip(unset) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "stamp-set-in-one-place",
                    field.document_field(),
                    "the stamp has a value in the variables and not in the labels, or the reverse"
                        .to_owned(),
                    [real, unset].map(|r| r.sourced()).into(),
                ),
            });
        }
    }
    for stamp in family
        .contract
        .stamps
        .iter()
        .filter(|stamp| stamp.identifying)
    {
        for key in &stamp.environment {
            let all: Vec<&Pair> = case
                .facts
                .environment
                .iter()
                .filter(|p| &p.key == key)
                .collect();
            let Some((first, rest)) = all.split_first() else {
                continue;
            };
            let Some(other) = rest.iter().find(|pair| pair.value != first.value) else {
                continue;
            };
            signals.push(Signal {
                weight: 2,
                conflict: conflict(
                    "duplicate-stamp",
                    stamp.field.document_field(),
                    format!("{key} is set twice in the environment, with different values"),
                    [*first, other].map(|p| p.sourced()).into(),
                ),
            });
        }
    }
    signals
}

fn same_value(field: Field, a: &Reading, b: &Reading) -> bool {
    match field {
        Field::Commit => match (CommitText::parse(&a.value), CommitText::parse(&b.value)) {
            (Some(a), Some(b)) => same_commit(&a.id, &b.id),
            _ => a.value == b.value,
        },
        Field::Reference => match (Reference::parse(&a.value), Reference::parse(&b.value)) {
            (Ok(a), Ok(b)) => a == b,
            _ => a.value == b.value,
        },
        _ => a.value.trim() == b.value.trim(),
    }
}

/// Returns a sign if the OCI label names another build page than the stamp. A home page is not a build
/// page.
fn build_page(generic: &Generic, family: &Family) -> Option<Signal> {
    let label = generic.reading(Field::Url)?;
    let stamped = family.reading(Field::Url)?;
    parse_url(&label.value)?;
    (label.value.trim() != stamped.value.trim()).then(|| Signal {
        weight: 3,
        conflict: conflict(
            "url-label-differs",
            Field::Url.document_field(),
            "the URL label names another build page than the stamp".to_owned(),
            [stamped, label].map(|reading| reading.sourced()).into(),
        ),
    })
}

/// The OCI labels name another commit or repository than the stamp.
pub(crate) fn revision(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    let generic = &case.generic;
    let stamped = family.commit(&case.package_commits(&family.contract));
    if let (Some((reading, commit)), Some(revision)) = (&stamped, generic.reading(Field::Commit)) {
        let other = CommitText::parse(&revision.value);
        let differs = other.is_some_and(|other| !same_commit(&other.id, &commit.id));
        if differs && !reading.internal && !case.belongs_to_inner(Field::Commit, &revision.value) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "revision-differs",
                    "origin.commit.id",
                    "the revision label names another commit than the stamp".to_owned(),
                    [*reading, revision].map(|r| r.sourced()).into(),
                ),
            });
        }
    }
    signals.extend(build_page(generic, family));
    // The publisher's build writes the whole reference into the version label.
    let labelled = generic
        .reading(Field::Version)
        .filter(|label| label.value.contains('/'));
    if let Some((label, named)) = labelled.and_then(|l| Some((l, Reference::parse(&l.value).ok()?)))
    {
        let stamped: Vec<Reference> = family
            .of(Field::Reference)
            .filter(|reading| !reading.placeholder)
            .filter_map(|reading| Reference::parse(&reading.value).ok())
            .collect();
        if !stamped.is_empty() && !stamped.contains(&named) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "version-label-differs",
                    "origin.public_reference",
                    "the version label names another reference than the stamp".to_owned(),
                    vec![label.sourced()],
                ),
            });
        }
    }
    if let (Some(label), Some(own)) = (
        generic.reading(Field::Source),
        family.contract.source.first(),
    ) {
        let known = family
            .contract
            .source
            .iter()
            .any(|own| same_repository(own, &label.value));
        if !known && family.stamped && !case.belongs_to_inner(Field::Source, &label.value) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "source-differs",
                    "origin.commit.repository",
                    format!(
                        "the source label names another repository than {}'s",
                        family.contract.name
                    ),
                    vec![
                        label.sourced(),
                        SourcedValue {
                            value: own.clone(),
                            source: source("contract", family.id()),
                        },
                    ],
                ),
            });
        }
    }
    signals
}
