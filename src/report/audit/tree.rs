//! The family tree of all images, as text and for the page.

use serde::Serialize;

use super::table::fit_middle;
use super::{Report, count, shown_path, size};
use crate::audit::family::FamilyRecord;
use crate::audit::sums::sum;
use crate::report::escape;
use crate::report::terminal::{LEAST_WIDTH, columns, hang};

/// The deepest entry that is indented more than the one above it.
const DEEPEST: usize = 40;

/// Returns the tree, one entry for each content, indented; empty if there is none. An entry that is wider than
/// `width` takes several lines.
#[must_use]
pub fn render(report: &Report, width: usize) -> String {
    if report.families.is_empty() {
        return String::new();
    }
    let width = width.max(LEAST_WIDTH);
    let mut lines = vec![String::new(), "Family tree, by content".to_owned()];
    for family in &report.families {
        lines.extend(entry(family, width));
    }
    let all = |of: fn(&FamilyRecord) -> u64| sum(report.families.iter().map(of));
    let sums = format!(
        "{} would be freed by removing files of the same content, about {} if children shared files with their parents",
        size(all(|it| it.reclaimable)),
        size(all(|it| it.shared)),
    );
    lines.extend(hang("  ", &sums, width));
    lines.join("\n") + "\n"
}

/// Returns the lines of an image: in one line what fits, else its path, its name and what it adds below each
/// other.
fn entry(family: &FamilyRecord, width: usize) -> Vec<String> {
    let depth = usize::try_from(family.depth).unwrap_or(0).min(DEEPEST);
    let deepest = width.saturating_sub(LEAST_WIDTH) / 2 + LEAST_WIDTH / 4;
    let indent = " ".repeat((2 * depth + 2).min(deepest));
    let adds = match family.parent {
        Some(_) => what_it_adds(family),
        None => size(family.bytes),
    };
    let adds = adds + &copies(family);
    let line = format!("{indent}{}  {adds}", label(family));
    if columns(&line) <= width {
        return vec![line];
    }
    let below = format!("{indent}    ");
    let room = |lead: &str| width.saturating_sub(columns(lead));
    let path = fit_middle(&shown_path(&family.path), room(&indent));
    let mut lines = vec![format!("{indent}{path}")];
    if let Some(name) = &family.name {
        let name = fit_middle(&escape::text(name), room(&below).saturating_sub(2));
        lines.push(format!("{below}({name})"));
    }
    lines.extend(hang(&below, &adds, width));
    lines
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

#[cfg(test)]
mod tests {
    use super::*;

    fn family(depth: u64, parent: Option<u64>, path: &str) -> FamilyRecord {
        FamilyRecord {
            depth,
            parent,
            path: std::path::Path::new(path).into(),
            name: Some("docker.io/vllm/vllm-openai:v0.29.0".to_owned()),
            bytes: 5900,
            added: Some(412),
            added_bytes: Some(1_200_000),
            changed: Some(3),
            ..FamilyRecord::default()
        }
    }

    #[test]
    fn the_tree_fits_into_a_narrow_terminal_and_keeps_its_shape() {
        let report = Report {
            families: vec![
                family(0, None, "/images/vllm.sqsh"),
                family(1, Some(1), "/images/child-of-vllm-with-a-long-name.sqsh"),
                family(30, Some(2), "/images/deep.sqsh"),
            ],
            ..Report::default()
        };
        for width in [40, 60, 80] {
            let text = render(&report, width);
            assert!(text.lines().all(|line| columns(line) <= width), "{text}");
            assert!(text.contains(":v0.29.0)"), "{text}");
        }
        let text = render(&report, 60);
        let root =
            "\n  /images/vllm.sqsh\n      (docker.io/vllm/vllm-openai:v0.29.0)\n      5.9 kB\n";
        assert!(text.contains(root), "{text}");
        assert!(
            text.contains("\n        +412 files (+1.2 MB), 3 changed\n"),
            "{text}"
        );
        let wide = "  /images/vllm.sqsh (docker.io/vllm/vllm-openai:v0.29.0)  5.9 kB\n";
        assert!(render(&report, 80).contains(wide));
    }
}
