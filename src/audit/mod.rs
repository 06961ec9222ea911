//! `audit` finds all images of a file system, and their problems.
//!
//! It walks, reads in a pool of threads, and gives records in the order of their paths to a [`Sink`]. Then
//! come findings that need all images, and last a summary. The module `report` writes the lines.

pub mod attested;
pub mod baseline;
pub mod codes;
pub mod cross;
pub mod diff;
pub mod family;
pub mod findings;
pub mod history;
mod jobs;
mod keys;
pub mod lineage;
mod masked;
pub mod merge;
mod names;
pub mod owners;
pub mod paths;
pub mod pool;
mod progress;
mod read;
pub mod record;
pub mod saved;
pub mod select;
mod settings;
pub mod shard;
mod summary;
pub mod sums;
pub mod totals;
pub mod tree;
pub mod view;
pub mod viewed;
pub mod walk;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Inspector;

use baseline::Baseline;
use cross::Cross;
pub use jobs::Jobs;
pub use progress::{Again, Progress};
use read::{Outcome, Reader};
use record::{Line, Summary};
use saved::Resume;
pub use settings::{Find, Policy, Settings};
use totals::Totals;
use walk::Found;

/// Takes the lines of a report, in their order.
pub trait Sink {
    /// Takes a line.
    ///
    /// # Errors
    /// If it cannot be written.
    fn line(&mut self, line: Line) -> io::Result<()>;
}

impl<F: FnMut(Line) -> io::Result<()>> Sink for F {
    fn line(&mut self, line: Line) -> io::Result<()> {
        self(line)
    }
}

/// The earlier reports that a run uses.
#[derive(Debug, Default)]
pub struct Earlier {
    /// The report whose records of unchanged files are reused.
    pub resume: Option<Resume>,
    /// The report that the images are compared with.
    pub baseline: Option<Baseline>,
}

/// Runs an audit. When `stop` is set, it reports the finished part, and the summary says that it is
/// not complete.
///
/// # Errors
/// If a line cannot be written.
pub fn run(
    inspector: &Inspector,
    settings: &Settings,
    mut earlier: Earlier,
    progress: &Progress,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> io::Result<Summary> {
    let reader = Reader::new(inspector, settings, earlier.resume.as_ref(), progress);
    let mut cross = Cross::of(settings.lineage);
    let mut totals = Totals::new(settings.rules.now);
    let mut baseline = earlier.baseline.take();
    let mut there = settings.scope.distinct_roots();
    there.retain(|root| is_there(root));
    pool::ordered(
        settings.jobs,
        stop,
        |give| {
            walk::walk(&settings.scope, &mut |found| {
                progress.found.fetch_add(1, Ordering::Relaxed);
                give(found)
            });
            progress.walked.store(true, Ordering::Relaxed);
        },
        |found| match found {
            Found::Skipped(skipped) => Outcome::Line(Line::Skipped(skipped)),
            Found::Candidate(candidate) => reader.read(&candidate),
        },
        |outcome| {
            progress.read.fetch_add(1, Ordering::Relaxed);
            let mut line = match outcome {
                Outcome::NotAnImage => {
                    totals.not_an_image();
                    return Ok(());
                }
                Outcome::Line(line) => line,
            };
            totals.add(&line);
            if let Line::Image(record) = &mut line {
                cross.add(record);
                if !settings.fingerprint {
                    record.fingerprint = None;
                }
                if let Some(baseline) = &mut baseline {
                    baseline.see(record);
                }
            }
            sink.line(line)
        },
    )?;
    let complete = !stop.load(Ordering::Relaxed);
    for root in there.iter().filter(|root| !is_there(root)) {
        let message = "it was gone before the end of the audit";
        let line = Line::Skipped(walk::skipped(root, "no-such-path", message));
        totals.add(&line);
        sink.line(line)?;
    }
    // A shard lacks findings about all images; `merge` adds those.
    if settings.scope.shard.is_none() {
        after_all(&mut cross, baseline, complete, &mut totals, sink)?;
    }
    let summary = totals.finish(|summary| {
        summary.complete = complete;
        summary.shard = settings.scope.shard;
        let roots = settings.scope.distinct_roots();
        summary.roots = roots.iter().map(|root| paths::to_text(root)).collect();
        summary.tree_id = settings.tree_id;
    });
    sink.line(Line::Summary(Box::new(summary.clone())))?;
    Ok(summary)
}

/// Returns false for a path that does not exist. One that may not be looked at is reported by the walk.
fn is_there(path: &Path) -> bool {
    let error = std::fs::metadata(path).err();
    error.is_none_or(|error| error.kind() != io::ErrorKind::NotFound)
}

/// Reports the findings that need all images.
fn after_all(
    cross: &mut Cross,
    baseline: Option<Baseline>,
    complete: bool,
    totals: &mut Totals,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut pass = |line: Line| {
        totals.add(&line);
        sink.line(line)
    };
    let changes = baseline.map(|baseline| baseline.changes(complete));
    for finding in cross.findings().chain(changes.into_iter().flatten()) {
        pass(Line::Finding(finding))?;
    }
    for family in cross.families() {
        pass(Line::Family(Box::new(family)))?;
    }
    Ok(())
}
