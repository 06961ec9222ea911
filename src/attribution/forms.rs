//! What forms other than an importer's own say: names, digests, annotations, history.

use crate::carriers::{Facts, PackedBy, Pair};
use crate::provenance::{Evidence, Status, Via};
use crate::reference::{ImportUri, Reference};

use super::evidence::{conflict, from_pair};
use super::import::{Import, build};
use super::signals::Signal;

/// The name that a packer, a layout or a daemon has for the image; never proof of a pull.
pub(super) fn import(facts: &Facts, mirrors: &[(String, String)]) -> Option<Import> {
    let packed = facts.packed.as_ref()?;
    let name = preferred(facts, &packed.names)?;
    let text = name.value.trim();
    let bare = text.strip_prefix("docker://").unwrap_or(text);
    let reference = Reference::parse(bare).ok();
    let uri = match packed.by {
        PackedBy::Daemon => reference.map(|name| ImportUri::Daemon {
            scheme: "dockerd".to_owned(),
            name: Some(name),
        }),
        PackedBy::Packer | PackedBy::Layout => reference.map(ImportUri::Registry),
    };
    let mut import = build(text, uri, mirrors);
    if packed.by != PackedBy::Daemon {
        import.document.via = Via::Unknown;
    }
    import.named = packed.by == PackedBy::Layout;
    if import.document.digest.is_none() {
        let digest = packed.digest.as_ref().map(|digest| digest.value.clone());
        import.document.digest = digest.filter(|digest| is_digest(digest));
    }
    import.source.clone_from(&name.source);
    Some(import)
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Of several names the one that the image gives itself, else the first.
fn preferred<'f>(facts: &'f Facts, names: &'f [Pair]) -> Option<&'f Pair> {
    let own = |name: &&Pair| {
        let given = facts.environment.iter().chain(&facts.labels);
        Reference::parse(name.value.trim()).is_ok_and(|name| {
            given
                .filter(|pair| pair.value.contains('/') && pair.value.contains(':'))
                .any(|pair| Reference::parse(&pair.value).is_ok_and(|value| value == name))
        })
    };
    names
        .get(..names.len().min(64))
        .and_then(|names| names.iter().find(own))
        .or_else(|| names.first())
}

/// The packer built on the image that it names.
pub(super) fn steps(facts: &Facts) -> Option<Signal> {
    let packed = facts.packed.as_ref()?;
    let first = packed.steps.first()?;
    Some(Signal {
        weight: 2,
        conflict: conflict(
            "built-on-by-packer",
            "origin.derived_from",
            format!(
                "the image was built on after it was pulled: {} has steps of its own",
                first.source.path.as_deref().unwrap_or("its definition")
            ),
            vec![first.sourced()],
        ),
    })
}

/// Everything of these that no contract gives a meaning to, and digests.
pub(super) fn evidence(facts: &Facts, known: &[Evidence]) -> Vec<Evidence> {
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
    if let Some(packed) = &facts.packed {
        for name in &packed.names {
            add("origin.imported", name, 2, Status::Ignored);
        }
        if let Some(digest) = &packed.digest {
            add("origin.imported.digest", digest, 3, Status::Alone);
        }
        for step in &packed.steps {
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
