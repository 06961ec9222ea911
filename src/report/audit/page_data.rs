//! The data of the page, as small as possible: a page can have thousands of images.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::tree;
use super::{Report, official, part, shown_path, size, what};
use crate::audit::findings::{CODES, age};
use crate::audit::record::{Record, Summary};
use crate::audit::select::kind_of;
use crate::audit::totals::{self, AGES};
use crate::finding::Finding;
use crate::provenance::Status;
use crate::report::escape;
use crate::words;

/// The page's data. All text in it is safe to show.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    now: &'a str,
    roots: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    summary: &'a Summary,
    codes: Vec<(&'static str, &'static str, &'static str)>,
    ages: Vec<&'static str>,
    /// The sources of the evidence. Images name them by number.
    sources: Vec<String>,
    fields: Vec<String>,
    images: Vec<Image>,
    several: Vec<Several>,
    families: Vec<tree::Node>,
    skipped: Vec<(String, String, String)>,
}

#[derive(Serialize)]
struct Image {
    path: String,
    name: String,
    kind: &'static str,
    /// `yes`, `no` or `unknown`.
    official: &'static str,
    what: String,
    publisher: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    owner: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<i64>,
    #[serde(rename = "ageGroup")]
    age_group: String,
    /// Code and message of each finding.
    findings: Vec<(String, &'static str, String)>,
    /// Rows of the details: name and value.
    details: Vec<(&'static str, String)>,
    /// Field, value, source, and the status.
    evidence: Vec<(usize, String, usize, Status)>,
}

#[derive(Serialize)]
struct Several {
    code: String,
    severity: &'static str,
    message: String,
    keep: Option<String>,
    paths: Vec<String>,
    reclaimable: u64,
}

/// Texts that occur often. Each is kept once and has a number.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Texts {
    fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(show(text));
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

fn show(text: &str) -> String {
    escape::text(text).into_owned()
}

pub(super) fn page(report: &Report) -> Page<'_> {
    let now: Timestamp = report.summary.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let of_several = report.of_several();
    let none = Vec::new();
    let (mut sources, mut fields) = (Texts::default(), Texts::default());
    let images = report.images.iter().map(|record| {
        let several = of_several.get(&record.path).unwrap_or(&none);
        image(record, several, now, &mut sources, &mut fields)
    });
    let images = images.collect();
    let codes = CODES.iter();
    let several = report.findings.iter().map(|finding| Several {
        code: show(&finding.code),
        severity: finding.severity.as_str(),
        message: show(&finding.message),
        keep: finding.keep.as_ref().map(shown_path),
        paths: finding.paths.iter().map(shown_path).collect(),
        reclaimable: finding.reclaimable,
    });
    let skipped = report.skipped.iter().map(|it| {
        let path = shown_path(&it.path);
        (path, show(&it.code), show(&it.message))
    });
    Page {
        now: &report.summary.now,
        roots: report.summary.roots.iter().map(shown_path).collect(),
        part: part(&report.summary),
        summary: &report.summary,
        codes: codes
            .map(|(code, level, words)| (*code, level.as_str(), *words))
            .collect(),
        ages: AGES.iter().map(|(name, _)| *name).collect(),
        sources: sources.all,
        fields: fields.all,
        images,
        several: several.collect(),
        families: tree::nodes(report),
        skipped: skipped.collect(),
    }
}

fn image(
    record: &Record,
    several: &[Finding],
    now: Timestamp,
    sources: &mut Texts,
    fields: &mut Texts,
) -> Image {
    let path = shown_path(&record.path);
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let origin = record.origin.clone().unwrap_or_default();
    let groups: HashMap<&str, String> = totals::groups_of(record, now).into_iter().collect();
    let group = |name: &str| groups.get(name).map(|text| show(text)).unwrap_or_default();
    let kind = kind_of(record);
    let findings = record.findings.iter().chain(several);
    let findings = findings.map(|it| (show(&it.code), it.severity.as_str(), show(&it.message)));
    let evidence = record.evidence.iter().map(|line| {
        let (field, source) = (fields.number(&line.field), sources.number(&line.source));
        (field, show(&line.value), source, line.status)
    });
    let reference = origin
        .public_reference
        .as_ref()
        .or(origin.imported.as_ref());
    Image {
        name,
        kind,
        official: official(origin.official),
        what: show(&what(record)),
        publisher: group("publisher"),
        reference: reference.map(|text| show(text)),
        commit: origin.commit.as_deref().map(show),
        owner: group("owner"),
        size: record.file.size,
        age: age(record, now).map(|(days, _)| days),
        age_group: group("age"),
        findings: findings.collect(),
        details: details(record),
        evidence: evidence.collect(),
        path,
    }
}

fn details(record: &Record) -> Vec<(&'static str, String)> {
    let file = &record.file;
    let origin = record.origin.clone().unwrap_or_default();
    let mut rows = Vec::new();
    let mut add = |name: &'static str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push((name, show(&value)));
        }
    };
    add("error", record.error.clone());
    add("pull", origin.pull.clone().filter(|_| origin.pull_ok));
    add("imported from", origin.imported.clone());
    add("digest", origin.digest.clone());
    add("built on", origin.derived_from.clone());
    add("repository", origin.repository.clone());
    add("pipeline", origin.pipeline.clone());
    add("built", origin.created.clone());
    add("packed", file.packed_at.clone());
    add("changed", file.mtime.clone());
    add("system", origin.os.clone());
    add("architecture", origin.architecture.clone());
    let known = origin.official.is_some();
    let official = known.then(|| official(origin.official).to_owned());
    add("official", official);
    add("why", Some(words::list(&origin.reasons)));
    add("warnings", Some(words::list(&record.warnings)));
    add("on disk", Some(size(file.allocated)));
    add("compression", file.compression.clone());
    add(
        "files in it",
        file.inodes.map(|n| super::count(u64::from(n))),
    );
    add("group", file.group.clone());
    rows
}
