//! Judges the line that says where the image was pulled from: whether an importer can have written it.

use crate::provenance::{Kind, Provenance, Via};

/// The message of a check about a line that no importer writes.
pub(super) const UNREADABLE: &str = "the line about where it was pulled from has a form that no importer writes; nothing in it is believed";

/// Returns true for a provenance line that no importer writes. Somebody wrote it on purpose, so the
/// image's claims are worth less than without a line.
pub(super) fn is_unreadable(document: &Provenance) -> bool {
    let mut reasons = document.origin.reasons.iter();
    reasons.any(|reason| reason == "import-unreadable")
}

/// Returns why the declared publisher and kind are not proven; `None` if they are. No proof is needed
/// for a build that is not published, and for a layout or archive, which was not imported.
pub(super) fn doubt(document: &Provenance) -> Option<&'static str> {
    let origin = &document.origin;
    let published = matches!(origin.kind, Kind::Release | Kind::Nightly);
    if !published || !document.file.format.is_imported() || origin.official == Some(true) {
        return None;
    }
    let says = |code: &str| origin.reasons.iter().any(|reason| reason == code);
    let warned = |code: &str| document.warnings.iter().any(|warning| warning.code == code);
    let line = origin.imported.as_ref();
    if origin.modified_after_import {
        Some("it was changed after the import")
    } else if warned("repacked") {
        Some("another program than enroot may have packed the file, with changes")
    } else if warned("file-times-put-back") {
        Some("files have the time of the import, so a later change would not show")
    } else if says("repository-not-official") || warned("unmapped-mirror") {
        Some(
            "it was imported from a host that is neither the publisher's nor a mirror that --mirror names",
        )
    } else if line.is_none_or(|line| line.via != Via::Registry) {
        Some("no importer recorded which registry it was pulled from")
    } else if says("import-line-may-be-a-label") {
        Some("the line about its import may be a label that somebody wrote")
    } else {
        None
    }
}
