//! Whether the line that says where the image was pulled from can be an importer's.

use crate::provenance::Provenance;

/// What a check says of a line that is not.
pub(super) const UNREADABLE: &str =
    "no importer writes such a line about where it was pulled from; nothing in it is believed";

/// True where no importer writes such a line: somebody wrote it on purpose, and what the image states
/// is worth less than without a line.
pub(super) fn is_unreadable(document: &Provenance) -> bool {
    let mut reasons = document.origin.reasons.iter();
    reasons.any(|reason| reason == "import-unreadable")
}
