//! `table`: for a person at a terminal, with the summary at the end.

mod fit;
mod images;
mod layout;
mod page;
mod sections;

use super::Report;
use crate::audit::view::GroupBy;
use crate::report::terminal::LEAST_WIDTH;
pub(super) use fit::fit_middle;
use page::Page;

/// How the table is laid out.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Columns of the terminal.
    pub width: usize,
    /// Use colour.
    pub colour: bool,
    /// The names of the columns; empty for the default ones.
    pub columns: Vec<String>,
    /// Images of one group have a heading.
    pub group: Option<GroupBy>,
}

/// The report.
#[must_use]
pub fn render(report: &Report, table: &Table) -> String {
    let mut page = Page::new(table.width.max(LEAST_WIDTH), table.colour);
    images::add(&mut page, report, &table.columns, table.group);
    sections::findings(&mut page, report);
    sections::several(&mut page, report);
    sections::groups(&mut page, report);
    sections::totals(&mut page, report);
    page.finish()
}

#[cfg(test)]
mod tests;
