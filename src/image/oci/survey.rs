//! Everything that a layout names, and not only the image for one platform.

use std::time::Instant;

use super::attestation::attached;
use super::choose::Candidate;
use super::chosen::{Chosen, Level};
use super::error::OciError;
use super::layout::{Found, read_manifest, walk};
use super::model::Platform;
use super::store::Store;
use crate::limits::Limits;

/// All images of a layout.
#[derive(Debug, Default)]
pub struct Survey {
    /// Each image that is there, in the order of its index.
    pub images: Vec<Surveyed>,
    /// Digests of manifests that are named and not there.
    pub absent: Vec<String>,
}

/// One image of a layout.
#[derive(Debug)]
pub struct Surveyed {
    /// For what it is, where anything says so.
    pub platform: Option<Platform>,
    /// The image, with every level above it and what is attached to it.
    pub image: Chosen,
}

/// Reads all images of a layout. One that is named and not there is listed; a daemon
/// that saves one platform of several names them all.
///
/// # Errors
/// Where the layout is not whole in another way, is not what its digests say, has no
/// image at all, or is over a limit.
pub fn survey(store: &dyn Store, limits: &Limits) -> Result<Survey, OciError> {
    read(walk(store, limits)?, store, limits, true)
}

/// Reads the images of a layout for several platforms, without what is attached to them; nothing where it
/// has not two of them.
///
/// # Errors
/// As [`survey`].
pub fn platforms(store: &dyn Store, limits: &Limits) -> Result<Vec<Surveyed>, OciError> {
    let found = walk(store, limits)?;
    let is_known =
        |candidate: &&Candidate| candidate.platform.as_ref().is_some_and(Platform::is_known);
    if found.candidates.iter().filter(is_known).count() < 2 {
        return Ok(Vec::new());
    }
    Ok(read(found, store, limits, false)?.images)
}

/// Reads what a walk has found.
fn read(
    found: Found<'_>,
    store: &dyn Store,
    limits: &Limits,
    with_attached: bool,
) -> Result<Survey, OciError> {
    let started = Instant::now();
    let mut survey = Survey {
        absent: found.missing,
        ..Survey::default()
    };
    let mut bytes = 0_u64;
    for candidate in found.candidates {
        let platform = candidate.platform.clone().filter(Platform::is_known);
        let digest = candidate.descriptor.digest.clone();
        let mut image = read_manifest(store, candidate, limits)?;
        if with_attached {
            image.attached = attached(store, &found.others, &digest, limits);
        }
        bytes = bytes.saturating_add(size(&image));
        if bytes > limits.file_bytes {
            return Err(OciError::Limit {
                what: "what the images of the layout say, all together,".to_owned(),
                limit: limits.file_bytes,
                limit_name: "file_bytes",
            });
        }
        if let Some(limit) = limits.time.filter(|limit| started.elapsed() > *limit) {
            return Err(OciError::Limit {
                what: "the time in seconds for reading all images of the layout".to_owned(),
                limit: limit.as_secs(),
                limit_name: "time",
            });
        }
        survey.images.push(Surveyed { platform, image });
    }
    Ok(survey)
}

/// Bytes that are kept of an image.
fn size(image: &Chosen) -> u64 {
    let level = |level: &Level| -> usize {
        let pairs = level.annotations.iter();
        pairs.map(|(key, value)| key.len() + value.len()).sum()
    };
    let levels: usize = image.levels.iter().map(level).sum();
    let statements = image.attached.statements.iter();
    let statements: usize = statements.map(|(_, bytes)| bytes.len()).sum();
    let signatures = image.attached.signatures.iter();
    let signatures: usize = signatures.map(|it| it.bytes.len()).sum();
    u64::try_from(image.config.len() + levels + statements + signatures).unwrap_or(u64::MAX)
}
