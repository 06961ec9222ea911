//! What an input says, level by level, whatever form it has.

use serde::{Deserialize, Serialize};

use super::source::{Dockerfile, Targets};
use crate::carriers::Build;
use crate::carriers::{Facts, Pair};
use crate::provenance::{Format, PathText, Warning};

/// The input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// An index alone, as `docker buildx imagetools inspect --raw` prints it.
    ImageIndex,
    /// A manifest alone, as `docker buildx imagetools inspect --raw` prints it.
    ImageManifest,
    /// A Dockerfile.
    Dockerfile,
    /// A bake file, in HCL or JSON.
    Bake,
    /// A Compose file.
    Compose,
    /// A workflow of GitHub Actions or GitLab CI, or a composite action.
    Workflow,
    /// What `show` reads too.
    #[serde(untagged)]
    Image(Format),
}

impl Form {
    /// Returns true for what images are built by.
    #[must_use]
    pub fn is_recipe(self) -> bool {
        matches!(
            self,
            Self::Dockerfile | Self::Bake | Self::Compose | Self::Workflow
        )
    }
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        Self::Image(format)
    }
}

impl Default for Form {
    fn default() -> Self {
        Format::default().into()
    }
}

/// Everything that an input says.
#[derive(Debug, Default)]
pub struct Survey {
    /// What it is.
    pub form: Form,
    /// As given on the command line.
    pub path: PathText,
    /// Its images: one for each platform, or target.
    pub images: Vec<Image>,
    /// What an image is built by, where that was given.
    pub source: Option<Source>,
    /// The text of that, of several files one after the other.
    pub text: String,
    /// The files behind the first one: the line that each begins with, and its path.
    pub files: Vec<(u32, String)>,
    /// What could not be read, and other remarks.
    pub warnings: Vec<Warning>,
    /// True if only part of it could be read.
    pub partial: bool,
}

/// What an image is built by.
#[derive(Debug)]
pub enum Source {
    /// A Dockerfile.
    Dockerfile(Dockerfile),
    /// A bake or Compose file, or a workflow.
    Targets(Targets),
}

/// One image: of a platform where there are several, or of a target.
#[derive(Debug, Default)]
pub struct Image {
    /// `linux/arm64`, or the name of a target; `None` where there is one image only.
    pub name: Option<String>,
    /// Images of one number are the platforms of one image.
    pub group: usize,
    /// Environment, labels, annotations, names, import.
    pub facts: Facts,
    /// Where the index that names it stands; its annotations have this as their path.
    pub index: Option<String>,
    /// What the input can say at all.
    pub known: Known,
    /// The fields that the configuration sets, beside environment and labels.
    pub fields: Vec<String>,
    /// Builds as BuildKit's build sources in the configuration describe them.
    pub buildinfo: Vec<Build>,
    /// What the statements of its attestations are of: `https://slsa.dev/provenance/v1`.
    pub predicates: Vec<String>,
    /// Builds as its attestations describe them.
    pub attested: Vec<Build>,
    /// Build arguments, where they are known.
    pub arguments: Vec<Pair>,
}

/// What an input can say at all: what is not known is never reported as missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Environment and labels.
    pub configuration: bool,
    /// Annotations of the manifest.
    pub manifest: bool,
    /// Annotations of the index.
    pub index: bool,
}

/// A level that a key can stand at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A variable of the environment.
    Env,
    /// A label.
    Label,
    /// An annotation of the index of a multi-platform image.
    IndexAnnotation,
    /// An annotation of an image's manifest.
    ManifestAnnotation,
    /// An annotation of an index's entry for a manifest or another index.
    DescriptorAnnotation,
    /// Another field of the configuration.
    ConfigField,
    /// BuildKit's build sources.
    Buildinfo,
    /// An attestation beside the image.
    Attestation,
    /// A build argument.
    BuildArg,
}

impl Level {
    /// What stands there, in a sentence.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Env => "variable",
            Self::BuildArg => "build argument",
            other => other.words(),
        }
    }

    /// For a column of a table.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Label => "label",
            Self::IndexAnnotation => "index annotation",
            Self::ManifestAnnotation => "manifest annotation",
            Self::DescriptorAnnotation => "descriptor annotation",
            Self::ConfigField => "config field",
            Self::Buildinfo => "buildinfo",
            Self::Attestation => "attestation",
            Self::BuildArg => "build arg",
        }
    }
}

impl Image {
    /// What stands at a level of pairs; nothing for the others.
    pub fn pairs(&self, level: Level) -> impl Iterator<Item = &Pair> {
        let list: &[Pair] = match level {
            Level::Env => &self.facts.environment,
            Level::Label => &self.facts.labels,
            Level::BuildArg => &self.arguments,
            Level::IndexAnnotation | Level::ManifestAnnotation | Level::DescriptorAnnotation => {
                &self.facts.annotations
            }
            Level::ConfigField | Level::Buildinfo | Level::Attestation => &[],
        };
        list.iter().filter(move |pair| {
            let carrier = pair.source.carrier.as_str();
            match level {
                // The index of a layout's directory names images; it is no part of one.
                Level::IndexAnnotation => {
                    carrier == "oci-index" && (pair.source.path == self.index)
                }
                Level::ManifestAnnotation => carrier == "oci-manifest",
                Level::DescriptorAnnotation => carrier == "oci-descriptor",
                _ => true,
            }
        })
    }

    /// The value that counts at a level: the last one.
    #[must_use]
    pub fn value(&self, level: Level, key: &str) -> Option<&str> {
        let found = self.pairs(level).filter(|pair| pair.key == key).last();
        found.map(|pair| pair.value.as_str())
    }
}
