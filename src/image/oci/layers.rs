//! Reads the files of an image from its layers. Each layer is streamed and checked against its
//! digest, and its files are hashed. Nothing is written.
//!
//! Whiteouts are those of the OCI image specification ("layer.md", Whiteouts). A directory of an
//! upper layer replaces a link below it, as in an overlay mount.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::chosen::Chosen;
use super::digest::Digest;
use super::error::OciError;
use super::layer::{Reading, Take, Upper, damaged};
use super::paths::{absolute, split};
use super::store::Store;
use crate::image::FileKind;
use crate::image::content::{Entry, Tree};
use crate::image::layered::{File, Files, Layered};
use crate::limits::Limits;

/// The most layers, more than any image has: a daemon accepts 127.
pub(super) const MOST_LAYERS: usize = 1024;

/// Returns the content digest of the chosen image, `sha256:<64hex>`.
///
/// # Errors
/// If a layer is missing, does not match its digest, cannot be read, or is over a limit.
pub fn content(store: &dyn Store, chosen: &Chosen, limits: &Limits) -> Result<String, OciError> {
    let mut merge = merged(store, chosen, limits, Take::Hash)?;
    merge.directories(&chosen.config);
    let mut tree = Tree::default();
    for (_, file) in merge.files {
        tree.push(file.entry);
    }
    tree.digest()
        .ok_or_else(|| OciError::NoImage("a file of it was not hashed".to_owned()))
}

/// Returns the files of the chosen image. `keep` says how many bytes of each are kept, from its
/// start.
///
/// # Errors
/// As [`content`].
pub fn files(
    store: &dyn Store,
    chosen: &Chosen,
    limits: &Limits,
    keep: &dyn Fn(&[u8]) -> u64,
) -> Result<Layered, OciError> {
    let merge = merged(store, chosen, limits, Take::Keep(keep))?;
    Ok(Layered::new(merge.files, limits))
}

/// Merges all layers.
fn merged(
    store: &dyn Store,
    chosen: &Chosen,
    limits: &Limits,
    take: Take<'_>,
) -> Result<Merge, OciError> {
    if chosen.layers.is_empty() {
        return Err(OciError::NoImage("no layers are named".to_owned()));
    }
    let (what, count) = ("the number of layers", chosen.layers.len() as u64);
    OciError::check_limit(what, count, MOST_LAYERS as u64, "layers")?;
    let mut names: Vec<&str> = Vec::new();
    for layer in &chosen.layers {
        if Digest::parse(&layer.digest).is_none_or(|digest| digest.algorithm != "sha256") {
            return Err(OciError::BadDigest {
                digest: layer.digest.clone(),
                by: "the manifest".to_owned(),
            });
        }
        if !names.contains(&&*layer.path) {
            names.push(&layer.path);
        }
    }
    let mut reading = Reading::new(limits, take);
    let mut merge = Merge::default();
    // A compressed archive gives the layers in its own order. Each waits for its turn.
    let mut read: BTreeMap<String, Upper> = BTreeMap::new();
    let mut next = chosen.layers.iter();
    let mut wanted = next.next();
    store.each(&names, &mut |name, source| {
        let mut layers = chosen.layers.iter();
        if let Some(layer) = layers.find(|layer| layer.path == name) {
            read.insert(name.to_owned(), reading.layer(layer, source)?);
        }
        while let Some(layer) = wanted {
            let again = next.clone().any(|later| later.path == layer.path);
            let upper = match again {
                true => read.get(&layer.path).cloned(),
                false => read.remove(&layer.path),
            };
            let Some(upper) = upper else { break };
            merge.merge(upper)?;
            wanted = next.next();
        }
        Ok(())
    })?;
    Ok(merge)
}

/// The merged content of the layers so far.
#[derive(Default)]
struct Merge {
    files: Files,
}

impl Merge {
    /// Puts a layer over those below it.
    fn merge(&mut self, mut upper: Upper) -> Result<(), OciError> {
        for (path, target) in std::mem::take(&mut upper.links) {
            let found = upper.files.get(&target).or_else(|| self.files.get(&target));
            let found = found.cloned();
            let found = found.ok_or_else(|| damaged("a hard link to a missing file", &path))?;
            upper.files.insert(path.clone(), found.at(path));
        }
        for path in &upper.opaque {
            beneath(&mut self.files, path);
        }
        for path in &upper.gone {
            self.files.remove(path);
            beneath(&mut self.files, path);
        }
        for (path, file) in upper.files {
            if file.entry.kind != FileKind::Directory {
                beneath(&mut self.files, &path);
            }
            self.parents(&path);
            self.files.insert(path, file);
        }
        Ok(())
    }

    /// Adds the directories above a path.
    fn parents(&mut self, path: &[u8]) {
        let (mut parent, _) = split(path);
        while !parent.is_empty() {
            self.directory(parent);
            (parent, _) = split(parent);
        }
    }

    fn directory(&mut self, path: &[u8]) {
        let known = self.files.get(path);
        if known.is_some_and(|known| known.entry.kind == FileKind::Directory) {
            return;
        }
        let entry = Entry {
            path: path.to_vec(),
            kind: FileKind::Directory,
            mode: 0o755,
            size: 0,
            target: Vec::new(),
            sha256: None,
        };
        let content = None;
        self.files.insert(path.to_vec(), File { entry, content });
    }

    /// Adds the directories that an importer creates: `/etc`, for its files, and the working
    /// directory.
    fn directories(&mut self, config: &[u8]) {
        let config: Config = serde_json::from_slice(config).unwrap_or_default();
        let workdir = config.config.working_dir.unwrap_or_default();
        let workdir = absolute(workdir.as_bytes()).ok().flatten();
        for path in [Some(b"/etc".to_vec()), workdir].into_iter().flatten() {
            self.directory(&path);
            self.parents(&path);
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    config: Inner,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inner {
    working_dir: Option<String>,
}

/// Removes everything below a path.
fn beneath(files: &mut Files, path: &[u8]) {
    let first = [path, b"/"].concat();
    // `0` is the character after `/`.
    let last = [path, b"0"].concat();
    let gone: Vec<Vec<u8>> = files
        .range(first..last)
        .map(|(path, _)| path.clone())
        .collect();
    for path in gone {
        files.remove(&path);
    }
}
