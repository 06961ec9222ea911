//! `table`: for a person at a terminal, with the summary at the end.

mod fit;
mod images;
mod layout;
mod sections;

use anstyle::{AnsiColor, Style};

use super::Report;
use crate::audit::view::GroupBy;
use crate::finding::Severity;

/// How the table is laid out.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Columns of the terminal.
    pub width: usize,
    /// Use colour.
    pub colour: bool,
    /// The names of the columns; the usual ones where there is none.
    pub columns: Vec<String>,
    /// Images of one group have a heading.
    pub group: Option<GroupBy>,
}

const HEAD: Style = Style::new().dimmed();
const NAME: Style = Style::new().bold();
const PLAIN: Style = Style::new();
const GOOD: Style = AnsiColor::Green.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// A narrower terminal wraps by itself.
const LEAST_WIDTH: usize = 40;

/// The report.
#[must_use]
pub fn render(report: &Report, table: &Table) -> String {
    let mut page = Page {
        width: table.width.max(LEAST_WIDTH),
        colour: table.colour,
        text: String::new(),
    };
    images::add(&mut page, report, table);
    sections::findings(&mut page, report);
    sections::several(&mut page, report);
    sections::groups(&mut page, report);
    sections::totals(&mut page, report);
    page.text
}

struct Page {
    width: usize,
    colour: bool,
    text: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        let line = self.paint(NAME, text);
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && style != PLAIN && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Info => HEAD,
        Severity::Warning => WARNING,
        Severity::Error => ERROR,
    }
}

/// A code as a row shows it: the mark says how bad it is, also without colour.
fn marked(code: &str, severity: Severity) -> String {
    match severity {
        Severity::Info => code.to_owned(),
        Severity::Warning => format!("!{code}"),
        Severity::Error => format!("!!{code}"),
    }
}

#[cfg(test)]
mod tests;
