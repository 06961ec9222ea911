//! Which public reference an image has, and what to pull to get it again.

use crate::attribution::case::Case;
use crate::attribution::make::conflict;
use crate::attribution::make::source;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::class::classify;
use crate::attribution::readings::class::is_private;
use crate::attribution::readings::class::is_public;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::recipe::recipe;
use crate::attribution::text::{is_moving, is_published, same_image};
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::provenance::{Conflict, Kind, Pull, SourcedValue};
use crate::reference::Reference;

/// Returns the canonical public reference; `None` if the image has none.
pub(crate) fn public_reference(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    modified: bool,
) -> Option<String> {
    if ownership.derived || ownership.disowned || modified {
        return None;
    }
    if matches!(verdict.kind, Kind::Release | Kind::Nightly)
        && let Some(reference) = by_contract(case, ownership)
    {
        return Some(reference.to_string());
    }
    imported(case, ownership).map(|reference| reference.to_string())
}

/// The stamp's or the recipe's reference.
fn by_contract(case: &Case, ownership: &Ownership) -> Option<Reference> {
    let family = ownership.family?;
    let contract = &family.contract;
    if let Some((_, reference)) = family.stamp_reference() {
        let tag = reference.tag.as_deref().unwrap_or_default();
        if let Some(published) = published_under_other_date(case, family, &reference) {
            return Some(published);
        }
        let official = classify(contract, &reference.name()) == Some(RepositoryClass::Official);
        return (official && is_published(contract.tag_rule(&reference.name(), tag)))
            .then_some(reference);
    }
    if let Some(canonical) = unmirrored(case, ownership) {
        return Some(canonical);
    }
    let exact = case
        .import()
        .filter(|import| import.is_registry())
        .and_then(Import::tag);
    let settled = exact.is_some_and(|tag| {
        let rule = case.imported_rule(family);
        is_published(rule) && !is_moving(rule, case.registries, tag)
    });
    if settled && family.class == Some(RepositoryClass::Official) {
        return None;
    }
    recipe(case.facts, contract).map(|cooked| cooked.reference)
}

/// The imported reference, where its date is the publishing job's and the stamp's the build's: the
/// stamped tag was never published.
fn published_under_other_date(
    case: &Case,
    family: &Family,
    stamped: &Reference,
) -> Option<Reference> {
    let import = case.registry_import()?;
    let reference = import.effective.as_ref()?;
    let other = case.is_published_next_day(family, stamped.tag.as_deref()?);
    (other && case.is_from_publisher(family)).then(|| reference.clone())
}

/// The official reference of an image that came from a mirror of the publisher's own.
fn unmirrored(case: &Case, ownership: &Ownership) -> Option<Reference> {
    let import = case
        .import()
        .filter(|import| import.is_registry())?
        .effective
        .as_ref()?;
    let name = ownership.family?.contract.unmirrored(&import.name())?;
    let mut canonical = Reference::parse(&name).ok()?;
    canonical.tag.clone_from(&import.tag);
    canonical.digest.clone_from(&import.digest);
    Some(canonical)
}

/// The imported reference, where anybody can pull it and it will not go away.
fn imported(case: &Case, ownership: &Ownership) -> Option<Reference> {
    let import = case
        .import()
        .filter(|import| import.is_registry() || import.named)?;
    let reference = import.effective.clone()?;
    let class = ownership.class();
    let workshop = matches!(
        class,
        Some(RepositoryClass::Staging | RepositoryClass::Ci | RepositoryClass::PullRequest)
    );
    let request = reference
        .tag
        .as_deref()
        .is_some_and(|tag| case.registries.pull_request.iter().any(|p| p.is_match(tag)));
    let name = reference.repository.rsplit('/').next().unwrap_or_default();
    let by_name = crate::contracts::any_glob(&case.registries.staging, name)
        || crate::contracts::any_glob(&case.registries.ci, name);
    let anybody = is_public(case.registries, &reference.registry)
        || class == Some(RepositoryClass::Official)
        || names_host(case, ownership, &reference);
    (!workshop && !request && !by_name && anybody && !reference.irregular).then_some(reference)
}

/// The image's own stamp names the registry, so it is where the publisher publishes.
fn names_host(case: &Case, ownership: &Ownership, reference: &Reference) -> bool {
    if is_private(case.registries, &reference.registry) {
        return false;
    }
    ownership
        .family
        .or(ownership.fork_of)
        .and_then(Family::stamp_reference)
        .is_some_and(|(_, stamped)| stamped.registry == reference.registry)
}

/// What to pull to get the image again.
pub(crate) fn pull(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    public: Option<&str>,
    modified: bool,
) -> Pull {
    let mut notes: Vec<&str> = Vec::new();
    if ownership.derived {
        notes.push("derived");
    }
    if modified {
        notes.push("modified-after-import");
    }
    if ownership.derived || modified {
        return Pull {
            reference: None,
            ok: false,
            notes: owned(&notes),
        };
    }
    if ownership.disowned {
        return Pull {
            reference: None,
            ok: false,
            notes: owned(&["contents-do-not-fit"]),
        };
    }
    let import = case.import();
    let pullable = imported(case, ownership);
    let by_digest = pullable
        .as_ref()
        .filter(|reference| reference.digest.is_some());
    let reference = match (by_digest, public) {
        (Some(exact), _) => Some(exact.to_string()),
        (None, Some(public)) if compatible(case, ownership, public) => Some(public.to_owned()),
        (None, Some(_)) => pullable
            .as_ref()
            .map(Reference::to_string)
            .or(public.map(str::to_owned)),
        (None, None) => None,
    };
    let parsed = reference
        .as_deref()
        .and_then(|text| Reference::parse(text).ok());
    let tag = parsed
        .as_ref()
        .filter(|r| r.digest.is_none())
        .and_then(|r| r.tag.as_deref());
    let rule = parsed
        .as_ref()
        .zip(ownership.family)
        .zip(tag)
        .and_then(|((r, family), tag)| family.contract.tag_rule(&r.name(), tag));
    if tag.is_some_and(|tag| is_moving(rule, case.registries, tag)) {
        notes.push("moving-tag");
    }
    if verdict.kind == Kind::Nightly && tag.is_some() {
        notes.push("may-be-pruned");
    }
    if verdict.kind == Kind::Local && reference.is_some() {
        notes.push("hand-built");
    }
    if import.is_none_or(|import| !import.is_registry()) && reference.is_some() {
        notes.push("by-stamp-only");
    }
    if reference.is_none() {
        notes.push(why_not(case, ownership, verdict));
    }
    Pull {
        ok: reference.is_some(),
        reference,
        notes: owned(&notes),
    }
}

fn why_not(case: &Case, ownership: &Ownership, verdict: &Verdict) -> &'static str {
    match ownership.class() {
        Some(RepositoryClass::Staging) => return "staging",
        Some(RepositoryClass::Ci) => return "ci",
        Some(RepositoryClass::PullRequest) => return "pull-request",
        _ => {}
    }
    match (verdict.kind, case.import()) {
        (Kind::Pr, _) => "pull-request",
        (Kind::Staging, _) => "staging",
        (_, None) => "no-import-record",
        (_, Some(import)) if !import.is_registry() => "not-from-a-registry",
        _ => "private-registry",
    }
}

fn owned(notes: &[&str]) -> Vec<String> {
    notes.iter().map(|note| (*note).to_owned()).collect()
}

/// Returns true if the public reference names what was imported.
fn compatible(case: &Case, ownership: &Ownership, public: &str) -> bool {
    let Some(import) = case.import().filter(|import| import.is_registry()) else {
        return true;
    };
    let (Some(imported), Ok(public)) = (&import.effective, Reference::parse(public)) else {
        return true;
    };
    if !imported.same_repository(&public) {
        return imported.may_mirror(&public)
            || unmirrored(case, ownership).is_some_and(|r| r == public);
    }
    let (Some(a), Some(b)) = (imported.tag.as_deref(), public.tag.as_deref()) else {
        return true;
    };
    let contract = ownership.family.map(|family| &family.contract);
    let rule = ownership
        .family
        .and_then(|family| case.imported_rule(family));
    a == b
        || contract.is_some_and(|contract| same_image(contract, a, b))
        || is_moving(rule, case.registries, a)
        || ownership
            .family
            .is_some_and(|family| case.compatible_tag(family, import, a, b))
}

/// The conflict that goes with pulling the import instead of the stamp's reference.
pub(crate) fn pull_conflict(
    case: &Case,
    ownership: &Ownership,
    pull: &Pull,
    public: Option<&str>,
) -> Option<Conflict> {
    let (public, pulled) = (public?, pull.reference.as_deref()?);
    let import = case.import()?;
    if public == pulled || import.document.digest.is_some() || compatible(case, ownership, public) {
        return None;
    }
    Some(conflict(
        "pull-differs",
        "origin.pull.reference",
        "the import and the public reference name different images; pull the imported reference to get this image again".to_owned(),
        vec![
            SourcedValue { value: pulled.to_owned(), source: import.source.clone() },
            SourcedValue { value: public.to_owned(), source: source("stamp", "reference") },
        ],
    ))
}
