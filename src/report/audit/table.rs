//! `table`: for a person at a terminal, with the summary at the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Report, count, shown_path, size, what};
use crate::audit::findings::{CODES, age};
use crate::audit::record::{Group, Record};
use crate::audit::totals::{self, AGES};
use crate::finding::{Finding, Severity};
use crate::report::escape;

/// How the table is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Columns of the terminal.
    pub width: usize,
    /// Use colour.
    pub colour: bool,
}

const HEAD: Style = Style::new().dimmed();
const NAME: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Groups of one sort that are listed; the rest is one line.
const LISTED: usize = 9;
/// Columns of the bars.
const BAR: u64 = 24;

/// The report.
#[must_use]
pub fn render(report: &Report, table: &Table) -> String {
    let mut page = Page {
        table,
        text: String::new(),
    };
    page.images(report);
    page.findings(report);
    page.groups(report);
    page.totals(report);
    page.text
}

struct Page<'a> {
    table: &'a Table,
    text: String,
}

impl Page<'_> {
    fn images(&mut self, report: &Report) {
        let now: Timestamp = report.summary.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let of_several = report.of_several();
        let none = Vec::new();
        let mut directory = None;
        for record in &report.images {
            let path = shown_path(&record.path);
            let (parent, name) = path.rsplit_once('/').unwrap_or((".", &path));
            let parent = if parent.is_empty() { "/" } else { parent };
            if directory.as_deref() != Some(parent) {
                if directory.is_some() {
                    self.push("");
                }
                let line = self.paint(NAME, &fit_start(parent, self.table.width));
                self.push(&line);
                directory = Some(parent.to_owned());
            }
            let several = of_several.get(&record.path).unwrap_or(&none);
            self.row(record, name, several, now);
        }
        if !report.images.is_empty() {
            self.push("");
        }
    }

    fn row(&mut self, record: &Record, name: &str, several: &[Finding], now: Timestamp) {
        let kind = record
            .origin
            .as_ref()
            .map_or("unreadable", |origin| origin.kind.as_str());
        let age = age(record, now).map_or_else(String::new, |(days, _)| format!("{days} d"));
        let mut codes: Vec<(&str, Severity)> = record
            .findings
            .iter()
            .chain(several)
            .map(|finding| (finding.code.as_str(), finding.severity))
            .filter(|(code, _)| *code != kind)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let bytes = size(record.file.size);
        // Indent, kind, size, age and the gaps take 40 columns; names get half of the rest.
        let room = self.table.width.saturating_sub(40).max(30);
        let (name_width, what_width) = (room * 55 / 100, room - room * 55 / 100);
        let kind_text = pad(kind, 10);
        let line = format!(
            "  {}  {}  {}  {:>8}  {:>7}",
            pad(&fit_end(name, name_width), name_width),
            match kind {
                "unreadable" => self.paint(ERROR, &kind_text),
                "release" | "nightly" => kind_text,
                _ => self.paint(WARNING, &kind_text),
            },
            pad(
                &fit_end(&escape::text(&what(record)), what_width),
                what_width
            ),
            bytes,
            age,
        );
        self.push(&line);
        if !codes.is_empty() {
            let mut line = String::from("   ");
            let mut used = 3;
            for (code, severity) in codes {
                let code = escape::text(code);
                if used + 1 + code.len() > self.table.width && used > 3 {
                    self.push(&line);
                    line = String::from("   ");
                    used = 3;
                }
                used += 1 + code.len();
                line.push(' ');
                line.push_str(&self.paint(style(severity), &code));
            }
            self.push(&line);
        }
    }

    fn findings(&mut self, report: &Report) {
        let counts = &report.summary.findings;
        if counts.is_empty() {
            return;
        }
        let mut reclaim: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &report.findings {
            *reclaim.entry(&finding.code).or_default() += finding.reclaimable;
        }
        self.heading("Findings");
        let mut all: Vec<(Severity, &String, u64)> = counts
            .iter()
            .map(|(code, count)| (crate::audit::findings::severity(code), code, *count))
            .collect();
        all.sort_unstable_by_key(|(severity, code, count)| (Reverse((*severity, *count)), *code));
        for (severity, code, number) in all {
            let mut words = CODES
                .iter()
                .find(|(known, ..)| known == code)
                .map_or(String::new(), |(.., words)| (*words).to_owned());
            if let Some(bytes) = reclaim.get(code.as_str()).filter(|bytes| **bytes > 0) {
                words = format!("{} would come back; {words}", size(*bytes));
            }
            let code = escape::text(code);
            let line = format!(
                "  {:>7}  {}  {}",
                count(number),
                self.paint(style(severity), &pad(&code, 21)),
                self.paint(HEAD, &fit_end(&words, self.table.width.saturating_sub(34)))
            );
            self.push(&line);
        }
        self.push("");
    }

    fn groups(&mut self, report: &Report) {
        for (name, heading) in [
            ("publisher", "By publisher"),
            ("kind", "By kind"),
            ("age", "By age"),
            ("owner", "By owner"),
            ("directory", "By directory"),
            ("reference", "By reference"),
        ] {
            let Some(groups) = report.summary.groups.get(name) else {
                continue;
            };
            let mut all = totals::by_bytes(groups);
            if name == "age" {
                let place = |age: &str| AGES.iter().position(|(known, _)| *known == age);
                all.sort_unstable_by_key(|(age, _)| place(age).unwrap_or(usize::MAX));
            }
            self.heading(heading);
            let most = all.iter().map(|(_, group)| group.bytes).max().unwrap_or(0);
            for (key, group) in all.iter().take(LISTED) {
                self.group(key, *group, most);
            }
            let rest: Vec<Group> = all.iter().skip(LISTED).map(|(_, group)| *group).collect();
            if !rest.is_empty() {
                let sum = Group {
                    images: rest.iter().map(|group| group.images).sum(),
                    bytes: rest.iter().map(|group| group.bytes).sum(),
                };
                self.group(&format!("{} more", rest.len()), sum, 0);
            }
            self.push("");
        }
    }

    fn group(&mut self, key: &str, group: Group, most: u64) {
        let width = self.table.width.saturating_sub(54).clamp(16, 60);
        let length = group
            .bytes
            .saturating_mul(BAR)
            .checked_div(most)
            .unwrap_or(0);
        let bar = "━".repeat(usize::try_from(length).unwrap_or(0));
        let line = format!(
            "  {}  {:>8} images  {:>8}  {}",
            pad(&fit_start(&escape::text(key), width), width),
            count(group.images),
            size(group.bytes),
            self.paint(HEAD, &bar)
        );
        self.push(&line);
    }

    fn totals(&mut self, report: &Report) {
        let summary = &report.summary;
        let images = if summary.images == 1 {
            "image"
        } else {
            "images"
        };
        let mut line = format!(
            "{} {images}, {}",
            count(summary.images),
            size(summary.bytes)
        );
        if summary.reclaimable > 0 {
            line.push_str(&format!(
                "; {} would come back without copies",
                size(summary.reclaimable)
            ));
        }
        if summary.unreadable > 0 {
            line.push_str(&format!("; {} unreadable", count(summary.unreadable)));
        }
        let line = self.paint(NAME, &line);
        self.push(&line);
        if !summary.skipped.is_empty() {
            let all: Vec<String> = summary
                .skipped
                .iter()
                .map(|(code, number)| {
                    let code = code.replace('-', " ");
                    format!("{} {}", count(*number), escape::text(&code))
                })
                .collect();
            let line = format!("not looked at: {}", all.join(", "));
            self.push(&line);
            for skipped in report.skipped.iter().filter(|s| s.code != "link").take(20) {
                let path = shown_path(&skipped.path);
                let message = escape::text(&skipped.message);
                let line = self.paint(HEAD, &format!("  {path}: {message}"));
                self.push(&line);
            }
        }
        if !summary.complete {
            let line = self.paint(ERROR, "interrupted: this is not everything");
            self.push(&line);
        }
    }

    fn heading(&mut self, text: &str) {
        let line = self.paint(NAME, text);
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.table.colour && !text.trim().is_empty() {
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

fn pad(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(gap))
}

/// The start of a text that is too wide.
fn fit_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// The end of a text that is too wide: of a path that says more than its start.
fn fit_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = Vec::new();
    let mut used = 1;
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary};
    use crate::provenance::PathText;

    #[test]
    fn a_text_that_is_too_wide_is_cut_where_it_matters_least() {
        assert_eq!(fit_end("abcdef", 4), "abc…");
        assert_eq!(fit_start("/a/b/cd", 4), "…/cd");
        assert_eq!(fit_end("漢字漢字", 5), "漢字…");
        assert_eq!(fit_end("abc", 3), "abc");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let path = format!("/a/{}/{}.sqsh", "d".repeat(200), "n".repeat(200));
        let mut record = Record::unread(PathText::Text(path), FileFields::default());
        record.origin = Some(OriginSummary {
            product: Some("p\u{1b}[31m".repeat(50)),
            ..OriginSummary::default()
        });
        record.findings = CODES
            .iter()
            .map(|(code, ..)| crate::audit::findings::finding(code, ""))
            .collect();
        let mut totals = crate::audit::totals::Totals::new(Timestamp::UNIX_EPOCH);
        totals.add(&crate::audit::record::Line::Image(Box::new(record.clone())));
        let report = Report {
            images: vec![record],
            summary: totals.finish(|_| ()),
            ..Report::default()
        };
        for width in [72, 80, 120, 200] {
            let text = render(
                &report,
                &Table {
                    width,
                    colour: false,
                },
            );
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {} {line}", line.width());
                assert!(!line.contains('\u{1b}'));
            }
            assert!(text.contains("1 image, "), "{text}");
        }
    }
}
