//! Decides which evidence agrees.

use std::collections::{BTreeMap, HashSet};

use crate::attribution::text::{CommitText, public_version, repository_url, same_commit};
use crate::carriers::{Facts, Pair};
use crate::contracts::Field;
use crate::provenance::{Evidence, Source, Status};

/// Sets the status of evidence that is neither inherited nor ignored: it agrees or conflicts with
/// other evidence for the same field, or is the only one. `compatible` says whether two references
/// name one image.
pub(crate) fn settle(evidence: &mut [Evidence], compatible: impl Fn(&str, &str) -> bool) {
    // The values of each field, and where they are: an image may repeat a value thousands of times.
    let mut fields: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    for (at, e) in evidence.iter().enumerate() {
        if !matches!(e.status, Status::Inherited | Status::Ignored) {
            let values = fields.entry(e.field.clone()).or_default();
            let places = values.entry(canonical(&e.field, &e.value)).or_default();
            places.push(at);
        }
    }
    for (field, values) in &fields {
        for (value, places) in values {
            let others = values.keys().filter(|it| *it != value || places.len() > 1);
            let mut others = others.peekable();
            let status = if others.peek().is_none() {
                Status::Alone
            } else if others.all(|other| agree(field, value, other, &compatible)) {
                Status::Agrees
            } else {
                Status::Conflicts
            };
            for at in places {
                let Some(e) = evidence.get_mut(*at) else {
                    continue;
                };
                e.status = status;
            }
        }
    }
}

/// Raises the strength of the variables and labels of a stamp that agree. Other sources
/// that agree keep their strength: two variables, or two labels, are one carrier, and the importer's line
/// only says under which name the image was pulled.
pub(crate) fn strengthen(evidence: &mut [Evidence], facts: &Facts) {
    let (variables, labels) = (sources(&facts.environment), sources(&facts.labels));
    let agrees =
        |e: &Evidence| e.status == Status::Agrees && e.strength == 3 && e.contract.is_some();
    let fields = |carrier: &HashSet<&Source>| -> HashSet<String> {
        let stamped = evidence.iter().filter(|e| agrees(e));
        let stamped = stamped.filter(|e| carrier.contains(&e.source));
        stamped.map(|e| e.field.clone()).collect()
    };
    let both: HashSet<String> = &fields(&variables) & &fields(&labels);
    for e in evidence.iter_mut().filter(|e| agrees(e)) {
        let stamped = variables.contains(&e.source) || labels.contains(&e.source);
        if stamped && both.contains(&e.field) {
            e.strength = 4;
        }
    }
}

fn sources(pairs: &[Pair]) -> HashSet<&Source> {
    pairs.iter().map(|pair| &pair.source).collect()
}

/// Returns one spelling of values that state the same.
fn canonical(field: &str, value: &str) -> String {
    let value = value.trim();
    let other = match field {
        _ if field == Field::Commit.document_field() => CommitText::parse(value).map(|it| it.id),
        _ if field == Field::Source.document_field() => {
            repository_url(value).map(|url| url.to_ascii_lowercase())
        }
        _ if field == Field::Version.document_field() => Some(public_version(value).to_owned()),
        _ => None,
    };
    other.unwrap_or_else(|| value.to_owned())
}

/// Returns true if two values in their canonical spelling state the same.
fn agree(field: &str, a: &str, b: &str, compatible: impl Fn(&str, &str) -> bool) -> bool {
    if field == Field::Commit.document_field()
        && let (Some(a), Some(b)) = (CommitText::parse(a), CommitText::parse(b))
    {
        return same_commit(&a.id, &b.id);
    }
    // Two equal texts that name no repository do not agree.
    if field == Field::Source.document_field() && repository_url(a).is_none() {
        return false;
    }
    a == b || (field == Field::Reference.document_field() && compatible(a, b))
}
