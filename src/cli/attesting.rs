//! Where statements about images are, and who is trusted to make them.

use std::path::PathBuf;

use jiff::Timestamp;
use sqsh_prov::attestation::{SITE_DIRECTORY, Trust, signature_of};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::{Attesting, Look};

use super::exit::Usage;
use super::global::Global;

/// What a command looks at.
///
/// # Errors
/// [`Usage`] where the trust data cannot be used.
pub(super) fn attesting(global: &Global, look: Look) -> anyhow::Result<Attesting> {
    load(&global.trust, &global.attestations, look)
}

/// The same from what was given with `--trust` and `--attestations`.
pub(super) fn load(
    trust: &[PathBuf],
    attestations: &[PathBuf],
    look: Look,
) -> anyhow::Result<Attesting> {
    check(attestations)?;
    let trust = Trust::load(trust).map_err(|error| Usage(error.to_string()))?;
    let places = attestations.iter().cloned();
    let (directories, files) = places.partition(|path| path.is_dir());
    Ok(Attesting {
        trust,
        directories,
        files,
        look,
        now: Timestamp::now().as_second(),
    })
}

/// What to say of publishers in the trust data, once each: a slip of the pen trusts nobody.
pub(super) fn slips(attesting: &Attesting, contracts: &Contracts) -> Vec<String> {
    let mut told = Vec::new();
    for slip in attesting
        .trust
        .publishers()
        .filter_map(|name| contracts.slip(name))
    {
        let slip = format!("trust data: publishers: {slip}");
        if !told.contains(&slip) {
            told.push(slip);
        }
    }
    told
}

/// Checks that each path of `--attestations` is a file or a directory.
///
/// # Errors
/// [`Usage`] where one does not exist, or is neither a file nor a directory.
pub(super) fn check(attestations: &[PathBuf]) -> anyhow::Result<()> {
    for path in attestations {
        let why = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() || metadata.is_dir() => continue,
            Ok(_) => "it is neither a file nor a directory".to_owned(),
            Err(error) => error.to_string(),
        };
        let path = path.display();
        return Err(Usage(format!("--attestations {path}: {why}")).into());
    }
    Ok(())
}

/// Returns the paths to allow for statements, in addition to the images and the files beside them.
pub(super) fn readable(global: &Global) -> Vec<PathBuf> {
    let with_signature = |path: PathBuf| [signature_of(&path), path];
    let mut all: Vec<PathBuf> = (global.attestations.iter().cloned())
        .flat_map(with_signature)
        .collect();
    all.push(PathBuf::from(SITE_DIRECTORY));
    all
}
