//! For a person: a line for each check.

use anstyle::{AnsiColor, Style};

use super::words::{compared, name, status_word, verdict};
use crate::finding::Severity;
use crate::report::escape;
use crate::verify::document::Verification;
use crate::verify::{Check, Status, Verdict};

const GOOD: Style = AnsiColor::Green.on_default();
const CARE: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const PLAIN: Style = Style::new();

/// As wide as the longest word for a status.
const WORD: usize = "could not tell".len();

/// The answer, a line for each check and finding, with a newline at the end.
#[must_use]
pub fn human(answer: &Verification, colour: bool) -> String {
    let mut out = String::new();
    let style = match answer.verdict {
        Verdict::Holds => GOOD,
        Verdict::Undecidable => CARE,
        Verdict::Mismatch => BAD,
    };
    let verdict = painted(&verdict(answer), style.bold(), colour);
    push(
        &mut out,
        &format!("{}: {verdict}", escape::text(&name(answer))),
    );
    for check in &answer.checks {
        let style = match check.status {
            Status::Ok => GOOD,
            Status::Declared => PLAIN,
            Status::Undecidable => CARE,
            Status::Mismatch => BAD,
        };
        row(
            &mut out,
            status_word(check.status),
            style,
            &check.field,
            &said(check),
            colour,
        );
    }
    for finding in &answer.findings {
        let style = match finding.severity {
            Severity::Info => PLAIN,
            Severity::Warning => CARE,
            Severity::Error => BAD,
        };
        let word = finding.severity.as_str();
        row(
            &mut out,
            word,
            style,
            &finding.code,
            &finding.message,
            colour,
        );
    }
    if let Some(policy) = &answer.policy
        && answer.findings.is_empty()
    {
        let holds = format!("{policy} – everything that it asks for holds");
        row(&mut out, "OK", GOOD, "policy", &holds, colour);
    }
    out
}

/// What was compared, and why it came out so.
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

fn row(out: &mut String, word: &str, style: Style, field: &str, text: &str, colour: bool) {
    let pad = " ".repeat(WORD.saturating_sub(word.len()));
    let word = painted(word, style, colour);
    push(
        out,
        &format!(
            "  {word}{pad}  {}: {}",
            escape::text(field),
            escape::text(text)
        ),
    );
}

fn painted(text: &str, style: Style, colour: bool) -> String {
    if colour {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
