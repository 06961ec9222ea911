//! For a person: findings with what to change, or the table of what survives.

use anstyle::Style;

use super::words::{command, counts, edit, fate, form, key, path, place};
use crate::finding::Severity;
use crate::lint::document::{Document, Finding};
use crate::lint::survives::{Fate, Outcome, Row};
use crate::report::escape;
use crate::report::terminal::{ASIDE, BAD, CARE, GOOD, PLAIN, STRONG, columns, pad, paint, wrap};

/// The widest column of keys.
const WIDEST_KEY: usize = 60;

/// Columns of the table beside its keys.
const BESIDE_KEYS: usize = 59;

/// For a person, wrapped to `width` columns; commands are never broken.
#[must_use]
pub fn human(document: &Document, width: usize, colour: bool) -> String {
    let mut page = Page {
        text: String::new(),
        width,
        colour,
    };
    let name = escape::text(&path(&document.input.path)).into_owned();
    page.line(STRONG, &name);
    let images = match document.input.images.as_slice() {
        [] => String::new(),
        images => format!(": {}", escape::text(&images.join(", "))),
    };
    let text = format!("{}{images}", form(document.input.form));
    page.wrapped(ASIDE, "  ", &text);
    if let Some(rows) = &document.survives {
        page.table(rows);
    }
    for finding in document.findings.iter().flatten() {
        page.finding(finding);
    }
    for warning in &document.warnings {
        page.line(ASIDE, "");
        let text = format!("warning: {}", escape::text(&warning.message));
        page.wrapped(ASIDE, "  ", &text);
    }
    if document.findings.is_some() {
        page.line(ASIDE, "");
        let style = if document.has_errors() { BAD } else { GOOD };
        page.line(style, &counts(document));
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
    colour: bool,
}

impl Page {
    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.colour, style, text)
    }

    fn line(&mut self, style: Style, text: &str) {
        let painted = self.paint(style, text);
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    /// Adds a paragraph. `text` must be safe to show.
    fn wrapped(&mut self, style: Style, indent: &str, text: &str) {
        let room = self.width.saturating_sub(columns(indent)).max(20);
        for line in wrap(text, room, false) {
            self.line(style, &format!("{indent}{}", line.trim_start()));
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let style = match finding.severity {
            Severity::Error => BAD,
            Severity::Warning => CARE,
            Severity::Info => ASIDE,
        };
        self.line(ASIDE, "");
        let word = self.paint(style, finding.severity.as_str());
        let code = self.paint(STRONG, &finding.code);
        let place = match place(finding) {
            place if place.is_empty() => String::new(),
            place => format!("  ({})", escape::text(&place)),
        };
        self.text.push_str(&format!("{word}  {code}{place}\n"));
        self.wrapped(PLAIN, "  ", &escape::text(&finding.message));
        let change = format!("change: {}", escape::text(&finding.change));
        self.wrapped(ASIDE, "  ", &change);
        for change in &finding.edits {
            self.line(ASIDE, &format!("  {}", escape::text(&edit(change))));
            for line in &change.insert {
                self.line(PLAIN, &format!("    {}", escape::text(line)));
            }
        }
        if let Some(command) = command(finding) {
            self.line(PLAIN, &format!("  $ {command}"));
        }
    }

    /// Adds a row of the table for a terminal that is too narrow for all columns.
    fn narrow_row(&mut self, key: &str, row: &Row) {
        self.line(PLAIN, &format!("  {key} ({})", row.level.words()));
        let fates = [
            ("enroot", &row.enroot),
            ("Apptainer", &row.apptainer),
            ("Charliecloud", &row.charliecloud),
        ];
        let fates = fates.map(|(importer, outcome)| format!("{importer} {}", fate(outcome)));
        self.wrapped(ASIDE, "    ", &fates.join(", "));
    }

    fn table(&mut self, rows: &[Row]) {
        let key = |row: &Row| escape::text(&key(row)).into_owned();
        let widest = rows.iter().map(|row| columns(&key(row))).max().unwrap_or(0);
        let widest = widest.clamp(3, WIDEST_KEY);
        self.line(ASIDE, "");
        let heading = format!(
            "  {}  {}  {}  {}  Charliecloud",
            pad("key", widest),
            pad("level", 21),
            pad("enroot", 7),
            pad("Apptainer", 9)
        );
        let narrow = widest + BESIDE_KEYS > self.width;
        if !narrow {
            self.line(ASIDE, &heading);
        }
        for row in rows {
            if narrow {
                self.narrow_row(&key(row), row);
                continue;
            }
            let cell = |outcome: &Outcome, width: usize| {
                let style = match outcome.fate {
                    Fate::Kept => GOOD,
                    Fate::Altered => CARE,
                    Fate::Lost => BAD,
                };
                let word = fate(outcome);
                let space = " ".repeat(width.saturating_sub(word.len()));
                format!("{}{space}", self.paint(style, word))
            };
            let (enroot, apptainer, charliecloud) = (
                cell(&row.enroot, 7),
                cell(&row.apptainer, 9),
                cell(&row.charliecloud, 0),
            );
            let text = format!(
                "  {}  {}  {enroot}  {apptainer}  {charliecloud}\n",
                pad(&key(row), widest),
                pad(row.level.words(), 21)
            );
            self.text.push_str(&text);
        }
        self.line(ASIDE, "");
        self.wrapped(ASIDE, "  ", "altered: enroot writes each on one line: a line break, ${NAME} or a key with a space changes");
        self.wrapped(ASIDE, "  ", "SIF only: in a SIF file, and not in a sandbox");
    }
}
