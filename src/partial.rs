//! Which answers are only part of the answer.

use crate::provenance::Provenance;

/// Codes of warnings that say that something which should have been read was not.
/// An image with one of them is answered in part, and the program exits with 2.
pub const PARTIAL_WARNINGS: [&str; 6] = [
    "damaged",
    "importer-file-unreadable",
    "over-limit",
    "timed-out",
    "truncated",
    "unreadable-file",
];

impl Provenance {
    /// True when part of the image could not be read, so that what is missing
    /// from this document may still be in the image.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.warnings
            .iter()
            .any(|warning| PARTIAL_WARNINGS.contains(&warning.code.as_str()))
    }
}
