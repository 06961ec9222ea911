//! Lays out the columns: which are beside each other, and how wide each is.

use crate::report::terminal::columns;

/// Spaces between two columns.
pub(super) const GAP: usize = 2;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// The width of its widest cell, its heading included.
    pub(super) widest: usize,
    /// The width that it gets.
    pub(super) width: usize,
    /// False if it has no room beside the others, and goes to the line below.
    pub(super) beside: bool,
}

/// Returns the least width of a wider column of text; `None` for a column that is never narrowed.
fn least(name: &str) -> Option<usize> {
    match name {
        "path" => Some(28),
        "what" => Some(16),
        "findings" => Some(24),
        "size" | "age" | "kind" | "commit" | "owner" | "official" => None,
        _ => Some(12),
    }
}

/// Gives each path a line of its own, with the other columns below it.
pub(super) fn stack(columns: &mut [Column], width: usize) {
    if let Some(path) = columns.first_mut() {
        path.widest = 0;
    }
    place(columns, width);
}

/// The columns that go to the line below first, in this order.
const BELOW: [&str; 3] = ["findings", "owner", "commit"];

/// Places columns in a width. Those without room go to the line below; the first stays.
pub(super) fn place(columns: &mut [Column], width: usize) {
    for column in columns.iter_mut() {
        let least = least(column.name).unwrap_or(column.widest);
        column.width = column.widest.min(least);
        column.beside = true;
    }
    while used(columns) > width {
        let Some(out) = next_out(columns) else { break };
        if let Some(column) = columns.get_mut(out) {
            column.beside = false;
        }
    }
    if used(columns) > width
        && let Some(first) = columns.iter_mut().find(|column| column.beside)
    {
        first.width = first.width.min(width);
    }
    spread(columns, width);
}

/// Returns the width of the columns that are beside each other.
fn used(columns: &[Column]) -> usize {
    let beside = columns.iter().filter(|column| column.beside);
    let total: usize = beside.map(|column| column.width + GAP).sum();
    total.saturating_sub(GAP)
}

fn next_out(columns: &[Column]) -> Option<usize> {
    let at = |name: &&str| {
        let column = |column: &Column| column.beside && column.name == *name;
        columns.iter().position(column).filter(|at| *at > 0)
    };
    let named = BELOW.iter().find_map(at);
    named.or_else(|| {
        let last = columns.iter().rposition(|column| column.beside);
        last.filter(|at| *at > 0)
    })
}

/// Shares the free width among the columns that want more.
fn spread(columns: &mut [Column], width: usize) {
    let left = width.saturating_sub(used(columns));
    let wants = |column: &Column| match column.beside {
        true => column.widest.saturating_sub(column.width),
        false => 0,
    };
    let wanted: usize = columns.iter().map(wants).sum();
    for column in columns.iter_mut() {
        let share = wants(column) * left.min(wanted);
        column.width += share.checked_div(wanted).unwrap_or(0);
    }
}

pub(super) fn column<'c>(name: &'static str, cells: impl Iterator<Item = &'c str>) -> Column {
    let widest = cells.map(columns).max().unwrap_or(0).max(name.len());
    Column {
        name,
        widest,
        width: widest,
        beside: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(width: usize) -> Vec<(&'static str, usize)> {
        let mut columns: Vec<Column> = [
            ("path", 60),
            ("kind", 10),
            ("what", 30),
            ("commit", 12),
            ("owner", 6),
            ("size", 8),
            ("age", 5),
            ("findings", 40),
        ]
        .map(|(name, widest)| Column {
            name,
            widest,
            width: 0,
            beside: false,
        })
        .to_vec();
        place(&mut columns, width);
        assert!(used(&columns) <= width, "{width}");
        columns
            .iter()
            .filter(|column| column.beside)
            .map(|column| (column.name, column.width))
            .collect()
    }

    #[test]
    fn what_has_no_room_goes_to_the_line_below_and_nothing_is_wider_than_the_terminal() {
        let names = |width| -> Vec<&str> { placed(width).iter().map(|(name, _)| *name).collect() };
        assert_eq!(names(200).len(), 8);
        assert_eq!(names(130).last(), Some(&"findings"));
        let without = ["path", "kind", "what", "commit", "owner", "size", "age"];
        assert_eq!(names(100), without);
        assert_eq!(names(80), ["path", "kind", "what", "size", "age"]);
        assert_eq!(names(40), ["path", "kind"]);
        assert_eq!(placed(20), [("path", 20)]);
    }

    #[test]
    fn room_that_is_left_goes_to_the_texts() {
        assert_eq!(placed(200)[0], ("path", 60));
        assert_eq!(placed(200)[7], ("findings", 40));
        let (_, path) = placed(120)[0];
        assert!((40..60).contains(&path), "{path}");
    }
}
