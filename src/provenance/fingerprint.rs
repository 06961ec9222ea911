//! What an image's content is recognised by, and what it was recognised as.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::origin::Kind;
use super::path::PathText;

/// A sketch of an image's tree: paths, types, sizes, times and links, and no file's data. Two of them say
/// whether two images have the same content, and how much of one is in the other.
///
/// docs/reference/fingerprint.md describes each field, so that other programs can make and compare them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint {
    /// How it is made: 1. Others are not compared.
    pub version: u32,
    /// Files and links in the tree; directories, devices and what importers write do not count.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// The latest time of any file, RFC 3339 UTC.
    pub newest: Option<String>,
    /// False where all files have one time, so that times say nothing.
    pub timed: bool,
    /// `sha256:<64hex>` over all entries: equal for the same content.
    pub digest: String,
    /// The same without times.
    pub untimed_digest: String,
    /// The entries whose paths have the smallest hashes, in base64.
    pub sample: String,
    /// The parity of the paths' hashes, in base64; null where the sample is whole.
    pub paths: Option<String>,
    /// The parity of the entries' hashes, in base64; null where the sample is whole.
    pub contents: Option<String>,
    /// Publishers' packages, each with what its `RECORD` says.
    pub packages: Vec<PackageRecord>,
}

/// What the `RECORD` of a package says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageRecord {
    /// Normalised, PEP 503.
    pub name: String,
    /// With its local segment.
    pub version: String,
    /// `sha256:<64hex>` over its rows, without what an installer adds.
    pub record: String,
}

/// A known image whose content is in this one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recognised {
    /// How much of it.
    pub level: Level,
    /// The part of the known image's files that is here unchanged, 0 to 1; null for a package.
    pub share: Option<f64>,
    /// Files that are here and not in the known image.
    pub added: Option<u64>,
    /// Files that are in both and differ.
    pub changed: Option<u64>,
    /// Files of the known image that are not here.
    pub removed: Option<u64>,
    /// True where the counts were estimated from samples.
    pub estimated: bool,
    /// True where this image was built on the known one: it holds nearly all of it.
    pub base: bool,
    /// The package, for the level `same-package`.
    pub package: Option<String>,
    /// The known image.
    pub image: KnownImage,
}

/// How much of a known image is in this one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// All files have the same paths, types, sizes, times and links.
    SameContent,
    /// Much of it is here, and something else too.
    #[default]
    Contains,
    /// A publisher's package has the same `RECORD`.
    SamePackage,
}

impl Level {
    /// The word for this level, as the document spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameContent => "same-content",
            Self::Contains => "contains",
            Self::SamePackage => "same-package",
        }
    }
}

/// A known image, and what was said of it when it was listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownImage {
    /// Where it was.
    pub path: PathText,
    /// What it declared itself to be.
    pub kind: Kind,
    /// Whether it was official.
    pub official: Option<bool>,
    /// Whether a trusted identity attested it.
    #[serde(default)]
    pub attested: bool,
    /// Whose it was.
    pub publisher: Option<String>,
    /// What the publisher calls it.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Its public reference.
    pub public_reference: Option<String>,
    /// What it was imported from.
    pub imported: Option<String>,
    /// The digest that it was imported by.
    pub digest: Option<String>,
    /// The file that lists it.
    pub listed_in: String,
    /// When that file was written, RFC 3339 UTC.
    pub listed: Option<String>,
}

impl KnownImage {
    /// The texts that came out of a list that somebody else wrote.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        [
            &mut self.publisher,
            &mut self.product,
            &mut self.version,
            &mut self.commit,
            &mut self.public_reference,
            &mut self.imported,
            &mut self.digest,
            &mut self.listed,
        ]
        .into_iter()
        .flatten()
    }
}
