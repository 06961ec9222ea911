//! Where statements about images are, and who is trusted to make them.

use std::path::PathBuf;

use jiff::Timestamp;
use sqsh_prov::attestation::{SITE_DIRECTORY, Trust, signature_of};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::{Attesting, Look};

use super::exit::usage;
use super::global::Global;

/// Returns the statements to look at and the trust data, as the flags of every command give them.
///
/// # Errors
/// If the trust data or a path cannot be used, as wrong usage.
pub(super) fn attesting(global: &Global, look: Look) -> anyhow::Result<Attesting> {
    load(&global.trust, &global.attestations, look)
}

/// The same for these values of `--trust` and `--attestations`.
pub(super) fn load(
    trust: &[PathBuf],
    attestations: &[PathBuf],
    look: Look,
) -> anyhow::Result<Attesting> {
    check(attestations)?;
    let trust = Trust::load(trust).map_err(usage)?;
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

/// Returns a hint for each publisher in the trust data that is not known: a misspelt name trusts nobody.
pub(super) fn slips(attesting: &Attesting, contracts: &Contracts) -> Vec<String> {
    let mut told = Vec::new();
    let publishers = attesting.trust.publishers();
    for slip in publishers.filter_map(|name| contracts.slip(name)) {
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
/// If one does not exist, or is neither a file nor a directory, as wrong usage.
pub(super) fn check(attestations: &[PathBuf]) -> anyhow::Result<()> {
    for path in attestations {
        let why = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() || metadata.is_dir() => continue,
            Ok(_) => "it is neither a file nor a directory".to_owned(),
            Err(error) => error.to_string(),
        };
        let path = path.display();
        return Err(usage(format!("--attestations {path}: {why}")));
    }
    Ok(())
}

/// Returns the paths to allow for statements, in addition to the images and the files beside them.
pub(super) fn readable(global: &Global) -> Vec<PathBuf> {
    let with_signature = |path: PathBuf| [signature_of(&path), path];
    let given = global.attestations.iter().cloned().flat_map(with_signature);
    given.chain([PathBuf::from(SITE_DIRECTORY)]).collect()
}
