//! `sqsh-prov lint`: what would be lost or misread before an image is published.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sqsh_prov::given;
use sqsh_prov::lint::{Expected, survives};
use sqsh_prov::report::lint as report;
use sqsh_prov::{Inspector, Options};

use super::confine::Allowed;
use super::exit::{Exit, Usage};
use super::global::Global;
use super::output;
use super::show::refuse_uri;

/// Say what of an image would be lost or misread, before it is published
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov lint layout/                              (docker buildx build --output type=oci,tar=false)
  sqsh-prov lint --expect stamp.json layout.tar
  sqsh-prov lint --survives layout.tar
  docker buildx imagetools inspect --raw NAME | sqsh-prov lint -
  docker inspect NAME | sqsh-prov lint --format sarif - > lint.sarif
  sqsh-prov lint --format markdown Dockerfile >> \"$GITHUB_STEP_SUMMARY\"
  sqsh-prov lint docker-bake.hcl
  sqsh-prov lint compose.yaml

What INPUT is, its content says. The exit code is 1 when a finding has the severity error; warnings
do not fail. docs/codes.md explains each code, docs/lint.md what is lost where.")]
pub(super) struct Lint {
    /// An image of any form, an index or manifest alone, what `--metadata-file` wrote, a
    /// Dockerfile, a bake file or a Compose file; `-` reads JSON or text from standard input
    #[arg(value_name = "INPUT")]
    input: PathBuf,
    /// A stamp that was asked for (sqsh-prov build-args --format json): is all of it there?
    #[arg(long, value_name = "FILE", conflicts_with = "survives")]
    expect: Option<PathBuf>,
    /// Print what enroot, Apptainer and Charliecloud keep of each key, in place of findings
    #[arg(long)]
    survives: bool,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person; wrapped to the terminal
    Human,
    /// One object, indented
    Json,
    /// SARIF 2.1.0, for code hosts; not with --survives
    Sarif,
    /// Tables in markdown, for the summary of a CI job
    Markdown,
}

impl Lint {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        if self.survives && self.format == Format::Sarif {
            let text = "SARIF has findings only; give --survives with human, json or markdown";
            return Err(Usage(text.to_owned()).into());
        }
        refuse_uri(&self.input)?;
        let inspector = Inspector::new(Options {
            mirrors: global.mirrors.clone(),
            contracts_dir: global.contracts.clone(),
            ..Options::default()
        })
        .map_err(|error| Usage(error.to_string()))?;
        let expected = self.expect.as_deref();
        let expected = expected
            .map(|path| expected_stamp(path, &inspector))
            .transpose()?;
        // The Dockerfiles that a bake or Compose file names lie beside it, or below this directory.
        let beside = self.input.parent().map(|parent| match parent.as_os_str() {
            empty if empty.is_empty() => Path::new("."),
            _ => parent,
        });
        let inputs = [Some(self.input.as_path()), beside, Some(Path::new("."))];
        Allowed::reading(inputs.into_iter().flatten()).confine(global.verbose);
        if global.verbose {
            output::complain(&format!("reading {}", self.input.display()));
        }
        let document = if self.survives {
            survives(&inspector.survey(&self.input)?)
        } else {
            inspector.lint(&self.input, expected.as_ref())?
        };
        output::write(&match self.format {
            Format::Human => {
                report::human(&document, output::width(), output::colour(global.color))
            }
            Format::Json => report::document(&document)?,
            Format::Sarif => report::sarif(&document)?,
            Format::Markdown => report::markdown(&document),
        })
        .context("writing the answer")?;
        Ok(match (document.input.partial, document.has_errors()) {
            (true, _) => Exit::CouldNotTell,
            (false, true) => Exit::Failed,
            (false, false) => Exit::Success,
        })
    }
}

/// The stamp that was asked for; a file that cannot be used is wrong usage.
fn expected_stamp(path: &Path, inspector: &Inspector) -> anyhow::Result<Expected> {
    let fail = |why: String| Usage(format!("--expect {}: {why}", path.display()));
    let limit = inspector.limits().json_file;
    let bytes = given::read(path, limit).map_err(|error| fail(error.to_string()))?;
    Ok(Expected::parse(&bytes).map_err(|error| fail(error.to_string()))?)
}
