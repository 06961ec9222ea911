//! What to import in place of a refused image, if that helps.

use crate::finding::Severity;
use crate::provenance::{Kind, Origin};
use crate::reference::Reference;
use crate::verify::document::Verification;
use crate::verify::{Check, Status};

/// Codes of checks that another import of the same image may fix.
const BY_IMPORT: [&str; 6] = [
    "import-unreadable",
    "kind-unproven",
    "not-official",
    "official-unknown",
    "publisher-unproven",
    "truncated",
];
/// The same for findings of a policy.
const POLICY_BY_IMPORT: [&str; 9] = [
    "policy-not-official",
    "policy-not-official-unknown",
    "policy-import-elsewhere",
    "policy-import-unknown",
    "policy-import-unreadable",
    "policy-kind",
    "policy-kind-forbidden",
    "policy-modified",
    "policy-not-whole",
];

/// Returns the advice; `None` if no import is known that would pass.
pub(super) fn instead(answer: &Verification) -> Option<String> {
    let checks = answer.checks.iter();
    let wrong = checks.filter(|check| check.status == Status::Mismatch);
    let wrong: Vec<&Check> = wrong.collect();
    let errors = || {
        let findings = answer.findings.iter();
        findings.filter(|finding| finding.severity == Severity::Error)
    };
    if wrong.is_empty() && errors().next().is_none() {
        return None;
    }
    // If the user expects an image by its name, that image is the one to import.
    let expected = wrong.iter().find(|check| is_image(check));
    let helps = |check: &&Check| BY_IMPORT.contains(&check.code.as_str());
    let helps_policy = || errors().all(|it| POLICY_BY_IMPORT.contains(&it.code.as_str()));
    let reference = match expected {
        Some(check) => check.expected.clone(),
        None if !wrong.iter().all(helps) || !helps_policy() => None,
        None => {
            let truncated = wrong.iter().any(|check| check.field == "file.whole");
            named(answer.origin.as_ref()?, truncated)
        }
    };
    reference.map(|reference| format!("import {reference} in its place"))
}

fn is_image(check: &&Check) -> bool {
    check.field.ends_with("image") || check.field.ends_with("container")
}

/// Returns the reference under which the image was published; `None` if an import from it would give this file
/// again.
fn named(origin: &Origin, truncated: bool) -> Option<String> {
    let import = origin.imported.as_ref();
    let import = import.and_then(|import| import.reference.clone());
    if origin.modified_after_import || truncated {
        return origin.pull.reference.clone().or(import);
    }
    if origin.kind == Kind::Derived {
        return origin.derived_from.as_ref()?.reference.clone();
    }
    let published = origin.public_reference.clone();
    let published = published.or_else(|| origin.pull.reference.clone())?;
    let parsed = |text: &str| Reference::parse(text).ok();
    let same = import.as_deref().and_then(parsed).zip(parsed(&published));
    let is_it = same.is_some_and(|(import, published)| {
        import.same_repository(&published)
            && (import.tag == published.tag || import.digest.is_some())
    });
    (!is_it).then_some(published)
}
