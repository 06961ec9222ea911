//! The longer lists, each behind its flag.

use std::collections::BTreeMap;

use super::notes::place;
use super::page::{ASIDE, PLAIN, Page, STRONG};
use crate::provenance::Provenance;
use crate::report::words;

/// Where each fact was read, and what became of it.
pub(super) fn evidence(page: &mut Page, document: &Provenance) {
    let body: Vec<Vec<String>> = document
        .evidence
        .iter()
        .map(|entry| {
            vec![
                entry.field.clone(),
                entry.value.clone(),
                place(&entry.source),
                entry.contract.clone().unwrap_or_else(|| "-".to_owned()),
                entry.strength.to_string(),
                words::status(entry.status).to_owned(),
            ]
        })
        .collect();
    table(
        page,
        "evidence",
        &["field", "value", "where", "contract", "strength", "status"],
        &body,
    );
}

/// All packages.
pub(super) fn packages(page: &mut Page, document: &Provenance) {
    let body: Vec<Vec<String>> = document
        .packages
        .iter()
        .map(|package| {
            let from = package
                .commit
                .as_deref()
                .or(package.url.as_deref())
                .unwrap_or("-");
            let from = if package.editable {
                format!("{from} (editable)")
            } else {
                from.to_owned()
            };
            vec![
                package.name.clone(),
                package.version.clone(),
                from,
                package.path.clone(),
            ]
        })
        .collect();
    table(
        page,
        "packages",
        &["name", "version", "from", "path"],
        &body,
    );
}

/// Names and their values.
pub(super) fn values(page: &mut Page, title: &str, values: &BTreeMap<String, String>) {
    page.blank();
    page.paragraph("", STRONG, title);
    if values.is_empty() {
        page.paragraph("  ", ASIDE, "none");
    }
    for (name, value) in values {
        page.paragraph("  ", PLAIN, &format!("{name}={value}"));
    }
}

fn table(page: &mut Page, title: &str, heads: &[&str], body: &[Vec<String>]) {
    page.blank();
    page.paragraph("", STRONG, title);
    if body.is_empty() {
        page.paragraph("  ", ASIDE, "none");
    } else {
        page.table(heads, body);
    }
}
