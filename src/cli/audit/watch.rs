//! How far an audit is, and how it is stopped.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqsh_prov::audit::record::Summary;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Again, Progress};

use crate::cli::report_flags::{Format, ReportFlags};

/// The first signal from a terminal ends the run with what is there; the second, and one that asks to
/// terminate, ends it at once.
pub(super) fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let at_once = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_shutdown(SIGTERM, 130, at_once)?;
    for signal in [SIGINT, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Shows on a terminal how far the work is.
pub(super) fn watched<T>(progress: &Progress, shown: bool, work: impl FnOnce() -> T) -> T {
    const TEMPLATE: &str = "{spinner} {pos} of {len} files, {per_sec}, {eta} left";
    if !shown {
        return work();
    }
    let style = ProgressStyle::with_template(TEMPLATE);
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Without a thread for it, nothing is shown.
        let _ = std::thread::Builder::new().spawn_scoped(scope, || {
            while !over.load(Ordering::Relaxed) {
                bar.set_length(progress.found.load(Ordering::Relaxed));
                bar.set_position(progress.read.load(Ordering::Relaxed));
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let answer = work();
        over.store(true, Ordering::Relaxed);
        answer
    })
}

/// Why --resume spared less than was to be expected.
pub(super) fn read_again(progress: &Progress) -> Vec<String> {
    let reasons = progress.again.reasons().into_iter();
    let told = reasons.map(|(why, images)| {
        let why = match why {
            Again::Rules => {
                "the earlier run had other contracts or mirrors, another --deep, or another version of this program"
            }
            Again::Policy => "the earlier run had another policy",
            Again::Known => "other images were known in the earlier run",
            Again::Statements => "the trust data may have changed",
        };
        match images {
            1 => format!("1 image was read again though it had not changed: {why}"),
            _ => format!("{images} images were read again though they had not changed: {why}"),
        }
    });
    told.collect()
}

/// What to try where an audit has found nothing, and what a spreadsheet does not say.
pub(super) fn hints(summary: &Summary, scope: &Scope, report: &ReportFlags) -> Vec<String> {
    let mut hints = Vec::new();
    hints.extend(unread(summary, report));
    // A missing path is reported already; the names of its files are not the reason.
    let roots = !scope.roots.is_empty() && !scope.roots.iter().any(|root| root.exists());
    let closed = summary.skipped.keys().any(|code| UNREAD.contains(&&**code));
    if closed
        || summary.images > 0
        || !summary.selection.is_empty()
        || scope.files.is_some()
        || roots
    {
        return hints;
    }
    let layout = |root: &PathBuf| {
        let below = std::fs::read_dir(root).into_iter().flatten().flatten();
        let below = below.take(MOST_LOOKED_AT).map(|entry| entry.path());
        let mut all = std::iter::once(root.clone()).chain(below);
        all.find(|path| path.join("oci-layout").is_file() || path.join("etc/os-release").exists())
    };
    match scope.roots.iter().filter(|_| !scope.rootfs).find_map(layout) {
        Some(found) => hints.push(format!(
            "no image file was found; {} is an OCI layout or a container's root: --rootfs takes such directories as images",
            found.display()
        )),
        None if !scope.all_files => hints.push(
            "no image file was found: only names such as x.sqsh and files of 64 MiB or more are looked into; --all-files looks into every file".to_owned(),
        ),
        None => {}
    }
    hints
}

/// Codes of what was not looked at because the system refused it.
const UNREAD: [&str; 2] = ["unreadable-directory", "no-permission"];

/// What could not be read, unless the report is a table on standard output, whose last lines say it.
fn unread(summary: &Summary, report: &ReportFlags) -> Option<String> {
    let closed = UNREAD.iter().filter_map(|code| summary.skipped.get(*code));
    let closed: u64 = closed.sum();
    // For a selection the exit code is explained elsewhere.
    if report.leaves_out(summary) || report.is_told_at_the_end() && closed == 0 {
        return None;
    }
    let of = |number: u64, one: &str, more: &str, did: &str| match number {
        0 => None,
        1 => Some(format!("1 {one} {did}")),
        _ => Some(format!("{number} {more} {did}")),
    };
    let told = [
        of(summary.unreadable, "image", "images", "could not be read"),
        of(
            summary.partial,
            "image",
            "images",
            "could be read only in part",
        ),
        of(
            closed,
            "file or directory",
            "files and directories",
            "could not be opened",
        ),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() {
        return None;
    }
    let where_to_look = match report.format() {
        Format::Csv if summary.unreadable > 0 && report.has_column("error") => {
            "; the column 'error' has the reason"
        }
        Format::Ndjson | Format::Json | Format::Html | Format::Table => {
            "; the report says which and why"
        }
        _ => "; `sqsh-prov audit` without --format says which and why",
    };
    Some(told.join(", ") + where_to_look)
}

/// Entries of a directory that a hint looks at.
const MOST_LOOKED_AT: usize = 1000;
