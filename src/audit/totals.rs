//! Counts the records for the summary.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

use jiff::Timestamp;

use super::findings::age;
use super::paths;
use super::record::{FindingRecord, Group, Line, OriginSummary, Record, SCHEMA, Summary};
use super::sums::add;

/// Counts.
#[derive(Debug)]
pub struct Totals {
    now: Timestamp,
    summary: Summary,
    /// Bytes in copies, as the family tree finds them.
    in_tree: u64,
}

impl Totals {
    /// Returns counts of zero.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            now: now.to_string(),
            ..Summary::default()
        };
        Self {
            now,
            summary,
            in_tree: 0,
        }
    }

    /// Sets the time for the ages of the following records.
    pub fn count_ages_to(&mut self, now: Timestamp) {
        self.now = now;
        self.summary.now = now.to_string();
    }

    /// Counts a file that is not an image.
    pub fn not_an_image(&mut self) {
        self.summary.not_images += 1;
    }

    /// Adds the files of another report that are not images.
    pub fn not_images(&mut self, count: u64) {
        add(&mut self.summary.not_images, count);
    }

    /// Counts a line.
    pub fn add(&mut self, line: &Line) {
        match line {
            Line::Image(record) => self.image(record),
            Line::Skipped(skipped) => count(&mut self.summary.skipped, &skipped.code, 1),
            Line::Finding(finding) => self.finding(finding),
            Line::Family(family) => self.in_tree = self.in_tree.saturating_add(family.reclaimable),
            Line::Summary(_) => {}
        }
    }

    fn image(&mut self, record: &Record) {
        let size = record.file.size;
        self.summary.images += 1;
        add(&mut self.summary.bytes, size);
        add(&mut self.summary.allocated, record.file.allocated);
        self.summary.unreadable += u64::from(record.error.is_some());
        self.summary.partial += u64::from(record.partial);
        for finding in &record.findings {
            count(&mut self.summary.findings, &finding.code, 1);
            count(&mut self.summary.severities, &finding.severity, 1);
        }
        for (name, key) in groups_of(record, self.now) {
            let groups = self.summary.groups.entry(name.to_owned()).or_default();
            let group: &mut Group = groups.entry(key).or_default();
            group.images += 1;
            add(&mut group.bytes, size);
        }
    }

    fn finding(&mut self, finding: &FindingRecord) {
        let paths = finding.paths.len() as u64;
        count(&mut self.summary.findings, &finding.code, paths);
        count(&mut self.summary.severities, &finding.severity, paths);
        add(&mut self.summary.reclaimable, finding.reclaimable);
    }

    /// Returns the summary, after `complete` has filled it.
    pub fn finish(mut self, complete: impl FnOnce(&mut Summary)) -> Summary {
        // The tree also finds the copies, and further imports even without tree_id.
        self.summary.reclaimable = self.summary.reclaimable.max(self.in_tree);
        complete(&mut self.summary);
        self.summary
    }
}

fn count<K: Clone + Ord>(counts: &mut BTreeMap<K, u64>, key: &K, more: u64) {
    add(counts.entry(key.clone()).or_default(), more);
}

/// Returns the groups that an image belongs to.
#[must_use]
pub fn groups_of(record: &Record, now: Timestamp) -> Vec<(&'static str, String)> {
    let origin = record.origin.as_ref();
    let text = |value: fn(&OriginSummary) -> Option<&String>| {
        origin
            .and_then(value)
            .map_or("unknown", String::as_str)
            .to_owned()
    };
    let kind = origin.map_or("unreadable", |origin| origin.kind.as_str());
    vec![
        ("publisher", text(|it| it.publisher.as_ref())),
        ("kind", kind.to_owned()),
        ("age", age_group(record, now).to_owned()),
        ("owner", owner(record)),
        ("directory", directory(record)),
        (
            "reference",
            text(|it| it.public_reference.as_ref().or(it.imported.as_ref())),
        ),
        ("commit", text(|it| it.commit.as_ref())),
    ]
}

/// Returns the name of the file's owner, or the number of an owner without a name.
#[must_use]
pub fn owner(record: &Record) -> String {
    let file = &record.file;
    file.owner.clone().unwrap_or_else(|| file.uid.to_string())
}

/// Returns the directory of the file.
#[must_use]
pub fn directory(record: &Record) -> String {
    let path = paths::to_path(&record.path);
    match path.parent() {
        Some(here) if here.as_os_str().is_empty() => ".".to_owned(),
        Some(parent) => String::from_utf8_lossy(parent.as_os_str().as_bytes()).into_owned(),
        None => "/".to_owned(),
    }
}

/// The groups of ages, youngest first.
pub const AGES: [(&str, i64); 5] = [
    ("under 2 weeks", 14),
    ("2 weeks to 3 months", 91),
    ("3 to 6 months", 182),
    ("6 to 12 months", 365),
    ("over a year", i64::MAX),
];

fn age_group(record: &Record, now: Timestamp) -> &'static str {
    age(record, now)
        .and_then(|(days, _)| AGES.iter().find(|(_, limit)| days < *limit))
        .map_or("unknown", |(name, _)| name)
}

/// Sorts groups by bytes, largest first.
#[must_use]
pub fn by_bytes(groups: &BTreeMap<String, Group>) -> Vec<(&str, Group)> {
    let groups = groups.iter();
    let mut all: Vec<(&str, Group)> = groups.map(|(name, group)| (&**name, *group)).collect();
    all.sort_unstable_by(|one, other| other.1.bytes.cmp(&one.1.bytes).then(one.0.cmp(other.0)));
    all
}
