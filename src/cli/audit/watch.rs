//! Shows the progress of an audit, stops it on signals, and gives hints at its end.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use sqsh_prov::audit::record::{Line, Summary};
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Again, Progress, Sink};

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

/// Shows the progress of the work on a terminal, up to the summary: most formats print all lines then.
pub(super) fn watched<T>(
    progress: &Progress,
    shown: bool,
    sink: &mut dyn Sink,
    work: impl FnOnce(&mut dyn Sink) -> T,
) -> T {
    const TEMPLATE: &str = "{spinner} {pos} of {len} files, {rate}, {eta} left";
    if !shown {
        return work(sink);
    }
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // What cannot be written is not shown.
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(TEMPLATE).map(|style| style.with_key("rate", rate));
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Shows nothing if the system gives no thread.
        let bar = std::thread::Builder::new().spawn_scoped(scope, || {
            while !over.load(Ordering::Relaxed) {
                bar.set_length(progress.found.load(Ordering::Relaxed));
                bar.set_position(progress.read.load(Ordering::Relaxed));
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let mut bar = bar.ok();
        let mut clear = || {
            over.store(true, Ordering::Relaxed);
            // Its last step clears the line.
            let _ = bar.take().map(ScopedJoinHandle::join);
        };
        let answer = work(&mut |line: Line| {
            if matches!(line, Line::Summary(_)) {
                clear();
            }
            sink.line(line)
        });
        clear();
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
    if let Some(files) = &scope.files {
        hints.extend(of_list(summary, files));
        return hints;
    }
    let closed = summary.skipped.keys().any(|code| UNREAD.contains(&&**code));
    if closed || summary.images > 0 || !summary.selection.is_empty() || roots {
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
        None => hints.push(NOTHING_FOUND.to_owned()),
    }
    hints
}

const NOTHING_FOUND: &str = "no image file was found";

/// Says how many files of a list do not exist, and whether any is an image.
fn of_list(summary: &Summary, files: &[PathBuf]) -> Option<String> {
    let missing = summary.skipped.get("vanished").copied().unwrap_or_default();
    let nothing = summary.images == 0 && summary.selection.is_empty();
    if missing == 0 {
        return nothing.then(|| NOTHING_FOUND.to_owned());
    }
    let mut said = match missing {
        1 => "1 file of the list does not exist".to_owned(),
        _ => format!("{missing} files of the list do not exist"),
    };
    if nothing {
        said = format!("{NOTHING_FOUND}: {said}");
    }
    if files
        .iter()
        .any(|file| file.as_os_str().as_bytes().ends_with(b"\r"))
    {
        said.push_str(
            "; the lines of the list end in a carriage return: remove it with tr -d '\\r'",
        );
    }
    Some(said)
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
