//! `sqsh-prov diff`: what two images differ in.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sqsh_prov::audit::diff::{Side, diff};
use sqsh_prov::audit::saved;
use sqsh_prov::given::{self, GivenError};
use sqsh_prov::provenance::Provenance;
use sqsh_prov::redact::redact;
use sqsh_prov::report::audit::diff as report;
use sqsh_prov::report::json;
use sqsh_prov::{Inspector, Options};

use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::known::known;
use super::output;

/// The most bytes of a document that `show --format json` wrote.
const LONGEST_DOCUMENT: u64 = 256 * 1024 * 1024;

/// Compare two images
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov diff old.sqsh new.sqsh
  sqsh-prov diff model.sqsh model.json             (json as `show --format json` wrote it)
  sqsh-prov diff model.sqsh last.ndjson            (the line of an audit's report for model.sqsh)
  sqsh-prov diff --format json old.sqsh new.sqsh | jq '.changes[].section'

Compares origin, lineage, flags, environment, labels, packages, entrypoint and arguments, and the \
operating system. The exit code is 1 if something differs. An audit's report has the origin only.")]
pub(super) struct Diff {
    /// An image, or a report about one
    #[arg(value_name = "A")]
    a: PathBuf,
    /// The image or report to compare it with
    #[arg(value_name = "B")]
    b: PathBuf,
    /// How to print the differences
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Human,
    /// One object, indented
    Json,
}

impl Diff {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let inspector = Inspector::new(Options {
            known: known(&global.known, global.verbose)?,
            ..global.options()
        });
        let inspector = inspector.map_err(usage)?;
        Allowed::reading([&self.a, &self.b]).confine(global.verbose);
        let (a, a_partial) = side(&inspector, &self.a, &self.b)?;
        let (b, b_partial) = side(&inspector, &self.b, &self.a)?;
        let found = diff(&a, &b);
        output::write(&match self.format {
            Format::Human => {
                let colour = output::colour(global.color);
                output::page(report::human(&found, colour, output::narrow()))
            }
            Format::Json => json::pretty(&found)?,
        })?;
        Ok(Exit::of_check(a_partial || b_partial, !found.equal))
    }
}

/// Returns what to compare of a path, and true if a part of it could not be read.
fn side(inspector: &Inspector, path: &Path, other: &Path) -> anyhow::Result<(Side, bool)> {
    let name = path.display().to_string();
    if !is_json(path) {
        let document = inspector.inspect(path)?;
        let partial = document.is_partial();
        return Ok((Side::of_document(name, &document), partial));
    }
    let text = match given::read(path, LONGEST_DOCUMENT) {
        // It is a report of many images, and only one line of it is needed.
        Err(GivenError::TooLong(_)) => Vec::new(),
        read => read.with_context(|| name.clone())?,
    };
    if let Ok(mut document) = serde_json::from_slice::<Provenance>(&text) {
        // The document may be from --reveal, or from a version that knew fewer secrets.
        redact(&mut document);
        let partial = document.is_partial();
        return Ok((Side::of_document(name, &document), partial));
    }
    drop(text);
    // An image's configuration is JSON too.
    if let Ok(document) = inspector.inspect(path) {
        let partial = document.is_partial();
        return Ok((Side::of_document(name, &document), partial));
    }
    let wanted = match saved::find(path, Some(other)).map_err(usage)? {
        Some(record) => Some(record),
        None => saved::find(path, None).map_err(usage)?,
    };
    match wanted {
        Some(record) => Ok((Side::of_record(name, &record), record.partial)),
        None => {
            let other = other.display();
            let message = format!("{name}: this report has no line for {other}");
            Err(usage(message))
        }
    }
}

/// Returns true for a file that starts like JSON. No image does.
fn is_json(path: &Path) -> bool {
    let mut head = [0; 64];
    let file = given::open(path, u64::MAX).ok();
    let count = file.and_then(|mut file| file.read(&mut head).ok());
    let read = head.get(..count.unwrap_or(0)).unwrap_or_default();
    read.trim_ascii_start().starts_with(b"{")
}
