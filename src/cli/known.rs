//! The known images of a run, and `sqsh-prov known`, which makes an index of them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use sqsh_prov::recognise::{BuildError, Known, SAMPLE, build};

use super::confine::Allowed;
use super::exit::{Exit, Usage};
use super::global::Global;
use super::output;
use super::replace::Target;

/// Make an index of the images that others are recognised by
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov audit /shared/official --fingerprint --format ndjson --output lists/official.ndjson
  sqsh-prov known build lists -o /etc/sqsh-prov/known.d/known.idx
  sqsh-prov show --known known.idx mystery.sqsh

A list is read whole by every command that takes it; of an index only what a question needs. It
holds all that the lists say of their images: they need not lie beside it. Make it again when they
change. docs/guide/audit.md says how images are recognised.")]
pub(super) struct KnownFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write lists of known images into one file with an index
    Build {
        /// What `audit --fingerprint --format ndjson` wrote, or a directory of such files
        #[arg(value_name = "FILE|DIR", required = true)]
        lists: Vec<PathBuf>,
        /// The file; its name must end in .idx for it to be found in a directory
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

impl KnownFlags {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let Action::Build {
            lists,
            output: file,
        } = &self.action;
        let named = || file.display().to_string();
        let mut target = Target::create(file).with_context(named)?;
        Allowed::reading(lists)
            .replacing(Some(file))
            .confine(global.verbose);
        let built = match build(lists, target.out()) {
            Ok(built) => built,
            Err(BuildError::Known(error)) => return Err(Usage(error.to_string()).into()),
            Err(error) => return Err(anyhow::Error::from(error).context(named())),
        };
        target.keep().with_context(named)?;
        let (images, bytes) = (built.images, built.bytes);
        output::write(&format!(
            "{}: {images} known images, {bytes} bytes\n",
            named()
        ))?;
        Ok(Exit::Success)
    }
}

/// Loads them: those that are given, else the site's; `None` where there are none.
pub(super) fn known(given: &[PathBuf], verbose: bool) -> anyhow::Result<Option<Arc<Known>>> {
    let paths = Known::paths(given);
    if paths.is_empty() {
        return Ok(None);
    }
    let known = Known::load(&paths).map_err(|error| Usage(error.to_string()))?;
    if verbose {
        let (images, bytes) = (known.len(), known.bytes());
        output::complain(&format!("{images} known images, {bytes} bytes of memory"));
        let kept = known.kept_of_each();
        if kept < SAMPLE {
            output::complain(&format!(
                "{kept} entries of each are looked up, not {SAMPLE}, because there are so many images: one that shares little may be missed"
            ));
        }
    }
    Ok((!known.is_empty()).then(|| Arc::new(known)))
}
