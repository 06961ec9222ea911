//! Signs of a stamp that contradicts itself or the OCI labels.

use crate::attribution::case::Case;
use crate::attribution::make::{source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::generic::Generic;
use crate::attribution::readings::reading::Reading;
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{CommitText, is_among, parse_url, same_commit};
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::reference::Reference;

/// Returns contradictions in the stamps of the bases. They have no weight: the base may have been
/// published that way.
pub(crate) fn inner_contradictions(case: &Case, family: &Family) -> Vec<Signal> {
    let bases = case.bases(Some(family)).into_iter();
    let mut told: Vec<Signal> = bases
        .flat_map(|base| stamp_contradictions(case, base))
        .filter(|signal| signal.weight > 0)
        .collect();
    for signal in &mut told {
        signal.weight = 0;
    }
    told
}

/// Returns signs if variables and labels of one stamp disagree, or a variable of it is set twice.
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
        let mut values = family.real(field);
        let Some(first) = values.next() else {
            continue;
        };
        let Some(other) = values.find(|other| !same_value(field, first, other)) else {
            continue;
        };
        signals.push(Signal::new(
            "environment-label-conflict",
            // A publisher may renew the id in only one of the places.
            if field == Field::BuildId { 0 } else { 3 },
            field.document_field(),
            match first.carrier == other.carrier {
                true => "two values of the stamp disagree",
                false => "the variables and the labels of the stamp disagree",
            },
            [first, other].map(Reading::sourced),
        ));
    }
    for field in [Field::Commit, Field::Reference] {
        let real = family.reading(field);
        let unset = family.of(field).find(|reading| reading.placeholder);
        if let Some((real, unset)) = real.zip(unset) {
            signals.push(Signal::new(
                "stamp-set-in-one-place",
                3,
                field.document_field(),
                "the stamp has a value in the variables and not in the labels, or the reverse",
                [real, unset].map(Reading::sourced),
            ));
        }
    }
    let stamps = family.contract.stamps.iter();
    for stamp in stamps.filter(|stamp| stamp.identifying) {
        for key in &stamp.environment {
            let mut all = case.facts.environment.iter().filter(|p| &p.key == key);
            let Some(first) = all.next() else {
                continue;
            };
            let Some(other) = all.find(|pair| pair.value != first.value) else {
                continue;
            };
            signals.push(Signal::new(
                "duplicate-stamp",
                2,
                stamp.field.document_field(),
                format!("{key} is set twice in the environment, with different values"),
                [first, other].map(Pair::sourced),
            ));
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

/// Returns a sign if the OCI label names another build page than the stamp. A home page does not count.
fn build_page(generic: &Generic, family: &Family) -> Option<Signal> {
    let label = generic.reading(Field::Url)?;
    let stamped = family.reading(Field::Url)?;
    parse_url(&label.value)?;
    (label.value.trim() != stamped.value.trim()).then(|| {
        Signal::new(
            "url-label-differs",
            3,
            Field::Url.document_field(),
            "the URL label names another build page than the stamp",
            [stamped, label].map(Reading::sourced),
        )
    })
}

/// Returns signs if the OCI labels name another commit, page, reference or repository than the stamp.
pub(crate) fn revision(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    let generic = &case.generic;
    let stamped = case.stamped_commit(family);
    if let (Some((reading, commit)), Some(revision)) = (&stamped, generic.reading(Field::Commit)) {
        let other = CommitText::parse(&revision.value);
        let differs = other.is_some_and(|other| !same_commit(&other.id, &commit.id));
        if differs && !reading.internal && !case.belongs_to_inner(Field::Commit, &revision.value) {
            signals.push(Signal::new(
                "revision-differs",
                3,
                "origin.commit.id",
                "the revision label names another commit than the stamp",
                [*reading, revision].map(Reading::sourced),
            ));
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
            .real(Field::Reference)
            .filter_map(|reading| Reference::parse(&reading.value).ok())
            .collect();
        if !stamped.is_empty() && !stamped.contains(&named) {
            signals.push(Signal::new(
                "version-label-differs",
                3,
                "origin.public_reference",
                "the version label names another reference than the stamp",
                [label.sourced()],
            ));
        }
    }
    if let (Some(label), Some(own)) = (
        generic.reading(Field::Source),
        family.contract.source.first(),
    ) {
        let known = is_among(&family.contract.source, &label.value);
        if !known && family.stamped && !case.belongs_to_inner(Field::Source, &label.value) {
            let name = &family.contract.name;
            signals.push(Signal::new(
                "source-differs",
                3,
                "origin.commit.repository",
                format!("the source label names another repository than {name}'s"),
                [
                    label.sourced(),
                    sourced(own, source("contract", family.id())),
                ],
            ));
        }
    }
    signals
}
