//! The family tree of all images, as text and for the page.

use serde::Serialize;

use super::{Report, count, shown_path, size};
use crate::audit::family::FamilyRecord;
use crate::report::escape;

/// The tree, a line for each content, indented; empty if there is none.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    if report.families.is_empty() {
        return text;
    }
    text.push_str("\nFamily tree, by content\n");
    for family in &report.families {
        let indent = "  ".repeat(usize::try_from(family.depth).unwrap_or(0).min(40) + 1);
        let adds = match family.parent {
            Some(_) => what_it_adds(family),
            None => size(family.bytes),
        };
        let (label, copies) = (label(family), copies(family));
        text.push_str(&format!("{indent}{label}  {adds}{copies}\n"));
    }
    let sum = |of: fn(&FamilyRecord) -> u64| report.families.iter().map(of).sum::<u64>();
    text.push_str(&format!(
        "  {} would be freed by removing files of the same content,\n  about {} if children shared files with their parents\n",
        size(sum(|it| it.reclaimable)),
        size(sum(|it| it.shared)),
    ));
    text
}

/// Returns the path of an image, and its name if it has one.
pub(super) fn label(family: &FamilyRecord) -> String {
    let path = shown_path(&family.path);
    match &family.name {
        Some(name) => format!("{path} ({})", escape::text(name)),
        None => path,
    }
}

/// Says how it differs from its parent: `+412 files (+1.2 GB), 3 changed, 1 removed`.
pub(super) fn what_it_adds(family: &FamilyRecord) -> String {
    let number = |value: Option<u64>| count(value.unwrap_or_default());
    let about = if family.estimated { "about " } else { "" };
    let files = match family.added {
        Some(1) => "file",
        _ => "files",
    };
    let mut text = format!("{about}+{} {files}", number(family.added));
    if let Some(bytes) = family.added_bytes {
        let sign = if bytes < 0 { "−" } else { "+" };
        text.push_str(&format!(" ({sign}{})", size(bytes.unsigned_abs())));
    }
    for (word, value) in [("changed", family.changed), ("removed", family.removed)] {
        if value.is_some_and(|value| value > 0) {
            text.push_str(&format!(", {} {word}", number(value)));
        }
    }
    text
}

fn copies(family: &FamilyRecord) -> String {
    match family.copies.len() {
        0 => String::new(),
        1 => ", 1 copy".to_owned(),
        more => format!(", {more} copies"),
    }
}

/// A node of the page's tree. All text in it is safe to show.
#[derive(Serialize)]
pub(super) struct Node {
    id: u64,
    parent: Option<u64>,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What it adds to its parent; for a root, what it contains.
    adds: String,
    copies: Vec<String>,
    reclaimable: u64,
    shared: u64,
}

pub(super) fn nodes(report: &Report) -> Vec<Node> {
    let shown = |name: &String| escape::text(name).into_owned();
    let nodes = report.families.iter().map(|family| Node {
        id: family.id,
        parent: family.parent,
        path: shown_path(&family.path),
        name: family.name.as_ref().map(shown),
        adds: match family.parent {
            Some(_) => what_it_adds(family),
            None => format!("{} files, {}", count(family.files), size(family.bytes)),
        },
        copies: family.copies.iter().map(shown_path).collect(),
        reclaimable: family.reclaimable,
        shared: family.shared,
    });
    nodes.collect()
}
