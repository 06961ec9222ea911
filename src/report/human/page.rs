//! Lines on a terminal: escaped, wrapped to its width, coloured when asked.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::report::escape;

/// The answer itself.
pub(super) const STRONG: Style = Style::new().bold();
/// The names of rows and columns.
pub(super) const LABEL: Style = AnsiColor::Cyan.on_default();
/// What belongs to the answer beside it.
pub(super) const ASIDE: Style = Style::new().dimmed();
/// What is right.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What needs a look.
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
/// Text as it comes.
pub(super) const PLAIN: Style = Style::new();

/// On a narrower terminal a key or a word has a line of its own.
pub(in crate::report) const NARROW: usize = 60;
/// The least indentation of a paragraph's second line.
const HANG: usize = 4;

/// A value on a line of a row, and what belongs beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    /// The value.
    pub(super) main: String,
    /// Beside it, or below where there is no room.
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
            main: main.into(),
            aside,
            whole: false,
        }
    }

    pub(super) fn command(main: impl Into<String>) -> Self {
        Self {
            main: main.into(),
            aside: None,
            whole: true,
        }
    }
}

/// A row: its name, and one value or more.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) items: Vec<Item>,
}

/// The page so far.
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
        for (number, line) in lines.iter().enumerate() {
            let start = if number == 0 {
                lead.to_owned()
            } else {
                " ".repeat(indent)
            };
            let painted = self.paint(style, line);
            self.push_line(&format!("{start}{painted}"));
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
        let gap = " ".repeat(
            self.width
                .min(88)
                .saturating_sub(2 + columns(&left) + columns(&right))
                .max(3),
        );
        let line = format!(
            "  {}{gap}{}",
            self.paint(left_style, &left),
            self.paint(right_style, &right)
        );
        self.push_line(&line);
    }

    /// Rows below each other, their values and what is beside them aligned.
    pub(super) fn rows(&mut self, rows: &[Row]) {
        let label_width = rows
            .iter()
            .map(|row| columns(row.label))
            .max()
            .unwrap_or(0)
            .max(9);
        let start = 2 + label_width + 2;
        let room = self.room(start);
        let second = rows
            .iter()
            .flat_map(|row| &row.items)
            .filter_map(|item| {
                let (main, aside) = (
                    columns(&escape::text(&item.main)),
                    columns(&escape::text(item.aside.as_deref()?)),
                );
                (main + 3 + aside <= room).then_some(main)
            })
            .max()
            .unwrap_or(0);
        for row in rows {
            for (number, item) in row.items.iter().enumerate() {
                let label = if number == 0 { row.label } else { "" };
                let lead = format!(
                    "  {}{}  ",
                    self.paint(LABEL, label),
                    " ".repeat(label_width - columns(label))
                );
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
            let line = format!(
                "{lead}{main}{}{}",
                " ".repeat(gap),
                self.paint(ASIDE, &aside)
            );
            self.push_line(&line);
            return;
        }
        let lines = if item.whole {
            vec![main.into_owned()]
        } else {
            wrap(&main, room, false)
        };
        let indent = " ".repeat(start);
        for (number, line) in lines.iter().enumerate() {
            let start = if number == 0 { lead } else { &indent };
            self.push_line(&format!("{start}{line}"));
        }
        if !aside.is_empty() {
            for line in wrap(&aside, room, false) {
                let line = format!("{indent}{}", self.paint(ASIDE, &line));
                self.push_line(&line);
            }
        }
    }

    /// A table; a column is as wide as its widest cell where there is room, and the
    /// widest columns give way where there is not.
    pub(super) fn table(&mut self, heads: &[&str], body: &[Vec<String>]) {
        let body: Vec<Vec<String>> = body
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| escape::text(cell).into_owned())
                    .collect()
            })
            .collect();
        let mut widths: Vec<usize> = heads.iter().map(|head| columns(head)).collect();
        for row in &body {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(columns(cell));
            }
        }
        shrink(
            &mut widths,
            self.width
                .saturating_sub(HANG + 2 * heads.len().saturating_sub(1)),
        );
        let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
        self.table_row(&heads, &widths, LABEL);
        for row in &body {
            self.table_row(row, &widths, PLAIN);
        }
    }

    fn table_row(&mut self, cells: &[String], widths: &[usize], style: Style) {
        let cells: Vec<Vec<String>> = cells
            .iter()
            .zip(widths)
            .map(|(cell, &width)| wrap(cell, width, true))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..height {
            let mut line = " ".repeat(HANG - 2);
            for (cell, &width) in cells.iter().zip(widths) {
                let part = cell.get(number).map_or("", String::as_str);
                line.push_str("  ");
                line.push_str(&self.paint(style, part));
                line.push_str(&" ".repeat(width.saturating_sub(columns(part))));
            }
            self.push_line(&line);
        }
    }

    fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(20)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && style != PLAIN && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn push_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end_matches(' '));
        self.text.push('\n');
    }
}

/// How many columns the text takes.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
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

/// Wraps a text at spaces to `width` columns. A longer word stays whole, to be copied, unless
/// `break_words` is set.
pub(in crate::report) fn wrap(text: &str, width: usize, break_words: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (number, word) in text.split(' ').enumerate() {
        let size = columns(word);
        if number > 0 {
            if used + 1 + size <= width {
                line.push(' ');
                used += 1;
            } else {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
        }
        if used + size <= width || !break_words {
            line.push_str(word);
            used += size;
            continue;
        }
        for c in word.chars() {
            let size = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            if used + size > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += size;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_cells_inside_of_words() {
        assert_eq!(wrap("one two three", 7, false), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij k", 4, false), ["a", "abcdefghij", "k"]);
        assert_eq!(wrap("abcdefghij kl", 4, true), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("漢字漢字", 4, true), ["漢字", "漢字"]);
        assert_eq!(wrap("", 4, true), [""]);
    }

    #[test]
    fn wide_columns_give_way_first() {
        let mut widths = [8, 40, 20];
        shrink(&mut widths, 40);
        assert_eq!(widths, [8, 16, 16]);
    }
}
