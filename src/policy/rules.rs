//! The rules that a policy has, as its file writes them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::attestation::AttestationRule;
use crate::finding::Severity;
use crate::image::oci::hex;
use crate::provenance::Kind;

/// A policy: rules, each with a severity. A section that is left out is no rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Version of the policy format: 1.
    pub schema: u32,
    /// Short and stable; shown with what it finds.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// True where what could not be told is a mismatch, as under `verify --strict`: a finding that says so
    /// is an error, unless its rule has `unknown = "ignore"`.
    #[serde(default)]
    pub strict: bool,
    /// The file is whole and could be read in full.
    pub whole: Option<Flag>,
    /// The kind that the image declares.
    pub kinds: Option<KindRule>,
    /// A known publisher's contract is met in full.
    pub official: Option<Flag>,
    /// Whose image it is.
    pub publishers: Option<ListRule>,
    /// The importer's own line says that it is from the publisher, or from a mirror that is named.
    pub import: Option<Flag>,
    /// Hosts that it was imported from.
    pub registries: Option<ListRule>,
    /// Repositories that it was imported from.
    pub repositories: Option<ListRule>,
    /// How old it may be.
    pub age: Option<AgeRule>,
    /// Labels that it must have.
    pub labels: Option<RequiredRule>,
    /// Fields of the document that must be known.
    pub fields: Option<RequiredRule>,
    /// Conflicts that it must not have.
    pub conflicts: Option<ConflictRule>,
    /// The content was not changed after the import.
    pub unmodified: Option<Flag>,
    /// The tag that it was imported under is not one that moves.
    pub fixed_tag: Option<Flag>,
    /// The commit names everything that was built.
    pub clean_tree: Option<Flag>,
    /// Who must have signed a statement about it.
    pub attestation: Option<AttestationRule>,
    /// Versions of packages.
    pub frameworks: Option<FrameworkRule>,
}

impl Policy {
    /// The names of publishers that it has.
    pub fn publishers(&self) -> impl Iterator<Item = &str> {
        let lists = self.publishers.iter();
        let names = lists.flat_map(|list| list.allow.iter().chain(&list.forbid));
        names.map(String::as_str)
    }

    /// True where it asks who signed a statement, so that an image must be hashed.
    #[must_use]
    pub fn asks_for_statements(&self) -> bool {
        let rule = self.attestation.as_ref();
        rule.is_some_and(|rule| rule.require)
    }

    /// Returns 16 hex digits that are others for other rules and, where a rule counts days, at another time.
    #[must_use]
    pub fn digest(&self, now: Timestamp) -> String {
        let counts_days = self.age.is_some()
            || (self.attestation.as_ref()).is_some_and(|rule| rule.max_days.is_some());
        let now = counts_days.then(|| now.as_second());
        let hash = Sha256::digest(format!("{self:?} {now:?}"));
        hex(hash.get(..8).unwrap_or_default())
    }

    /// True where it has a rule that some image could break, or is strict: else every image passes, which
    /// nobody writes a policy for.
    pub(super) fn asks_anything(&self) -> bool {
        let flags = [
            &self.whole,
            &self.official,
            &self.import,
            &self.unmodified,
            &self.fixed_tag,
            &self.clean_tree,
        ];
        let mut lists = [&self.publishers, &self.registries, &self.repositories]
            .into_iter()
            .flatten();
        let mut required = [&self.labels, &self.fields].into_iter().flatten();
        let kinds = self.kinds.as_ref();
        let frameworks = self.frameworks.as_ref();
        self.strict
            || flags.into_iter().flatten().any(|rule| rule.require)
            || kinds.is_some_and(|rule| !rule.require.is_empty() || !rule.forbid.is_empty())
            || lists.any(|rule| !rule.allow.is_empty() || !rule.forbid.is_empty())
            || self.age.is_some()
            || required.any(|rule| !rule.require.is_empty())
            || (self.conflicts.as_ref()).is_some_and(|rule| !rule.forbid.is_empty())
            || self.asks_for_statements()
            || frameworks.is_some_and(|rule| !rule.versions.is_empty() || !rule.require.is_empty())
    }
}

/// A rule that holds or does not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flag {
    /// False switches the rule off.
    #[serde(default = "yes")]
    pub require: bool,
    /// How bad it is when it does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// How bad it is when the image does not say; by default as `severity`.
    pub unknown: Option<Unknown>,
}

/// How bad it is that the image does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It is no finding.
    Ignore,
    /// Good to know.
    Info,
    /// Needs a look.
    Warning,
    /// Must not be.
    Error,
}

/// Kinds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KindRule {
    /// It must be one of these; empty takes any.
    #[serde(default)]
    pub require: Vec<Kind>,
    /// It must be none of these.
    #[serde(default)]
    pub forbid: Vec<Kind>,
    /// How bad it is when it does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// How bad it is when the kind is `unknown`; by default as `severity`.
    pub unknown: Option<Unknown>,
}

/// Names that are allowed or forbidden; `*` takes any characters but `/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ListRule {
    /// It must be one of these; empty takes any.
    #[serde(default)]
    pub allow: Vec<String>,
    /// It must be none of these.
    #[serde(default)]
    pub forbid: Vec<String>,
    /// How bad it is when it does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// How bad it is when the image does not say; by default as `severity`.
    pub unknown: Option<Unknown>,
}

/// Age.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgeRule {
    /// More days are too old.
    pub max_days: u32,
    /// Since when it counts.
    #[serde(default)]
    pub since: Since,
    /// How bad it is when it is older.
    #[serde(default)]
    pub severity: Severity,
    /// How bad it is when the image does not say; by default as `severity`.
    pub unknown: Option<Unknown>,
}

/// Since when an age counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// Since it was built.
    #[default]
    Created,
    /// Since it was imported or packed.
    Packed,
}

/// What must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequiredRule {
    /// Every one of these.
    pub require: Vec<String>,
    /// How bad it is when one is missing.
    #[serde(default)]
    pub severity: Severity,
}

/// Conflicts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConflictRule {
    /// Codes that must not be there; `*` takes any characters.
    pub forbid: Vec<String>,
    /// Codes that may be there nevertheless.
    #[serde(default)]
    pub allow: Vec<String>,
    /// How bad it is when there is one.
    #[serde(default)]
    pub severity: Severity,
}

/// Versions of packages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrameworkRule {
    /// Package → range of PEP 440; a package that is not installed is no finding.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// Packages that must be installed.
    #[serde(default)]
    pub require: Vec<String>,
    /// How bad it is when it does not hold.
    #[serde(default)]
    pub severity: Severity,
}

fn yes() -> bool {
    true
}

impl Unknown {
    /// The severity of a finding; `None` where there is none.
    pub(super) fn severity(choice: Option<Self>, otherwise: Severity) -> Option<Severity> {
        match choice {
            None => Some(otherwise),
            Some(Self::Ignore) => None,
            Some(Self::Info) => Some(Severity::Info),
            Some(Self::Warning) => Some(Severity::Warning),
            Some(Self::Error) => Some(Severity::Error),
        }
    }
}
