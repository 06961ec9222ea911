//! The fingerprint of an image's content, and the known images that it was recognised as.

use serde::{Deserialize, Serialize};

use super::origin::Kind;
use super::path::PathText;

/// A sketch of an image's tree: paths, types, sizes, times and links, without file data. Two of them tell
/// whether two images have the same content, and how much of one is in the other.
///
/// docs/reference/fingerprint.md describes each field, so that other programs can make and compare them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fingerprint {
    /// The version of the format: 1. Other versions are not compared.
    pub version: u32,
    /// Files and links in the tree, without directories, devices and what importers write.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// The latest time of any file, RFC 3339 UTC.
    pub newest: Option<String>,
    /// False if all files have the same time; times then say nothing.
    pub timed: bool,
    /// `sha256:<64hex>` over all entries: equal for the same content.
    pub digest: String,
    /// The same without times.
    pub untimed_digest: String,
    /// The entries with the smallest path hashes, in base64.
    pub sample: String,
    /// The parity of the path hashes, in base64; null if the sample has all entries.
    pub paths: Option<String>,
    /// The parity of the entry hashes, in base64; null if the sample has all entries.
    pub contents: Option<String>,
    /// Publishers' packages, each with a digest of its `RECORD`.
    pub packages: Vec<PackageRecord>,
}

/// The digest of a package's `RECORD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackageRecord {
    /// Normalised, PEP 503.
    pub name: String,
    /// Its version, with the local segment.
    pub version: String,
    /// `sha256:<64hex>` over the rows of its `RECORD`, without those that an installer adds.
    pub record: String,
}

/// A known image whose content is in this one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Recognised {
    /// How much of it.
    pub level: Level,
    /// The share of the known image's files that this image has unchanged, 0 to 1; null for a package.
    pub share: Option<f64>,
    /// Files that only this image has.
    pub added: Option<u64>,
    /// Files that both images have and that differ.
    pub changed: Option<u64>,
    /// Files that only the known image has.
    pub removed: Option<u64>,
    /// True if the counts are estimates from samples.
    pub estimated: bool,
    /// True if this image was built on the known one: it has nearly all of its files.
    pub base: bool,
    /// The package, for the level `same-package`.
    pub package: Option<String>,
    /// The known image.
    pub image: KnownImage,
}

/// How much of a known image is in this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// All files have the same paths, types, sizes, times and links.
    SameContent,
    /// This image has much of it, and other files too.
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

/// A known image, as its list describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KnownImage {
    /// Where it was.
    pub path: PathText,
    /// The kind that it declared.
    pub kind: Kind,
    /// Whether it was official.
    pub official: Option<bool>,
    /// Whether a trusted signer attested it.
    #[serde(default)]
    pub attested: bool,
    /// Its publisher.
    pub publisher: Option<String>,
    /// The publisher's name for it.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Its public reference.
    pub public_reference: Option<String>,
    /// The reference that it was imported from.
    pub imported: Option<String>,
    /// The digest that it was imported by.
    pub digest: Option<String>,
    /// The file that lists it.
    pub listed_in: String,
    /// When that file was written, RFC 3339 UTC.
    pub listed: Option<String>,
}

impl KnownImage {
    /// Returns the texts that come from a list by somebody else.
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
