//! Commit, kind, publisher, and whether it is official.

use crate::image::oci::Platform;
use crate::provenance::{Kind, Provenance};
use crate::words;

use super::importer::{UNREADABLE, doubt, is_unreadable};
use super::outcome::{Check, Level, Status};

/// The check that fails for a line that no importer writes.
fn unreadable_import(field: &str, expected: String, actual: Option<&str>) -> Check {
    Check::new(field, Status::Mismatch, "import-unreadable", UNREADABLE)
        .expected(expected)
        .actual(actual)
}

/// The programs in the image are for this platform.
pub(super) fn platform(document: &Provenance, expected: &Platform) -> Check {
    let actual = document.os.architecture.as_deref();
    let found = actual.and_then(|machine| Platform::parse(&format!("linux/{machine}")));
    let same = |found: &Platform| {
        (&found.os, &found.architecture) == (&expected.os, &expected.architecture)
    };
    let (status, code, message) = match &found {
        Some(found) if same(found) => {
            (Status::Ok, "platform", "its programs are for this platform")
        }
        Some(_) => (
            Status::Mismatch,
            "platform-differs",
            "its programs are for another platform",
        ),
        None => (
            Status::Undecidable,
            "platform-unknown",
            "nothing shows which platform its programs are for",
        ),
    };
    Check::new("platform", status, code, message)
        .expected(format!("{}/{}", expected.os, expected.architecture))
        .actual(found.map(|found| format!("{}/{}", found.os, found.architecture)))
}

/// The commit starts with these digits, or is the start of them.
pub(super) fn commit(document: &Provenance, expected: &str) -> Check {
    let origin = &document.origin;
    let check = |status, code: &str, message: String, actual: Option<&str>| {
        Check::new("commit", status, code, message)
            .expected(expected)
            .actual(actual)
    };
    let same = |id: &str| id.starts_with(expected) || expected.starts_with(id);
    let Some(commit) = &origin.commit else {
        if origin.kind == Kind::Derived {
            let base = origin.derived_from.as_ref();
            let base = base.and_then(|base| base.commit.as_deref());
            return check(
                Status::Mismatch,
                "derived",
                match base {
                    Some(base) if same(base) => {
                        "it is built on an image of this commit, and is not that image".to_owned()
                    }
                    _ => {
                        "it is built on another image, and does not name its own commit".to_owned()
                    }
                },
                base,
            );
        }
        return check(
            Status::Undecidable,
            "commit-unknown",
            "the image does not name its commit".to_owned(),
            None,
        );
    };
    let id = Some(commit.id.as_str());
    if !same(&commit.id) {
        return check(
            Status::Mismatch,
            "commit-differs",
            "it was built from another commit".to_owned(),
            id,
        );
    }
    if origin.modified_after_import {
        return check(
            Status::Mismatch,
            "modified-after-import",
            "it was built from this commit, and changed after the import".to_owned(),
            id,
        );
    }
    if commit.dirty {
        return check(
            Status::Mismatch,
            "dirty-tree",
            "it was built from this commit with changes that are not in it".to_owned(),
            id,
        );
    }
    let short = if commit.id.len() < expected.len() {
        format!(
            "the image names the first {} digits only, which agree",
            commit.id.len()
        )
    } else {
        "the image says that it was built from this commit".to_owned()
    };
    check(Status::Ok, "commit", short, id).level(Level::Commit)
}

/// What the image declares is what was expected: an OK, or why nothing proves it.
fn declared(
    document: &Provenance,
    what: &'static str,
    unproven: &'static str,
) -> (Status, &'static str, String) {
    match doubt(document) {
        None => (Status::Ok, what, format!("it is of this {what}")),
        Some(why) => {
            let message = format!("it declares this {what}, but nothing proves it: {why}");
            (Status::Undecidable, unproven, message)
        }
    }
}

/// The kind is one of these.
pub(super) fn kind(document: &Provenance, expected: &[Kind]) -> Check {
    let actual = document.origin.kind;
    let words: Vec<&str> = expected.iter().map(|kind| kind.as_str()).collect();
    if is_unreadable(document) {
        return unreadable_import("kind", words.join(" or "), Some(actual.as_str()));
    }
    let (status, code, message) = if expected.contains(&actual) {
        declared(document, "kind", "kind-unproven")
    } else if actual == Kind::Unknown {
        (
            Status::Undecidable,
            "kind-unknown",
            "the image does not name its kind of build".to_owned(),
        )
    } else {
        (
            Status::Mismatch,
            "kind-differs",
            "it is of another kind".to_owned(),
        )
    };
    Check::new("kind", status, code, message)
        .expected(words.join(" or "))
        .actual(Some(actual.as_str()))
}

/// A known publisher's contract is met in full.
pub(super) fn official(document: &Provenance) -> Check {
    let why = words::against(&document.origin);
    let because = |text: &str| match why.as_str() {
        "" => text.to_owned(),
        why => format!("{text}: {why}"),
    };
    let (status, code, message, actual) = match document.origin.official {
        Some(true) => (
            Status::Ok,
            "official",
            "a known publisher's contract is met in full".to_owned(),
            "official".to_owned(),
        ),
        Some(false) => (
            Status::Mismatch,
            "not-official",
            because("something contradicts the publisher's contract"),
            "not official".to_owned(),
        ),
        None => (
            Status::Undecidable,
            "official-unknown",
            because(if document.conflicts.is_empty() {
                "nothing contradicts the publisher's contract, but something that it requires is missing"
            } else {
                "it is neither proven nor refuted"
            }),
            "unknown".to_owned(),
        ),
    };
    Check::new("official", status, code, message)
        .expected("official")
        .actual(Some(actual))
}

/// The publisher is one of these.
pub(super) fn publisher(document: &Provenance, expected: &[String]) -> Check {
    let actual = document.origin.publisher.as_deref();
    if is_unreadable(document) {
        return unreadable_import("publisher", expected.join(" or "), actual);
    }
    let known = |name: &str| expected.iter().any(|one| one.eq_ignore_ascii_case(name));
    let (status, code, message) = match actual {
        Some(name) if known(name) => declared(document, "publisher", "publisher-unproven"),
        Some(_) => (
            Status::Mismatch,
            "publisher-differs",
            "it is of another publisher".to_owned(),
        ),
        None if document.origin.kind == Kind::Derived => (
            Status::Mismatch,
            "derived",
            "an unnamed builder built it on another image".to_owned(),
        ),
        None => (
            Status::Undecidable,
            "publisher-unknown",
            "the image does not name its publisher".to_owned(),
        ),
    };
    Check::new("publisher", status, code, message)
        .expected(expected.join(" or "))
        .actual(actual)
}
