//! Counts the records for the summary.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

use jiff::Timestamp;

use super::findings::age;
use super::paths;
use super::record::{FindingRecord, Group, Line, Record, SCHEMA, Summary};

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
        self.summary.not_images += count;
    }

    /// Counts a line.
    pub fn add(&mut self, line: &Line) {
        match line {
            Line::Image(record) => self.image(record),
            Line::Skipped(skipped) => {
                *self
                    .summary
                    .skipped
                    .entry(skipped.code.clone())
                    .or_default() += 1;
            }
            Line::Finding(finding) => self.finding(finding),
            Line::Family(family) => self.in_tree = self.in_tree.saturating_add(family.reclaimable),
            Line::Summary(_) => {}
        }
    }

    fn image(&mut self, record: &Record) {
        let size = record.file.size;
        self.summary.images += 1;
        self.summary.bytes += size;
        self.summary.allocated += record.file.allocated;
        self.summary.unreadable += u64::from(record.error.is_some());
        self.summary.partial += u64::from(record.partial);
        for finding in &record.findings {
            *self
                .summary
                .findings
                .entry(finding.code.clone())
                .or_default() += 1;
            *self.summary.severities.entry(finding.severity).or_default() += 1;
        }
        for (name, key) in groups_of(record, self.now) {
            let groups = self.summary.groups.entry(name.to_owned()).or_default();
            let group: &mut Group = groups.entry(key).or_default();
            group.images += 1;
            group.bytes += size;
        }
    }

    fn finding(&mut self, finding: &FindingRecord) {
        let count = finding.paths.len() as u64;
        *self
            .summary
            .findings
            .entry(finding.code.clone())
            .or_default() += count;
        *self.summary.severities.entry(finding.severity).or_default() += count;
        self.summary.reclaimable += finding.reclaimable;
    }

    /// Returns the summary, after `complete` has filled it.
    pub fn finish(mut self, complete: impl FnOnce(&mut Summary)) -> Summary {
        // The tree finds the copies too, and further imports also where no tree_id was asked for.
        self.summary.reclaimable = self.summary.reclaimable.max(self.in_tree);
        complete(&mut self.summary);
        self.summary
    }
}

/// Returns the groups that an image belongs to.
#[must_use]
pub fn groups_of(record: &Record, now: Timestamp) -> Vec<(&'static str, String)> {
    let unknown = || "unknown".to_owned();
    let origin = record.origin.as_ref();
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(unknown);
    vec![
        (
            "publisher",
            text(origin.and_then(|origin| origin.publisher.as_ref())),
        ),
        (
            "kind",
            origin.map_or_else(
                || "unreadable".to_owned(),
                |origin| origin.kind.as_str().to_owned(),
            ),
        ),
        ("age", age_group(record, now).to_owned()),
        ("owner", owner(record)),
        ("directory", directory(record)),
        (
            "reference",
            text(origin.and_then(|origin| {
                origin
                    .public_reference
                    .as_ref()
                    .or(origin.imported.as_ref())
            })),
        ),
        (
            "commit",
            text(origin.and_then(|origin| origin.commit.as_ref())),
        ),
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
    let mut all: Vec<(&str, Group)> = groups
        .iter()
        .map(|(name, group)| (name.as_str(), *group))
        .collect();
    all.sort_unstable_by(|one, other| other.1.bytes.cmp(&one.1.bytes).then(one.0.cmp(other.0)));
    all
}
