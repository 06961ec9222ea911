//! Lines on a terminal, coloured when asked.

use anstyle::Style;

use crate::finding::Severity;
use crate::report::terminal::{ASIDE, BAD, CARE, STRONG, paint};

pub(super) struct Page {
    pub(super) width: usize,
    colour: bool,
    text: String,
}

impl Page {
    pub(super) fn new(width: usize, colour: bool) -> Self {
        Self {
            width,
            colour,
            text: String::new(),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.push_painted(STRONG, text);
    }

    pub(super) fn push_painted(&mut self, style: Style, line: &str) {
        let line = self.paint(style, line);
        self.push(&line);
    }

    pub(super) fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        paint(self.colour, style, text)
    }
}

pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Info => ASIDE,
        Severity::Warning => CARE,
        Severity::Error => BAD.bold(),
    }
}

/// Returns a code with a mark that shows its severity without colour.
pub(super) fn marked(code: &str, severity: Severity) -> String {
    match severity {
        Severity::Info => code.to_owned(),
        Severity::Warning => format!("!{code}"),
        Severity::Error => format!("!!{code}"),
    }
}
