//! `sqsh-prov audit`: all images of a file system.

mod history;
mod name_service;
mod told;
mod values;
mod watch;

use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::findings::Rules;
use sqsh_prov::audit::owners::Owners;
use sqsh_prov::audit::record::{Shard, Summary};
use sqsh_prov::audit::saved::Resume;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{Earlier, Jobs, Progress, Settings};
use sqsh_prov::finding::Severity;
use sqsh_prov::given;
use sqsh_prov::limits::Limits;
use sqsh_prov::policy::Policy;
use sqsh_prov::{Inspector, Look, Options};

use super::attesting;
use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::known::known;
use super::report_flags::{Format, ReportFlags, has_unread_paths};
use super::sink;
use super::within::{self, Timeout};
use values::{list, shard, threads, time};
use watch::{stop_on_signals, watched};

/// How long an image may take, unless --timeout or --deep say otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of --passwd, which can have the lines of all users of a site.
const LONGEST_PASSWD: u64 = 256 * 1024 * 1024;

const UNSHOWN: &str = "the exit code is 2, since something outside of what --where selects could not be read; `--where kind=unreadable` shows it";

/// Say where all images below a directory come from, and what is wrong with them
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  sqsh-prov audit /shared/images
  sqsh-prov audit /shared/images --output images.html
  sqsh-prov audit /shared/images --output today.ndjson --baseline last.ndjson
  sqsh-prov audit /shared/images --where official=no --group-by owner --sort size
  sqsh-prov audit history /var/lib/sqsh-prov
  sqsh-prov audit /shared --format paths0 --select duplicate-file | xargs -0r ls -l
  find /scratch -name '*.sqsh' -print0 | sqsh-prov audit --files-from -
  audit.sbatch /shared/images reports                 (one shard per task of a job array)

Looks at files named .sqsh .squashfs .sqfs .sif .simg and at files of 64 MiB and more; one small \
read of each says whether it is an image. Follows no links, and writes nothing but --output.

The exit code is 1 when a finding has the severity error, and 2 when an image could not be read."
)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: Option<AuditCommand>,
    /// Directories to search, and files; by default the current directory
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportFlags,
    /// Also report what changed since this report (ndjson)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Reuse the records of this report (ndjson) for images that have not changed since
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Read the list of files from a file, or from standard input (`-`), separated by NUL or newline
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    files_from: Option<PathBuf>,
    /// Look at every file, whatever its name and size
    #[arg(long)]
    all_files: bool,
    /// Also take directories as images that are an OCI layout or look like a container's root
    #[arg(long)]
    rootfs: bool,
    /// Stay on the file systems of the given paths
    #[arg(long)]
    one_file_system: bool,
    /// Also read files without blocks on disk, which may recall them from tape
    #[arg(long)]
    recall: bool,
    /// Find images that were imported twice. Reads every directory of every image
    #[arg(long)]
    tree_id: bool,
    /// Add a fingerprint of the image's content to each record (json, ndjson), to recognise other
    /// images by. Reads every directory of every image
    #[arg(long)]
    fingerprint: bool,
    /// Also say who signed a statement about each image, and find images without one. Looks beside
    /// each image and in --attestations, and hashes an image that has a signed statement
    #[arg(long, value_enum, value_name = "FOUND", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "near", conflicts_with = "resume")]
    attested: Option<values::Attested>,
    /// Read only part I of N; by default the task's part in a Slurm job array
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Threads that read; by default 16, and up to 64 where they wait for storage
    #[arg(short, long, value_name = "N", value_parser = threads)]
    jobs: Option<NonZeroUsize>,
    /// The time that ages are counted to, such as 2026-09-20 or 2026-09-20T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
    /// Also check a policy: a file, or a built-in one (publishable, official-only)
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// Also hash the files of the installed packages and compare them with their RECORD. Reads much
    #[arg(long)]
    deep: bool,
    /// Days after which a nightly is old
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    nightly_days: u32,
    /// How long to wait for an image: 5, 2.5s, 500ms, none; by default 30, and none with --deep
    /// and --attested=digest
    #[arg(long, value_name = "TIME", value_parser = within::parse)]
    timeout: Option<Timeout>,
    /// Where the names of owners come from
    #[arg(long, value_enum, value_name = "FROM", default_value_t = NamesFrom::Files)]
    owners: NamesFrom,
    /// A file with the names of users, as `getent passwd` prints them, in place of /etc/passwd
    #[arg(long, value_name = "FILE", conflicts_with = "owners")]
    passwd: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Say what came, what went and what grew, from the saved reports in a directory
    History(history::HistoryFlags),
}

/// Where the names of owners come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum NamesFrom {
    /// /etc/passwd and /etc/group
    Files,
    /// Also the system's name service (`getent`), which knows the users of LDAP and SSSD. It is asked for
    /// each number that /etc/passwd or /etc/group lacks, at most 3 seconds for a name and a minute for all
    System,
}

impl Audit {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        if let Some(AuditCommand::History(flags)) = &self.command {
            return flags.run(global);
        }
        self.report.check()?;
        let format = self.report.format();
        let shard = self.own_shard()?;
        if shard.is_some() && self.baseline.is_some() {
            return Err(usage("a shard has no baseline; give it to sqsh-prov merge"));
        }
        if shard.is_some() && self.report.lineage() {
            let message = "a shard has no family tree; give --fingerprint here, and --lineage to sqsh-prov merge";
            return Err(usage(message));
        }
        attesting::check(&global.attestations)?;
        let mut options = self.options(global);
        options.known = known(&global.known, global.verbose)?;
        let known_images = options.known.is_some();
        let inspector = Inspector::new(options);
        let mut inspector = inspector.map_err(usage)?;
        let mut others = None;
        let mut told = Vec::new();
        let policy = self.policy.as_deref().map(Policy::load).transpose();
        let policy = policy.map_err(usage)?;
        let attested =
            self.attested.is_some() || policy.as_ref().is_some_and(Policy::asks_for_statements);
        if attested {
            let look = if self.by_digest() {
                Look::Otherwise
            } else {
                Look::Near
            };
            let attesting = attesting::attesting(global, look)?;
            told = attesting::slips(&attesting, inspector.contracts());
            inspector = inspector.attesting(attesting);
            others = Some(attesting::readable(global));
        }
        told.extend(self.surprises(policy.as_ref(), &inspector, known_images));
        told.iter().for_each(|said| global.complain(said));
        let earlier = self.earlier()?;
        let settings = self.settings(shard, policy)?;
        self.check_paths(&settings.scope, &earlier)?;
        let stop = stop_on_signals()?;
        let progress = Progress::default();
        // Streamed output must not mix with the progress lines.
        let streamed = matches!(format, Format::Ndjson | Format::Paths0);
        let mixed = streamed && self.report.output.is_none() && std::io::stdout().is_terminal();
        let shown = !global.quiet && !mixed && std::io::stderr().is_terminal();
        let scope = &settings.scope;
        let allowed = Allowed::reading(&scope.roots)
            .with_listed(scope.files.as_deref().unwrap_or_default())
            .with_accounts()
            .with_statements(others)
            .with_processors(self.deep || attested)
            .replacing(self.report.output.as_deref());
        let run = |sink: &mut dyn sqsh_prov::audit::Sink| {
            allowed.confine(global.verbose);
            watched(&progress, shown, sink, |sink| {
                sqsh_prov::audit::run(&inspector, &settings, earlier, &progress, &stop, sink)
            })
            .map_err(anyhow::Error::from)
        };
        let (now, resumed) = (Some(settings.rules.now), self.resume.as_deref());
        let summary = sink::with(&self.report, now, resumed, global, run)?;
        let exit = exit(&summary);
        // Hints may look at the directories.
        if !global.quiet {
            let mut hints = watch::hints(&summary, &settings.scope, &self.report);
            hints.extend(watch::read_again(&progress));
            let unshown = exit == Exit::CouldNotTell && self.report.leaves_out(&summary);
            hints.extend(unshown.then(|| UNSHOWN.to_owned()));
            hints.iter().for_each(|hint| global.complain(hint));
        }
        Ok(exit)
    }

    /// Returns true if images are hashed to find statements about them.
    fn by_digest(&self) -> bool {
        self.attested == Some(values::Attested::Digest)
    }

    fn options(&self, global: &Global) -> Options {
        let limit = match self.timeout {
            Some(Timeout(limit)) => limit,
            None => (!self.deep && !self.by_digest()).then_some(PATIENCE),
        };
        Options {
            limits: Limits {
                time: limit,
                ..Limits::default()
            },
            deep: self.deep,
            fingerprint: self.fingerprint || self.report.lineage(),
            ..global.options()
        }
    }

    fn earlier(&self) -> anyhow::Result<Earlier> {
        let resume = self.resume.as_deref().map(Resume::open).transpose();
        let resume = resume.map_err(usage)?;
        let baseline = self.baseline.as_deref().map(Baseline::open).transpose();
        let baseline = baseline.map_err(usage)?;
        Ok(Earlier { resume, baseline })
    }

    fn settings(&self, shard: Option<Shard>, policy: Option<Policy>) -> anyhow::Result<Settings> {
        let now = self.now.unwrap_or_else(Timestamp::now);
        Ok(Settings {
            scope: Scope {
                roots: self.roots(),
                files: self.files_from.as_deref().map(list).transpose()?,
                all_files: self.all_files,
                rootfs: self.rootfs,
                one_file_system: self.one_file_system,
                recall: self.recall,
                shard,
            },
            jobs: self.jobs.map(Jobs::fixed).unwrap_or_default(),
            rules: Rules {
                now,
                nightly_days: self.nightly_days,
            },
            tree_id: self.tree_id,
            fingerprint: self.fingerprint,
            lineage: self.report.lineage(),
            attested: self.attested.is_some(),
            evidence: self.report.format().has_evidence(),
            policy: policy.map(|policy| judging(policy, now)),
            owners: Arc::new(self.owners()?),
        })
    }

    fn roots(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() && self.files_from.is_none() {
            return vec![PathBuf::from(".")];
        }
        self.paths.clone()
    }

    fn owners(&self) -> anyhow::Result<Owners> {
        if let Some(file) = &self.passwd {
            let named = || format!("--passwd {}", file.display());
            let lines = given::read(file, LONGEST_PASSWD).with_context(named)?;
            return Ok(Owners::of_users(&lines));
        }
        match self.owners {
            NamesFrom::Files => Ok(Owners::default()),
            NamesFrom::System => name_service::start().map(Owners::asking),
        }
    }

    fn own_shard(&self) -> anyhow::Result<Option<Shard>> {
        if self.shard.is_some() {
            return Ok(self.shard);
        }
        let of_array = Shard::of_array(|name| std::env::var(name).ok());
        of_array.map_err(usage)
    }
}

/// Returns the policy in the form that an audit applies to each image.
fn judging(policy: Policy, now: Timestamp) -> sqsh_prov::audit::Policy {
    let digest = policy.digest(now);
    let find = Arc::new(move |document: &_| sqsh_prov::policy::evaluate(document, &policy, now));
    sqsh_prov::audit::Policy { find, digest }
}

/// Returns the exit of an audit with this summary.
pub(super) fn exit(summary: &Summary) -> Exit {
    if !summary.complete {
        return Exit::Interrupted;
    }
    let partial = summary.unreadable > 0 || summary.partial > 0 || has_unread_paths(summary);
    let errors = summary.severities.get(&Severity::Error);
    Exit::of_check(partial, errors.is_some_and(|count| *count > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

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
