//! `sqsh-prov audit`: all images of a file system.

use std::io::{ErrorKind, IsTerminal as _, Read as _};
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::findings::Rules;
use sqsh_prov::audit::record::{Shard, Summary};
use sqsh_prov::audit::saved::Resume;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Earlier, Progress, Settings};
use sqsh_prov::finding::Severity;
use sqsh_prov::given;
use sqsh_prov::limits::Limits;
use sqsh_prov::{Inspector, Options};

use super::confine::Allowed;
use super::exit::{Exit, Usage};
use super::global::Global;
use super::known::known;
use super::output;
use super::report_flags::{Format, ReportFlags};
use super::sink;

/// Say what all images below a directory are, and what is wrong with them
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov audit /shared/images
  sqsh-prov audit /shared/images --format html --output images.html
  sqsh-prov audit /shared/images --format ndjson --output today.ndjson --baseline last.ndjson
  sqsh-prov audit /shared --format paths0 --select duplicate-file | xargs -0 ls -l
  find /scratch -name '*.sqsh' -print0 | sqsh-prov audit --files-from -
  audit.sbatch /shared/images reports                 (a shard for each task of a job array)

Files named .sqsh .squashfs .sqfs .sif .simg, and files of 64 MiB and more, get one small read
that says whether they are images. Links are not followed, nothing is written but --output.

The exit code is 1 when a finding has the severity error, and 2 when an image could not be read.")]
pub(super) struct Audit {
    /// Directories to walk, and files
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportFlags,
    /// Also report what changed since this report (ndjson)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Take from this report (ndjson) what has not changed since
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Read the list of files from a file or standard input, NUL or newline between them
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    files_from: Option<PathBuf>,
    /// Look into every file, whatever its name and size
    #[arg(long)]
    all_files: bool,
    /// Take directories that are an OCI layout, or look like a container's root, as images
    #[arg(long)]
    rootfs: bool,
    /// Stay on the file systems of the given paths
    #[arg(long)]
    one_file_system: bool,
    /// Read files that have no blocks on disk, which may bring them back from tape
    #[arg(long)]
    recall: bool,
    /// Find one image imported twice; reads every directory of every image
    #[arg(long)]
    tree_id: bool,
    /// Put into each record (json, ndjson) what the image's content is recognised by, wherever it was
    /// imported; reads every directory of every image
    #[arg(long)]
    fingerprint: bool,
    /// Take only part I of N; inside of a Slurm job array this is automatic
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Threads that read; waiting for storage takes the time, so more than there are processors
    #[arg(short, long, value_name = "N", default_value = "16")]
    jobs: NonZeroUsize,
    /// The time that ages are counted to, such as 2026-09-20 or 2026-09-20T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
    /// Also judge by a policy: a file, or one built in (publishable, official-only)
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// Also hash the files of publishers' packages against their RECORD; reads much
    #[arg(long)]
    deep: bool,
    /// Days after which a nightly is old
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    nightly_days: u32,
    /// Seconds for one image; by default 30, and none with --deep
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<f64>,
}

impl Audit {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        self.report.check()?;
        let format = self.report.format();
        let shard = self.own_shard()?;
        if shard.is_some() && self.baseline.is_some() {
            let message = "a shard has no baseline; give it to sqsh-prov merge";
            return Err(Usage(message.to_owned()).into());
        }
        let mut options = self.options(global);
        options.known = known(&global.known, global.verbose)?;
        let inspector = Inspector::new(options);
        let inspector = inspector.map_err(usage)?;
        let earlier = self.earlier()?;
        let settings = self.settings(shard)?;
        for root in self.paths.iter().filter(|root| !is_there(root)) {
            let message = "there is no such file or directory; check the path";
            output::complain(&format!("{}: {message}", root.display()));
        }
        let stop = stop_on_signals()?;
        let progress = Progress::default();
        // What is written as it goes must not stand between the lines of the progress.
        let streamed = matches!(format, Format::Ndjson | Format::Paths0);
        let mixed = streamed && self.report.output.is_none() && std::io::stdout().is_terminal();
        let shown = !global.quiet && !mixed && std::io::stderr().is_terminal();
        let scope = &settings.scope;
        let allowed = Allowed::reading(&scope.roots)
            .with_listed(scope.files.as_deref().unwrap_or_default())
            .with_accounts()
            .with_processors(self.deep)
            .replacing(self.report.output.as_deref());
        let run = |sink: &mut dyn sqsh_prov::audit::Sink| {
            allowed.confine(global.verbose);
            watched(&progress, shown, || {
                sqsh_prov::audit::run(&inspector, &settings, earlier, &progress, &stop, sink)
            })
            .map_err(anyhow::Error::from)
        };
        let summary = sink::with(&self.report, Some(settings.rules.now), global, run)?;
        Ok(exit(&summary))
    }

    fn options(&self, global: &Global) -> Options {
        let seconds = self.timeout.or((!self.deep).then_some(30.0));
        Options {
            limits: Limits {
                time: seconds.map(Duration::from_secs_f64),
                ..Limits::default()
            },
            deep: self.deep,
            fingerprint: self.fingerprint,
            mirrors: global.mirrors.clone(),
            contracts_dir: global.contracts.clone(),
            ..Options::default()
        }
    }

    fn earlier(&self) -> anyhow::Result<Earlier> {
        let resume = self.resume.as_deref().map(Resume::open).transpose();
        let resume = resume.map_err(usage)?;
        let baseline = self.baseline.as_deref().map(Baseline::open).transpose();
        let baseline = baseline.map_err(usage)?;
        Ok(Earlier { resume, baseline })
    }

    fn settings(&self, shard: Option<Shard>) -> anyhow::Result<Settings> {
        let now = self.now.unwrap_or_else(Timestamp::now);
        Ok(Settings {
            scope: Scope {
                roots: self.paths.clone(),
                files: self.files_from.as_deref().map(list).transpose()?,
                all_files: self.all_files,
                rootfs: self.rootfs,
                one_file_system: self.one_file_system,
                recall: self.recall,
                shard,
            },
            jobs: self.jobs,
            rules: Rules {
                now,
                nightly_days: self.nightly_days,
            },
            tree_id: self.tree_id,
            fingerprint: self.fingerprint,
            evidence: self.report.format().has_evidence(),
            policy: self.policy(now)?,
        })
    }

    fn policy(&self, now: Timestamp) -> anyhow::Result<Option<sqsh_prov::audit::Policy>> {
        let Some(name) = &self.policy else {
            return Ok(None);
        };
        let policy = sqsh_prov::policy::Policy::load(name).map_err(usage)?;
        Ok(Some(Arc::new(move |document: &_| {
            sqsh_prov::policy::evaluate(document, &policy, now)
        })))
    }

    fn own_shard(&self) -> anyhow::Result<Option<Shard>> {
        if self.shard.is_some() {
            return Ok(self.shard);
        }
        let of_array = Shard::of_array(|name| std::env::var(name).ok());
        of_array.map_err(usage)
    }
}

fn is_there(path: &Path) -> bool {
    let gone = std::fs::metadata(path).map_err(|error| error.kind());
    gone.err() != Some(ErrorKind::NotFound)
}

fn usage(error: impl std::fmt::Display) -> anyhow::Error {
    Usage(error.to_string()).into()
}

/// How an audit ends that has this summary.
pub(super) fn exit(summary: &Summary) -> Exit {
    if !summary.complete {
        return Exit::Interrupted;
    }
    let unreadable = ["unreadable-directory", "no-permission", "no-such-path"]
        .iter()
        .any(|code| summary.skipped.contains_key(*code));
    if summary.unreadable > 0 || summary.partial > 0 || unreadable {
        return Exit::CouldNotTell;
    }
    match summary.severities.get(&Severity::Error) {
        Some(count) if *count > 0 => Exit::Failed,
        _ => Exit::Success,
    }
}

/// The first signal from a terminal ends the run with what is there; the second, and one that asks to
/// terminate, ends it at once.
fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
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
fn watched<T>(progress: &Progress, shown: bool, work: impl FnOnce() -> T) -> T {
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

/// Bytes of a list of files: ten million of them.
const LONGEST_LIST: u64 = 1024 * 1024 * 1024;

/// A list of files, NUL between them where there is one, else newlines.
fn list(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let most = LONGEST_LIST.saturating_add(1);
        let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        if u64::try_from(read).unwrap_or(u64::MAX) > LONGEST_LIST {
            let message = format!("--files-from: the list is longer than {LONGEST_LIST} bytes");
            return Err(Usage(message).into());
        }
    } else {
        let named = || format!("--files-from {}", path.display());
        bytes = given::read(path, LONGEST_LIST).with_context(named)?;
    }
    let between = if bytes.contains(&0) { 0 } else { b'\n' };
    Ok(bytes
        .split(|byte| *byte == between)
        .filter(|name| !name.is_empty())
        .map(|name| PathBuf::from(std::ffi::OsString::from_vec(name.to_vec())))
        .collect())
}

fn shard(text: &str) -> Result<Shard, String> {
    Shard::parse(text).map_err(|error| error.to_string())
}

fn time(text: &str) -> Result<Timestamp, String> {
    let midnight = || format!("{text}T00:00:00Z").parse();
    text.parse()
        .or_else(|_| midnight())
        .map_err(|_: jiff::Error| "it is a date, or a time in RFC 3339".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("it is a number of seconds, more than 0 and at most 86400".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_rfc_3339() {
        assert_eq!(
            time("2026-09-20").unwrap().to_string(),
            "2026-09-20T00:00:00Z"
        );
        assert_eq!(
            time("2026-09-20T01:00:00+01:00").unwrap().to_string(),
            "2026-09-20T00:00:00Z"
        );
        assert!(time("yesterday").is_err());
    }

    #[test]
    fn a_timeout_is_positive() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for bad in ["0", "-1", "NaN", "inf", "x"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_could_not_be_read_wins_over_what_was_found() {
        let mut summary = Summary {
            complete: true,
            ..Summary::default()
        };
        assert_eq!(exit(&summary), Exit::Success);
        summary.severities.insert(Severity::Error, 1);
        assert_eq!(exit(&summary), Exit::Failed);
        summary.unreadable = 1;
        assert_eq!(exit(&summary), Exit::CouldNotTell);
        summary.complete = false;
        assert_eq!(exit(&summary), Exit::Interrupted);
    }
}
