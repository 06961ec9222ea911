//! Publishers as data: who stamps what, and what the tags mean.
//!
//! A contract is one TOML file. The ones in `contracts/` are compiled in; files in
//! `/etc/sqsh-prov/contracts.d` and in `--contracts DIR` add to them, and one with the
//! id of a known contract replaces it. `contracts/TEMPLATE.toml` explains every key.

mod build_args;
mod glob;
mod load;
mod pattern;
mod sound;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

pub use build_args::{BuildArgs, Part, TagTemplate, parts};
pub use glob::glob_matches;
pub use load::{Contracts, LoadError, SITE_DIRECTORY, check};
pub use pattern::Pattern;

use crate::carriers::DocumentFormat;
use crate::packed::Text;
use crate::provenance::Kind;

/// One publisher's contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Contract {
    /// Version of the contract format: 1.
    pub schema: u32,
    /// Short and stable: `vllm`.
    pub id: String,
    /// For people: `vLLM`.
    pub name: String,
    /// What the contract describes.
    #[serde(default)]
    pub role: Role,
    /// URLs of the source repository, the canonical one first.
    #[serde(default)]
    pub source: Vec<String>,
    /// Ids of the contracts whose images this publisher builds on.
    #[serde(default)]
    pub wraps: Vec<String>,
    /// The Python package that an image of this publisher holds.
    pub package: Option<String>,
    /// True when the stamp means nothing without the package: somebody reused the names.
    #[serde(default)]
    pub package_required: bool,
    /// True when the images are builds of a product whose own package names the commit.
    #[serde(default)]
    pub commit_of_product: bool,
    /// The kind of a stamped image whose tag and channel say nothing.
    pub default_kind: Option<Kind>,
    /// Where the values stand.
    #[serde(default, rename = "stamp")]
    pub stamps: Vec<Stamp>,
    /// Signs of the publisher beside its stamp; one suffices.
    #[serde(default)]
    pub markers: Markers,
    /// Product lines, the default first.
    #[serde(default, rename = "line")]
    pub lines: Vec<Line>,
    /// Repositories that are the publisher's, but not where releases are.
    #[serde(default)]
    pub repositories: Repositories,
    /// Tag grammars; the first that fits counts.
    #[serde(default, rename = "tag")]
    pub tags: Vec<TagRule>,
    /// Tag suffixes that are only other names of the tag without them: `-cu130`.
    #[serde(default)]
    pub alias_suffixes: Vec<String>,
    /// What an official build looks like.
    pub build: Option<Build>,
    /// What the environment of an untouched image looks like.
    #[serde(default)]
    pub environment: EnvironmentRules,
    /// What the labels of an untouched image look like.
    #[serde(default)]
    pub labels: LabelRules,
    /// Values of the channel stamp, and the kind that each means.
    #[serde(default)]
    pub channels: BTreeMap<String, Kind>,
    /// What `build-args` writes; without it the stamp's variables are filled as they are.
    pub build_args: Option<BuildArgs>,
    /// How to write the public reference where no stamp holds it; the first that fits counts.
    #[serde(default, rename = "recipe")]
    pub recipes: Vec<Recipe>,
    /// Build flags: name → where it stands.
    #[serde(default, rename = "flag")]
    pub flags: Vec<Flag>,
    /// What the names of repositories say.
    #[serde(default, rename = "name-rule")]
    pub name_rules: Vec<NameRule>,
    /// Mirrors of the publisher's own, and the repository that each stands for.
    #[serde(default, rename = "mirror")]
    pub mirrors: Vec<Mirror>,
    /// Provenance files to read.
    #[serde(default, rename = "document")]
    pub documents: Vec<Document>,
    /// Directories that may hold the publisher's `.git`; `/*` at the end takes all below.
    #[serde(default)]
    pub source_directories: Vec<String>,
    /// Registries, moving tags and mirrors that hold for everybody (`oci.toml` only).
    pub registries: Option<Registries>,
    /// Environment keys, labels and values to set aside as the base's own noise.
    #[serde(default, rename = "noise")]
    pub noise: Vec<Noise>,
    /// The file that it was read from; `built in` for those of the program.
    #[serde(skip)]
    pub from: String,
    #[serde(skip)]
    pub(crate) text: Text,
}

/// What a contract describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A publisher of images.
    #[default]
    Publisher,
    /// An operating system or toolkit that everybody builds on.
    Base,
    /// Keys that many publishers use; the publisher is the owner of the source repository.
    Generic,
}

/// One value of the stamp, and where it stands.
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
    /// Path of a provenance file (see `documents`).
    pub file: Option<String>,
    /// Keys in that file.
    #[serde(default)]
    pub key: Vec<String>,
    /// JSON pointer into the value, which then is JSON text.
    pub pointer: Option<String>,
    /// Word of the value, from 1, split at spaces.
    pub word: Option<usize>,
    /// Values that mean "not set", beside those that always do.
    #[serde(default)]
    pub unset: Vec<String>,
    /// Strength of the evidence; by default 3.
    pub strength: Option<u8>,
    /// True when the commit is in a repository that the public cannot see.
    #[serde(default)]
    pub internal: bool,
    /// The CI system of a build id: `nvidia-internal`.
    pub system: Option<String>,
    /// False where other publishers use the same key, so that it alone does not name this one.
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
    /// What it was built on: reference or digest.
    Base,
    /// Architecture.
    Architecture,
}

impl Stamp {
    /// True for a stamp that is a variable's or label's whole value: what can be written.
    pub(crate) fn is_written(&self) -> bool {
        !self.environment.is_empty() && self.pointer.is_none() && self.word.is_none()
    }
}

impl Field {
    /// The name that contracts have for it: `pull-request`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Source => "source",
            Self::Pipeline => "pipeline",
            Self::BuildId => "build-id",
            Self::BuildNumber => "build-number",
            Self::Url => "url",
            Self::Reference => "reference",
            Self::Version => "version",
            Self::Channel => "channel",
            Self::Created => "created",
            Self::Ref => "ref",
            Self::PullRequest => "pull-request",
            Self::Product => "product",
            Self::Base => "base",
            Self::Architecture => "architecture",
        }
    }

    /// The field of the document that the value supports.
    #[must_use]
    pub fn document_field(self) -> &'static str {
        match self {
            Self::Commit => "origin.commit.id",
            Self::Source => "origin.commit.repository",
            Self::Pipeline | Self::BuildId => "origin.pipeline.id",
            Self::BuildNumber => "origin.pipeline.build",
            Self::Url => "origin.pipeline.url",
            Self::Reference => "origin.public_reference",
            Self::Version => "origin.version",
            Self::Channel | Self::Ref | Self::PullRequest => "origin.kind",
            Self::Created => "origin.created",
            Self::Product => "origin.product",
            Self::Base => "lineage",
            Self::Architecture => "os.architecture",
        }
    }
}

/// Signs of a publisher beside its stamp.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Markers {
    /// Variables, `KEY` or `KEY=VALUE`; `*` in the value takes any characters.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Labels, `KEY` or `KEY=VALUE`; `*` in the value takes any characters.
    #[serde(default)]
    pub label: Vec<String>,
    /// Variables and labels that are this publisher's own here, though a base uses them too.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Files.
    #[serde(default)]
    pub file: Vec<String>,
    /// Labels in the frozen copy of its labels that a base keeps in a file; as `label`.
    #[serde(default)]
    pub base_labels: Vec<String>,
}

/// One product line of a publisher.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Line {
    /// For people: `vLLM ROCm`.
    pub product: String,
    /// Official repositories: `docker.io/vllm/vllm-openai`, with `*` for one path component.
    pub repositories: Vec<String>,
    /// True when images of this line carry no stamp.
    #[serde(default)]
    pub never_stamped: bool,
    /// The first version that carries the stamp.
    pub stamped_from: Option<String>,
    /// Entrypoints of untouched images; empty when not known.
    #[serde(default)]
    pub entrypoints: Vec<Vec<String>>,
    /// Arguments of untouched images; empty when not known.
    #[serde(default)]
    pub cmds: Vec<Vec<String>>,
    /// True when images of this line do not hold the contract's package.
    #[serde(default)]
    pub no_package: bool,
    /// Variables that may follow the stamp, beside the contract's.
    #[serde(default)]
    pub tail: Vec<String>,
    /// The `ID` of os-release in images of this line, where tags begin with its version.
    pub os: Option<String>,
    /// What says the version that tags begin with, as in a recipe: `{os:VERSION_ID}`.
    pub version: Option<String>,
}

/// Repositories of the publisher where no releases are. With `*` for one path component.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Repositories {
    /// Built for publication, not published.
    #[serde(default)]
    pub staging: Vec<String>,
    /// Continuous integration.
    #[serde(default)]
    pub ci: Vec<String>,
    /// Pull requests.
    #[serde(default)]
    pub pull_request: Vec<String>,
    /// Other owners and mirrors that publish the same images; never official.
    #[serde(default)]
    pub elsewhere: Vec<String>,
}

/// What a tag means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TagRule {
    /// Regular expression over the tag; `(?<commit>…)` names a commit in it, `(?<codename>…)` the
    /// `VERSION_CODENAME` that os-release must have.
    pub pattern: Pattern,
    /// The kind that it means.
    pub kind: Kind,
    /// Only for these repositories; empty is all.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// True when the publisher moves the tag to new images.
    #[serde(default)]
    pub moving: bool,
}

/// What an official build looks like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// Regular expression over the build's URL.
    pub official_url: Pattern,
    /// Known ids of official pipelines; another UUID with an official URL is accepted, and said.
    #[serde(default)]
    pub pipelines: Vec<String>,
    /// Regular expression over a pipeline name that is official.
    pub official_pipeline: Option<Pattern>,
    /// Regular expression over the URL of a CI build.
    pub ci_url: Option<Pattern>,
}

/// What the environment of an untouched image looks like.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvironmentRules {
    /// Variables beside the stamp's that the publisher's last build stage sets.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Variables that may stand after the last of them; `*` takes any characters.
    #[serde(default)]
    pub tail: Vec<String>,
    /// True when an image of the publisher has the stamp in its environment; labels alone are CI.
    #[serde(default)]
    pub stamped: bool,
}

/// What the labels of an untouched image look like.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LabelRules {
    /// Keys beside the stamp's that belong there; `*` takes any characters.
    #[serde(default)]
    pub known: Vec<String>,
    /// Keys that only CI images carry.
    #[serde(default)]
    pub ci: Vec<String>,
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
    /// The product, where the recipe knows it.
    pub product: Option<String>,
    /// The version: a template as well.
    pub version: Option<String>,
}

/// A build flag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flag {
    /// Its name in the document; with `*` in `label`, what the star took is added.
    pub name: String,
    /// A variable.
    pub environment: Option<String>,
    /// A label.
    pub label: Option<String>,
    /// Packages whose presence is the flag's value; marked as inferred.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// What the name of a repository says, as flags.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NameRule {
    /// Regular expression over `registry/path`, with groups `level`, `name` and `version`.
    pub pattern: Pattern,
    /// Flags: name → template with `{level}`, `{name}`, `{version}`, and `{class}` of the name.
    pub flags: BTreeMap<String, String>,
    /// Classes of names: `lang` → `["go", "rust"]`; a name in none gives no flag that needs it.
    #[serde(default)]
    pub classes: BTreeMap<String, Vec<String>>,
}

/// A mirror of the publisher's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mirror {
    /// Regular expression over `registry/path`, with a group `rest`.
    pub pattern: Pattern,
    /// The repository that it stands for: `ghcr.io/labring-actions/{rest}`.
    pub canonical: String,
}

/// A provenance file in the image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Document {
    /// Where it stands.
    pub path: String,
    /// `json` or `yaml`.
    pub format: DocumentFormat,
}

/// What holds for everybody's registries and tags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Registries {
    /// Hosts that anybody can pull from; `*` takes any characters.
    pub public: Vec<String>,
    /// Hosts that nobody outside can pull from, even where `public` fits.
    pub private: Vec<String>,
    /// Tags that are moved to new images.
    pub moving: Vec<Pattern>,
    /// Tags of pull and merge requests.
    pub pull_request: Vec<Pattern>,
    /// Repository names that mean a kind: `*-staging`.
    pub ci: Vec<String>,
    /// Repository names of staging repositories.
    pub staging: Vec<String>,
}

/// A label that says something of the base only.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Noise {
    /// The label.
    pub label: String,
    /// It is noise where this label …
    pub with: Option<String>,
    /// … has this value.
    pub value: Option<String>,
    /// True when it must also equal `VERSION_ID` of os-release.
    #[serde(default)]
    pub equals_os_version: bool,
}

fn yes() -> bool {
    true
}

impl Contract {
    /// True where the contract says which variables of an image hold its stamp.
    #[must_use]
    pub fn can_stamp(&self) -> bool {
        self.stamps.iter().any(Stamp::is_written)
    }

    /// Every official repository, of all lines.
    pub fn official_repositories(&self) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .flat_map(|line| line.repositories.iter().map(String::as_str))
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.text.get()
    }

    /// True for the project whose package it is, and not somebody who ships it: the package's
    /// version is then the image's.
    #[must_use]
    pub fn owns_package(&self) -> bool {
        self.package_required || self.package.as_deref() == Some(self.id.as_str())
    }

    /// The line that a repository (`registry/path`) belongs to.
    #[must_use]
    pub fn line_of(&self, repository: &str) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| any_glob(&line.repositories, repository))
    }

    /// The official repository that a mirror of the publisher's own stands for.
    #[must_use]
    pub fn unmirrored(&self, repository: &str) -> Option<String> {
        self.mirrors.iter().find_map(|mirror| {
            let rest = mirror.pattern.capture(repository, "rest")?;
            Some(mirror.canonical.replace("{rest}", rest))
        })
    }

    /// The tag's rule in a repository.
    #[must_use]
    pub fn tag_rule(&self, repository: &str, tag: &str) -> Option<&TagRule> {
        self.tags.iter().find(|rule| {
            (rule.repositories.is_empty() || any_glob(&rule.repositories, repository))
                && rule.pattern.is_match(tag)
        })
    }
}

/// True when one of the globs fits.
#[must_use]
pub fn any_glob(globs: &[String], text: &str) -> bool {
    globs.iter().any(|glob| glob_matches(glob, text))
}
