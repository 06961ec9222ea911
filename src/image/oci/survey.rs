//! Reads all images of a layout, not only the one for a platform.

use std::time::Instant;

use super::attestation::attached;
use super::choose::Candidate;
use super::chosen::{Chosen, Level};
use super::error::OciError;
use super::layout::{Walked, read_manifest, walk};
use super::model::Platform;
use super::store::Store;
use crate::limits::Limits;

/// All images of a layout.
#[derive(Debug, Default)]
pub struct Survey {
    /// The images, in the order of the index.
    pub images: Vec<Surveyed>,
    /// Digests of manifests that are named but missing.
    pub absent: Vec<String>,
}

/// One image of a layout.
#[derive(Debug)]
pub struct Surveyed {
    /// The platform, if anything names it.
    pub platform: Option<Platform>,
    /// The image, with all levels above it and the documents attached to it.
    pub image: Chosen,
}

/// Reads all images of a layout. A missing manifest is listed, and is not an error: a daemon that saves
/// one of several platforms still names all of them.
///
/// # Errors
/// If the layout is otherwise not complete, does not match its digests, has no image, or is over a
/// limit.
pub fn survey(store: &dyn Store, limits: &Limits) -> Result<Survey, OciError> {
    let walked = walk(store, limits)?;
    let images = walked.read(|candidate| {
        let mut image = read_manifest(store, candidate, limits)?;
        image.attached = attached(store, &walked.others, &candidate.descriptor.digest, limits);
        Ok(image)
    })?;
    Ok(Survey {
        images,
        absent: walked.missing,
    })
}

impl Walked<'_> {
    /// Returns the images for several platforms, without the documents attached to them; empty if
    /// there are fewer than two. The chosen image is not read again.
    ///
    /// # Errors
    /// As [`survey`].
    pub fn of_platforms(&self, chosen: &Chosen) -> Result<Vec<Surveyed>, OciError> {
        if self.platforms().len() < 2 {
            return Ok(Vec::new());
        }
        let known = chosen.levels.last().and_then(|level| level.digest.as_ref());
        self.read(|candidate| {
            let digest = Some(&candidate.descriptor.digest);
            match known == digest {
                true => Ok(chosen.clone()),
                false => read_manifest(self.store, candidate, self.limits),
            }
        })
    }

    /// Reads the images that a walk found.
    fn read(
        &self,
        image: impl Fn(&Candidate) -> Result<Chosen, OciError>,
    ) -> Result<Vec<Surveyed>, OciError> {
        let (started, limits) = (Instant::now(), self.limits);
        let mut images = Vec::new();
        let mut bytes = 0_u64;
        for candidate in &self.candidates {
            let image = image(candidate)?;
            bytes = bytes.saturating_add(size(&image));
            let what = "the metadata of all images in the layout";
            OciError::check_limit(what, bytes, limits.file_bytes, "file_bytes")?;
            OciError::check_time("reading all images of the layout", started, limits)?;
            let platform = Some(candidate.platform.clone()).filter(Platform::is_known);
            images.push(Surveyed { platform, image });
        }
        Ok(images)
    }
}

/// Returns the number of bytes that are kept of an image.
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
    (image.config.len() + levels + statements + signatures) as u64
}
