//! Compares saved reports of one file system, week by week: new, gone, changed and renamed images.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::paths;
use super::record::{Group, Line, Summary};
use super::saved::{self, Lines, SavedError};
use crate::provenance::PathText;
use crate::redact;

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-audit-history/1";

/// The most owners and publishers that are named for each week.
const NAMED: usize = 3;

/// A number of images, and their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sum {
    /// The number of images.
    pub images: u64,
    /// The size of all of them, in bytes.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.images += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// How much the images of one owner or publisher grew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Growth {
    /// The owner or the publisher.
    pub name: String,
    /// Bytes that were added; negative if bytes were removed.
    pub bytes: i64,
}

/// The images of one week, compared with the report before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Week {
    /// The week, in ISO 8601: `2026-W38`.
    pub week: String,
    /// The last report of the week.
    pub report: PathText,
    /// When it was made, RFC 3339 UTC.
    pub now: String,
    /// All images in the report.
    pub total: Sum,
    /// Images that the report before did not have. In the first week, there is no report before: this field and
    /// the next four are null, and the lists are empty.
    pub came: Option<Sum>,
    /// Images that only the report before had.
    pub went: Option<Sum>,
    /// Images whose content changed, and whose path did not.
    pub changed: Option<Sum>,
    /// Images whose path changed, and whose content did not.
    pub renamed: Option<Sum>,
    /// Bytes that all images grew by; negative if they shrank.
    pub grew: Option<i64>,
    /// The owners whose images grew or shrank most.
    pub owners: Vec<Growth>,
    /// The publishers whose images grew or shrank most.
    pub publishers: Vec<Growth>,
}

/// What changed from week to week, by the saved reports in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct History {
    /// Always `sqsh-prov-audit-history/1`.
    pub schema: String,
    /// The audited paths. They are the same in all the reports.
    pub roots: Vec<PathText>,
    /// The weeks that have a report, the oldest first.
    pub weeks: Vec<Week>,
    /// The reports that were not used, and why.
    pub left_out: Vec<LeftOut>,
}

/// A report that was not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The report file.
    pub report: PathText,
    /// Why it was not used, in one sentence for a person.
    pub reason: String,
}

struct Saved {
    path: PathBuf,
    now: Timestamp,
    summary: Summary,
}

/// Bytes and content key of each image, by path.
type Images = HashMap<Vec<u8>, (u64, Option<String>)>;

/// Reads reports, in any order.
///
/// # Errors
/// If a report can no longer be read.
pub fn read(reports: &[PathBuf]) -> Result<History, SavedError> {
    let mut history = History {
        schema: SCHEMA.to_owned(),
        ..History::default()
    };
    let mut saved = Vec::new();
    for path in reports {
        match summary(path) {
            Ok(report) => saved.push(report),
            Err(reason) => history.leave_out(path, reason),
        }
    }
    saved.sort_by_key(|report| report.now);
    let Some(newest) = saved.last() else {
        return Ok(history);
    };
    history.roots.clone_from(&newest.summary.roots);
    let mut weeks: BTreeMap<String, Saved> = BTreeMap::new();
    for report in saved {
        if report.summary.roots == history.roots {
            weeks.insert(week(report.now), report);
        } else {
            let reason = "it covers other paths than the newest report";
            history.leave_out(&report.path, reason.to_owned());
        }
    }
    let mut before: Option<(Images, Summary)> = None;
    for (name, report) in weeks {
        let images = images(&report.path)?;
        history
            .weeks
            .push(one_week(name, &report, &images, before.as_ref()));
        before = Some((images, report.summary));
    }
    Ok(history)
}

impl History {
    fn leave_out(&mut self, path: &Path, reason: String) {
        self.left_out.push(LeftOut {
            report: paths::to_text(path),
            reason,
        });
    }
}

/// Returns the year and week of a time (ISO 8601), in UTC.
fn week(time: Timestamp) -> String {
    let date = TimeZone::UTC.to_datetime(time).date().iso_week_date();
    format!("{:04}-W{:02}", date.year(), date.week())
}

/// Returns the summary of a report of all images, or why the report is left out.
fn summary(path: &Path) -> Result<Saved, String> {
    let summary = saved::summary(path).map_err(|error| error.to_string())?;
    let summary = summary.ok_or("the report has no summary: its run was killed")?;
    if !summary.complete {
        return Err("its run was interrupted".to_owned());
    }
    if summary.shard.is_some() {
        return Err("it is a shard; join the shards with `sqsh-prov merge`".to_owned());
    }
    if !summary.selection.is_empty() {
        return Err("it was written with --where and lacks images".to_owned());
    }
    let now = summary.now.parse();
    Ok(Saved {
        path: path.to_owned(),
        now: now.map_err(|_: jiff::Error| "its time cannot be read".to_owned())?,
        summary,
    })
}

fn images(path: &Path) -> Result<Images, SavedError> {
    let mut lines = Lines::open(path)?;
    let mut images = Images::new();
    while let Some((line, _)) = lines.next_line()? {
        if let Line::Image(record) = line {
            let path = paths::to_bytes(&record.path);
            images.insert(path, (record.file.size, record.keys.content));
        }
    }
    Ok(images)
}

fn one_week(
    week: String,
    report: &Saved,
    now: &Images,
    before: Option<&(Images, Summary)>,
) -> Week {
    let total = Sum {
        images: report.summary.images,
        bytes: report.summary.bytes,
    };
    let mut told = Week {
        week,
        report: paths::to_text(&report.path),
        now: report.summary.now.clone(),
        total,
        ..Week::default()
    };
    let Some((old, old_summary)) = before else {
        return told;
    };
    let (mut came, mut went) = (Sum::default(), Sum::default());
    let (mut changed, mut renamed) = (Sum::default(), Sum::default());
    let mut gone: HashMap<&str, u64> = HashMap::new();
    for (path, (size, content)) in old {
        if !now.contains_key(path) {
            went.add(*size);
            if let Some(content) = content {
                *gone.entry(content).or_default() += 1;
            }
        }
    }
    for (path, (size, content)) in now {
        match old.get(path) {
            Some(before) if *before == (*size, content.clone()) => {}
            Some(_) => changed.add(*size),
            None => {
                let was = content.as_deref().and_then(|content| gone.get_mut(content));
                match was.filter(|left| **left > 0) {
                    Some(left) => {
                        *left -= 1;
                        renamed.add(*size);
                        went.images -= 1;
                        went.bytes = went.bytes.saturating_sub(*size);
                    }
                    None => came.add(*size),
                }
            }
        }
    }
    (told.came, told.went) = (Some(came), Some(went));
    (told.changed, told.renamed) = (Some(changed), Some(renamed));
    told.grew = Some(difference(total.bytes, old_summary.bytes));
    told.owners = growth("owner", &report.summary, old_summary);
    told.publishers = growth("publisher", &report.summary, old_summary);
    told
}

fn difference(now: u64, before: u64) -> i64 {
    let difference = i128::from(now) - i128::from(before);
    i64::try_from(difference).unwrap_or(if difference > 0 { i64::MAX } else { i64::MIN })
}

/// Returns the groups that grew or shrank most, the largest change first.
fn growth(by: &str, now: &Summary, before: &Summary) -> Vec<Growth> {
    let none = BTreeMap::new();
    let now = now.groups.get(by).unwrap_or(&none);
    let before = before.groups.get(by).unwrap_or(&none);
    let bytes = |group: Option<&Group>| group.map_or(0, |group| group.bytes);
    let names: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    let mut all: Vec<Growth> = names
        .into_iter()
        .map(|name| Growth {
            name: redact::text(name).into_owned(),
            bytes: difference(bytes(now.get(name)), bytes(before.get(name))),
        })
        .filter(|growth| growth.bytes != 0)
        .collect();
    all.sort_by(|one, other| {
        let sizes = other.bytes.unsigned_abs().cmp(&one.bytes.unsigned_abs());
        sizes.then_with(|| one.name.cmp(&other.name))
    });
    all.truncate(NAMED);
    all
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
