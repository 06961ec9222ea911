//! The answer about one image: the JSON document of schema `sqsh-prov/1`.
//!
//! The field names are a promise to scripts: fields are added, never renamed.
//! Unknown is `null` or an empty list. Times are RFC 3339 in UTC. A path that is
//! not UTF-8 is `{"bytes": "<base64>"}`.

mod attestation;
mod codes;
mod fingerprint;
mod inside;
mod origin;
mod path;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use attestation::{ATTESTED, SETTINGS_DIFFER};
pub use attestation::{Attestation, AttestedLevel, Standing};
pub use codes::CONFLICT_CODES;
pub use fingerprint::{Fingerprint, KnownImage, Level, PackageRecord, Recognised};
pub use inside::Inside;
pub use origin::{Ancestor, Commit, Confidence, Imported, Kind, Origin, Pipeline, Pull, Via};
pub use path::PathText;

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov/1";

/// Everything that is known of one image, each fact with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Always `sqsh-prov/1`.
    pub schema: String,
    /// The file that was opened.
    pub file: File,
    /// What built this image.
    pub origin: Origin,
    /// What it stands on, outermost first; the origin itself is not in it.
    pub lineage: Vec<Ancestor>,
    /// Sources that disagree, and signs that the image is not what it says.
    pub conflicts: Vec<Conflict>,
    /// Where each fact was read.
    pub evidence: Vec<Evidence>,
    /// The image's environment; the last value of a name wins.
    pub environment: BTreeMap<String, String>,
    /// The image's labels; the last value of a key wins.
    pub labels: BTreeMap<String, String>,
    /// What runs when a container starts.
    pub runtime: Runtime,
    /// Installed packages, by name and path.
    pub packages: Vec<Package>,
    /// What matters of it on a GPU cluster, from its variables and packages.
    #[serde(default)]
    pub inside: Vec<Inside>,
    /// The operating system in the image.
    pub os: Os,
    /// With `--deep`: what the files of each checked package say.
    pub integrity: Option<Vec<Integrity>>,
    /// Where it was asked for: what the content is recognised by.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// Known images whose content is in this one.
    #[serde(default)]
    pub recognised: Vec<Recognised>,
    /// What others state about this image, and whether somebody who is trusted has signed it.
    #[serde(default)]
    pub attestations: Vec<Attestation>,
    /// What could not be read, or should be known.
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// As given on the command line.
    pub path: PathText,
    /// What form the image has.
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
    /// False when the file is shorter than the image in it.
    pub whole: Option<bool>,
    /// Compressor of a squashfs image: `gzip`, `lzma`, `lzo`, `xz`, `lz4`, `zstd`.
    pub compression: Option<String>,
    /// Bytes of a squashfs data block.
    pub block_size: Option<u32>,
    /// Inodes in the image.
    pub inodes: Option<u32>,
    /// When the importer or exporter finished packing, never when the image was built.
    pub packed_at: Option<String>,
    /// Extended attributes of the file that say where it is from (`user.image_uri`).
    pub xattrs: BTreeMap<String, String>,
    /// Opt-in digest over the listing, `sha256:<64hex>`.
    pub tree_id: Option<String>,
}

/// The form that an image has on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What `docker save` writes.
    DockerArchive,
    /// The configuration of an image, as JSON.
    ImageConfig,
    /// What `docker inspect` or `podman inspect` prints about an image.
    Inspect,
    /// What a build says about its result, `--metadata-file`.
    BuildMetadata,
}

/// Sources that disagree, or a sign that the image is not what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// Stable, kebab-case.
    pub code: String,
    /// The field of the document that it is about.
    pub field: String,
    /// One sentence for a person.
    pub message: String,
    /// The values, each with where it stands.
    pub values: Vec<SourcedValue>,
}

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourcedValue {
    /// The value as read.
    pub value: String,
    /// Where it stands.
    pub source: Source,
}

/// One fact: what was read, where, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The field of the document that it supports, `origin.commit`.
    pub field: String,
    /// The value as read.
    pub value: String,
    /// Where it stands.
    pub source: Source,
    /// The contract that gives it its meaning.
    pub contract: Option<String>,
    /// 5 (a full digest) to 0 (a file name).
    pub strength: u8,
    /// What became of it.
    pub status: Status,
}

/// What became of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Another source says the same.
    Agrees,
    /// Another source says otherwise.
    Conflicts,
    /// No other source speaks of it.
    Alone,
    /// It describes what the image stands on.
    Inherited,
    /// It was set aside: a placeholder, or not the publisher's to say.
    Ignored,
}

/// Where a fact was read.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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

/// What runs when a container starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Runtime {
    /// The entrypoint's words.
    pub entrypoint: Vec<String>,
    /// The default arguments.
    pub cmd: Vec<String>,
    /// The directory it starts in.
    pub workdir: Option<String>,
    /// Declared volumes.
    pub volumes: Vec<String>,
}

/// One installed package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// As its metadata spells it.
    pub name: String,
    /// With its local segment.
    pub version: String,
    /// `pypi`; with `--packages=all` also `dpkg`, `rpm`, `apk`, `conda` and `npm`.
    pub ecosystem: String,
    /// Where its metadata stands in the image.
    pub path: String,
    /// The commit that it was built from, where it says.
    pub commit: Option<String>,
    /// Where it was installed from, without credentials.
    pub url: Option<String>,
    /// True when it runs from a source directory.
    pub editable: bool,
}

/// The operating system in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// What the files of one package say against its own `RECORD`, which names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Integrity {
    /// The package.
    pub package: String,
    /// Where its metadata stands in the image.
    pub path: String,
    /// True for a package of no known publisher: only the files that its record lists were compared,
    /// and files that no record lists were not looked for.
    #[serde(default)]
    pub listed_only: bool,
    /// Files hashed.
    pub files: u64,
    /// Files whose hash differs from the record.
    pub changed: Vec<String>,
    /// Files of the record that are not there.
    pub missing: Vec<String>,
    /// Files that no record lists: in the package's own directories as its record would spell them;
    /// by absolute path a module or `.pth` file beside the package, and a program before its launcher.
    pub extra: Vec<String>,
}

impl Integrity {
    /// Returns true where each file is what the record says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Something that could not be read, or should be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Stable, kebab-case.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

/// A document, or a part of one, as a JSON value to look things up in. By way of its text, whose writer
/// the program has in any case.
pub(crate) fn to_value(document: &impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(document)?)
}
