//! Reads archives of `docker save`: `manifest.json` lists the images, with the names of their
//! files.

use serde::Deserialize;

use super::blob::parse;
use super::chosen::{Chosen, Layer, Name};
use super::digest::Digest;
use super::error::OciError;
use super::layers::MOST_LAYERS;
use super::model::Saved;
use super::store::Store;
use crate::limits::Limits;

const MANIFEST: &str = "manifest.json";

/// Returns true for a docker archive, also for the new kind, which is a layout too.
#[must_use]
pub fn is_archive(store: &dyn Store) -> bool {
    store.size(MANIFEST).is_some()
}

/// Reads the first image of a docker archive.
///
/// # Errors
/// If a part is missing, or does not match its name.
pub fn archive(store: &dyn Store, limits: &Limits) -> Result<Chosen, OciError> {
    let bytes = store.read(MANIFEST, limits.json_file)?;
    let bytes = bytes.ok_or_else(|| OciError::missing(MANIFEST, "a docker archive"))?;
    let images: Vec<Saved> = parse(MANIFEST, &bytes)?;
    let count = images.len();
    let image = images.into_iter().next();
    let image = image.ok_or_else(|| OciError::NoImage(format!("{MANIFEST} is empty")))?;
    let config = store.read(&image.config, limits.json_file)?;
    let config = config.ok_or_else(|| OciError::missing(&image.config, MANIFEST))?;
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
    let layers = layers(&config, image.layers);
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
        layers,
        ..Chosen::default()
    })
}

/// Returns the layers: the names of their files, and the digests of the unpacked layers, which the
/// configuration has. A layer that is listed twice may be a link the second time, so the first file with
/// a digest is read. Returns none if the two lists do not match.
fn layers(config: &[u8], files: Option<Vec<String>>) -> Vec<Layer> {
    let config: Config = serde_json::from_slice(config).unwrap_or_default();
    let (digests, files) = (config.rootfs.diff_ids, files.unwrap_or_default());
    if digests.len() != files.len() || files.len() > MOST_LAYERS {
        return Vec::new();
    }
    let mut layers: Vec<Layer> = Vec::new();
    for (digest, path) in digests.into_iter().zip(files) {
        let first = layers.iter().find(|layer| layer.digest == digest);
        let path = first.map_or(path, |first| first.path.clone());
        layers.push(Layer { path, digest });
    }
    layers
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    rootfs: Rootfs,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rootfs {
    diff_ids: Vec<String>,
}

/// Returns the digest in a name: `<64hex>.json` in old archives, `blobs/sha256/<64hex>` in new
/// ones.
fn named_digest(path: &str) -> Option<String> {
    let hex = path
        .strip_prefix("blobs/sha256/")
        .or_else(|| path.strip_suffix(".json"))?;
    let digest = format!("sha256:{hex}");
    Digest::parse(&digest).is_some().then_some(digest)
}
