//! Where a publisher's images are, and what repositories and tags mean.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::glob::glob_matches;
use super::pattern::Pattern;
use crate::provenance::Kind;

/// One product line of a publisher.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Line {
    /// For people: `vLLM ROCm`.
    pub product: String,
    /// Official repositories: `docker.io/vllm/vllm-openai`, with `*` for one path component.
    pub repositories: Vec<String>,
    /// Only for tags that match; the repository's other tags belong to a line without `tags`.
    pub tags: Option<Pattern>,
    /// True if images of this line carry no stamp.
    #[serde(default)]
    pub never_stamped: bool,
    /// Repositories of the same publisher on whose images those of this line are built. Of the stamp, the version is
    /// that of the base, and everything is if it names the base's product.
    #[serde(default)]
    pub stands_on: Vec<String>,
    /// With `stands-on`: packages of which each image of this line has at least one, and the base has none.
    #[serde(default)]
    pub adds: Vec<String>,
    /// The first version that carries the stamp.
    pub stamped_from: Option<String>,
    /// Entrypoints of untouched images; empty when not known.
    #[serde(default)]
    pub entrypoints: Vec<Vec<String>>,
    /// Arguments of untouched images; empty when not known.
    #[serde(default)]
    pub cmds: Vec<Vec<String>>,
    /// Working directories of untouched images; empty when not known.
    #[serde(default)]
    pub workdirs: Vec<String>,
    /// True if images of this line do not have the contract's package.
    #[serde(default)]
    pub no_package: bool,
    /// Packages in every image of this line, beside the contract's: `["sglang"]`.
    #[serde(default)]
    pub holds: Vec<String>,
    /// Variables that may follow the stamp, beside the contract's; see [`crate::contracts::any_variable`].
    #[serde(default)]
    pub tail: Vec<String>,
    /// The `ID` of os-release in images of this line, if tags begin with the version of the system.
    pub os: Option<String>,
    /// The version at the front of tags, as a template like in a recipe: `{os:VERSION_ID}`.
    pub version: Option<String>,
}

/// Repositories of the publisher without releases. `*` matches one path component.
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

/// What a repository is to a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepositoryClass {
    Official,
    Staging,
    Ci,
    PullRequest,
    Elsewhere,
}

/// What a tag means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TagRule {
    /// Regular expression over the tag. `(?<commit>…)` is a commit, `(?<codename>…)` the `VERSION_CODENAME` that
    /// os-release must have, `(?<date>…)` the day of publication.
    pub pattern: Pattern,
    /// The kind that it means.
    pub kind: Kind,
    /// The repositories of the rule; empty for all.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// True if the publisher moves the tag to new images.
    #[serde(default)]
    pub moving: bool,
}

/// Flags in the names of repositories.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NameRule {
    /// Regular expression over `registry/path`, with groups `level`, `name` and `version`.
    pub pattern: Pattern,
    /// Flags: name → template with `{level}`, `{name}`, `{version}`, and `{class}` of the name.
    pub flags: BTreeMap<String, String>,
    /// Classes of names: `lang` → `["go", "rust"]`. Flags with `{class}` need a name in one of them.
    #[serde(default)]
    pub classes: BTreeMap<String, Vec<String>>,
}

/// A mirror of the publisher's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mirror {
    /// Regular expression over `registry/path`, with named groups.
    pub pattern: Pattern,
    /// The repository that it mirrors, with the groups' names: `ghcr.io/labring-actions/{rest}`.
    pub canonical: String,
}

/// Rules for all registries and tags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Registries {
    /// Hosts that anybody can pull from; `*` matches any characters.
    pub public: Vec<String>,
    /// Hosts that outsiders cannot pull from; overrides the patterns of `public`.
    pub private: Vec<String>,
    /// Tags that move to new images.
    pub moving: Vec<Pattern>,
    /// Tags of pull and merge requests.
    pub pull_request: Vec<Pattern>,
    /// Names of repositories for CI: `*-ci`.
    pub ci: Vec<String>,
    /// Names of staging repositories: `*-staging`.
    pub staging: Vec<String>,
}

/// A reference, and what the grammar must say about it. `contracts check` compares them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// With a tag: `docker.io/vllm/vllm-openai:v0.30.0`.
    pub reference: String,
    /// The kind of the repository and tag; absent if they have none.
    pub kind: Option<Kind>,
    /// True if an image of that repository and tag may be official.
    #[serde(default)]
    pub official: bool,
    /// The product of its line; not checked if absent.
    pub product: Option<String>,
}

impl Registries {
    /// Returns true if outsiders can pull from the host.
    pub(crate) fn is_public(&self, host: &str) -> bool {
        !self.is_private(host) && any_glob(&self.public, host)
    }

    /// Returns true if outsiders cannot pull from the host.
    pub(crate) fn is_private(&self, host: &str) -> bool {
        !self.public.iter().any(|public| public == host) && any_glob(&self.private, host)
    }
}

impl NameRule {
    /// Returns the flags for a repository that matches the rule.
    pub(super) fn flags_of(&self, repository: &str) -> Vec<(&str, String)> {
        let name = self.pattern.capture(repository, "name").unwrap_or_default();
        let mut classes = self.classes.iter();
        let class = classes.find(|(_, names)| names.iter().any(|known| known == name));
        let filled = self.flags.iter().map(|(flag, template)| {
            let mut value = template.clone();
            if let Some((class, _)) = class {
                value = value.replace("{class}", class);
            }
            for group in ["level", "name", "version"] {
                if let Some(part) = self.pattern.capture(repository, group) {
                    value = value.replace(&format!("{{{group}}}"), part);
                }
            }
            (flag.as_str(), value)
        });
        filled.filter(|(_, value)| !value.contains('{')).collect()
    }
}

/// Returns true if one of the globs matches.
#[must_use]
pub fn any_glob(globs: &[String], text: &str) -> bool {
    globs.iter().any(|glob| glob_matches(glob, text))
}
