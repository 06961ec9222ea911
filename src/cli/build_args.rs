//! `sqsh-prov build-args`: what to stamp into an image that is being built.

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sqsh_prov::contracts::{Contract, Contracts};
use sqsh_prov::emit::{self, Build, Environment, Request, agent};
use sqsh_prov::report::{build_args as report, json};

use super::exit::{Exit, usage};
use super::global::Global;
use super::output;

/// Print what to stamp into an image that you build
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  docker build $(sqsh-prov build-args cu129 --contract vllm) .
  docker buildx build $(sqsh-prov build-args) $(sqsh-prov build-args --format labels) --push .
  sqsh-prov build-args --format bake --target server > stamp.json
  docker buildx bake -f docker-bake.hcl -f stamp.json server
  sqsh-prov build-args --check --format json > stamp.json    (fails for an incomplete release)

Reads the variables of Buildkite, GitHub Actions, GitLab CI, CircleCI or Jenkins, else the Git \
checkout. A value that is not known becomes a placeholder or is left out; the build does not fail. \
Without --contract, takes the contract of the source repository that is built, else `generic`. \
docs/build-args.md says where to put the stamp.

Starts one program, and only if the contract asks for it (vLLM's does), in Buildkite and without \
RELEASE_VERSION: `buildkite-agent meta-data get release-version`, for 10 seconds at most.")]
pub(super) struct BuildArgs {
    /// Suffix of the image's tag, such as cu129-ubuntu2404
    #[arg(value_name = "VARIANT", default_value = "", hide_default_value = true)]
    variant: String,
    /// The contract that defines the stamp: an id of `sqsh-prov contracts list`
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// How to print the stamp
    #[arg(long, value_enum, default_value_t = Format::Args)]
    format: Format,
    /// The target of bake, or the service of Compose; by default `default`. May be repeated
    #[arg(long = "target", value_name = "NAME", value_parser = target)]
    targets: Vec<String>,
    /// The build context: a directory, or a Git context such as https://github.com/OWNER/REPO.git#main;
    /// by default this directory
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    /// Print where each value comes from, in place of the stamp
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    /// Exit with 1 if a release would have placeholders in its stamp, or a staging tag
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Arguments of `docker build`: --build-arg and --tag
    Args,
    /// The same, quoted for `eval`
    ArgsQuoted,
    /// KEY=value lines, as the image will have them
    Env,
    /// One object with everything, for `lint --expect`
    Json,
    /// A file for `docker buildx bake -f`
    Bake,
    /// Arguments of `docker buildx build`: --label and --annotation
    Labels,
    /// ARG, ENV and LABEL lines
    Dockerfile,
    /// A file for `docker compose -f`
    Compose,
    /// Only the reference to push
    Tag,
}

impl BuildArgs {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let contracts = Contracts::load(global.contracts.as_deref()).map_err(usage)?;
        let environment = Environment::new(std::env::vars_os());
        let (build, context) = self.build(&environment);
        if let Some(path) = self.context.as_deref().filter(|it| emit::is_missing(it)) {
            global.complain(&format!(
                "--context {path}: there is no such directory, so no checkout is read for the stamp"
            ));
        }
        let contract = self.contract(&contracts, &build)?;
        let agent_version = emit::wants_agent(contract, &environment).and_then(|key| {
            let path = std::env::var_os("PATH")?;
            agent::metadata(key, &path, agent::TIME_LIMIT)
        });
        let of_checkout = build.of_checkout.contains(&"commit");
        let of_checkout = build.commit.clone().filter(|_| of_checkout);
        let uncommitted = build.uncommitted.clone();
        let machine = rustix::system::uname();
        let now = jiff::Timestamp::now().to_string();
        let (today, _) = now.split_once('T').unwrap_or((&now, ""));
        let today = today.replace('-', "");
        let variant = variant(&self.variant);
        let mut stamp = emit::stamp(&Request {
            variant: &variant,
            contract,
            environment: &environment,
            build,
            machine: &machine.machine().to_string_lossy(),
            date: &today,
            agent_version,
        });
        if variant != self.variant {
            stamp.notes.push(format!(
                "'{}' cannot be part of a tag (letters, digits, '.', '_' and '-'); '{variant}' is used",
                self.variant
            ));
        }
        output::write(&match self.format {
            _ if self.explain => report::explain(&stamp, output::narrow()),
            Format::Args => report::args(&stamp),
            Format::ArgsQuoted => report::args_quoted(&stamp),
            Format::Env => report::env(&stamp),
            Format::Json => json::pretty(&stamp)?,
            Format::Bake => report::bake(&stamp, &self.targets())?,
            Format::Labels => report::labels(&stamp),
            Format::Dockerfile => report::dockerfile(&stamp),
            Format::Compose => report::compose(&stamp, &self.targets(), context.as_deref()),
            Format::Tag => {
                report::tag(&stamp).with_context(|| stamp.untagged.clone().unwrap_or_default())?
            }
        })?;
        let names_targets = matches!(self.format, Format::Bake | Format::Compose) && !self.explain;
        if !self.targets.is_empty() && !names_targets {
            global.complain(
                "--target has no effect here: only --format bake and compose name targets",
            );
        }
        // The build continues with another variant than the given one, which needs no --verbose to be said.
        let other = variant != self.variant;
        // Neither do changes that the stamped commit lacks.
        let is_stamped = of_checkout.is_some() && of_checkout == stamp.commit;
        let uncommitted = uncommitted.filter(|_| is_stamped);
        if global.verbose || other {
            stamp.notes.iter().for_each(|note| global.complain(note));
        } else if let Some(note) = uncommitted {
            global.complain(&note);
        }
        let on_terminal = std::io::stderr().is_terminal();
        if (global.verbose || on_terminal) && !self.check {
            stamp.missing.iter().for_each(|what| global.complain(what));
        }
        if !self.check || stamp.problems.is_empty() {
            return Ok(Exit::Success);
        }
        stamp.problems.iter().for_each(|why| global.complain(why));
        Ok(Exit::Failed)
    }

    fn targets(&self) -> Vec<String> {
        match self.targets.as_slice() {
            [] => vec!["default".to_owned()],
            targets => targets.to_vec(),
        }
    }

    /// Returns what is known of the build, and the given context without its credentials.
    fn build(&self, environment: &Environment) -> (Build, Option<String>) {
        let event = environment.line("GITHUB_EVENT_PATH");
        let event = event.and_then(|path| emit::event(Path::new(&path)));
        let build = emit::build(environment, event.as_deref());
        let context = self.context.as_deref().unwrap_or(".");
        let directory = Path::new(context);
        let checkout = directory.is_dir().then(|| emit::checkout(directory));
        let (build, shown) = emit::in_context(build.or_checkout(checkout.flatten()), context);
        (build, self.context.as_ref().map(|_| shown))
    }

    fn contract<'c>(&self, all: &'c Contracts, build: &Build) -> anyhow::Result<&'c Contract> {
        let found = match &self.contract {
            Some(name) => all.get(name),
            None => emit::choose(all, build),
        };
        let found = found.ok_or_else(|| {
            let name = self.contract.as_deref().unwrap_or(emit::GENERIC);
            usage(all.missing(name))
        })?;
        if !found.can_stamp() {
            let id = &found.id;
            return Err(usage(format!(
                "the contract '{id}' names no environment variable to stamp. Labels alone are not enough, because some importers drop them. Add `environment` to its [[stamp]] sections"
            )));
        }
        Ok(found)
    }
}

/// Returns the variant as a part of a tag. A character that no tag has could make another argument or another
/// image of it, and becomes a hyphen. It is no error, since the build needs a stamp and a tag.
fn variant(text: &str) -> String {
    let all = text.chars().take(100);
    all.map(|c| if fits(c) { c } else { '-' }).collect()
}

/// Returns true for a character of a tag, a target or a service.
fn fits(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn target(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("a target or service has letters, digits, '.', '_' and '-'".to_owned())
    }
}
