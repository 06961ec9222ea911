//! `dot`: the family tree of all images, for Graphviz.

use super::tree::{label, what_it_adds};
use super::{Report, size};
use crate::audit::family::FamilyRecord;

/// Returns a graph. Each content is a node, with an arrow from its parent.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = String::from(
        "digraph images {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n",
    );
    for family in &report.families {
        let copies = match family.copies.len() {
            0 => String::new(),
            more => format!("\n{} files", more + 1),
        };
        let shown = format!("{}\n{}{copies}", label(family), size(family.bytes));
        text.push_str(&format!("  i{} [label={}];\n", family.id, quoted(&shown)));
    }
    for family in &report.families {
        text.push_str(&arrow(family));
    }
    text.push_str("}\n");
    text
}

fn arrow(family: &FamilyRecord) -> String {
    let Some(parent) = family.parent else {
        return String::new();
    };
    let label = quoted(&what_it_adds(family));
    format!("  i{parent} -> i{} [label={label}];\n", family.id)
}

/// Returns a string of the DOT language, with quotes and backslashes escaped
/// (<https://graphviz.org/doc/info/lang.html>). Control characters in the text are escaped before.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::PathText;

    #[test]
    fn a_hostile_path_stays_in_its_label() {
        let family = |id, parent| FamilyRecord {
            id,
            parent,
            path: PathText::Text("/a\"];evil [label=\"\\l\n\u{1b}[31m".to_owned()),
            ..FamilyRecord::default()
        };
        let report = Report {
            families: vec![family(1, None), family(2, Some(1))],
            ..Report::default()
        };
        let text = render(&report);
        // Nothing that is escaped ends a string.
        let bare = text.replace("\\\\", "").replace("\\\"", "");
        assert!(!bare.contains("\"];evil"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.contains("  i1 -> i2 [label="), "{text}");
        assert_eq!(text.lines().count(), 8, "{text}");
    }
}
