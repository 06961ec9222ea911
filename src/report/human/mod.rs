//! The answer for a person at a terminal.

mod differences;
mod notes;
mod page;
mod recognised;
mod rows;
mod runs;
mod sections;
mod statements;

use page::Page;

use super::terminal::{ASIDE, CARE, GOOD, LEAST_WIDTH, STRONG};
use super::{given_path, words};
use crate::audit::diff::Difference;
use crate::provenance::{Kind, Provenance};

/// Columns where the terminal's width is not known.
pub const DEFAULT_WIDTH: usize = 100;
/// Longer lines are hard to read.
const MAX_WIDTH: usize = 120;

/// What to show, and how.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    /// Columns of the terminal; bounded to 40 and 120.
    pub width: usize,
    /// True to colour. The text says the same without.
    pub colour: bool,
    /// Show where each fact was read.
    pub evidence: bool,
    /// Show all packages.
    pub packages: bool,
    /// Show the steps of its build.
    pub history: bool,
    /// Show the image's environment.
    pub environment: bool,
    /// Show the image's labels.
    pub labels: bool,
}

impl Default for Human {
    fn default() -> Self {
        Self {
            width: DEFAULT_WIDTH,
            colour: false,
            evidence: false,
            packages: false,
            history: false,
            environment: false,
            labels: false,
        }
    }
}

/// The answer, with a newline at the end.
#[must_use]
pub fn render(document: &Provenance, human: &Human) -> String {
    let mut page = Page::new(human.width.clamp(LEAST_WIDTH, MAX_WIDTH), human.colour);
    let path = given_path(&document.file.path);
    let part = document.part.iter().flat_map(words::part);
    let shown: Vec<String> = std::iter::once(path).chain(part).collect();
    page.paragraph("", STRONG, &shown.join(" · "));
    headline(&mut page, document);
    let rows = rows::all(document);
    if !rows.is_empty() {
        page.blank();
        page.rows(&rows);
    }
    statements::add(&mut page, document);
    notes::add(&mut page, document);
    if human.evidence {
        sections::evidence(&mut page, document);
    }
    if human.packages {
        sections::packages(&mut page, document);
    }
    if human.history {
        sections::history(&mut page, document);
    }
    if human.environment {
        sections::values(&mut page, "environment", &document.environment);
    }
    if human.labels {
        sections::values(&mut page, "labels", &document.labels);
    }
    page.finish()
}

/// Returns the differences between the images of one file, with a newline at the end.
#[must_use]
pub fn differences(documents: &[Provenance], found: &[Difference], human: &Human) -> String {
    let mut page = Page::new(human.width.clamp(LEAST_WIDTH, MAX_WIDTH), human.colour);
    differences::add(&mut page, documents, found);
    page.finish()
}

/// Adds the product and version, the kind of the image, and how well that is supported.
fn headline(page: &mut Page, document: &Provenance) {
    let origin = &document.origin;
    let confidence = words::confidence(document);
    let left = match (&origin.kind, words::subject(document)) {
        (Kind::Derived, product) => derived(document, product),
        (_, Some(product)) => format!("{product} · {}", words::kind(origin)),
        (_, None) => words::kind(origin),
    };
    let care = !document.conflicts.is_empty();
    let right = if care { CARE } else { ASIDE };
    let style = if origin.official == Some(true) && !care {
        GOOD.bold()
    } else {
        STRONG
    };
    page.spread(&left, style, &confidence, right);
}

/// Returns `derived from vLLM 0.23.0 (vllm/vllm-openai:v0.23.0)`, after the image's own product if it has one.
fn derived(document: &Provenance, product: Option<String>) -> String {
    let mut words = match words::base(document).map(rows::ancestor_words) {
        Some(base) => format!("derived from {base}"),
        None => "derived from an image that is not known".to_owned(),
    };
    if document.origin.modified_after_import {
        words.push_str(", modified after import");
    }
    match product {
        Some(product) => format!("{product} · {words}"),
        None => words,
    }
}

#[cfg(test)]
mod tests;
