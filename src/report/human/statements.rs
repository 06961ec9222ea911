//! What others state about the image.

use super::page::Page;
use crate::provenance::{Attestation, AttestedLevel, Provenance};
use crate::report::terminal::{CARE, GOOD, PLAIN};

/// The most statements that are named. An attacker can put any number of them beside an image.
const NAMED: usize = 8;

/// Adds a line for each statement, the verified ones first.
pub(super) fn add(page: &mut Page, document: &Provenance) {
    let mut all: Vec<&Attestation> = document.attestations.iter().collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_key(|it| !it.is_verified());
    page.blank();
    for it in all.iter().take(NAMED) {
        match it.level.filter(|_| it.is_verified()) {
            Some(level) => {
                let text = format!("verified: {}, {}", it.message, words(level));
                let style = if it.holds() { GOOD } else { CARE };
                page.paragraph("  attested: ", style, &text);
            }
            None => {
                let text = format!("not verified: {}", it.message);
                page.paragraph("  attested: ", CARE, &text);
            }
        }
        page.paragraph("    ", PLAIN, &it.path);
    }
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let text = format!("and {more} more statements, see --format json");
        page.paragraph("    ", PLAIN, &text);
    }
}

fn words(level: AttestedLevel) -> &'static str {
    match level {
        AttestedLevel::File => "over this very file",
        AttestedLevel::Content => "over the content of this file, except what the importer wrote",
        AttestedLevel::Manifest => "over the manifest of this image",
        AttestedLevel::Import => {
            "over the digest by which it says it was imported; it only declares that it is that image"
        }
    }
}
