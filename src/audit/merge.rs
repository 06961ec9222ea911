//! Joins the reports of shards into the report of one run.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::baseline::Baseline;
use super::cross::Cross;
use super::paths;
use super::record::{Line, Summary};
use super::saved::{self, Lines, SavedError};
use super::totals::Totals;
use super::{Sink, after_all};

/// The reason why reports cannot be joined.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A report cannot be used.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// The result cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A report was cut off.
    #[error("{0}: the report has no summary; its run was killed: run that shard again")]
    NoSummary(String),
    /// A report's run was interrupted.
    #[error("{0}: its run was interrupted; run that shard again")]
    Incomplete(String),
    /// Reports belong to different audits.
    #[error("{path}: it belongs to another audit: {what} differs")]
    Differs {
        /// The report.
        path: String,
        /// What differs.
        what: &'static str,
    },
    /// A shard is missing.
    #[error("shard {index}/{count} is missing; run it, or give its report too")]
    Missing {
        /// From 1.
        index: u64,
        /// The number of shards.
        count: u64,
    },
    /// A shard is given twice.
    #[error("{path}: shard {index}/{count} is given twice")]
    Twice {
        /// The second report.
        path: String,
        /// From 1.
        index: u64,
        /// The number of shards.
        count: u64,
    },
    /// One of several reports is not a shard.
    #[error("{0}: this report is not a shard; give it alone")]
    NoShard(String),
    /// No image has a fingerprint, so there is no family tree.
    #[error(
        "no image in the reports has a fingerprint, and a family tree is made of these; give --fingerprint to the audit that writes them"
    )]
    NoFingerprints,
    /// The lines of a report are out of order.
    #[error("{0}: its lines are not in the order of an audit's report")]
    Order(String),
}

/// The parts of a joined report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    /// If true, keeps the evidence and the fingerprints.
    pub evidence: bool,
    /// If true, finds which image was built on which, from the fingerprints.
    pub lineage: bool,
}

/// Joins reports.
///
/// # Errors
/// If one is missing, given twice, not complete, or of another audit.
pub fn merge(
    reports: &[PathBuf],
    mut baseline: Option<Baseline>,
    keep: Keep,
    sink: &mut dyn Sink,
) -> Result<Summary, MergeError> {
    let summaries = summaries(reports)?;
    check(reports, &summaries)?;
    let Some(first) = summaries.first() else {
        return Err(MergeError::Missing { index: 1, count: 1 });
    };
    if let Some(baseline) = &baseline {
        baseline.check(&first.roots)?;
    }
    let now: Timestamp = first.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut totals = Totals::new(now);
    for summary in &summaries {
        totals.not_images(summary.not_images);
    }
    let mut cross = Cross::of(keep.lineage);
    let mut has_images = false;
    let streams = reports.iter().map(|report| Stream::open(report));
    let mut streams: Vec<Stream> = streams.collect::<Result<_, _>>()?;
    while let Some(mut line) = next(&mut streams)? {
        match &mut line {
            Line::Image(record) => record.redact(),
            Line::Skipped(skipped) => skipped.redact(),
            Line::Finding(_) | Line::Family(_) | Line::Summary(_) => {}
        }
        totals.add(&line);
        if let Line::Image(record) = &mut line {
            has_images = true;
            cross.add(record);
            if let Some(baseline) = &mut baseline {
                baseline.see(record);
            }
            if !keep.evidence {
                record.evidence = Vec::new();
                record.fingerprint = None;
            }
        }
        sink.line(line)?;
    }
    if cross.lacks_fingerprints() && has_images {
        return Err(MergeError::NoFingerprints);
    }
    after_all(&mut cross, baseline, true, &mut totals, sink)?;
    let summary = totals.finish(|summary| {
        summary.complete = true;
        summary.roots.clone_from(&first.roots);
        summary.tree_id = first.tree_id;
    });
    sink.line(Line::Summary(Box::new(summary.clone())))?;
    Ok(summary)
}

fn summaries(reports: &[PathBuf]) -> Result<Vec<Summary>, MergeError> {
    let mut all = Vec::new();
    for report in reports {
        let name = || report.display().to_string();
        let summary = saved::summary(report)?.ok_or_else(|| MergeError::NoSummary(name()))?;
        if !summary.complete {
            return Err(MergeError::Incomplete(name()));
        }
        if !summary.selection.is_empty() {
            return Err(SavedError::Selection { path: name() }.into());
        }
        all.push(summary);
    }
    Ok(all)
}

fn check(reports: &[PathBuf], summaries: &[Summary]) -> Result<(), MergeError> {
    let Some(first) = summaries.first() else {
        return Ok(());
    };
    let mut seen = Vec::new();
    for (report, summary) in reports.iter().zip(summaries) {
        let path = report.display().to_string();
        let Some(shard) = summary.shard else {
            return match summaries {
                [_] => Ok(()),
                _ => Err(MergeError::NoShard(path)),
            };
        };
        let shards_differ = first.shard.is_none_or(|other| other.count != shard.count);
        let differs = [
            (summary.roots != first.roots, "the list of paths"),
            (
                summary.now != first.now,
                "the time that ages are counted to (--now)",
            ),
            (summary.tree_id != first.tree_id, "--tree-id"),
            (shards_differ, "the number of shards"),
        ];
        if let Some((_, what)) = differs.into_iter().find(|(differs, _)| *differs) {
            return Err(MergeError::Differs { path, what });
        }
        let (index, count) = (shard.index, shard.count);
        if seen.contains(&index) {
            return Err(MergeError::Twice { path, index, count });
        }
        seen.push(index);
    }
    let count = first.shard.map_or(1, |shard| shard.count);
    match (1..=count).find(|index| !seen.contains(index)) {
        Some(index) => Err(MergeError::Missing { index, count }),
        None => Ok(()),
    }
}

/// The images and skipped files of a report, read one ahead.
struct Stream {
    name: String,
    lines: Lines,
    next: Option<(Vec<u8>, Line)>,
}

impl Stream {
    fn open(path: &Path) -> Result<Self, MergeError> {
        let mut stream = Self {
            name: path.display().to_string(),
            lines: Lines::open(path)?,
            next: None,
        };
        stream.advance()?;
        Ok(stream)
    }

    fn advance(&mut self) -> Result<Option<Line>, MergeError> {
        let taken = self.next.take();
        while let Some((line, _)) = self.lines.next_line()? {
            let path = match &line {
                Line::Image(record) => paths::to_bytes(&record.path),
                Line::Skipped(skipped) => paths::to_bytes(&skipped.path),
                Line::Finding(_) | Line::Family(_) | Line::Summary(_) => continue,
            };
            if let Some((before, _)) = &taken
                && paths::order(before, &path).is_gt()
            {
                return Err(MergeError::Order(self.name.clone()));
            }
            self.next = Some((path, line));
            break;
        }
        Ok(taken.map(|(_, line)| line))
    }
}

fn next(streams: &mut [Stream]) -> Result<Option<Line>, MergeError> {
    let open = streams.iter_mut().filter(|stream| stream.next.is_some());
    let smallest = open.min_by(|one, other| match (&one.next, &other.next) {
        (Some((one, _)), Some((other, _))) => paths::order(one, other),
        _ => std::cmp::Ordering::Equal,
    });
    smallest.map_or(Ok(None), Stream::advance)
}
