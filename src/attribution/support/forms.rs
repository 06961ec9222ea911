//! Evidence of other forms than an importer's file: names, digests, annotations, history.

use crate::attribution::readings::names::{pinned_for, preferred};
use crate::carriers::{Facts, Pair};
use crate::provenance::{Evidence, Status};

use super::evidence::from_pair;

/// Returns the digests, and all of these that have no meaning in a contract.
pub(crate) fn evidence(facts: &Facts, known: &[Evidence]) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut add = |field: &str, pair: &Pair, strength: u8, status: Status| {
        let is_known = known
            .iter()
            .any(|e| e.source == pair.source && e.value == pair.value);
        if !is_known {
            all.push(from_pair(field, pair, strength, status));
        }
    };
    for pair in &facts.digests {
        add(&format!("digests.{}", pair.key), pair, 5, Status::Alone);
    }
    if let Some(named) = &facts.named {
        for name in &named.names {
            add("origin.imported", name, 2, Status::Ignored);
        }
        if let Some(digest) = &named.digest {
            add("origin.imported.digest", digest, 3, Status::Alone);
        }
        let used = preferred(facts, named).and_then(|name| pinned_for(named, name));
        if let Some((pair, digest)) = &used {
            let mut pair = (*pair).clone();
            pair.value.clone_from(digest);
            add("origin.imported.digest", &pair, 3, Status::Alone);
        }
        // An image without a tag has its pinned references as names.
        let has_tag = named.names != named.pinned;
        let others = named.pinned.iter().filter(|_| has_tag);
        for other in others {
            if used.as_ref().is_none_or(|(pair, _)| *pair != other) {
                add("origin.imported", other, 2, Status::Ignored);
            }
        }
        for step in &named.steps {
            add("origin.derived_from", step, 2, Status::Alone);
        }
    }
    for pair in &facts.annotations {
        add("annotations", pair, 2, Status::Ignored);
    }
    for pair in &facts.packer_labels {
        add("labels", pair, 1, Status::Ignored);
    }
    if let Some(created) = &facts.created {
        add("origin.created", created, 3, Status::Alone);
    }
    if let Some(architecture) = &facts.architecture {
        add("os.architecture", architecture, 3, Status::Alone);
    }
    for step in &facts.history {
        add("history", step, 1, Status::Ignored);
    }
    all
}
