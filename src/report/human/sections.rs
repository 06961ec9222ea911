//! The longer lists, each behind its flag.

use std::collections::BTreeMap;

use super::notes::place;
use super::page::Page;
use crate::provenance::{Package, Provenance};
use crate::report::terminal::{ASIDE, PLAIN, STRONG};
use crate::report::words;

/// Adds where each fact was read, and how it was used.
pub(super) fn evidence(page: &mut Page, document: &Provenance) {
    title(page, "evidence", document.evidence.is_empty());
    for entry in &document.evidence {
        let contract = entry.contract.as_deref().unwrap_or("no contract");
        let status = words::status(entry.status);
        let strength = entry.strength;
        page.paragraph("    ", PLAIN, &format!("{} {}", entry.field, entry.value));
        let what = format!(
            "{} · {contract} · strength {strength} · {status}",
            place(&entry.source)
        );
        page.paragraph("        ", ASIDE, &what);
    }
}

pub(super) fn packages(page: &mut Page, document: &Provenance) {
    title(page, "packages", document.packages.is_empty());
    if document.packages.is_empty() {
        return;
    }
    let source = |package: &Package| package.commit.clone().or_else(|| package.url.clone());
    if page.is_narrow() {
        for package in &document.packages {
            let text = format!("{} {}", package.name, package.version);
            page.paragraph("  ", PLAIN, &text);
            if let Some(source) = source(package) {
                page.paragraph("        ", ASIDE, &source);
            }
            page.paragraph("        ", ASIDE, &package.path);
        }
        return;
    }
    let rows = document.packages.iter().map(|package| {
        let from = match (source(package), package.editable) {
            (Some(source), true) => format!("{source} (editable)"),
            (Some(source), false) => source,
            (None, true) => "editable".to_owned(),
            (None, false) => "-".to_owned(),
        };
        let (name, version) = (package.name.clone(), package.version.clone());
        vec![name, version, from, package.path.clone()]
    });
    let rows: Vec<_> = rows.collect();
    page.table(&["name", "version", "from", "path"], &rows);
}

pub(super) fn history(page: &mut Page, document: &Provenance) {
    title(page, "history", document.history.is_empty());
    for (number, step) in document.history.iter().enumerate() {
        let created_by = step.created_by.as_deref();
        let created_by = created_by.unwrap_or("a step without a description");
        page.paragraph("    ", PLAIN, &format!("{} {created_by}", number + 1));
        let notes = [step.created.as_deref(), step.comment.as_deref()];
        let mut notes: Vec<&str> = notes.into_iter().flatten().collect();
        notes.extend(step.empty_layer.then_some("no layer"));
        if !notes.is_empty() {
            page.paragraph("        ", ASIDE, &notes.join(" · "));
        }
    }
}

pub(super) fn values(page: &mut Page, name: &str, values: &BTreeMap<String, String>) {
    title(page, name, values.is_empty());
    for (name, value) in values {
        page.paragraph("    ", PLAIN, &format!("{name}={value}"));
    }
}

fn title(page: &mut Page, name: &str, empty: bool) {
    page.blank();
    page.paragraph("", STRONG, name);
    if empty {
        page.paragraph("    ", ASIDE, "none");
    }
}
