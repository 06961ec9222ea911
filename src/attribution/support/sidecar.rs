//! Compares a metadata file with what the image says. If they differ, the image is believed.
//!
//! If a digest in the file is one of the image or of its import, the file is about this image, and fills in
//! what the image itself does not say.

use super::builds::{claims, details};
use super::evidence::from_pair;
use crate::attribution::case::Case;
use crate::attribution::make::{bare, conflict, sourced};
use crate::attribution::readings::import::Import;
use crate::attribution::text::{CommitText, same_commit, same_repository};
use crate::carriers::{Facts, Pair};
use crate::contracts::Field;
use crate::provenance::{Conflict, Evidence, Origin, Status};
use crate::reference::Reference;

/// Returns the conflicts of the file with the origin that the image itself has.
pub(crate) fn conflicts(facts: &Facts, import: Option<&Import>, origin: &Origin) -> Vec<Conflict> {
    let Some(sidecar) = &facts.sidecar else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut differs = |field: &str, what: &str, pair: &Pair, own: &str| {
        all.push(conflict(
            "sidecar-differs",
            field,
            format!("the metadata file names another {what} than the image; sqsh-prov believes the image"),
            [sourced(own, bare("image")), pair.sourced()],
        ));
    };
    if let Some(own) = &origin.commit {
        let mut commits = sidecar.builds.iter().flat_map(|build| &build.commits);
        let other = commits.find(|pair| {
            CommitText::parse(&pair.value).is_some_and(|text| !same_commit(&text.id, &own.id))
        });
        if let Some(pair) = other {
            differs(Field::Commit.document_field(), "commit", pair, &own.id);
        }
    }
    let own = names(import, origin);
    if let (Some(first), Some(pair)) = (own.first(), sidecar.names.first())
        && !sidecar.names.iter().any(|name| is_one_of(&own, name))
    {
        differs(
            "origin.imported.reference",
            "reference",
            pair,
            &first.to_string(),
        );
    }
    all
}

/// Returns the imported and the public reference of the image.
fn names(import: Option<&Import>, origin: &Origin) -> Vec<Reference> {
    let imported = import.and_then(|import| import.effective.clone());
    let public = origin.public_reference.as_deref();
    let public = public.and_then(|text| Reference::parse(text).ok());
    imported.into_iter().chain(public).collect()
}

/// Returns true for the same repository and the same tag. A reference without a tag has any.
fn is_one_of(own: &[Reference], name: &Pair) -> bool {
    let Ok(name) = Reference::parse(&name.value) else {
        return false;
    };
    own.iter().any(|own| {
        let tags = own.tag.as_deref().zip(name.tag.as_deref());
        own.same_repository(&name) && tags.is_none_or(|(a, b)| a == b)
    })
}

/// Returns the evidence of the file; each status says how it compares with the origin.
pub(crate) fn evidence(case: &Case, origin: &Origin) -> Vec<Evidence> {
    let (facts, import) = (case.facts, case.import());
    let is_bound = !case.builds.bound.is_empty();
    let Some(sidecar) = &facts.sidecar else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let own = names(import, origin);
    let weak = |field: &str, pair: &Pair, status: Status| from_pair(field, pair, 1, status);
    for name in &sidecar.names {
        let status = match is_one_of(&own, name) {
            _ if own.is_empty() => Status::Alone,
            true => Status::Agrees,
            false => Status::Conflicts,
        };
        all.push(weak("origin.imported.reference", name, status));
    }
    let imported = import.and_then(|import| import.document.digest.as_deref());
    for digest in &sidecar.digests {
        let known = facts.digests.iter().map(|pair| pair.value.as_str());
        let same = known.chain(imported).any(|own| own == digest.value);
        // One may be the digest of the index, and the other that of a platform's manifest.
        let status = if same { Status::Agrees } else { Status::Alone };
        all.push(weak(&format!("digests.{}", digest.key), digest, status));
    }
    for build in &sidecar.builds {
        // If it is about this image, its claims are among the others already.
        let mut records = match is_bound {
            true => Vec::new(),
            false => claims(build, Status::Alone),
        };
        for record in &mut records {
            record.status = against(origin, record);
        }
        records.extend(details(build));
        for record in &mut records {
            record.strength = 1;
        }
        all.append(&mut records);
    }
    all
}

/// Compares a record with the origin.
fn against(origin: &Origin, record: &Evidence) -> Status {
    let verdict = |own: Option<&str>, same: fn(&str, &str) -> bool| match own {
        Some(own) if same(own, &record.value) => Status::Agrees,
        Some(_) => Status::Conflicts,
        None => Status::Alone,
    };
    let commit = origin.commit.as_ref();
    if record.field == Field::Commit.document_field() {
        verdict(commit.map(|commit| commit.id.as_str()), |own, text| {
            CommitText::parse(text).is_some_and(|text| same_commit(own, &text.id))
        })
    } else if record.field == Field::Source.document_field() {
        let own = commit.and_then(|commit| commit.repository.as_deref());
        verdict(own, same_repository)
    } else if record.field == Field::Url.document_field() {
        let own = origin.pipeline.as_ref().and_then(|run| run.url.as_deref());
        verdict(own, |own, text| own == text)
    } else {
        record.status
    }
}
