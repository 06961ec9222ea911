//! Checks that a trusted signer signed a statement that binds the image.

use super::outcome::{Check, Level};
use crate::provenance::{Attestation, Provenance, SETTINGS_NOT_STATED};

const FIELD: &str = "attestations";

/// Checks who signed. A statement about a digest that the image only declares is not enough: it binds no
/// byte of the file.
pub(super) fn check(document: &Provenance, by: &[String]) -> Check {
    let expected = match by {
        [] => "a statement by a trusted signer".to_owned(),
        names => names.join(" or "),
    };
    let signer = |it: &Attestation| it.signer.clone().unwrap_or_default();
    let is_wanted = |it: &&Attestation| by.is_empty() || by.contains(&signer(it));
    let verified = document.attestations.iter().filter(|it| it.is_verified());
    let wanted: Vec<&Attestation> = verified.filter(is_wanted).collect();
    let mut binding = wanted
        .iter()
        .filter(|it| it.level.is_some_and(|level| level.binds()));
    let best = binding.clone().filter(|it| it.holds());
    let (check, found) = if let Some(best) = best.min_by_key(|it| it.level) {
        let level = best.level.map_or("", |level| level.as_str());
        let message = format!("{} (level {level})", best.message);
        let check = Check::ok(FIELD, "attested", message).level(Level::Digest);
        (check, Some(best))
    } else if let Some(content) = binding.next() {
        let code = match content.reason.as_str() {
            SETTINGS_NOT_STATED => "attestation-settings-not-stated",
            _ => "attestation-settings-differ",
        };
        // The signer is the expected one, so the two names would say nothing.
        return Check::undecidable(FIELD, code, &content.message);
    } else if let Some(import) = wanted.first() {
        let message = format!(
            "{}, but only for the digest that the image declares it was imported by; no statement binds this file",
            import.message
        );
        let check = Check::undecidable(FIELD, "attestation-import-only", message);
        (check, Some(import))
    } else {
        let (code, message) = why_not(document, by);
        (Check::mismatch(FIELD, code, message), None)
    };
    check.expected(expected).actual(found.map(|it| signer(it)))
}

/// Returns why no statement is enough: a code and a sentence.
fn why_not(document: &Provenance, by: &[String]) -> (&'static str, String) {
    let verified = document.attestations.iter().find(|it| it.is_verified());
    if let Some(other) = verified.filter(|_| !by.is_empty()) {
        let message = format!("{}, and no other trusted signer", other.message);
        return ("attestation-by-another", message);
    }
    match document.attestations.first() {
        None => {
            let message = "no statement about this image was found";
            ("attestation-missing", message.to_owned())
        }
        Some(first) => {
            let message = format!("{}: {}", first.path, first.message);
            ("attestation-invalid", message)
        }
    }
}
