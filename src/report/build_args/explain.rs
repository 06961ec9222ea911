//! Where each value comes from, for a person.

use crate::emit::Stamp;
use crate::report::escape;
use crate::report::terminal::{columns, pad};

/// Returns a line for each build argument, the kind, the contract and the tag: its value, and where that comes
/// from. On a terminal that is too narrow, each has three lines.
#[must_use]
pub fn explain(stamp: &Stamp, width: Option<usize>) -> String {
    let rows: Vec<[String; 3]> = (stamp.explained.iter())
        .map(|(name, value, from)| {
            let value = if value.is_empty() { "(empty)" } else { value };
            [name, value, from].map(|text| escape::text(text).into_owned())
        })
        .collect();
    let widest = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| columns(cell)).max().unwrap_or(0)
    };
    let (names, values) = (widest(0), widest(1));
    let mut out = String::new();
    if width.is_some_and(|width| names + values + widest(2) + 4 > width) {
        for [name, value, from] in &rows {
            out.push_str(&format!("{name}\n  {value}\n  {from}\n"));
        }
        return out;
    }
    for [name, value, from] in &rows {
        let (name, value) = (pad(name, names), pad(value, values));
        out.push_str(&format!("{name}  {value}  {from}\n"));
    }
    out
}
