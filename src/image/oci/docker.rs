//! What `docker save` writes: `manifest.json`, with the images by the names of their files.

use super::chosen::{Chosen, Name};
use super::digest::Digest;
use super::error::OciError;
use super::model::Saved;
use super::store::Store;
use crate::image::json;
use crate::limits::Limits;

const MANIFEST: &str = "manifest.json";

/// The image of a docker archive.
pub type ArchiveImage = Chosen;

/// True when the store is a docker archive, the new kind, which is a layout too, included.
#[must_use]
pub fn is_archive(store: &dyn Store) -> bool {
    store.size(MANIFEST).is_some()
}

/// Reads the first image of a docker archive.
///
/// # Errors
/// Where it is not whole, or not what its names say.
pub fn archive(store: &dyn Store, limits: &Limits) -> Result<ArchiveImage, OciError> {
    let missing = |name: &str, by: &str| OciError::Missing {
        name: name.to_owned(),
        by: by.to_owned(),
    };
    let bytes = store.read(MANIFEST, limits.json_file)?;
    let bytes = bytes.ok_or_else(|| missing(MANIFEST, "a docker archive"))?;
    let images: Vec<Saved> = json::parse(&bytes).map_err(|reason| OciError::Json {
        name: MANIFEST.to_owned(),
        reason,
    })?;
    let count = images.len();
    let image = images
        .into_iter()
        .next()
        .ok_or_else(|| OciError::NoImage(format!("{MANIFEST} is empty")))?;
    let config = store.read(&image.config, limits.json_file)?;
    let config = config.ok_or_else(|| missing(&image.config, MANIFEST))?;
    let config_digest = named_digest(&image.config);
    if let Some(expected) = &config_digest {
        let found = super::sha256(&config);
        if found != *expected {
            return Err(OciError::Digest {
                name: image.config,
                found,
            });
        }
    }
    let mut notes = Vec::new();
    if count > 1 {
        notes.push(format!("it has {count} images; the first was read"));
    }
    let names = image.repo_tags.into_iter().flatten().map(|value| Name {
        value,
        path: MANIFEST.to_owned(),
        key: "RepoTags".to_owned(),
    });
    Ok(Chosen {
        config,
        config_path: image.config,
        config_digest,
        names: names.collect(),
        notes,
        ..Chosen::default()
    })
}

/// `<64hex>.json` of old archives, `blobs/sha256/<64hex>` of new ones.
fn named_digest(path: &str) -> Option<String> {
    let hex = path
        .strip_prefix("blobs/sha256/")
        .or_else(|| path.strip_suffix(".json"))?;
    let digest = format!("sha256:{hex}");
    Digest::parse(&digest).is_some().then_some(digest)
}
