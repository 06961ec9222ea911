//! Lines on a terminal, coloured when asked.

use anstyle::{AnsiColor, Style};

use crate::finding::Severity;

pub(super) const HEAD: Style = Style::new().dimmed();
pub(super) const NAME: Style = Style::new().bold();
pub(super) const PLAIN: Style = Style::new();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The page so far.
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
        let line = self.paint(NAME, text);
        self.push(&line);
    }

    pub(super) fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && style != PLAIN && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The colour of a severity.
pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Info => HEAD,
        Severity::Warning => WARNING,
        Severity::Error => ERROR,
    }
}

/// A code as a row shows it: the mark says how bad it is, also without colour.
pub(super) fn marked(code: &str, severity: Severity) -> String {
    match severity {
        Severity::Info => code.to_owned(),
        Severity::Warning => format!("!{code}"),
        Severity::Error => format!("!!{code}"),
    }
}
