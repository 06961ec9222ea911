//! Checks of the platform, the commit, the kind, the publisher, and whether the image is official.

use crate::attribution::same_commit;
use crate::image::oci::Platform;
use crate::provenance::{Kind, Provenance};
use crate::words;

use super::importer::{UNREADABLE, doubt, is_unreadable};
use super::outcome::{Check, Level};

/// Returns the check that fails for a line that no importer writes.
fn unreadable_import(field: &str) -> Check {
    Check::mismatch(field, "import-unreadable", UNREADABLE)
}

/// Returns the platform that the programs in the image are for, `linux/arm64`; `None` if nothing shows it.
#[must_use]
pub fn platform_of(document: &Provenance) -> Option<String> {
    let machine = document.os.architecture.as_deref()?;
    Platform::parse(&format!("linux/{machine}")).map(|found| found.without_variant())
}

/// Checks that the programs in the image are for this platform.
pub(super) fn platform(document: &Provenance, expected: &Platform) -> Check {
    const FIELD: &str = "platform";
    let (expected, found) = (expected.without_variant(), platform_of(document));
    let check = match &found {
        Some(found) if *found == expected => {
            Check::ok(FIELD, "platform", "its programs are for this platform")
        }
        Some(_) => Check::mismatch(
            FIELD,
            "platform-differs",
            "its programs are for another platform",
        ),
        None => Check::undecidable(
            FIELD,
            "platform-unknown",
            "nothing shows which platform its programs are for",
        ),
    };
    check.expected(expected).actual(found)
}

/// Checks that the commit starts with these digits, or is the start of them.
pub(super) fn commit(document: &Provenance, expected: &str) -> Check {
    let origin = &document.origin;
    let same = |id: &str| same_commit(id, expected);
    let mismatch = |code, message, actual| {
        let check = Check::mismatch("commit", code, message);
        check.expected(expected).actual(actual)
    };
    let Some(commit) = &origin.commit else {
        if origin.kind == Kind::Derived {
            let base = origin.derived_from.as_ref();
            let base = base.and_then(|base| base.commit.as_deref());
            let message = match base.is_some_and(same) {
                true => "it is built on an image of this commit, and is not that image",
                false => "it is built on another image, and does not name its own commit",
            };
            return mismatch("derived", message, base);
        }
        let message = "the image does not name its commit";
        return Check::undecidable("commit", "commit-unknown", message).expected(expected);
    };
    let id = Some(commit.id.as_str());
    if !same(&commit.id) {
        mismatch("commit-differs", "it was built from another commit", id)
    } else if origin.modified_after_import {
        let message = "it was built from this commit, and changed after the import";
        mismatch("modified-after-import", message, id)
    } else if commit.dirty {
        let message = "it was built from this commit with changes that are not in it";
        mismatch("dirty-tree", message, id)
    } else {
        let digits = commit.id.len();
        let message = match digits < expected.len() {
            true => format!("the image names the first {digits} digits only, which agree"),
            false => "the image says that it was built from this commit".to_owned(),
        };
        let check = Check::ok("commit", "commit", message).level(Level::Commit);
        check.expected(expected).actual(id)
    }
}

/// Returns the check of a kind or publisher that the image declares and that was expected.
fn declared(document: &Provenance, what: &str, unproven: &str) -> Check {
    match doubt(document) {
        None => Check::ok(what, what, format!("it is of this {what}")),
        Some(why) => {
            let message = format!("it declares this {what}, but nothing proves it: {why}");
            Check::undecidable(what, unproven, message)
        }
    }
}

/// Checks that the kind is one of these.
pub(super) fn kind(document: &Provenance, expected: &[Kind]) -> Check {
    let actual = document.origin.kind;
    let words: Vec<&str> = expected.iter().map(|kind| kind.as_str()).collect();
    let check = if is_unreadable(document) {
        unreadable_import("kind")
    } else if expected.contains(&actual) {
        declared(document, "kind", "kind-unproven")
    } else if actual == Kind::Unknown {
        let message = "the image does not name its kind of build";
        Check::undecidable("kind", "kind-unknown", message)
    } else {
        Check::mismatch("kind", "kind-differs", "it is of another kind")
    };
    check
        .expected(words.join(" or "))
        .actual(Some(actual.as_str()))
}

/// Checks that a known publisher's contract is met in full.
pub(super) fn official(document: &Provenance) -> Check {
    const FIELD: &str = "official";
    let why = words::against(&document.origin);
    let because = |text: &str| match why.as_str() {
        "" => text.to_owned(),
        why => format!("{text}: {why}"),
    };
    let (check, actual) = match document.origin.official {
        Some(true) => {
            let message = "a known publisher's contract is met in full";
            (Check::ok(FIELD, "official", message), "official")
        }
        Some(false) => {
            let message = because("something contradicts the publisher's contract");
            let check = Check::mismatch(FIELD, "not-official", message);
            (check, "not official")
        }
        None => {
            let message = because(if document.conflicts.is_empty() {
                "nothing contradicts the publisher's contract, but something that it requires is missing"
            } else {
                "it is neither proven nor refuted"
            });
            let check = Check::undecidable(FIELD, "official-unknown", message);
            (check, "unknown")
        }
    };
    check.expected("official").actual(Some(actual))
}

/// Checks that the publisher is one of these.
pub(super) fn publisher(document: &Provenance, expected: &[String]) -> Check {
    const FIELD: &str = "publisher";
    let actual = document.origin.publisher.as_deref();
    let known = |name: &str| expected.iter().any(|one| one.eq_ignore_ascii_case(name));
    let check = match actual {
        _ if is_unreadable(document) => unreadable_import(FIELD),
        Some(name) if known(name) => declared(document, FIELD, "publisher-unproven"),
        Some(_) => Check::mismatch(FIELD, "publisher-differs", "it is of another publisher"),
        None if document.origin.kind == Kind::Derived => {
            let message = "an unnamed builder built it on another image";
            Check::mismatch(FIELD, "derived", message)
        }
        None => {
            let message = "the image does not name its publisher";
            Check::undecidable(FIELD, "publisher-unknown", message)
        }
    };
    check.expected(expected.join(" or ")).actual(actual)
}
