//! `sqsh-prov lint`: what an import of an image would lose or misread.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sqsh_prov::given;
use sqsh_prov::lint::source::{Asked, Override};
use sqsh_prov::lint::survey::Form;
use sqsh_prov::lint::{Document, Expected, survives};
use sqsh_prov::report::{json, lint as report};
use sqsh_prov::{Inspector, Options};

use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::output;
use super::show::refuse_uri;

/// Find what an import would lose or misread, before you publish an image
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov lint layout/                              (docker buildx build --output type=oci,tar=false)
  sqsh-prov lint --expect stamp.json layout.tar
  sqsh-prov lint --survives layout.tar
  docker buildx imagetools inspect --raw NAME | sqsh-prov lint -
  docker inspect NAME | sqsh-prov lint --format sarif - > lint.sarif
  sqsh-prov lint --format markdown Dockerfile >> \"$GITHUB_STEP_SUMMARY\"
  sqsh-prov lint docker-bake.hcl
  sqsh-prov lint compose.yaml .github/workflows/*.yml

The content of INPUT decides what it is, not its name. The exit code is 1 if a finding has the \
severity error; warnings do not count. docs/codes.md explains each code, and docs/lint.md what \
each importer loses.")]
pub(super) struct Lint {
    /// An image of any form, an index or manifest alone, a build's metadata file, a Dockerfile, a
    /// bake or Compose file, or a workflow of GitHub Actions or GitLab CI; `-` reads JSON or text from
    /// standard input. May be repeated
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// Check that the image has this stamp (from sqsh-prov build-args --format json)
    #[arg(long, value_name = "FILE", conflicts_with = "survives")]
    expect: Option<PathBuf>,
    /// Another bake file, merged over INPUT as by `docker buildx bake -f`. May be repeated
    #[arg(long, short, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// Override a value as `docker buildx bake --set`: app.args.COMMIT=9a43e5c. May be repeated
    #[arg(long, value_name = "TARGET.KEY=VALUE")]
    set: Vec<String>,
    /// Set a variable of the bake file. May be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Print what enroot, Apptainer and Charliecloud keep of each key, in place of the findings
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
    /// One indented object; for several inputs an array
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
            return Err(usage(text));
        }
        for input in &self.inputs {
            refuse_uri(input)?;
        }
        let inspector = Inspector::new(Options {
            bake: self.bake()?,
            ..global.options()
        });
        let inspector = inspector.map_err(usage)?;
        let expected = self.expect.as_ref();
        let expected = expected.map(|path| expected_stamp(path, &inspector));
        let expected = expected.transpose()?;
        // A build file can name Dockerfiles beside it, or below the working directory.
        let beside = self.inputs.iter().map(|input| match input.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        });
        let inputs = self.inputs.iter().chain(&self.file).map(PathBuf::as_path);
        Allowed::reading(inputs.chain(beside).chain([Path::new(".")])).confine(global.verbose);
        let (documents, unread) = self.documents(&inspector, expected.as_ref(), global)?;
        documents.iter().try_for_each(|it| self.fits(it))?;
        output::write(&self.printed(&documents, &unread, global)?).context("writing the answer")?;
        let partial = documents.iter().any(|document| document.input.partial);
        let failed = documents.iter().any(Document::has_errors);
        Ok(Exit::of_check(partial || !unread.is_empty(), failed))
    }

    /// Refuses options that change nothing about this input.
    fn fits(&self, document: &Document) -> anyhow::Result<()> {
        let form = document.input.form;
        let what = if self.survives && form.is_recipe() {
            "--survives is for an image; build it, and give the image"
        } else if self.asks_of_bake() && form != Form::Bake {
            "--file, --set and --var are for a bake file"
        } else {
            return Ok(());
        };
        let form = report::form(form);
        Err(usage(format!("{what}; the input is {form}")))
    }

    fn asks_of_bake(&self) -> bool {
        !(self.file.is_empty() && self.set.is_empty() && self.var.is_empty())
    }

    /// Returns the values of `--file`, `--set` and `--var`.
    fn bake(&self) -> anyhow::Result<Asked> {
        if self.inputs.len() > 1 && self.asks_of_bake() {
            let text = "--file, --set and --var are for one bake file; give one INPUT";
            return Err(usage(text));
        }
        let set = |text: &String| {
            let parsed = Override::parse(text);
            parsed.map_err(|text| usage(format!("--set {text}")))
        };
        let variable = |text: &String| match text.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(usage(format!("--var {text}: write NAME=VALUE"))),
        };
        Ok(Asked {
            files: self.file.clone(),
            overrides: self.set.iter().map(set).collect::<Result<_, _>>()?,
            variables: self.var.iter().map(variable).collect::<Result<_, _>>()?,
        })
    }

    /// Returns the answers, and for each input without one the reason. A single input without an answer is an error.
    fn documents(
        &self,
        inspector: &Inspector,
        expected: Option<&Expected>,
        global: &Global,
    ) -> anyhow::Result<(Vec<Document>, Vec<String>)> {
        let mut documents = Vec::new();
        let mut unread = Vec::new();
        for input in &self.inputs {
            global.reading(input);
            let document = if self.survives {
                inspector.survey(input).map(|survey| survives(&survey))
            } else {
                inspector.lint(input, expected)
            };
            match document {
                Ok(document) => documents.push(document),
                Err(error) if self.inputs.len() == 1 => return Err(error.into()),
                Err(error) => {
                    output::complain(&error.to_string());
                    output::excerpt(error.excerpt());
                    unread.push(error.to_string());
                }
            }
        }
        Ok((documents, unread))
    }

    fn printed(
        &self,
        documents: &[Document],
        unread: &[String],
        global: &Global,
    ) -> anyhow::Result<String> {
        let (width, colour) = (output::width(), output::colour(global.color));
        let pages = |page: &dyn Fn(&Document) -> String| {
            documents.iter().map(page).collect::<Vec<_>>().join("\n")
        };
        Ok(match (self.format, documents) {
            (Format::Human, _) => pages(&|document| report::human(document, width, colour)),
            (Format::Markdown, _) => pages(&report::markdown),
            (Format::Sarif, _) => report::sarif(documents, unread)?,
            (Format::Json, [document]) if self.inputs.len() == 1 => json::pretty(document)?,
            (Format::Json, documents) => json::pretty(documents)?,
        })
    }
}

/// Reads the expected stamp. A file that cannot be used is wrong usage.
fn expected_stamp(path: &Path, inspector: &Inspector) -> anyhow::Result<Expected> {
    let fail = |why: String| usage(format!("--expect {}: {why}", path.display()));
    let limit = inspector.limits().json_file;
    let bytes = given::read(path, limit).map_err(|error| fail(error.to_string()))?;
    Expected::parse(&bytes).map_err(|error| fail(error.to_string()))
}
