//! The answer about one image: the JSON document of schema `sqsh-prov/1`.
//!
//! The field names are a promise to scripts: fields are added, never renamed.
//! Unknown is `null` or an empty list. Times are RFC 3339 in UTC. A path that is
//! not UTF-8 is `{"bytes": "<base64>"}`.

mod codes;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use codes::CONFLICT_CODES;

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
    /// The operating system in the image.
    pub os: Os,
    /// With `--deep`: what the files of each checked package say.
    pub integrity: Option<Vec<Integrity>>,
    /// What could not be read, or should be known.
    pub warnings: Vec<Warning>,
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

/// A path as text, or its bytes in base64 where it is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PathText {
    /// The path is UTF-8.
    Text(String),
    /// The path is not UTF-8.
    Bytes {
        /// Base64 of the path's bytes.
        bytes: String,
    },
}

impl Default for PathText {
    fn default() -> Self {
        Self::Text(String::new())
    }
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

/// What the image declares itself to be.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A release.
    Release,
    /// A nightly build.
    Nightly,
    /// Built by continuous integration, not for publication.
    Ci,
    /// Built from a pull or merge request.
    Pr,
    /// Built for publication but not published.
    Staging,
    /// Built by hand.
    Local,
    /// Built on top of another image without a contract of its own.
    Derived,
    /// Nothing says.
    #[default]
    Unknown,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Kind {
    /// The word for this kind, as the document spells it: `nightly`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Nightly => "nightly",
            Self::Ci => "ci",
            Self::Pr => "pr",
            Self::Staging => "staging",
            Self::Local => "local",
            Self::Derived => "derived",
            Self::Unknown => "unknown",
        }
    }
}

/// What built this image, and where the file was pulled from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// What the image declares itself to be.
    pub kind: Kind,
    /// True only when a known publisher's contract is met in full.
    pub official: Option<bool>,
    /// Codes that say why `kind` and `official` are what they are.
    pub reasons: Vec<String>,
    /// The contract's id, else the lower-cased owner that the source repository names.
    pub publisher: Option<String>,
    /// What the publisher calls it.
    pub product: Option<String>,
    /// The product's version.
    pub version: Option<String>,
    /// True for a release or nightly whose tag or package has an a, b, rc, dev, alpha or beta part.
    pub prerelease: bool,
    /// True when the imported tag is one that is moved to new images.
    pub moving: bool,
    /// True when the content was changed after the import.
    pub modified_after_import: bool,
    /// How well the origin is supported.
    pub confidence: Confidence,
    /// The commit that was built.
    pub commit: Option<Commit>,
    /// The pipeline that built it.
    pub pipeline: Option<Pipeline>,
    /// The canonical public reference, `docker.io/vllm/vllm-openai:v0.29.0`.
    pub public_reference: Option<String>,
    /// What to pull to get this image again.
    pub pull: Pull,
    /// Where this file was pulled from.
    pub imported: Option<Imported>,
    /// The image that it was built on, where that image has a contract.
    pub derived_from: Option<Ancestor>,
    /// When the image was built, RFC 3339 UTC.
    pub created: Option<String>,
    /// Build flags by name.
    pub flags: BTreeMap<String, String>,
}

/// How well a statement is supported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Two or more carriers agree.
    Corroborated,
    /// One carrier says so.
    Declared,
    /// From files or names only.
    Inferred,
    /// Nothing supports it.
    #[default]
    None,
}

/// A commit, and the repository that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Lower-case hex, 7 to 64 digits.
    pub id: String,
    /// True for all digits of the id.
    pub full: bool,
    /// True when the tree had changes that are not in the commit.
    pub dirty: bool,
    /// `https://github.com/vllm-project/vllm`; null where it is not public or not known.
    pub repository: Option<String>,
}

/// A build pipeline and one run of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// `buildkite`, `github-actions`, `gitlab`, `jenkins`, `circleci`, `azure`, `nvidia-internal`.
    pub system: Option<String>,
    /// The organisation or owner.
    pub organization: Option<String>,
    /// The pipeline or project.
    pub slug: Option<String>,
    /// The pipeline's or the run's id.
    pub id: Option<String>,
    /// The build number.
    pub build: Option<u64>,
    /// The page of the run.
    pub url: Option<String>,
}

/// What to pull to get this image again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pull {
    /// With a digest where one is known, else with the tag.
    pub reference: Option<String>,
    /// False for staging, CI, PR, private, derived and modified images.
    pub ok: bool,
    /// What to know about it, as codes.
    pub notes: Vec<String>,
}

/// Where this file was pulled from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// As the importer wrote it.
    pub uri: String,
    /// The canonical reference; null for an import from a daemon.
    pub reference: Option<String>,
    /// The tag, where one is known.
    pub tag: Option<String>,
    /// `sha256:<64hex>`, of an index or of a platform manifest.
    pub digest: Option<String>,
    /// From where.
    pub via: Via,
}

/// How an image came into the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// From a registry.
    Registry,
    /// From a local Docker or Podman daemon.
    Daemon,
    /// Not known.
    #[default]
    Unknown,
}

/// An image that this one stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ancestor {
    /// The contract's id.
    pub publisher: Option<String>,
    /// What the publisher calls it.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Its public reference.
    pub reference: Option<String>,
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
    /// `pypi`.
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
    /// Files hashed.
    pub files: u64,
    /// Files whose hash differs from the record.
    pub changed: Vec<String>,
    /// Files of the record that are not there.
    pub missing: Vec<String>,
    /// Files in the package's own directories that no record lists.
    pub extra: Vec<String>,
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
