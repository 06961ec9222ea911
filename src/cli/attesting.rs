//! Where statements about images are, and who is trusted to make them.

use std::path::PathBuf;

use jiff::Timestamp;
use sqsh_prov::attestation::{SITE_DIRECTORY, Trust, signature_of};
use sqsh_prov::{Attesting, Look};

use super::exit::Usage;
use super::global::Global;

/// What a command looks at.
///
/// # Errors
/// [`Usage`] where the trust data cannot be used.
pub(super) fn attesting(global: &Global, look: Look) -> anyhow::Result<Attesting> {
    let trust = Trust::load(&global.trust).map_err(|error| Usage(error.to_string()))?;
    let (directories, files) = places(global).partition(|path| path.is_dir());
    Ok(Attesting {
        trust,
        directories,
        files,
        look,
        now: Timestamp::now().as_second(),
    })
}

fn places(global: &Global) -> impl Iterator<Item = PathBuf> + '_ {
    global.attestations.iter().cloned()
}

/// What may be opened for it, beside the images and what lies beside them.
pub(super) fn readable(global: &Global) -> Vec<PathBuf> {
    let with_signature = |path: PathBuf| [signature_of(&path), path];
    let mut all: Vec<PathBuf> = places(global).flat_map(with_signature).collect();
    all.push(PathBuf::from(SITE_DIRECTORY));
    all
}
