//! Applies verified statements to the answer about an image: as evidence, as a proof that it is
//! official, or as a conflict.

use serde_json::Value;

use super::claims::{Claim, claim};
use super::judge::{Judged, Verdict};
use crate::attribution::{CommitText, is_placeholder, same_commit, same_repository};
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{
    ATTESTED, AttestedLevel, Conflict, Evidence, Kind, MAY_GIVE_ANOTHER, Provenance,
    SETTINGS_DIFFER, SETTINGS_NOT_STATED, Source, SourcedValue, Status,
};
use crate::reference::Reference;

/// The code of a conflict between a statement and the image.
const DIFFERS: &str = "attestation-differs";
/// The codes that statements add to an answer, in addition to evidence.
pub const CODES: [&str; 2] = [ATTESTED, DIFFERS];
/// The kind of an image of which nothing says more.
const UNKNOWN: &str = "unknown";

/// The files that an importer writes, apart from the content. They decide what runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// The image was not imported: a layout or archive.
    None,
    /// The image has none of these files. The digest says so.
    Absent(String),
    /// The digest of these files.
    Written(String),
    /// One of these files cannot be read.
    Unreadable,
}

impl Settings {
    /// Returns the digest.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        match self {
            Self::Absent(digest) | Self::Written(digest) => Some(digest),
            Self::None | Self::Unreadable => None,
        }
    }
}

/// Adds judged statements to a document. The content digest does not cover the settings.
pub fn apply(document: &mut Provenance, judged: Vec<Judged>, settings: &Settings) {
    for mut judged in judged {
        if let Some(verdict) = &judged.verdict {
            if let Some((reason, message)) = uncovered(verdict, settings) {
                reason.clone_into(&mut judged.attestation.reason);
                judged.attestation.message.push_str(message);
            }
            let path = &judged.attestation.path;
            of_verdict(document, verdict, path, settings.digest());
        }
        document.attestations.push(judged.attestation);
    }
}

/// Returns why a statement over the content does not cover the settings of the image: a code, and the rest of
/// a sentence.
fn uncovered(verdict: &Verdict, settings: &Settings) -> Option<(&'static str, &'static str)> {
    if verdict.level != AttestedLevel::Content {
        return None;
    }
    match (stated(verdict), settings) {
        (_, Settings::None) | (None, Settings::Absent(_)) => None,
        (None, Settings::Written(_) | Settings::Unreadable) => Some((
            SETTINGS_NOT_STATED,
            ", but the statement does not cover /etc/rc, /etc/rc.local, /etc/environment and /etc/fstab: the content is the same, and something else may run",
        )),
        (Some(stated), own) if own.digest() != Some(stated) => Some((
            SETTINGS_DIFFER,
            ", but /etc/rc, /etc/rc.local, /etc/environment or /etc/fstab differ from what the statement says: the content is the same, and something else may run",
        )),
        (Some(_), _) => None,
    }
}

/// Returns the digest of the settings in a statement.
fn stated(verdict: &Verdict) -> Option<&str> {
    let predicate = verdict.statement.as_ref().map(|it| &it.predicate)?;
    predicate
        .pointer("/settings")
        .or_else(|| predicate.pointer("/buildDefinition/internalParameters/settings"))
        .and_then(Value::as_str)
}

fn of_verdict(document: &mut Provenance, verdict: &Verdict, path: &str, settings: Option<&str>) {
    let claim = verdict.statement.as_ref().map(|it| claim(it, path));
    let facts = claim.as_ref().map(facts).unwrap_or_default();
    let mut contradicts = false;
    for (field, pair) in facts {
        contradicts |= !evidence(document, field, &pair, path, verdict.level);
    }
    if contradicts {
        // A trusted signer contradicts the image, so the image's own claims are not believed.
        document.origin.official = Some(false);
        document.origin.pull.ok = false;
        return;
    }
    if proves(document, verdict, claim.as_ref(), settings) {
        document.origin.official = Some(true);
        // The image is the signed one, so signs of a change do not matter.
        let notes = &mut document.origin.pull.notes;
        notes.retain(|note| note != MAY_GIVE_ANOTHER);
        if !document.origin.reasons.iter().any(|it| it == ATTESTED) {
            document.origin.reasons.push(ATTESTED.to_owned());
        }
    }
}

/// Returns true if a statement proves that the image is the publisher's own.
fn proves(
    document: &Provenance,
    verdict: &Verdict,
    claim: Option<&Claim>,
    settings: Option<&str>,
) -> bool {
    let origin = &document.origin;
    let publisher = origin.publisher.as_deref();
    let may = publisher.is_some_and(|publisher| verdict.speaks.for_publisher(publisher));
    let is_published = matches!(origin.kind, Kind::Release | Kind::Nightly);
    // A signature cannot make an image official that is known not to be.
    if !may || !is_published || origin.official == Some(false) || !verdict.level.binds() {
        return false;
    }
    let says_so = match claim {
        // A list of packages or a scan does not say where an image comes from.
        Some(Claim::Other) => false,
        Some(Claim::Document(it)) => {
            let of = it.pointer("/origin/publisher").and_then(Value::as_str);
            it.pointer("/origin/official") == Some(&Value::Bool(true)) && of == publisher
        }
        // The publisher's repository, not a fork or an unknown mirror.
        Some(Claim::Import { reference, digests }) => {
            let own = origin.public_reference.as_deref();
            let is_own = own
                .zip(reference.as_deref())
                .is_some_and(|(own, said)| of_one(own, said));
            // One digest may belong to the index and the other to a manifest in it: that is no
            // contradiction.
            let declared = origin.imported.as_ref().and_then(|it| it.digest.as_ref());
            is_own && declared.is_none_or(|it| digests.is_empty() || digests.contains(it))
        }
        Some(Claim::Build(_)) | None => true,
    };
    let covers = verdict.level != AttestedLevel::Content
        || (settings.is_some() && stated(verdict) == settings);
    says_so && covers
}

/// Returns the facts in a claim, by field of the document.
fn facts(claim: &Claim) -> Vec<(&'static str, Pair)> {
    let pair = |value: &str, key: String| Pair {
        key: String::new(),
        value: value.to_owned(),
        source: Source {
            key: Some(key),
            ..Source::default()
        },
    };
    let mut found = Vec::new();
    match claim {
        Claim::Build(build) => {
            let commit = build.commits.first().cloned();
            found.extend(commit.map(|it| ("origin.commit.id", it)));
            let repository = build.repositories.first().cloned();
            found.extend(repository.map(|it| ("origin.commit.repository", it)));
        }
        Claim::Document(it) => {
            for (field, pointer) in [
                ("origin.commit.id", "/origin/commit/id"),
                ("origin.commit.repository", "/origin/commit/repository"),
                ("origin.publisher", "/origin/publisher"),
                ("origin.version", "/origin/version"),
                ("origin.kind", "/origin/kind"),
                ("origin.public_reference", "/origin/public_reference"),
            ] {
                let key = format!("predicate{}", pointer.replace('/', "."));
                let value = it.pointer(pointer).and_then(Value::as_str);
                found.extend(value.map(|value| (field, pair(value, key))));
            }
            let official = it.pointer("/origin/official").and_then(Value::as_bool);
            let key = || "predicate.origin.official".to_owned();
            let official = official.map(|it| pair(&it.to_string(), key()));
            found.extend(official.map(|it| ("origin.official", it)));
        }
        Claim::Import { reference, digests } => {
            if let Some(reference) = reference {
                let key = "predicate.buildDefinition.externalParameters.reference";
                found.push(("origin.imported.reference", pair(reference, key.to_owned())));
            }
            for digest in digests {
                let key = "predicate.buildDefinition.resolvedDependencies";
                found.push(("origin.imported.digest", pair(digest, key.to_owned())));
            }
        }
        Claim::Other => {}
    }
    // A value that was not known when the statement was made proves nothing.
    found.retain(|(field, pair)| {
        let field = match *field {
            "origin.commit.id" => Field::Commit,
            _ => Field::Ref,
        };
        !is_placeholder(field, &pair.value)
    });
    found
}

/// Adds the facts in a statement as evidence. Returns false if it contradicts the image.
fn evidence(
    document: &mut Provenance,
    field: &'static str,
    pair: &Pair,
    path: &str,
    level: AttestedLevel,
) -> bool {
    let own = own(document, field);
    let agrees = own.as_deref().and_then(|own| same(field, own, &pair.value));
    let source = Source {
        carrier: "attestation".to_owned(),
        path: Some(path.to_owned()),
        line: None,
        key: pair.source.key.clone(),
    };
    if agrees == Some(false) {
        let message = format!(
            "a statement with a trusted signature names another {} than the image",
            words(field)
        );
        let conflict = Conflict {
            code: DIFFERS.to_owned(),
            field: field.to_owned(),
            message,
            values: vec![
                SourcedValue {
                    value: pair.value.clone(),
                    source: source.clone(),
                },
                SourcedValue {
                    value: own.unwrap_or_default(),
                    source: first(document, field),
                },
            ],
        };
        if !document.conflicts.contains(&conflict) {
            document.conflicts.push(conflict);
        }
    }
    let evidence = Evidence {
        field: field.to_owned(),
        value: pair.value.clone(),
        source,
        contract: None,
        // The image only declares this digest, so it may be another image's.
        strength: if level.binds() { 5 } else { 4 },
        status: match agrees {
            Some(true) => Status::Agrees,
            Some(false) => Status::Conflicts,
            None => Status::Alone,
        },
    };
    // Another signer of the same statement adds nothing.
    if !document.evidence.contains(&evidence) {
        document.evidence.push(evidence);
    }
    agrees != Some(false)
}

fn words(field: &str) -> &'static str {
    match field {
        "origin.commit.id" => "commit",
        "origin.commit.repository" => "repository",
        "origin.publisher" => "publisher",
        "origin.version" => "version",
        "origin.kind" => "kind",
        "origin.official" => "answer to whether it is official",
        _ => "reference",
    }
}

/// Returns the source of a fact in the image.
fn first(document: &Provenance, field: &str) -> Source {
    let mut evidence = document.evidence.iter();
    let found = evidence.find(|it| it.field == field && it.source.carrier != "attestation");
    found.map(|it| it.source.clone()).unwrap_or_default()
}

/// Returns the value in the image.
fn own(document: &Provenance, field: &str) -> Option<String> {
    let origin = &document.origin;
    match field {
        "origin.commit.id" => origin.commit.as_ref().map(|commit| commit.id.clone()),
        "origin.commit.repository" => origin.commit.as_ref()?.repository.clone(),
        "origin.publisher" => origin.publisher.clone(),
        "origin.version" => origin.version.clone(),
        "origin.kind" => Some(origin.kind.as_str().to_owned()),
        "origin.official" => origin.official.map(|it| it.to_string()),
        "origin.public_reference" => origin.public_reference.clone(),
        "origin.imported.digest" => origin.imported.as_ref()?.digest.clone(),
        _ => origin.imported.as_ref()?.reference.clone(),
    }
}

/// Returns true if both values mean the same; `None` if two different values may belong to one
/// image.
fn same(field: &str, own: &str, said: &str) -> Option<bool> {
    match field {
        "origin.commit.id" => Some(CommitText::parse(said).is_some_and(|said| {
            let own = CommitText::parse(own).map_or_else(|| own.to_owned(), |own| own.id);
            same_commit(&own, &said.id)
        })),
        "origin.commit.repository" => Some(own == said || same_repository(own, said)),
        // The same image may have been imported by tag and by digest.
        "origin.imported.reference" | "origin.public_reference" => Some(of_one(own, said)),
        // One may belong to an index, the other to a manifest in it.
        "origin.imported.digest" => (own == said).then_some(true),
        // Neither denies that it is another kind.
        "origin.kind" if own == UNKNOWN || said == UNKNOWN => None,
        // A signer who says "official" does not make it so; that is another rule.
        "origin.official" if said == "true" => (own == said).then_some(true),
        _ => Some(own == said),
    }
}

/// Returns true if two references name the same repository, with any tags and digests.
fn of_one(own: &str, said: &str) -> bool {
    match (Reference::parse(own), Reference::parse(said)) {
        (Ok(own), Ok(said)) => own.same_repository(&said),
        _ => own == said,
    }
}
