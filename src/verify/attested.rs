//! Checks that a trusted signer signed a statement that binds the image.

use super::outcome::{Check, Level, Status};
use crate::provenance::{Attestation, Provenance};

const FIELD: &str = "attestations";

/// A statement about a digest that the image only declares is not enough: it binds no byte of the file.
pub(super) fn check(document: &Provenance, by: &[String]) -> Check {
    let expected = match by {
        [] => "anybody who is trusted".to_owned(),
        names => names.join(" or "),
    };
    let is_wanted = |it: &&Attestation| {
        let signer = it.signer.as_deref().unwrap_or_default();
        by.is_empty() || by.iter().any(|name| name == signer)
    };
    let verified = document.attestations.iter().filter(|it| it.is_verified());
    let wanted: Vec<&Attestation> = verified.filter(is_wanted).collect();
    let binding = wanted
        .iter()
        .filter(|it| it.level.is_some_and(|level| level.binds()));
    let best = binding.clone().filter(|it| it.holds());
    let best = best.min_by_key(|it| it.level);
    let signer = |it: &Attestation| it.signer.clone().unwrap_or_default();
    if let Some(best) = best {
        let level = best.level.map_or("", |level| level.as_str());
        let message = format!("{} (level {level})", best.message);
        return Check::new(FIELD, Status::Ok, "attested", message)
            .expected(expected)
            .actual(Some(signer(best)))
            .level(Level::Digest);
    }
    if let Some(content) = binding.clone().next() {
        let status = Status::Undecidable;
        let code = "attestation-settings-differ";
        return Check::new(FIELD, status, code, content.message.clone())
            .expected(expected)
            .actual(Some(signer(content)));
    }
    if let Some(import) = wanted.first() {
        let message = format!(
            "{}, but only for the digest that the image declares it was imported by; no statement binds this file",
            import.message
        );
        let status = Status::Undecidable;
        return Check::new(FIELD, status, "attestation-import-only", message)
            .expected(expected)
            .actual(Some(signer(import)));
    }
    let (code, message) = why_not(document, by);
    Check::new(FIELD, Status::Mismatch, code, message)
        .expected(expected)
        .actual(None::<String>)
}

/// Why no statement is enough.
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
