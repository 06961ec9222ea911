//! What several images of one file differ in.

use super::page::Page;
use crate::audit::diff::Difference;
use crate::provenance::Provenance;
use crate::report::terminal::{ASIDE, PLAIN, STRONG};
use crate::report::words;

/// The most differences that are shown. Images for two platforms can differ in a thousand packages.
const SHOWN: usize = 40;

/// Adds the differences between the images of a file.
pub(super) fn add(page: &mut Page, documents: &[Provenance], found: &[Difference]) {
    let names = documents.iter().enumerate().map(|(number, document)| {
        let parts = document.part.iter().flat_map(words::part);
        let name = parts.collect::<Vec<_>>().join(" ");
        match name.is_empty() {
            true => format!("image {}", number + 1),
            false => name,
        }
    });
    let names: Vec<String> = names.collect();
    let text = format!("what differs between {}", names.join(", "));
    page.paragraph("", STRONG, &text);
    if found.is_empty() {
        page.paragraph("    ", ASIDE, "nothing that is compared");
    }
    for difference in found.iter().take(SHOWN) {
        let (section, field_name) = difference.field.split_once('.').unwrap_or_default();
        let field = format!("{section}: {}", words::compared(section, field_name));
        page.paragraph("  ", PLAIN, &field);
        for (name, value) in names.iter().zip(&difference.values) {
            let value = value.as_deref().unwrap_or("none");
            let value = words::compared_value(section, field_name, value).join("; ");
            page.paragraph("    ", ASIDE, &format!("{name}: {value}"));
        }
    }
    if let Some(more) = found.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let text = format!("and {more} more: part.differs of --format json");
        page.paragraph("  ", ASIDE, &text);
    }
}
