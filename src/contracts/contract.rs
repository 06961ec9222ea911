//! One publisher's contract, and what it says about a repository and a tag.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::agree::Place;
use super::build_args::BuildArgs;
use super::places::{
    Example, Line, Mirror, NameRule, Registries, Repositories, RepositoryClass, TagRule, any_glob,
};
use super::signs::{Build, EnvironmentRules, LabelRules, Markers, Noise};
use super::values::{Document, Flag, Recipe, Stamp};
use crate::provenance::Kind;
use crate::reference::Reference;

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
    /// The Python package in images of this publisher.
    pub package: Option<String>,
    /// True if the stamp counts only with the package: other projects use the same names.
    #[serde(default)]
    pub package_required: bool,
    /// True if the images are builds of a product whose own package names the commit.
    #[serde(default)]
    pub commit_of_product: bool,
    /// The kind of a stamped image if its tag and channel say nothing.
    pub default_kind: Option<Kind>,
    /// The values of the stamp, with their places.
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
    /// Tag grammars; the first match counts.
    #[serde(default, rename = "tag")]
    pub tags: Vec<TagRule>,
    /// Tag suffixes that make an alias of the tag without them: `-cu130`.
    #[serde(default)]
    pub alias_suffixes: Vec<String>,
    /// Groups of the tag grammars that a variable of the image repeats: group → variable. `en-us` of a
    /// tag matches `en_US` of the variable.
    #[serde(default)]
    pub tag_variables: BTreeMap<String, String>,
    /// Places that name one version; an official image has the same numbers in all of each list.
    #[serde(default)]
    pub agree: Vec<Vec<Place>>,
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
    /// What `build-args` writes; without this section, it fills the stamp's variables.
    pub build_args: Option<BuildArgs>,
    /// Recipes for the public reference if no stamp has it; the first that can be filled counts.
    #[serde(default, rename = "recipe")]
    pub recipes: Vec<Recipe>,
    /// Build flags, with their places.
    #[serde(default, rename = "flag")]
    pub flags: Vec<Flag>,
    /// Flags in the names of repositories.
    #[serde(default, rename = "name-rule")]
    pub name_rules: Vec<NameRule>,
    /// The publisher's own mirrors, and the repository that each one mirrors.
    #[serde(default, rename = "mirror")]
    pub mirrors: Vec<Mirror>,
    /// Provenance files to read.
    #[serde(default, rename = "document")]
    pub documents: Vec<Document>,
    /// Directories that may hold the publisher's `.git`; `/*` at the end takes all below.
    #[serde(default)]
    pub source_directories: Vec<String>,
    /// Rules for all registries and tags (`oci.toml` only).
    pub registries: Option<Registries>,
    /// Labels that are only about the base.
    #[serde(default, rename = "noise")]
    pub noise: Vec<Noise>,
    /// References, and what the grammar says about them. Empty in a built-in contract: only `contracts check`
    /// needs them, and reads them from the file.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
    /// The file of the contract; `built in` for those of the program.
    #[serde(skip)]
    pub from: String,
    #[serde(skip)]
    pub(crate) text: Cow<'static, str>,
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

impl Contract {
    /// Returns true if the contract says which variables of an image hold its stamp.
    #[must_use]
    pub fn can_stamp(&self) -> bool {
        self.stamps.iter().any(Stamp::is_written)
    }

    /// Returns the official repositories of all lines.
    pub fn official_repositories(&self) -> impl Iterator<Item = &str> {
        let repositories = self.lines.iter().flat_map(|line| &line.repositories);
        repositories.map(String::as_str)
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if the package is the publisher's own, and not only shipped by it. The package's version is
    /// then the image's.
    #[must_use]
    pub fn owns_package(&self) -> bool {
        self.package_required || self.package.as_deref() == Some(self.id.as_str())
    }

    /// Returns the line of a repository (`registry/path`), whatever the tag.
    #[must_use]
    pub fn line_of(&self, repository: &str) -> Option<&Line> {
        self.line_for(repository, None)
    }

    /// Returns the line of a tag in a repository: one that is only for such tags, else the repository's.
    #[must_use]
    pub fn line_for(&self, repository: &str, tag: Option<&str>) -> Option<&Line> {
        let here = || {
            let lines = self.lines.iter();
            lines.filter(|line| any_glob(&line.repositories, repository))
        };
        let narrow = tag.and_then(|tag| {
            let fits = |line: &&Line| line.tags.as_ref().is_some_and(|it| it.is_match(tag));
            here().find(fits)
        });
        narrow.or_else(|| here().find(|line| line.tags.is_none()))
    }

    /// Returns what a repository is to the publisher; `None` if it is not the publisher's.
    pub(crate) fn class_of(&self, repository: &str) -> Option<RepositoryClass> {
        let lists = &self.repositories;
        if self.line_of(repository).is_some() {
            Some(RepositoryClass::Official)
        } else if any_glob(&lists.staging, repository) {
            Some(RepositoryClass::Staging)
        } else if any_glob(&lists.pull_request, repository) {
            Some(RepositoryClass::PullRequest)
        } else if any_glob(&lists.ci, repository) {
            Some(RepositoryClass::Ci)
        } else if any_glob(&lists.elsewhere, repository) {
            Some(RepositoryClass::Elsewhere)
        } else {
            None
        }
    }

    /// Returns the stamps with the variable that a build argument fills.
    pub(crate) fn filled_by<'c>(&'c self, argument: &'c str) -> impl Iterator<Item = &'c Stamp> {
        let section = self.build_args.as_ref();
        let prefix = section.map_or("", |section| section.argument_prefix.as_str());
        let variable = argument.strip_prefix(prefix).unwrap_or(argument);
        let stamps = self.stamps.iter();
        stamps.filter(move |stamp| stamp.environment.iter().any(|known| known == variable))
    }

    /// Returns the rule of a reference's tag in one of the publisher's official repositories.
    pub(crate) fn official_rule(&self, reference: &Reference) -> Option<&TagRule> {
        let name = reference.name();
        self.line_of(&name)?;
        self.tag_rule(&name, reference.tag.as_deref().unwrap_or_default())
    }

    /// Returns the line of a reference for people, also through one of the publisher's own mirrors.
    #[must_use]
    pub fn product_line(&self, repository: &str, tag: Option<&str>) -> Option<&Line> {
        self.line_for(repository, tag).or_else(|| {
            let canonical = self.unmirrored(repository)?;
            self.line_for(&canonical, tag)
        })
    }

    /// Returns the official repository of one of the publisher's mirrors.
    #[must_use]
    pub fn unmirrored(&self, repository: &str) -> Option<String> {
        let mut mirrors = self.mirrors.iter();
        let mirror = mirrors.find(|mirror| mirror.pattern.is_match(repository))?;
        let groups = mirror.pattern.captures(repository);
        let canonical = groups
            .iter()
            .fold(mirror.canonical.clone(), |name, (group, text)| {
                name.replace(&format!("{{{group}}}"), text)
            });
        (!canonical.contains('{')).then_some(canonical)
    }

    /// Returns the tag's rule in a repository.
    #[must_use]
    pub fn tag_rule(&self, repository: &str, tag: &str) -> Option<&TagRule> {
        self.tags.iter().find(|rule| {
            (rule.repositories.is_empty() || any_glob(&rule.repositories, repository))
                && rule.pattern.is_match(tag)
        })
    }

    /// Returns the meaning of a tag by the first rule that matches in any repository: a stamp may name
    /// a repository that never had the image.
    #[must_use]
    pub fn tag_kind(&self, tag: &str) -> Option<Kind> {
        let rule = self.tags.iter().find(|rule| rule.pattern.is_match(tag));
        rule.map(|rule| rule.kind)
    }

    /// Returns true if the published tag differs from the stamped one only in the date, by one day.
    /// The build and the publishing job each write their own date, and midnight may be between them.
    #[must_use]
    pub fn is_next_day(&self, repository: &str, stamped: &str, published: &str) -> bool {
        let date = |tag| self.tag_rule(repository, tag)?.pattern.capture(tag, "date");
        let (Some(before), Some(after)) = (date(stamped), date(published)) else {
            return false;
        };
        let next = Date::strptime("%Y%m%d", before)
            .and_then(Date::tomorrow)
            .is_ok_and(|next| next.strftime("%Y%m%d").to_string() == after);
        next && stamped.replacen(before, after, 1) == published
    }

    /// Returns the flags from the name of a repository, by the first rule that matches. A flag that
    /// cannot be filled is left out.
    #[must_use]
    pub fn name_flags(&self, repository: &str) -> Vec<(&str, String)> {
        let mut rules = self.name_rules.iter();
        let rule = rules.find(|rule| rule.pattern.is_match(repository));
        rule.map_or_else(Vec::new, |rule| rule.flags_of(repository))
    }
}
