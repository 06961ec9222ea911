//! The sections below the images: findings, groups and totals.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::fit::{fit_end, fit_middle};
use super::page::{Page, style};
use crate::audit::findings::CODES;
use crate::audit::record::{FindingRecord, Group};
use crate::audit::sums::{add, sum};
use crate::audit::totals::{self, AGES};
use crate::report::audit::{Report, by_severity, count, images, part, shown_path, size};
use crate::report::terminal::{ASIDE, BAD, NARROW, STRONG, pad, wrap};
use crate::report::{escape, words};

/// The most groups of one kind that are listed. The others share one line.
const LISTED: usize = 9;
/// The width of the longest bar.
const BAR: u64 = 24;
/// The most files that are named for each code.
const NAMED: usize = 20;
/// The least and the greatest width of a code with the space behind it.
const CODE: usize = 23;
const LONGEST_CODE: usize = 38;

/// Adds how many images have each finding.
pub(super) fn findings(page: &mut Page, report: &Report) {
    if report.summary.findings.is_empty() {
        return;
    }
    let mut reclaim: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        add(
            reclaim.entry(&finding.code).or_default(),
            finding.reclaimable,
        );
    }
    page.heading("Findings");
    let mut all = by_severity(report);
    all.sort_unstable_by_key(|(severity, code, number)| (Reverse((*severity, *number)), *code));
    let longest = all.iter().map(|(_, code, _)| code.len()).max();
    let width = longest.unwrap_or_default().saturating_add(2);
    let width = width.clamp(CODE, LONGEST_CODE);
    for (severity, code, number) in all {
        let known = CODES.iter().find(|(known, ..)| *known == code);
        let meaning = known.map_or_else(|| words::code(code), |(.., words)| (*words).to_owned());
        let mut meaning = escape::text(&meaning).into_owned();
        if let Some(bytes) = reclaim.get(code).filter(|bytes| **bytes > 0) {
            meaning = format!("{meaning}; {} would be freed", size(*bytes));
        }
        let code = escape::text(code);
        let start = format!("{:>8}  {:7}  ", count(number), severity.as_str());
        if page.width < 70 {
            let code = fit_middle(&code, page.width.saturating_sub(start.len()));
            let code = page.paint(style(severity), &code);
            page.push(&format!("{start}{code}"));
            continue;
        }
        let room = page.width.saturating_sub(start.len() + width);
        let code = fit_middle(&code, width.saturating_sub(2));
        let code = page.paint(style(severity), &pad(&code, width));
        let mut lead = format!("{start}{code}");
        for words in wrap(&meaning, room, false) {
            let line = format!("{lead}{}", page.paint(ASIDE, &words));
            page.push(&line);
            lead = " ".repeat(start.len() + width);
        }
    }
    page.push("");
}

/// Adds what the rows cannot show: which copy stays, and which files are gone or renamed.
pub(super) fn several(page: &mut Page, report: &Report) {
    for (code, heading, word) in [
        ("duplicate-file", "Copies", "copy"),
        ("same-image", "Imported twice", "again"),
        ("older-copy", "Older copies of a moving tag", "older"),
        ("gone", "Gone", ""),
        ("renamed", "Renamed", "now"),
    ] {
        let of_code = report.findings.iter().filter(|found| found.code == code);
        let lines: Vec<(&str, String)> = of_code.flat_map(|found| told(found, word)).collect();
        if lines.is_empty() {
            continue;
        }
        page.heading(heading);
        for (word, path) in lines.iter().take(NAMED) {
            let room = page.width.saturating_sub(10);
            page.push(&format!("  {word:7}{}", fit_middle(path, room)));
        }
        if let Some(more) = lines.len().checked_sub(NAMED).filter(|more| *more > 0) {
            page.push_painted(ASIDE, &format!("  and {} more", count(more as u64)));
        }
        page.push("");
    }
}

fn told<'w>(finding: &FindingRecord, word: &'w str) -> Vec<(&'w str, String)> {
    let first = finding.keep.as_ref().map(|keep| ("file", keep));
    let first = first.or_else(|| finding.was.as_ref().map(|was| ("was", was)));
    let others = finding.paths.iter().map(|path| (word, path));
    let all = first.into_iter().chain(others);
    all.map(|(word, path)| (word, shown_path(path))).collect()
}

/// Adds the number of images and bytes by publisher, kind, age and so on.
pub(super) fn groups(page: &mut Page, report: &Report) {
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
        page.heading(heading);
        let most = all.iter().map(|(_, group)| group.bytes).max().unwrap_or(0);
        for (key, group) in all.iter().take(LISTED) {
            one_group(page, key, *group, most);
        }
        let rest: Vec<Group> = all.iter().skip(LISTED).map(|(_, group)| *group).collect();
        if !rest.is_empty() {
            let sum = Group {
                images: sum(rest.iter().map(|group| group.images)),
                bytes: sum(rest.iter().map(|group| group.bytes)),
            };
            one_group(page, &format!("{} more", rest.len()), sum, 0);
        }
        page.push("");
    }
}

fn one_group(page: &mut Page, key: &str, group: Group, most: u64) {
    // The numbers, their words and the gaps take 31 columns, the bar 24 more.
    let bars = page.width >= 72;
    let taken = if bars { 55 } else { 31 };
    let width = page.width.saturating_sub(taken).clamp(9, 60);
    let bar = group.bytes.saturating_mul(BAR).checked_div(most);
    let bar = bar
        .and_then(|bar| usize::try_from(bar).ok())
        .filter(|_| bars);
    let bar = "━".repeat(bar.unwrap_or(0));
    if page.width < NARROW {
        let (count, size) = (count(group.images), size(group.bytes));
        let key = fit_middle(&escape::text(key), page.width.saturating_sub(2));
        page.push(&format!("  {key}"));
        page.push(&format!("    {count} {}, {size}", images(group.images)));
        return;
    }
    let line = format!(
        "  {}  {:>8} {:6}  {:>8}  {}",
        pad(&fit_middle(&escape::text(key), width), width),
        count(group.images),
        images(group.images),
        size(group.bytes),
        page.paint(ASIDE, &bar)
    );
    page.push(&line);
}

pub(super) fn totals(page: &mut Page, report: &Report) {
    let summary = &report.summary;
    let mut parts = vec![format!(
        "{} {}, {}",
        count(summary.images),
        images(summary.images),
        size(summary.bytes)
    )];
    if summary.reclaimable > 0 {
        let bytes = size(summary.reclaimable);
        parts.push(format!("{bytes} would be freed by removing copies"));
    }
    if summary.unreadable > 0 {
        parts.push(format!("{} could not be read", count(summary.unreadable)));
    }
    for line in wrap(&parts.join("; "), page.width, false) {
        page.push_painted(STRONG, &line);
    }
    if let Some(part) = part(summary) {
        page.push(&fit_end(&part, page.width));
    }
    skipped(page, report);
    if !summary.complete {
        page.push_painted(BAD.bold(), "interrupted: the list is not complete");
    }
}

fn skipped(page: &mut Page, report: &Report) {
    if report.summary.skipped.is_empty() {
        return;
    }
    let counts = report.summary.skipped.iter();
    let counts = counts.map(|(code, number)| {
        let code = code.replace('-', " ");
        format!("{} {}", count(*number), escape::text(&code))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    page.push(&format!("not looked at: {counts}"));
    let named = report.skipped.iter().filter(|it| it.code != "link");
    for skipped in named.take(NAMED) {
        let path = shown_path(&skipped.path);
        let text = format!("{path}: {}", escape::text(&skipped.message));
        let mut indent = "  ";
        for words in wrap(&text, page.width.saturating_sub(4), false) {
            page.push_painted(ASIDE, &format!("{indent}{words}"));
            indent = "    ";
        }
    }
}
