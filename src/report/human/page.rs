//! Lines on a terminal: escaped, wrapped to its width, coloured when asked.

use anstyle::{AnsiColor, Style};

use crate::report::escape;
use crate::report::terminal::{ASIDE, PLAIN, columns, paint, wrap};

/// The names of rows and columns.
const LABEL: Style = AnsiColor::Cyan.on_default();
/// The least indentation of a paragraph's second line.
const HANG: usize = 4;

/// A value of a row, and a remark beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    /// The value.
    pub(super) main: String,
    /// A remark beside it, or below it if there is no room.
    pub(super) aside: Option<String>,
    /// True for a command: it is never broken, and can be copied.
    pub(super) whole: bool,
}

impl Item {
    pub(super) fn new(main: impl Into<String>) -> Self {
        Self {
            main: main.into(),
            ..Self::default()
        }
    }

    pub(super) fn beside(main: impl Into<String>, aside: Option<String>) -> Self {
        Self {
            aside,
            ..Self::new(main)
        }
    }

    pub(super) fn command(main: impl Into<String>) -> Self {
        Self {
            whole: true,
            ..Self::new(main)
        }
    }

    /// Returns the one item for these parts; none if there are no parts.
    pub(super) fn joined(parts: &[String]) -> Vec<Self> {
        match parts {
            [] => Vec::new(),
            parts => vec![Self::new(parts.join(" · "))],
        }
    }
}

/// A row: its name, and one value or more.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) items: Vec<Item>,
}

pub(super) struct Page {
    text: String,
    width: usize,
    colour: bool,
}

impl Page {
    pub(super) fn new(width: usize, colour: bool) -> Self {
        Self {
            text: String::new(),
            width,
            colour,
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Returns true if a table of many columns would be mostly broken words.
    pub(super) fn is_narrow(&self) -> bool {
        self.width < 90
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds a paragraph: its first line after `lead`, the others below its text. These are indented
    /// more than any row, so a text cannot look like a row.
    pub(super) fn paragraph(&mut self, lead: &str, style: Style, raw: &str) {
        let lead_width = columns(lead);
        let indent = match lead_width {
            0..HANG => HANG,
            HANG => 2 * HANG,
            _ => lead_width,
        };
        let lines = wrap(&escape::text(raw), self.room(indent), false);
        self.hanging(lead, indent, style, &lines);
    }

    /// Adds lines: the first after `lead`, the others indented.
    fn hanging(&mut self, lead: &str, indent: usize, style: Style, lines: &[String]) {
        let indent = " ".repeat(indent);
        for (number, line) in lines.iter().enumerate() {
            let start = if number == 0 { lead } else { &indent };
            let line = self.paint(style, line);
            self.push_line(&format!("{start}{line}"));
        }
    }

    /// Adds a value at the left and one at the right edge; below each other if the line is too narrow.
    pub(super) fn spread(
        &mut self,
        left: &str,
        left_style: Style,
        right: &str,
        right_style: Style,
    ) {
        let (left, right) = (escape::text(left), escape::text(right));
        let used = 2 + columns(&left) + 3 + columns(&right);
        if right.is_empty() || used > self.width {
            self.paragraph("  ", left_style, &left);
            if !right.is_empty() {
                self.paragraph("  ", right_style, &right);
            }
            return;
        }
        let beside = 2 + columns(&left) + columns(&right);
        let gap = self.width.min(88).saturating_sub(beside).max(3);
        let (left, right) = (
            self.paint(left_style, &left),
            self.paint(right_style, &right),
        );
        self.push_line(&format!("  {left}{}{right}", " ".repeat(gap)));
    }

    /// Adds rows. Their values are aligned, and the remarks beside them.
    pub(super) fn rows(&mut self, rows: &[Row]) {
        let labels = rows.iter().map(|row| columns(row.label));
        let label_width = labels.max().unwrap_or(0).max(9);
        let start = 2 + label_width + 2;
        let room = self.room(start);
        let main_width = |item: &Item| {
            let main = columns(&escape::text(&item.main));
            let aside = columns(&escape::text(item.aside.as_deref()?));
            (main + 3 + aside <= room).then_some(main)
        };
        let items = rows.iter().flat_map(|row| &row.items);
        let second = items.filter_map(main_width).max().unwrap_or(0);
        for row in rows {
            for (number, item) in row.items.iter().enumerate() {
                let label = if number == 0 { row.label } else { "" };
                let gap = " ".repeat(label_width - columns(label) + 2);
                let lead = format!("  {}{gap}", self.paint(LABEL, label));
                self.item(&lead, start, second, item);
            }
        }
    }

    fn item(&mut self, lead: &str, start: usize, second: usize, item: &Item) {
        let room = self.room(start);
        let main = escape::text(&item.main);
        let aside = escape::text(item.aside.as_deref().unwrap_or_default());
        let used = columns(&main) + columns(&aside);
        let aligned = second.saturating_sub(columns(&main)) + 3;
        let gap = if used + aligned <= room { aligned } else { 3 };
        if !aside.is_empty() && used + gap <= room {
            let aside = self.paint(ASIDE, &aside);
            self.push_line(&format!("{lead}{main}{}{aside}", " ".repeat(gap)));
            return;
        }
        let lines = if item.whole {
            vec![main.into_owned()]
        } else {
            wrap(&main, room, false)
        };
        self.hanging(lead, start, PLAIN, &lines);
        if !aside.is_empty() {
            let lines = wrap(&aside, room, false);
            self.hanging(&" ".repeat(start), start, ASIDE, &lines);
        }
    }

    /// Adds a table. A column is as wide as its widest cell. If the table does not fit, the widest columns
    /// become narrower.
    pub(super) fn table(&mut self, heads: &[&str], body: &[Vec<String>]) {
        let shown = |cell: &String| escape::text(cell).into_owned();
        let body = body.iter().map(|row| row.iter().map(shown).collect());
        let body: Vec<Vec<String>> = body.collect();
        let mut widths: Vec<usize> = heads.iter().map(|head| columns(head)).collect();
        for row in &body {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(columns(cell));
            }
        }
        let gaps = HANG + 2 * heads.len().saturating_sub(1);
        shrink(&mut widths, self.width.saturating_sub(gaps));
        let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
        self.table_row(&heads, &widths, LABEL);
        for row in &body {
            self.table_row(row, &widths, PLAIN);
        }
    }

    fn table_row(&mut self, cells: &[String], widths: &[usize], style: Style) {
        let cells = cells.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, &width)| wrap(cell, width, true))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..height {
            let mut line = " ".repeat(HANG - 2);
            for (cell, &width) in cells.iter().zip(widths) {
                let part = cell.get(number).map_or("", String::as_str);
                let gap = " ".repeat(width.saturating_sub(columns(part)));
                line.push_str(&format!("  {}{gap}", self.paint(style, part)));
            }
            self.push_line(&line);
        }
    }

    fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(20)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.colour, style, text)
    }

    fn push_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end_matches(' '));
        self.text.push('\n');
    }
}

/// Narrows the widest columns until all fit; none becomes narrower than six.
fn shrink(widths: &mut [usize], room: usize) {
    const LEAST: usize = 6;
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max_by_key(|width| **width) {
            Some(widest) if *widest > LEAST => *widest -= 1,
            _ => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_give_way_first() {
        let mut widths = [8, 40, 20];
        shrink(&mut widths, 40);
        assert_eq!(widths, [8, 16, 16]);
    }
}
