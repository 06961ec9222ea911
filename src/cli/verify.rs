//! `sqsh-prov verify`: whether an image is what is expected.

mod failure;
mod plan;
mod slips;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use sqsh_prov::image::oci::Platform;
use sqsh_prov::limits::Limits;
use sqsh_prov::policy::{self, Policy};
use sqsh_prov::provenance::PathText;
use sqsh_prov::recognise::Known;
use sqsh_prov::report::verify as report;
use sqsh_prov::verify::document::Verification;
use sqsh_prov::verify::{Expectations, Rules, Verdict, check};
use sqsh_prov::{Attesting, Inspector, Look, Options};

use super::attesting;
use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::known::known;
use super::output;
use super::progress::Bar;
use super::within::{self, Timeout, within};
use failure::{Failure, failure};
use plan::{Plan, Target, Wanted};
use slips::slips;
pub(super) use slips::slips_of_policy;

/// The default of `--timeout`.
const PATIENCE: Duration = Duration::from_secs(5);

/// Check that an image is what you expect, before a job starts
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov verify model.sqsh                                     is the file whole?
  sqsh-prov verify --image vllm/vllm-openai:v0.29.0 model.sqsh    use it, or import it again?
  sqsh-prov verify --official --kind release model.sqsh
  sqsh-prov verify --framework vllm=0.29.0 model.sqsh
  sqsh-prov verify --recipe recipe.yaml --cluster-config srtslurm.yaml
  sqsh-prov verify --recipe recipe.yaml --variant 'override_tp*' --format line
  sqsh-prov verify --policy publishable --format line model.sqsh
  sqsh-prov verify --deep model.sqsh                              did somebody patch its files?

An answer says how much it proves, from the strongest to the weakest: digest, reference, commit, \
framework, declared. What the job installs when it starts is declared, and not a mismatch. An image \
that was built on the expected one, or changed, is a mismatch even if it inherited the tag.

Exit codes:
  0   the image is what you expect
  1   it is not, or the file is truncated
  2   could not tell: also no answer in time, or the image is in a registry
  64  wrong usage, or a recipe or policy that cannot be used

A gate should stop a job on 1 only. With --strict, 2 becomes 1.")]
pub(super) struct Verify {
    #[command(flatten)]
    wanted: Wanted,
    /// A policy: a file, or a built-in one (publishable, official-only)
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// Count "could not tell" as a mismatch: out of time, unreadable, damaged, over a limit, not known
    #[arg(long)]
    strict: bool,
    /// Also hash the files of the installed packages and compare them with their RECORD
    #[arg(long)]
    deep: bool,
    /// The platform that the image must be for, such as linux/arm64; also the platform to read of an
    /// image for several, by default this host's
    #[arg(long, value_name = "OS/ARCH", value_parser = super::parts::platform)]
    platform: Option<Platform>,
    /// How long to wait for an image: 5, 2.5s, 500ms, none; by default 5, and none with --deep
    #[arg(long, value_name = "TIME", value_parser = within::parse)]
    timeout: Option<Timeout>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line per check
    Human,
    /// One object; for several images an array
    Json,
    /// One line per image, at most 512 printable ASCII characters
    Line,
    /// The list that srt-slurm keeps under lock.verification.checks: field, passed, message
    SrtSlurmChecks,
}

/// Everything that a check of one image needs; shared with the thread that reads it.
struct Gate {
    inspector: Inspector,
    mirrors: Vec<(String, String)>,
    policy: Option<Policy>,
    platform: Option<Platform>,
    strict: bool,
    now: Timestamp,
}

impl Verify {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let policy = self.policy()?;
        let judges_statements =
            self.asks_for_statements() || policy.as_ref().is_some_and(Policy::asks_for_statements);
        let reads_all = self.deep || judges_statements;
        let mut limit = match self.timeout {
            Some(Timeout(limit)) => limit,
            None if reads_all => None,
            None => Some(PATIENCE),
        };
        let options = self.options(global, limit);
        let command = self.clone();
        let patience = Some(limit.unwrap_or(PATIENCE));
        let progress = !global.quiet;
        let (images, verbose) = (global.known.clone(), global.verbose);
        let others = judges_statements.then(|| attesting::readable(global));
        let (trust, statements) = (global.trust.clone(), global.attestations.clone());
        let prepare = move || {
            let known = known(&images, verbose)?;
            let trusted = match judges_statements {
                true => attesting::load(&trust, &statements, Look::Everywhere)?,
                false => {
                    attesting::check(&statements)?;
                    Attesting::default()
                }
            };
            command.prepare(options, policy, known, progress, trusted)
        };
        let ready = within(patience, || (), prepare);
        let (gate, plan) = ready??;
        let gate = Arc::new(gate);
        plan.warnings.iter().for_each(|it| global.complain(it));
        let targets = plan.targets.iter();
        let paths: Vec<PathBuf> = targets.map(|target| target.path.clone()).collect();
        // Confines the thread that calls it. Looks for files beside the images, which can block.
        let confine = move |paths: &[PathBuf]| {
            Allowed::reading(paths)
                .with_statements(others.clone())
                .with_processors(reads_all)
                .confine(verbose);
        };
        // Without a limit, this thread reads all images. A thread cannot get more rights later, so it is
        // confined to all of them.
        let mut alone = limit.is_none();
        if alone {
            confine(&paths);
        }
        let mut answers = Vec::new();
        for target in plan.targets {
            if target.elsewhere.is_none() {
                global.reading(&target.path);
            }
            let confined = (!alone).then(|| confine.clone());
            // If the system gives no thread, this one reads the rest, confined to all images.
            let here = || {
                confine(&paths);
                alone = true;
            };
            answers.push(answer(&gate, target, limit, confined, here));
            if alone {
                limit = None;
            }
        }
        // A page for a person has the errors already.
        if self.format != Format::Human {
            let errors = answers.iter().filter_map(|answer| answer.error.as_ref());
            errors.for_each(|error| global.complain(error));
        }
        self.say(&answers, global)
    }

    /// Prints the answers, and returns the exit.
    fn say(&self, answers: &[Verification], global: &Global) -> anyhow::Result<Exit> {
        let exit = Self::exit(answers);
        match output::write(&self.render(answers, global)?) {
            // A full disk does not turn a mismatch into "could not tell".
            Err(error) if exit == Exit::Failed => output::complain(&error.to_string()),
            written => written?,
        }
        Ok(exit)
    }

    fn options(&self, global: &Global, time: Option<Duration>) -> Options {
        Options {
            deep: self.deep,
            platform: self.platform.clone(),
            limits: Limits {
                time,
                ..Limits::default()
            },
            ..global.options()
        }
    }

    /// Loads the policy, within a limit of time: its file system may be stuck.
    fn policy(&self) -> anyhow::Result<Option<Policy>> {
        let policy = self.policy.clone();
        let load = move || policy.as_deref().map(Policy::load).transpose();
        let policy = within(Some(PATIENCE), || (), load)?;
        let mut policy = policy.map_err(usage)?;
        if let Some(policy) = &mut policy {
            policy.strict |= self.strict;
        }
        Ok(policy)
    }

    fn exit(answers: &[Verification]) -> Exit {
        let exit = |answer: &Verification| match answer.verdict {
            Verdict::Holds => Exit::Success,
            Verdict::Mismatch => Exit::Failed,
            Verdict::Undecidable => Exit::CouldNotTell,
        };
        answers.iter().map(exit).fold(Exit::Success, Exit::and)
    }

    fn asks_for_statements(&self) -> bool {
        self.wanted.attested || !self.wanted.attested_by.is_empty()
    }

    /// Reads everything except the images.
    fn prepare(
        self,
        mut options: Options,
        policy: Option<Policy>,
        known: Option<Arc<Known>>,
        progress: bool,
        attesting: Attesting,
    ) -> anyhow::Result<(Gate, Plan)> {
        options.known = known;
        let strict = self.strict || policy.as_ref().is_some_and(|policy| policy.strict);
        let mut plan = Plan::new(&self.wanted)?;
        for target in &mut plan.targets {
            let expectations = &mut target.expectations;
            expectations.platform.clone_from(&self.platform);
            expectations.strict = strict;
            let mut policy = policy.iter().filter(|_| target.main);
            expectations.packages = policy.any(Policy::refuses_by_packages);
        }
        let mirrors = options.mirrors.clone();
        let inspector = Inspector::new(options).map_err(usage)?;
        let publishers = &self.wanted.publishers;
        let slips = slips(publishers, policy.as_ref(), &attesting, &inspector);
        plan.warnings.extend(slips);
        let mut inspector = inspector.attesting(attesting);
        if progress {
            inspector = inspector.with_progress(Box::new(Bar::default()));
        }
        let gate = Gate {
            inspector,
            mirrors,
            strict,
            platform: self.platform.clone(),
            policy,
            now: Timestamp::now(),
        };
        Ok((gate, plan))
    }

    fn render(&self, answers: &[Verification], global: &Global) -> anyhow::Result<String> {
        let colour = output::colour(global.color);
        let width = output::narrow();
        Ok(match self.format {
            Format::Human => {
                let pages = answers.iter().map(|it| report::human(it, colour, width));
                output::page(pages.collect::<Vec<_>>().join("\n"))
            }
            Format::Line => answers.iter().map(report::line).collect(),
            Format::Json => report::json(answers)?,
            Format::SrtSlurmChecks => report::srt_slurm_checks(answers)?,
        })
    }
}

/// Checks an image on a thread of its own. The thread calls `confine` itself, because opening a path can block as
/// reading can.
fn answer(
    gate: &Arc<Gate>,
    target: Target,
    limit: Option<Duration>,
    confine: Option<impl Fn(&[PathBuf]) + Send + 'static>,
    alone: impl FnOnce(),
) -> Verification {
    let Target {
        path,
        role,
        variants,
        expectations,
        elsewhere,
        main,
        ..
    } = target;
    if let Some(text) = &elsewhere {
        let field = role.as_deref().filter(|_| !main);
        let mut answer = Verification::in_registry(field.unwrap_or("model.container"), text);
        if gate.strict {
            answer = answer.strict();
        }
        answer.role = role.or(answer.role);
        answer.variants = variants;
        return answer;
    }
    let shown = PathText::from(path.as_path());
    let gate = Arc::clone(gate);
    let strict = gate.strict;
    let named = path.display().to_string();
    let started = std::thread::current().id();
    let check = move || {
        if let Some(confine) = confine
            && std::thread::current().id() != started
        {
            confine(std::slice::from_ref(&path));
        }
        gate.check(&path, &expectations, main)
    };
    let mut answer = match within(limit, alone, check) {
        Ok(answer) => answer,
        Err(late) => Verification::unreadable(shown, late.code(), format!("{named}: {late}")),
    };
    if strict {
        answer = answer.strict();
    }
    answer.role = role;
    answer.variants = variants;
    answer
}

impl Gate {
    fn check(&self, path: &Path, expectations: &Expectations, main: bool) -> Verification {
        let shown = PathText::from(path);
        let document = match self.inspector.inspect(path) {
            Ok(document) => document,
            Err(error) => return self.unread(shown, &error),
        };
        let rules = Rules {
            contracts: self.inspector.contracts(),
            mirrors: &self.mirrors,
        };
        let outcome = check(&document, expectations, rules);
        let findings = self.policy.as_ref().filter(|_| main).map(|policy| {
            let findings = policy::evaluate(&document, policy, self.now);
            (policy.name.clone(), findings)
        });
        let reasons = document.origin.reasons.clone();
        let answer = Verification::new(Some(shown), outcome, Some(document.origin));
        let answer = answer.because(&reasons, &document.conflicts, &document.warnings);
        match findings {
            Some((name, findings)) => answer.with_findings(&name, findings),
            None => answer,
        }
    }

    /// Returns the answer about an image that could not be read.
    fn unread(&self, shown: PathText, error: &sqsh_prov::Error) -> Verification {
        let text = error.to_string();
        match failure(error) {
            Failure::Truncated => Verification::truncated(shown, text),
            Failure::OtherPlatform if self.platform.is_some() => {
                let wanted = self.platform.as_ref();
                let wanted = wanted.map(Platform::without_variant);
                Verification::of_another_platform(shown, &wanted.unwrap_or_default(), text)
            }
            Failure::OtherPlatform => Verification::unreadable(shown, "no-such-platform", text),
            Failure::Code(code) => Verification::unreadable(shown, code, text),
        }
    }
}
