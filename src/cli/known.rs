//! The known images of a run, and `sqsh-prov known`, which makes an index of known images.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use sqsh_prov::recognise::{BuildError, Known, SAMPLE, build};

use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::output;
use super::replace::Target;

/// Make an index of known images, to recognise other images
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov audit /shared/official --fingerprint --format ndjson --output lists/official.ndjson
  sqsh-prov known build lists -o /etc/sqsh-prov/known.d/known.idx
  sqsh-prov show --known known.idx mystery.sqsh

Every command reads a whole list, but only the parts of an index that it needs. The index has \
everything from the lists, so keep the lists in another directory. Make the index again when a list \
changes. docs/guide/audit.md says how images are recognised.")]
pub(super) struct KnownFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write lists of known images and their index into one file
    Build {
        /// A report of `audit --fingerprint --format ndjson`, or a directory of such reports
        #[arg(value_name = "FILE|DIR", required = true)]
        lists: Vec<PathBuf>,
        /// The index; --known finds it in a directory only if its name ends in .idx
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
            Err(BuildError::Known(error)) => return Err(usage(error)),
            Err(error) => return Err(anyhow::Error::from(error).context(named())),
        };
        if built.images == 0 {
            // Does not replace an earlier index by an empty one.
            let message = "no record of an image was found in what was given, so that no index is written; `sqsh-prov audit PATH --fingerprint --format ndjson --output FILE.ndjson` writes records";
            return Err(usage(format!("{}: {message}", named())));
        }
        target.keep().with_context(named)?;
        let (images, bytes) = (built.images, built.bytes);
        let text = format!("{}: {images} known images, {bytes} bytes\n", named());
        output::write(&text)?;
        Ok(Exit::Success)
    }
}

/// Loads the known images of `given`, or the site's if it is empty. Returns `None` if there are none.
pub(super) fn known(given: &[PathBuf], verbose: bool) -> anyhow::Result<Option<Arc<Known>>> {
    let paths = Known::paths(given);
    if paths.is_empty() {
        return Ok(None);
    }
    let known = Known::load(&paths).map_err(usage)?;
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
