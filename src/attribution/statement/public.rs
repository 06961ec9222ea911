//! Finds the public reference of an image, and what to pull to get it again.

use crate::attribution::case::Case;
use crate::attribution::make::{conflict, source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::text::{is_moving, is_published, same_image};
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::{RepositoryClass, any_glob};
use crate::provenance::{Conflict, Kind, Pull};
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

/// Returns the stamp's or the recipe's reference.
fn by_contract(case: &Case, ownership: &Ownership) -> Option<Reference> {
    let family = ownership.family?;
    let contract = &family.contract;
    if let Some((_, reference)) = family.stamp_reference() {
        let published = published_under_other_date(case, family, &reference);
        let is_official = || is_published(contract.official_rule(&reference));
        return published.or_else(|| is_official().then(|| reference.clone()));
    }
    let exact = case.registry_import().and_then(Import::tag);
    let settled = exact.is_some_and(|tag| {
        let rule = case.imported_rule(family);
        is_published(rule) && !is_moving(rule, case.registries, tag)
    });
    if settled && family.class == Some(RepositoryClass::Official) {
        return None;
    }
    let cooked = case.own_recipe(family).map(|cooked| cooked.reference);
    cooked.or_else(|| unmirrored(case, ownership))
}

/// Returns the imported reference if it has the date of the publishing job, and the stamp that of the build:
/// the stamped tag was never published.
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

/// Returns the official reference of an image from one of the publisher's own mirrors.
fn unmirrored(case: &Case, ownership: &Ownership) -> Option<Reference> {
    let import = case.registry_import()?.effective.as_ref()?;
    let name = ownership.family?.contract.unmirrored(&import.name())?;
    let mut canonical = Reference::parse(&name).ok()?;
    canonical.tag.clone_from(&import.tag);
    canonical.digest.clone_from(&import.digest);
    Some(canonical)
}

/// Returns the imported reference if anybody can pull it and the publisher keeps it.
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
    let registries = case.registries;
    let request = reference
        .tag
        .as_deref()
        .is_some_and(|tag| registries.pull_request.iter().any(|p| p.is_match(tag)));
    let name = reference.repository.rsplit('/').next().unwrap_or_default();
    let by_name = any_glob(&registries.staging, name) || any_glob(&registries.ci, name);
    let anybody = registries.is_public(&reference.registry)
        || class == Some(RepositoryClass::Official)
        || names_host(case, ownership, &reference);
    (!workshop && !request && !by_name && anybody && !reference.irregular).then_some(reference)
}

/// Returns true if the image's own stamp names the registry: the publisher publishes there.
fn names_host(case: &Case, ownership: &Ownership, reference: &Reference) -> bool {
    let stamped = ownership
        .contract_in_use()
        .and_then(Family::stamp_reference);
    !case.registries.is_private(&reference.registry)
        && stamped.is_some_and(|(_, stamped)| stamped.registry == reference.registry)
}

/// Returns what to pull to get the image again.
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
    if notes.is_empty() && ownership.disowned {
        notes.push("contents-do-not-fit");
    }
    if !notes.is_empty() {
        return noted(None, &notes);
    }
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
    let parsed = parsed.as_ref().filter(|it| it.digest.is_none());
    let tag = parsed.and_then(|it| it.tag.as_deref());
    let rule = parsed
        .zip(ownership.family)
        .zip(tag)
        .and_then(|((it, family), tag)| family.contract.tag_rule(&it.name(), tag));
    if tag.is_some_and(|tag| is_moving(rule, case.registries, tag)) {
        notes.push("moving-tag");
    }
    if verdict.kind == Kind::Nightly && tag.is_some() {
        notes.push("may-be-pruned");
    }
    if verdict.kind == Kind::Local && reference.is_some() {
        notes.push("hand-built");
    }
    if case.registry_import().is_none() && reference.is_some() {
        notes.push("by-stamp-only");
    }
    if reference.is_none() {
        notes.push(why_not(case, ownership, verdict));
    }
    noted(reference, &notes)
}

fn noted(reference: Option<String>, notes: &[&str]) -> Pull {
    Pull {
        ok: reference.is_some(),
        reference,
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
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

/// Returns true if the public reference names what was imported.
fn compatible(case: &Case, ownership: &Ownership, public: &str) -> bool {
    let Some(import) = case.registry_import() else {
        return true;
    };
    let (Some(imported), Ok(public)) = (&import.effective, Reference::parse(public)) else {
        return true;
    };
    let contract = ownership.family.map(|family| &family.contract);
    let name = |reference: &Reference| {
        let name = reference.name();
        contract.and_then(|it| it.unmirrored(&name)).unwrap_or(name)
    };
    if name(imported) != name(&public) {
        return imported.may_mirror(&public);
    }
    let (Some(a), Some(b)) = (imported.tag.as_deref(), public.tag.as_deref()) else {
        return true;
    };
    let family = ownership.family;
    let rule = family.and_then(|family| case.imported_rule(family));
    a == b
        || family.is_some_and(|family| same_image(&family.contract, a, b))
        || is_moving(rule, case.registries, a)
        || family.is_some_and(|family| case.compatible_tag(family, import, a, b))
}

/// Returns a conflict if the import is to be pulled, and not the public reference.
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
        [
            sourced(pulled, import.source.clone()),
            sourced(public, source("stamp", "reference")),
        ],
    ))
}
