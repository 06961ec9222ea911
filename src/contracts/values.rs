//! Values that a contract reads from an image: stamps, documents, recipes, flags.

use serde::Deserialize;

use crate::carriers::DocumentFormat;

/// One value of the stamp, and its places in an image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stamp {
    /// What it means.
    pub field: Field,
    /// Variables of the environment.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Labels.
    #[serde(default)]
    pub label: Vec<String>,
    /// The path of a provenance file (see `documents`).
    pub file: Option<String>,
    /// Keys in that file.
    #[serde(default)]
    pub key: Vec<String>,
    /// JSON pointer into the value, for a value that is JSON text.
    pub pointer: Option<String>,
    /// The number of a word in the value, from 1; words are split at spaces.
    pub word: Option<usize>,
    /// Only where a label has this value, `KEY=VALUE` with `*` for any characters.
    pub with: Option<String>,
    /// Values that mean "not set" here, beside those that always do.
    #[serde(default)]
    pub unset: Vec<String>,
    /// Strength of the evidence; by default 3.
    pub strength: Option<u8>,
    /// True if the commit is in a repository that the public cannot see.
    #[serde(default)]
    pub internal: bool,
    /// True if the publisher's build always writes the whole commit.
    #[serde(default)]
    pub whole: bool,
    /// The CI system of a build id: `nvidia-internal`.
    pub system: Option<String>,
    /// False if other publishers use the same key: the key alone does not identify this one.
    #[serde(default = "yes")]
    pub identifying: bool,
}

/// What a stamped value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The commit that was built.
    Commit,
    /// URL of the source repository.
    Source,
    /// Id or name of the pipeline.
    Pipeline,
    /// Id of one build.
    BuildId,
    /// Number of one build.
    BuildNumber,
    /// Page of the build.
    Url,
    /// The public reference that the build was for.
    Reference,
    /// The version.
    Version,
    /// The channel, see `channels`.
    Channel,
    /// When it was built.
    Created,
    /// A git ref: branch, tag, `refs/pull/2/merge`.
    Ref,
    /// The pull or merge request: a number, URL, or `false`.
    PullRequest,
    /// The product.
    Product,
    /// The base: a reference or digest.
    Base,
    /// Architecture.
    Architecture,
}

impl Stamp {
    /// Returns true for a stamp that `build-args` can write: the whole value of a variable.
    pub(crate) fn is_written(&self) -> bool {
        !self.environment.is_empty() && self.pointer.is_none() && self.word.is_none()
    }
}

impl Field {
    /// Returns its name in contracts: `pull-request`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names().0
    }

    /// Returns the field of the document that the value supports.
    #[must_use]
    pub fn document_field(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Commit => ("commit", "origin.commit.id"),
            Self::Source => ("source", "origin.commit.repository"),
            Self::Pipeline => ("pipeline", "origin.pipeline.id"),
            Self::BuildId => ("build-id", "origin.pipeline.id"),
            Self::BuildNumber => ("build-number", "origin.pipeline.build"),
            Self::Url => ("url", "origin.pipeline.url"),
            Self::Reference => ("reference", "origin.public_reference"),
            Self::Version => ("version", "origin.version"),
            Self::Channel => ("channel", "origin.kind"),
            Self::Created => ("created", "origin.created"),
            Self::Ref => ("ref", "origin.kind"),
            Self::PullRequest => ("pull-request", "origin.kind"),
            Self::Product => ("product", "origin.product"),
            Self::Base => ("base", "lineage"),
            Self::Architecture => ("architecture", "os.architecture"),
        }
    }
}

/// A provenance file in the image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Document {
    /// Its source.
    pub path: String,
    /// `json` or `yaml`.
    pub format: DocumentFormat,
}

/// How to write the public reference.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// `KEY=VALUE` of the environment that must hold.
    #[serde(default)]
    pub when: Vec<String>,
    /// `nvcr.io/nvidia/pytorch:{env:NVIDIA_PYTORCH_VERSION}-py3`; also `{label:…}`, `{base:…}`, `{os:…}`.
    pub reference: String,
    /// The product, if the recipe knows it.
    pub product: Option<String>,
    /// The version: a template as well.
    pub version: Option<String>,
}

/// A build flag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flag {
    /// Its name in the document. `*` is the part of the label's key that the `*` in `label` matches.
    pub name: String,
    /// A variable.
    pub environment: Option<String>,
    /// A label.
    pub label: Option<String>,
    /// Packages. The installed ones are the value, which is marked as inferred.
    #[serde(default)]
    pub packages: Vec<String>,
}

fn yes() -> bool {
    true
}
