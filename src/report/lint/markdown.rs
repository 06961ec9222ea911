//! As markdown, for a summary of a CI job or a comment on a pull request.

use super::words::{command, counts, edit, fate, form, key, path, place};
use crate::lint::document::{Document, Finding};
use crate::lint::survives::{Outcome, Row};
use crate::report::escape;

/// As GitHub-flavoured markdown. Nothing from an image can be markup in it.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut out = format!("## {}\n\n", text(&path(&document.input.path)));
    let images = match document.input.images.as_slice() {
        [] => String::new(),
        images => format!(": {}", text(&images.join(", "))),
    };
    out.push_str(&format!("{}{images}\n", form(document.input.form)));
    if let Some(rows) = &document.survives {
        survives(rows, &mut out);
    }
    if let Some(findings) = &document.findings {
        out.push_str(&format!("\n**{}**\n", counts(document)));
        table(findings, &mut out);
    }
    if !document.warnings.is_empty() {
        out.push('\n');
    }
    for warning in &document.warnings {
        out.push_str(&format!("* warning: {}\n", text(&warning.message)));
    }
    out
}

fn table(findings: &[Finding], out: &mut String) {
    if findings.is_empty() {
        return;
    }
    out.push_str("\n| | code | where | what | change |\n|---|---|---|---|---|\n");
    for finding in findings {
        out.push_str(&format!(
            "| {} | `{}` | {} | {} | {} |\n",
            finding.severity.as_str(),
            finding.code,
            text(&place(finding)),
            text(&finding.message),
            text(&finding.change)
        ));
    }
    for finding in findings {
        for change in finding.edits.iter().filter(|it| !it.insert.is_empty()) {
            let lines: Vec<_> = change.insert.iter().map(|it| escape::text(it)).collect();
            let block = fenced("", &lines.join("\n"));
            let place = text(&edit(change));
            out.push_str(&format!("\n`{}`, {place}\n\n{block}\n", finding.code));
        }
        if let Some(command) = command(finding) {
            let block = fenced("sh", &command);
            out.push_str(&format!("\n`{}`:\n\n{block}\n", finding.code));
        }
    }
}

fn survives(rows: &[Row], out: &mut String) {
    out.push_str("\n| key | level | enroot | Apptainer | Charliecloud |\n|---|---|---|---|---|\n");
    for row in rows {
        let cell = |outcome: &Outcome| match &outcome.place {
            Some(place) => format!("{}: {}", fate(outcome), text(place)),
            None => fate(outcome).to_owned(),
        };
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            text(&key(row)),
            row.level.words(),
            cell(&row.enroot),
            cell(&row.apptainer),
            cell(&row.charliecloud)
        ));
    }
}

/// Escapes a text for markdown: characters of markup get a backslash, those of HTML become entities, and an
/// address does not become a link.
fn text(raw: &str) -> String {
    let mut out = String::new();
    let shown = escape::text(raw);
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // GitHub makes a mention of @, a link of :// and www., an issue of #1.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            'w' if chars.peek() == Some(&'w') => out.push_str("&#119;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '+'
            | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns a block of code. Its fence is longer than any in the code, so the code cannot end it.
fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    format!("{fence}{language}\n{code}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        for (raw, shown) in [
            ("a|b", r"a\|b"),
            ("<img src=x>", r"&lt;img src=x&gt;"),
            ("[x](https://e.org)", r"\[x\]\(https&#58;//e.org\)"),
            ("`code` **b** _i_", r"\`code\` \*\*b\*\* \_i\_"),
            ("a\n# b", r"a\\n&#35; b"),
            (
                "@all &amp; www.e.org",
                "&#64;all &amp;amp; &#119;&#119;w.e.org",
            ),
        ] {
            assert_eq!(text(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("sh", "a"), "```sh\na\n```");
        assert_eq!(fenced("sh", "a````b"), "`````sh\na````b\n`````");
    }
}
