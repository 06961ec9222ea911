//! The longer lists, each behind its flag.

use std::collections::BTreeMap;

use super::notes::place;
use super::page::{ASIDE, PLAIN, Page, STRONG};
use crate::provenance::Provenance;
use crate::report::words;

/// Where each fact was read, and what became of it.
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

/// All packages.
pub(super) fn packages(page: &mut Page, document: &Provenance) {
    let body: Vec<Vec<String>> = document
        .packages
        .iter()
        .map(|package| {
            let from = package.commit.as_deref().or(package.url.as_deref());
            let from = match (from, package.editable) {
                (Some(from), true) => format!("{from} (editable)"),
                (Some(from), false) => from.to_owned(),
                (None, true) => "editable".to_owned(),
                (None, false) => "-".to_owned(),
            };
            vec![
                package.name.clone(),
                package.version.clone(),
                from,
                package.path.clone(),
            ]
        })
        .collect();
    if !page.is_narrow() {
        return table(
            page,
            "packages",
            &["name", "version", "from", "path"],
            &body,
        );
    }
    title(page, "packages", body.is_empty());
    for package in &document.packages {
        page.paragraph(
            "  ",
            PLAIN,
            &format!("{} {}", package.name, package.version),
        );
        let from = package.commit.as_deref().or(package.url.as_deref());
        if let Some(from) = from {
            page.paragraph("        ", ASIDE, from);
        }
        page.paragraph("        ", ASIDE, &package.path);
    }
}

/// The steps of the build.
pub(super) fn history(page: &mut Page, document: &Provenance) {
    title(page, "history", document.history.is_empty());
    for (number, step) in document.history.iter().enumerate() {
        let created_by = step
            .created_by
            .as_deref()
            .unwrap_or("a step without a description");
        page.paragraph("    ", PLAIN, &format!("{} {created_by}", number + 1));
        let notes = [step.created.as_deref(), step.comment.as_deref()];
        let mut notes: Vec<&str> = notes.into_iter().flatten().collect();
        notes.extend(step.empty_layer.then_some("no layer"));
        if !notes.is_empty() {
            page.paragraph("        ", ASIDE, &notes.join(" · "));
        }
    }
}

/// Names and their values.
pub(super) fn values(page: &mut Page, name: &str, values: &BTreeMap<String, String>) {
    title(page, name, values.is_empty());
    for (name, value) in values {
        page.paragraph("    ", PLAIN, &format!("{name}={value}"));
    }
}

fn table(page: &mut Page, name: &str, heads: &[&str], body: &[Vec<String>]) {
    title(page, name, body.is_empty());
    if !body.is_empty() {
        page.table(heads, body);
    }
}

fn title(page: &mut Page, name: &str, empty: bool) {
    page.blank();
    page.paragraph("", STRONG, name);
    if empty {
        page.paragraph("    ", ASIDE, "none");
    }
}
