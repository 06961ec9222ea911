//! Conflicts that are not signs of derivation.

use std::collections::HashMap;

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::readings::families::Family;
use crate::attribution::signs::agreement::DIFFER;
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::official::{tag_commit, versions};
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::Pair;
use crate::provenance::Conflict;

pub(crate) fn conflicts(case: &Case, ownership: &Ownership, verdict: &Verdict) -> Vec<Conflict> {
    let mut all = Vec::new();
    let facts = case.facts;
    if verdict.leaked_staging()
        && let Some((reading, _)) = ownership.family.and_then(Family::stamp_reference)
    {
        all.push(conflict(
            "staging-reference-in-stamp",
            "origin.public_reference",
            "the stamp names a staging image, but the file was imported from the public repository",
            [reading.sourced()],
        ));
    }
    if let Some(values) = ownership.family.and_then(|family| tag_commit(case, family)) {
        all.push(conflict(
            "tag-commit-differs",
            "origin.commit.id",
            "the tag that it was imported under names another commit than the stamp",
            values,
        ));
    }
    let family = ownership.family.into_iter();
    let mut signals = ownership.signals.iter();
    let is_said = signals.any(|signal| signal.conflict.code == DIFFER);
    all.extend(
        family
            .filter(|_| !is_said)
            .flat_map(|family| versions(case, family)),
    );
    if let Some(import) = &facts.import
        && let Some(first) = import.false_uris.first()
    {
        all.push(conflict(
                "second-provenance-line",
                "origin.imported",
                "a line that looks like the importer's is among the labels; only line 1 is the importer's",
                Vec::from_iter(import.uri.iter().chain([first]).map(Pair::sourced)),
            ));
    }
    all.extend(duplicates(
        &facts.environment,
        "duplicate-environment-key",
        "environment",
    ));
    all.extend(duplicates(&facts.labels, "duplicate-label", "labels"));
    all
}

/// Returns a conflict for each key that is set more than once with different values. The last value
/// counts.
fn duplicates(pairs: &[Pair], code: &str, field: &str) -> Vec<Conflict> {
    let mut by_key: HashMap<&str, Vec<&Pair>> = HashMap::new();
    for pair in pairs {
        by_key.entry(&pair.key).or_default().push(pair);
    }
    let mut all = Vec::new();
    for pair in pairs {
        let Some(same) = by_key.remove(pair.key.as_str()) else {
            continue;
        };
        if same.iter().any(|other| other.value != pair.value) {
            all.push(conflict(
                code,
                &format!("{field}.{}", pair.key),
                format!(
                    "{} is set {} times, with different values; the last one counts",
                    pair.key,
                    same.len()
                ),
                Vec::from_iter(same.into_iter().map(Pair::sourced)),
            ));
        }
    }
    all
}
