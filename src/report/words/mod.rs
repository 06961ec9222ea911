//! Codes and enumerations in words, for the formats that people read.

use std::collections::BTreeSet;

use crate::finding::Severity;
use crate::provenance::{Ancestor, Confidence, Kind, Origin, Part, Provenance, Status};
pub(super) use crate::words::code;

/// Returns the kind of the image: `official release`, `local build`.
pub(super) fn kind(origin: &Origin) -> String {
    let noun = match (origin.kind, origin.prerelease) {
        (Kind::Release, false) => "release",
        (Kind::Release, true) => "pre-release",
        (Kind::Nightly, _) => "nightly build",
        (Kind::Ci, _) => "CI build",
        (Kind::Pr, _) => "pull request build",
        (Kind::Staging, _) => "staging build",
        (Kind::Local, _) => "local build",
        (Kind::Derived, _) => "derived image",
        (Kind::Unknown, _) if is_known(origin) => "kind unknown",
        (Kind::Unknown, _) => "origin unknown",
    };
    let published = matches!(origin.kind, Kind::Release | Kind::Nightly);
    let mut words = match origin.official {
        Some(true) => format!("official {noun}"),
        Some(false) if published => format!("{noun}, not official"),
        None if published => format!("{noun}, not known to be official"),
        _ => noun.to_owned(),
    };
    if origin.modified_after_import {
        words.push_str(", modified after import");
    }
    words
}

/// Returns the image that a derived one was built on, as far as it is known.
pub(super) fn base(document: &Provenance) -> Option<&Ancestor> {
    let base = document.origin.derived_from.as_ref();
    base.or(document.lineage.first())
}

/// Returns true if the image says something about what built it.
pub(super) fn is_known(origin: &Origin) -> bool {
    origin.publisher.is_some()
        || origin.commit.is_some()
        || origin.pipeline.is_some()
        || origin.public_reference.is_some()
}

/// Returns what the image is called: its product and version, else its source repository and commit
/// (`MooreThreads/vllm-musa at e76ebea1`).
pub(super) fn subject(document: &Provenance) -> Option<String> {
    let origin = &document.origin;
    let source = || {
        let commit = origin.commit.as_ref()?;
        let path = commit.repository.as_deref()?.strip_prefix("https://")?;
        let path = path.strip_prefix("github.com/").unwrap_or(path);
        let id = commit.id.get(..8).unwrap_or(&commit.id);
        Some(format!("{path} at {id}"))
    };
    let unnamed = origin.kind == Kind::Unknown && origin.version.is_none();
    let named = || product(document);
    if unnamed {
        source().or_else(named)
    } else {
        named().or_else(source)
    }
}

/// Says how well the origin is supported; empty if nothing supports it.
pub(super) fn confidence(document: &Provenance) -> String {
    if !document.conflicts.is_empty() {
        return "sources conflict".to_owned();
    }
    let declared = declared(document);
    match document.attested_by().filter(|_| !declared.is_empty()) {
        Some(signer) => format!("attested by {signer}, {declared}"),
        None => declared,
    }
}

/// Says how many sources in the image declare its origin.
fn declared(document: &Provenance) -> String {
    let origin = &document.origin;
    if origin.kind == Kind::Unknown && !is_known(origin) && origin.imported.is_none() {
        return String::new();
    }
    match document.origin.confidence {
        Confidence::Corroborated => match agreeing(document) {
            0 | 1 => "declared by several sources that agree".to_owned(),
            count => format!("declared by {count} sources that agree"),
        },
        Confidence::Declared => "declared by one source".to_owned(),
        Confidence::Inferred => "inferred from files".to_owned(),
        Confidence::None => String::new(),
    }
}

/// Says which of the images in a file it is: `target app`, `linux/arm64`.
pub(super) fn part(part: &Part) -> impl Iterator<Item = String> {
    let target = part.target.iter().map(|name| format!("target {name}"));
    target.chain(part.platform.clone())
}

pub(super) fn confidence_word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Corroborated => "corroborated",
        Confidence::Declared => "declared",
        Confidence::Inferred => "inferred",
        Confidence::None => "none",
    }
}

/// Counts the carriers that agree on some part of the origin.
fn agreeing(document: &Provenance) -> usize {
    let evidence = document.evidence.iter();
    let agreeing = evidence
        .filter(|e| e.status == Status::Agrees && e.field.starts_with("origin"))
        .map(|e| e.source.carrier.as_str());
    let carriers: BTreeSet<&str> = agreeing.filter(|it| *it != "attestation").collect();
    carriers.len()
}

/// Returns the product or publisher, with the version; `None` if neither is known.
pub(super) fn product(document: &Provenance) -> Option<String> {
    let origin = &document.origin;
    let name = origin.product.as_deref().or(origin.publisher.as_deref())?;
    Some(match origin.version.as_deref() {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    })
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Agrees => "agrees",
        Status::Conflicts => "conflicts",
        Status::Alone => "alone",
        Status::Inherited => "inherited",
        Status::Ignored => "ignored",
    }
}

/// Returns a reference as people write it: without the name of Docker Hub.
pub(super) fn short_reference(reference: &str) -> &str {
    match reference.strip_prefix("docker.io/") {
        Some(rest) => rest.strip_prefix("library/").unwrap_or(rest),
        None => reference,
    }
}

/// Returns a reference as `enroot import` reads it: `docker://REGISTRY#IMAGE:TAG`. A digest comes
/// after a colon, since an `@` would end a user's name there.
pub(super) fn enroot_uri(reference: &str) -> String {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (registry, path) = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            (Some(host), path)
        }
        _ => (None, name),
    };
    let hub = registry.is_none_or(|host| host == "docker.io");
    let path = if hub {
        path.strip_prefix("library/").unwrap_or(path)
    } else {
        path
    };
    let mut uri = String::from("docker://");
    if let (false, Some(host)) = (hub, registry) {
        uri.push_str(host);
        uri.push('#');
    }
    match digest {
        Some(digest) => {
            let last = path.rfind('/').map_or(0, |slash| slash + 1);
            let tag = path.get(last..).and_then(|image| image.find(':'));
            let name = tag.and_then(|colon| path.get(..last + colon));
            uri.push_str(&format!("{}:{digest}", name.unwrap_or(path)));
        }
        None => uri.push_str(path),
    }
    uri
}

/// Returns the words for a compared field. The names of variables, labels and packages stay as they are.
pub(super) fn compared(section: &str, name: &str) -> String {
    match (section, name) {
        ("lineage", number) => format!("base {number}"),
        ("origin", "derived_from") => "built on".to_owned(),
        ("origin", "modified_after_import") => "changed after import".to_owned(),
        ("origin", "moving") => "the tag moves".to_owned(),
        ("origin", "pull_ok") => "pull gives this image".to_owned(),
        ("runtime", "cmd") => "arguments".to_owned(),
        ("runtime", "workdir") => "working directory".to_owned(),
        ("origin" | "runtime", name) => name.replace('_', " "),
        (_, name) => name.to_owned(),
    }
}

/// Returns the value of a compared field in words: each reason, and `yes` or `no` for a truth value.
pub(super) fn compared_value(section: &str, name: &str, value: &str) -> Vec<String> {
    let word = match (section, name, value) {
        ("origin", "reasons", codes) => {
            let codes: Vec<String> = serde_json::from_str(codes).unwrap_or_default();
            return codes.iter().map(|it| code(it)).collect();
        }
        ("origin", _, "true") => "yes",
        ("origin", _, "false") => "no",
        ("origin", "confidence", "corroborated") => "sources agree",
        ("origin", "confidence", "declared") => "one source",
        ("origin", "confidence", "inferred") => "inferred from files",
        (_, _, value) => value,
    };
    vec![word.to_owned()]
}

/// Says how many findings there are of each severity, `3 errors, 1 warning`; empty where there are none.
pub(super) fn severities(count: impl Fn(Severity) -> usize) -> String {
    let counted = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ]
    .map(|(severity, word)| match count(severity) {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    counted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enroot_spelling_of_references() {
        for (reference, uri) in [
            (
                "docker.io/vllm/vllm-openai:v0.29.0",
                "docker://vllm/vllm-openai:v0.29.0",
            ),
            ("docker.io/library/ubuntu:24.04", "docker://ubuntu:24.04"),
            (
                "nvcr.io/nvidia/pytorch:25.03-py3",
                "docker://nvcr.io#nvidia/pytorch:25.03-py3",
            ),
            ("localhost:5000/a/b:c", "docker://localhost:5000#a/b:c"),
            (
                "docker.io/vllm/vllm-openai@sha256:46da",
                "docker://vllm/vllm-openai:sha256:46da",
            ),
            (
                "nvcr.io/a/b:tag@sha256:46da",
                "docker://nvcr.io#a/b:sha256:46da",
            ),
            ("ubuntu", "docker://ubuntu"),
        ] {
            assert_eq!(enroot_uri(reference), uri);
        }
    }
}
