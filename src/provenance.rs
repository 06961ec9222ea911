//! The answer about one image: the JSON document of schema `sqsh-prov/1`.
//!
//! The field names are a promise to scripts: fields are added, never renamed.
//! Unknown is `null` or an empty list. Times are RFC 3339 in UTC. A path that is
//! not UTF-8 is `{"bytes": "<base64>"}`.

mod attestation;
mod container;
mod fingerprint;
mod inside;
mod origin;
mod path;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use attestation::{ATTESTED, SETTINGS_DIFFER, SETTINGS_NOT_STATED};
pub use attestation::{Attestation, AttestedLevel, Standing};
pub use container::{BuildStep, Digests, Healthcheck, Part, Runtime};
pub use fingerprint::{Fingerprint, KnownImage, Level, PackageRecord, Recognised};
pub use inside::Inside;
pub use origin::{
    Ancestor, Commit, Confidence, Imported, Kind, MAY_GIVE_ANOTHER, Origin, Pipeline, Pull, Via,
};
pub use path::PathText;

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov/1";

/// Everything known about one image, with the evidence for each fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Provenance {
    /// Always `sqsh-prov/1`.
    pub schema: String,
    /// The file that was opened.
    pub file: File,
    /// Which image of the file this is, where the file says for what it is or has several.
    #[serde(default)]
    pub part: Option<Part>,
    /// What built this image.
    pub origin: Origin,
    /// The images that it was built on, the nearest first; without the image itself.
    pub lineage: Vec<Ancestor>,
    /// Sources that disagree, and signs that the image is not what it claims to be.
    pub conflicts: Vec<Conflict>,
    /// Where each fact was read.
    pub evidence: Vec<Evidence>,
    /// The image's environment; the last value of a name wins.
    pub environment: BTreeMap<String, String>,
    /// The image's labels; the last value of a key wins.
    pub labels: BTreeMap<String, String>,
    /// What runs when a container starts.
    pub runtime: Runtime,
    /// The digests by which registries name the image, where the form has them.
    #[serde(default)]
    pub digests: Digests,
    /// The steps of the build, first to last, where the image's configuration was kept.
    #[serde(default)]
    pub history: Vec<BuildStep>,
    /// Installed packages, by name and path.
    pub packages: Vec<Package>,
    /// The versions that matter on a GPU cluster, from its variables and packages.
    #[serde(default)]
    pub inside: Vec<Inside>,
    /// The operating system in the image.
    pub os: Os,
    /// With `--deep`: the result for each checked package.
    pub integrity: Option<Vec<Integrity>>,
    /// The fingerprint of the content, if it was asked for.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// Known images whose content is in this one.
    #[serde(default)]
    pub recognised: Vec<Recognised>,
    /// Statements about this image, and whether a trusted signer signed them.
    #[serde(default)]
    pub attestations: Vec<Attestation>,
    /// What could not be read, and other remarks.
    pub warnings: Vec<Warning>,
}

impl Provenance {
    /// Who signed the strongest statement that binds what is in this file.
    #[must_use]
    pub fn attested_by(&self) -> Option<&str> {
        let binds = |it: &&Attestation| it.holds() && it.level.is_some_and(AttestedLevel::binds);
        let best = self.attestations.iter().filter(binds);
        best.min_by_key(|it| it.level)?.signer.as_deref()
    }
}

/// The file that was opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct File {
    /// As given on the command line.
    pub path: PathText,
    /// The form of the image.
    pub format: Format,
    /// Bytes.
    pub size: Option<u64>,
    /// Bytes that are allocated on disk.
    pub allocated: Option<u64>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Last change, RFC 3339 UTC.
    pub mtime: Option<String>,
    /// Inode number of the file.
    pub inode: Option<u64>,
    /// False if the file is shorter than the image in it.
    pub whole: Option<bool>,
    /// Compressor of a squashfs image: `gzip`, `lzma`, `lzo`, `xz`, `lz4`, `zstd`.
    pub compression: Option<String>,
    /// Bytes of a squashfs data block.
    pub block_size: Option<u32>,
    /// Inodes in the image.
    pub inodes: Option<u32>,
    /// When the importer or exporter finished packing, never when the image was built.
    pub packed_at: Option<String>,
    /// Extended attributes of the file that name its source (`user.image_uri`).
    pub xattrs: BTreeMap<String, String>,
    /// Opt-in digest over the listing, `sha256:<64hex>`.
    pub tree_id: Option<String>,
}

/// The form that an image has on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A squashfs image.
    #[default]
    Squashfs,
    /// A Singularity Image Format file.
    Sif,
    /// A directory with a root file system in it.
    Rootfs,
    /// An OCI image layout directory.
    OciLayout,
    /// An OCI image layout in a tar archive.
    OciArchive,
    /// A directory as skopeo's `dir:` writes it.
    SkopeoDir,
    /// What `docker save` writes.
    DockerArchive,
    /// The configuration of an image, as JSON.
    ImageConfig,
    /// What `docker inspect` or `podman inspect` prints about an image.
    Inspect,
    /// A build's metadata file, `--metadata-file`.
    BuildMetadata,
}

impl Format {
    /// Returns true for what an import writes: one image, with its files unpacked.
    #[must_use]
    pub fn is_imported(self) -> bool {
        matches!(self, Self::Squashfs | Self::Sif | Self::Rootfs)
    }
}

/// Sources that disagree, or a sign that the image is not what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Conflict {
    /// Stable, kebab-case.
    pub code: String,
    /// The field of the document that it is about.
    pub field: String,
    /// One sentence for a person.
    pub message: String,
    /// The values, each with its source.
    pub values: Vec<SourcedValue>,
}

/// A value and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SourcedValue {
    /// The value as read.
    pub value: String,
    /// Its source.
    pub source: Source,
}

/// One fact: what was read, where, and how it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The field of the document that it supports, `origin.commit`.
    pub field: String,
    /// The value as read.
    pub value: String,
    /// Its source.
    pub source: Source,
    /// The contract that gives it its meaning.
    pub contract: Option<String>,
    /// From 5 (a full digest) to 0 (a file name); 4 if a variable and a label of a stamp agree.
    pub strength: u8,
    /// How it was used.
    pub status: Status,
}

/// How a piece of evidence was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Another source says the same.
    Agrees,
    /// Another source says otherwise.
    Conflicts,
    /// No other source says anything about it.
    Alone,
    /// It describes a base of the image.
    Inherited,
    /// It was ignored: it is a placeholder, or the publisher cannot know it.
    Ignored,
}

/// Where a fact was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Source {
    /// The carrier: `rc`, `environment`, `label`, `python`, `git`, `xattr`, `file-name`, …
    pub carrier: String,
    /// The file inside the image.
    pub path: Option<String>,
    /// Its line, from 1.
    pub line: Option<u32>,
    /// The variable, label or key.
    pub key: Option<String>,
}

/// One installed package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Package {
    /// Its name, spelled as in its metadata.
    pub name: String,
    /// Its version, with the local segment.
    pub version: String,
    /// `pypi`; with `--packages=all` also `dpkg`, `rpm`, `apk`, `conda` and `npm`.
    pub ecosystem: String,
    /// The directory or file with its metadata in the image.
    pub path: String,
    /// The commit that it was built from, if it says so.
    pub commit: Option<String>,
    /// Where it was installed from, without credentials.
    pub url: Option<String>,
    /// True if it runs from a source directory.
    pub editable: bool,
}

/// The operating system in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Os {
    /// `ubuntu`.
    pub id: Option<String>,
    /// `24.04`.
    pub version_id: Option<String>,
    /// `Ubuntu 24.04.3 LTS`.
    pub pretty_name: Option<String>,
    /// As `uname -m` says it: `x86_64`, `aarch64`.
    pub architecture: Option<String>,
}

/// The result of comparing a package's files with its `RECORD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Integrity {
    /// The package.
    pub package: String,
    /// The directory or file with its metadata in the image.
    pub path: String,
    /// True for a package of no known publisher: only files that its record lists were compared.
    /// Other files were not looked for.
    #[serde(default)]
    pub listed_only: bool,
    /// Number of files that were hashed.
    pub files: u64,
    /// Files whose hash differs from the record.
    pub changed: Vec<String>,
    /// Files of the record that are missing.
    pub missing: Vec<String>,
    /// Files that no record lists. Files in the package's own directories have paths as in its record.
    /// Modules and `.pth` files beside the package, and programs before its launcher, have absolute paths.
    pub extra: Vec<String>,
}

impl Integrity {
    /// Returns true if each file matches the record.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Something that could not be read, or another remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Warning {
    /// Stable, kebab-case.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

/// Returns a document or a part of it as a JSON value. Goes through JSON text, since the program
/// contains that writer anyway.
pub(crate) fn to_value(document: &impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(document)?)
}
