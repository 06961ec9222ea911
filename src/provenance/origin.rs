//! Where an image comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The kind that the image declares.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Origin {
    /// The kind that the image declares.
    pub kind: Kind,
    /// True only when a known publisher's contract is met in full.
    pub official: Option<bool>,
    /// Codes that explain `kind` and `official`.
    pub reasons: Vec<String>,
    /// The contract's id, else the lower-cased owner that the source repository names.
    pub publisher: Option<String>,
    /// The publisher's name for it.
    pub product: Option<String>,
    /// The product's version.
    pub version: Option<String>,
    /// True for a release or nightly whose tag or package has an a, b, rc, dev, alpha or beta part.
    pub prerelease: bool,
    /// True if the imported tag moves to new images.
    pub moving: bool,
    /// True if the content was changed after the import.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Commit {
    /// Lower-case hex, 7 to 64 digits.
    pub id: String,
    /// True for all digits of the id.
    pub full: bool,
    /// True if the tree had changes that are not in the commit.
    pub dirty: bool,
    /// `https://github.com/vllm-project/vllm`; null if it is not public or not known.
    pub repository: Option<String>,
}

/// A build pipeline and one run of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// The note of [`Pull::notes`] on an image that somebody seems to have changed: it may not be what its
/// reference gives.
pub const MAY_GIVE_ANOTHER: &str = "may-give-another-image";

/// What to pull to get this image again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pull {
    /// With a digest if one is known, else with the tag.
    pub reference: Option<String>,
    /// False for staging, CI, PR, private, derived and modified images.
    pub ok: bool,
    /// Remarks about it, as codes.
    pub notes: Vec<String>,
}

/// Where this file was pulled from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Imported {
    /// As the importer wrote it.
    pub uri: String,
    /// The canonical reference; null for an import from a daemon.
    pub reference: Option<String>,
    /// The tag, if known.
    pub tag: Option<String>,
    /// `sha256:<64hex>`, of an index or of a platform manifest.
    pub digest: Option<String>,
    /// What it was imported from.
    pub via: Via,
}

/// How an image came into the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// A base of this image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ancestor {
    /// The contract's id.
    pub publisher: Option<String>,
    /// The publisher's name for it.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// Its public reference.
    pub reference: Option<String>,
}
