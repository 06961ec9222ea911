//! For a person: a line for each check.

use anstyle::Style;

use super::words::{compared, name, policy_of, policy_says, refuses, status_word, verdict};
use crate::finding::Severity;
use crate::report::escape;
use crate::report::terminal::{BAD, CARE, GOOD, LEAST_WIDTH, NARROW, PLAIN, paint, wrap};
use crate::verify::document::Verification;
use crate::verify::{Check, Status, Verdict};

/// The width of the longest word for a status.
const WORD: usize = "could not tell".len();

/// The answer, a line for each check and finding, with a newline at the end. Lines are wrapped to the
/// width of a terminal, where there is one.
#[must_use]
pub fn human(answer: &Verification, colour: bool, width: Option<usize>) -> String {
    let mut out = Page {
        text: String::new(),
        colour,
        width: width.unwrap_or(usize::MAX).max(LEAST_WIDTH),
    };
    let style = match answer.verdict {
        Verdict::Holds => GOOD,
        Verdict::Undecidable => CARE,
        Verdict::Mismatch => BAD,
    };
    let verdict = paint(colour, style.bold(), &verdict(answer));
    out.push(&format!("{}: {verdict}", escape::text(&name(answer))));
    for check in &answer.checks {
        let style = match check.status {
            Status::Ok => GOOD,
            Status::Declared => PLAIN,
            Status::Undecidable => CARE,
            Status::Mismatch => BAD,
        };
        out.row(status_word(check.status), style, &check.field, &said(check));
    }
    for finding in &answer.findings {
        let style = match finding.severity {
            Severity::Info => PLAIN,
            Severity::Warning => CARE,
            Severity::Error => BAD,
        };
        let word = finding.severity.as_str();
        out.row(word, style, &policy_of(answer), &finding.message);
    }
    if let Some(said) = policy_says(answer) {
        let (word, style) = match refuses(answer) {
            true => (status_word(Status::Mismatch), BAD),
            false => ("OK", GOOD),
        };
        out.row(word, style, &policy_of(answer), &said);
    }
    out.text
}

/// Says what was compared, and why it has this status.
fn said(check: &Check) -> String {
    let compared = match check.status {
        Status::Ok => check.actual.clone().filter(|actual| !actual.is_empty()),
        _ => compared(check),
    };
    match compared {
        Some(compared) => format!("{compared} – {}", check.message),
        None => check.message.clone(),
    }
}

struct Page {
    text: String,
    colour: bool,
    width: usize,
}

impl Page {
    fn row(&mut self, word: &str, style: Style, field: &str, text: &str) {
        let pad = " ".repeat(WORD.saturating_sub(word.len()));
        let word = paint(self.colour, style, word);
        let said = format!("{}: {}", escape::text(field), escape::text(text));
        if self.width < NARROW {
            self.push(&format!("  {word}"));
            for line in wrap(&said, self.width.saturating_sub(4), false) {
                self.push(&format!("    {line}"));
            }
            return;
        }
        let indent = WORD + 4;
        let mut lines = wrap(&said, self.width.saturating_sub(indent), false).into_iter();
        let first = lines.next().unwrap_or_default();
        self.push(&format!("  {word}{pad}  {first}"));
        for line in lines {
            self.push(&format!("{}{line}", " ".repeat(indent)));
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}
