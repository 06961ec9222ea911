//! Shows the progress of an audit, stops it on signals, and gives hints at its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqsh_prov::audit::record::Summary;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Again, Progress};

use crate::cli::report_flags::{Format, ReportFlags};

/// Handles signals. The first SIGINT or SIGHUP ends the run with a partial report. The second, or a SIGTERM,
/// ends it at once.
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

/// Shows the progress of the work on a terminal.
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
        // Shows nothing if the system gives no thread.
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

/// Says why --resume read unchanged images again.
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

/// Returns what to try if an audit found nothing, and what the format of the report does not show.
pub(super) fn hints(summary: &Summary, scope: &Scope, report: &ReportFlags) -> Vec<String> {
    let mut hints = Vec::new();
    hints.extend(unread(summary, report));
    // A missing path is reported already. It has no files with other names.
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

/// Codes of files and directories that could not be opened.
const UNREAD: [&str; 2] = ["unreadable-directory", "no-permission"];

/// Says what could not be read. A table on standard output has it in its last lines already.
fn unread(summary: &Summary, report: &ReportFlags) -> Option<String> {
    let closed = UNREAD.iter().filter_map(|code| summary.skipped.get(*code));
    let closed: u64 = closed.sum();
    // With a selection, another hint explains the exit code.
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

/// The most entries of a directory that a hint looks at.
const MOST_LOOKED_AT: usize = 1000;
