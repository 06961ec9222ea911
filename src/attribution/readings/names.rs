//! Names of images in other forms than an importer's file.

use crate::carriers::{Facts, ImageNames, NamedBy, Pair};
use crate::provenance::Via;
use crate::reference::{ImportUri, Reference, is_digest};

use super::import::{Import, build};

/// The most names, and the most digests, among which a name is chosen.
const MAX_NAMES: usize = 64;

/// Returns the name that a packer, a layout or a daemon has for the image. It never proves a pull.
pub(crate) fn named(facts: &Facts, mirrors: &[(String, String)]) -> Option<Import> {
    let named = facts.named.as_ref()?;
    let name = preferred(facts, named)?;
    let text = name.value.trim();
    let bare = text.strip_prefix("docker://").unwrap_or(text);
    let reference = Reference::parse(bare).ok();
    let uri = match named.by {
        NamedBy::Daemon => reference.map(|name| ImportUri::Daemon {
            scheme: "dockerd".to_owned(),
            name: Some(name),
        }),
        NamedBy::Packer | NamedBy::Layout => reference.map(ImportUri::Registry),
    };
    let mut import = build(text, uri, mirrors);
    if named.by != NamedBy::Daemon {
        import.document.via = Via::Unknown;
    }
    import.named = named.by == NamedBy::Layout;
    if import.document.digest.is_none() {
        let digest = named.digest.as_ref().map(|digest| digest.value.clone());
        let digest = digest.filter(|digest| is_digest(digest));
        import.document.digest = digest.or_else(|| Some(pinned_for(named, name)?.1));
    }
    import.source.clone_from(&name.source);
    Some(import)
}

/// Returns the name with a digest: the image was pulled or pushed under it. A daemon gives an image any
/// tag, but a child has an ID of its own, so it never has the digest of its base. Of several such names, or of
/// none, returns the one in the repository that the image gives itself, else the first.
pub(crate) fn preferred<'f>(facts: &'f Facts, named: &'f ImageNames) -> Option<&'f Pair> {
    let pinned: Vec<Reference> = pinned(named).map(|(_, pinned)| pinned).collect();
    let given = facts.environment.iter().chain(&facts.labels);
    let given: Vec<Reference> = given
        .filter(|pair| pair.value.contains('/') && pair.value.contains(':'))
        .filter_map(|pair| Reference::parse(&pair.value).ok())
        .collect();
    let rank = |name: &&Pair| {
        let name = reference(name);
        name.map(|name| {
            let is_pinned = pinned.iter().any(|pinned| goes_with(pinned, &name));
            let is_own = given.iter().any(|given| given.same_repository(&name));
            (is_pinned, is_own, given.contains(&name))
        })
        .unwrap_or_default()
    };
    let names = named.names.iter().take(MAX_NAMES);
    let names = names.chain(named.pinned.iter().take(MAX_NAMES));
    // `max_by_key` returns the last of equals: with `rev`, the first that is written.
    names.rev().max_by_key(rank)
}

/// Returns the entry that gives this name its digest, and the digest.
pub(crate) fn pinned_for<'p>(named: &'p ImageNames, name: &Pair) -> Option<(&'p Pair, String)> {
    let name = reference(name)?;
    let (pair, pinned) = pinned(named).find(|(_, pinned)| goes_with(pinned, &name))?;
    Some((pair, pinned.digest?))
}

/// Returns the references with a digest in a daemon.
fn pinned(named: &ImageNames) -> impl Iterator<Item = (&Pair, Reference)> {
    let parsed = |pair| Some((pair, reference(pair)?));
    let pinned = named.pinned.iter().filter_map(parsed);
    pinned.filter(|(_, pinned)| pinned.digest.as_deref().is_some_and(is_digest))
}

/// Returns true if both are in one repository, and the name has no other digest.
fn goes_with(pinned: &Reference, name: &Reference) -> bool {
    pinned.same_repository(name) && (name.digest.is_none() || name.digest == pinned.digest)
}

fn reference(name: &Pair) -> Option<Reference> {
    Reference::parse(name.value.trim()).ok()
}
