//! Finds one image from `index.json`: nested indexes, platforms, digests.

use std::rc::Rc;

use super::attestation::{Others, attached, is_signature};
use super::blob::{blob, digest, parse};
use super::choose::{Candidate, choose};
use super::chosen::{Chosen, Layer, Level, LevelKind, Name};
use super::digest::Digest;
use super::error::OciError;
use super::model::{ConfigPlatform, Descriptor, LayoutVersion, Node, Platform, is_index, pairs};
use super::store::Store;
use crate::limits::Limits;

/// The file by which a layout is recognised.
pub const LAYOUT_FILE: &str = "oci-layout";
const INDEX: &str = "index.json";
/// The greatest depth of nested indexes.
const MAX_NESTING: usize = 8;
/// The most manifests that are read.
const MAX_MANIFESTS: usize = 1024;
/// The most indexes that are read: each may name the next one many times.
const MAX_INDEXES: usize = 256;
/// The annotation with which BuildKit marks documents beside images.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The annotations that contain the name of an image.
const NAME_KEYS: [&str; 2] = [
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
];

/// Returns true if the store is a layout.
#[must_use]
pub fn is_layout(store: &dyn Store) -> bool {
    store.size(LAYOUT_FILE).is_some() || store.size(INDEX).is_some()
}

/// Reads all indexes and manifests of a layout.
///
/// # Errors
/// If the layout is not complete, does not match its digests, or names no image.
pub fn walk<'a>(store: &'a dyn Store, limits: &'a Limits) -> Result<Walked<'a>, OciError> {
    if let Some(bytes) = store.read(LAYOUT_FILE, limits.json_file)? {
        let layout: LayoutVersion = parse(LAYOUT_FILE, &bytes)?;
        if !layout.image_layout_version.starts_with("1.") {
            return Err(OciError::Version(layout.image_layout_version));
        }
    }
    let bytes = store.read(INDEX, limits.json_file)?;
    let bytes = bytes.ok_or_else(|| OciError::missing(INDEX, "the OCI layout"))?;
    let index: Node = parse(INDEX, &bytes)?;
    let mut found = Walked {
        store,
        limits,
        candidates: Vec::new(),
        others: Others::new(),
        missing: Vec::new(),
        absent: None,
        indexes: 0,
        manifests: 0,
    };
    found.index(&index, INDEX, None, &[], 0)?;
    if found.candidates.is_empty() {
        return Err(found
            .absent
            .unwrap_or_else(|| OciError::NoImage("its index names no image manifest".to_owned())));
    }
    Ok(found)
}

/// All documents that a layout names.
pub struct Walked<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) limits: &'a Limits,
    pub(super) candidates: Vec<Candidate>,
    /// Manifests that are not images.
    pub(super) others: Others,
    /// Digests of manifests that are named but missing.
    pub(super) missing: Vec<String>,
    /// The first error about a missing manifest. A daemon that saves one of several platforms still
    /// names all of them.
    absent: Option<OciError>,
    /// The number of indexes and manifests read so far.
    indexes: usize,
    manifests: usize,
}

impl Walked<'_> {
    /// Chooses the image for a platform; without one, for the host's.
    ///
    /// # Errors
    /// If there is no such image, or it does not match its digests.
    pub fn choose(&self, wanted: Option<&Platform>) -> Result<Chosen, OciError> {
        let (candidate, notes) = choose(&self.candidates, wanted)?;
        let digest = &candidate.descriptor.digest;
        let mut chosen = read_manifest(self.store, candidate, self.limits)?;
        if self.platforms().len() > 1 {
            chosen.platform = Some(candidate.platform.clone());
        }
        chosen.notes = notes;
        chosen.attached = attached(self.store, &self.others, digest, self.limits);
        Ok(chosen)
    }

    /// Returns the platforms of its images, each once.
    #[must_use]
    pub fn platforms(&self) -> Vec<Platform> {
        let mut platforms: Vec<Platform> = Vec::new();
        for Candidate { platform, .. } in &self.candidates {
            if platform.is_known() && !platforms.contains(platform) {
                platforms.push(platform.clone());
            }
        }
        platforms
    }

    fn index(
        &mut self,
        index: &Node,
        path: &str,
        digest: Option<&str>,
        above: &[Rc<Level>],
        nesting: usize,
    ) -> Result<(), OciError> {
        let mut levels = above.to_vec();
        levels.push(Rc::new(Level {
            kind: LevelKind::Index,
            path: path.to_owned(),
            digest: digest.map(str::to_owned),
            annotations: pairs(index.annotations.as_ref()),
        }));
        for descriptor in index.manifests.iter().flatten() {
            let mut levels = levels.clone();
            levels.push(Rc::new(Level {
                kind: LevelKind::Descriptor,
                path: path.to_owned(),
                digest: None,
                annotations: pairs(descriptor.annotations.as_ref()),
            }));
            if is_index(descriptor.media()) {
                if nesting >= MAX_NESTING {
                    return Err(OciError::NoImage(format!(
                        "indexes name indexes more than {MAX_NESTING} deep"
                    )));
                }
                self.indexes = self.indexes.saturating_add(1);
                if self.indexes > MAX_INDEXES {
                    return Err(OciError::NoImage(format!(
                        "it names more than {MAX_INDEXES} indexes"
                    )));
                }
                let (inner_path, bytes) = match blob(self.store, descriptor, path, self.limits) {
                    Err(error @ OciError::Missing { .. }) => {
                        self.absent.get_or_insert(error);
                        continue;
                    }
                    other => other?,
                };
                let inner: Node = parse(&inner_path, &bytes)?;
                let digest = Some(descriptor.digest.as_str());
                self.index(
                    &inner,
                    &inner_path,
                    digest,
                    &levels,
                    nesting.saturating_add(1),
                )?;
            } else if is_image(descriptor) {
                self.manifest(descriptor, path, levels)?;
            } else {
                self.others.push((descriptor.clone(), path.to_owned()));
            }
        }
        Ok(())
    }

    fn manifest(
        &mut self,
        descriptor: &Descriptor,
        by: &str,
        levels: Vec<Rc<Level>>,
    ) -> Result<(), OciError> {
        self.manifests = self.manifests.saturating_add(1);
        if self.manifests > MAX_MANIFESTS {
            return Err(OciError::NoImage(format!(
                "it names more than {MAX_MANIFESTS} manifests"
            )));
        }
        let path = digest(descriptor, by)?.path();
        if self.store.size(&path).is_none() {
            let absent = OciError::missing(path, by);
            self.absent.get_or_insert(absent);
            self.missing.push(descriptor.digest.clone());
            return Ok(());
        }
        let known = descriptor.platform.clone().filter(Platform::is_known);
        let platform = match known {
            Some(_) => known,
            None => self.platform_of(descriptor, by)?,
        };
        let descriptor = descriptor.clone();
        self.candidates.extend(platform.map(|platform| Candidate {
            levels,
            descriptor,
            platform,
        }));
        Ok(())
    }

    /// Returns the platform in the configuration; `None` for a document that is not an image.
    fn platform_of(&self, descriptor: &Descriptor, by: &str) -> Result<Option<Platform>, OciError> {
        let (path, bytes) = blob(self.store, descriptor, by, self.limits)?;
        let manifest: Node = parse(&path, &bytes)?;
        let Some(config) = manifest.config.filter(is_config) else {
            return Ok(None);
        };
        let (path, bytes) = blob(self.store, &config, &path, self.limits)?;
        let config: ConfigPlatform = parse(&path, &bytes)?;
        Ok(Some(Platform {
            os: config.os.unwrap_or_default(),
            architecture: config.architecture.unwrap_or_default(),
            variant: config.variant,
        }))
    }
}

/// Returns false for attestations, signatures and other artefacts beside the images.
fn is_image(descriptor: &Descriptor) -> bool {
    let platform = descriptor.platform.as_ref();
    let is_unknown = platform
        .is_some_and(|platform| platform.os == "unknown" || platform.architecture == "unknown");
    let is_artifact = descriptor.artifact_type.is_some() || is_signature(descriptor);
    descriptor.annotation(REFERENCE_TYPE).is_none() && !is_unknown && !is_artifact
}

fn is_config(descriptor: &Descriptor) -> bool {
    descriptor
        .media_type
        .as_deref()
        .is_none_or(|media| media.contains("image.config") || media.contains("container.image"))
}

/// Reads the manifest, and the configuration that it names.
pub(super) fn read_manifest(
    store: &dyn Store,
    candidate: &Candidate,
    limits: &Limits,
) -> Result<Chosen, OciError> {
    let levels = candidate.levels.iter();
    let mut levels: Vec<Level> = levels.map(|level| Level::clone(level)).collect();
    let by = levels.last().map_or(INDEX, |level| level.path.as_str());
    let (path, bytes) = blob(store, &candidate.descriptor, by, limits)?;
    let manifest: Node = parse(&path, &bytes)?;
    let descriptor = manifest
        .config
        .filter(|config| is_config(config) && manifest.artifact_type.is_none())
        .ok_or_else(|| OciError::NoImage(format!("{path} is not an image manifest")))?;
    levels.push(Level {
        kind: LevelKind::Manifest,
        path: path.clone(),
        digest: Some(candidate.descriptor.digest.clone()),
        annotations: pairs(manifest.annotations.as_ref()),
    });
    let (config_path, config) = blob(store, &descriptor, &path, limits)?;
    let mut missing = Vec::new();
    let mut layers = Vec::new();
    for layer in manifest.layers.iter().flatten() {
        let at = Digest::parse(&layer.digest).map(|digest| digest.path());
        layers.push(Layer {
            path: at.clone().unwrap_or_default(),
            digest: layer.digest.clone(),
        });
        let media = layer.media();
        if media.contains("foreign") || media.contains("nondistributable") {
            continue;
        }
        let size = at.as_deref().and_then(|path| store.size(path));
        if size.is_none() || size != u64::try_from(layer.size).ok() {
            missing.push(layer.digest.clone());
        }
    }
    let names = names(&levels);
    Ok(Chosen {
        config,
        config_path,
        config_digest: Some(descriptor.digest),
        levels,
        names,
        missing,
        layers,
        ..Chosen::default()
    })
}

/// Returns the whole references in descriptors; a bare tag names no image.
fn names(levels: &[Level]) -> Vec<Name> {
    let mut names = Vec::new();
    for key in NAME_KEYS {
        for level in levels {
            let found = level.annotations.iter().find(|(name, _)| name == key);
            if let Some((_, value)) = found.filter(|(_, value)| value.contains(['/', ':']))
                && level.kind == LevelKind::Descriptor
            {
                names.push(Name {
                    value: value.clone(),
                    path: level.path.clone(),
                    key: key.to_owned(),
                });
            }
        }
    }
    names
}
