//! The rules of a policy, as in its file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::attestation::{AttestationRule, yes};
use crate::finding::Severity;
use crate::image::oci::hex;
use crate::provenance::Kind;
use crate::settings::at_line;

/// A policy: rules with severities. A section that is left out is not checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Version of the policy format: 1.
    pub schema: u32,
    /// Short and stable; shown with what it finds.
    pub name: String,
    /// A description for people.
    #[serde(default)]
    pub description: String,
    /// If true, "could not tell" is a mismatch, as with `verify --strict`: such a finding is an
    /// error, unless its rule has `unknown = "ignore"`.
    #[serde(default)]
    pub strict: bool,
    /// The file is whole and could be read in full.
    pub whole: Option<Flag>,
    /// The kind that the image declares.
    pub kinds: Option<KindRule>,
    /// A known publisher's contract is met in full.
    pub official: Option<Flag>,
    /// The publisher of the image.
    pub publishers: Option<ListRule>,
    /// The importer's own line names the publisher, or a mirror that the user names. A line that may be a
    /// label is at most a warning, unless the check is strict.
    pub import: Option<Flag>,
    /// The hosts from which the image may be imported.
    pub registries: Option<ListRule>,
    /// The repositories from which the image may be imported.
    pub repositories: Option<ListRule>,
    /// The greatest age of the image.
    pub age: Option<AgeRule>,
    /// The labels that the image must have.
    pub labels: Option<RequiredRule>,
    /// Fields of the document that must be known.
    pub fields: Option<RequiredRule>,
    /// The conflicts that the image must not have.
    pub conflicts: Option<ConflictRule>,
    /// The content was not changed after the import.
    pub unmodified: Option<Flag>,
    /// The image was imported under a tag that does not move.
    pub fixed_tag: Option<Flag>,
    /// The image was built without uncommitted changes.
    pub clean_tree: Option<Flag>,
    /// The signers of a statement about the image.
    pub attestation: Option<AttestationRule>,
    /// The versions of packages.
    pub frameworks: Option<FrameworkRule>,
    /// The text of its file.
    #[serde(skip)]
    pub source: SourceText,
}

/// The text of a policy's file, for the lines in messages. Two policies with the same rules are one, so it is not
/// part of what is printed and hashed.
#[derive(Clone, Default)]
pub struct SourceText(pub(super) String);

impl std::fmt::Debug for SourceText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text")
    }
}

impl Policy {
    /// Returns the names of the publishers in its rules.
    pub fn publishers(&self) -> impl Iterator<Item = &str> {
        let lists = self.publishers.iter();
        let names = lists.flat_map(|list| list.allow.iter().chain(&list.forbid));
        names.map(String::as_str)
    }

    /// Returns a message about a publisher in its rules, with the line.
    #[must_use]
    pub fn at_publisher(&self, name: &str, reason: &str) -> String {
        let reason = format!("publishers: {reason}");
        at_line(&self.source.0, "[publishers]", name, &reason)
    }

    /// Returns true if it requires a signed statement, for which the image must be hashed.
    #[must_use]
    pub fn asks_for_statements(&self) -> bool {
        let rule = self.attestation.as_ref();
        rule.is_some_and(|rule| rule.require)
    }

    /// Returns true if an image can break it by its packages.
    #[must_use]
    pub fn refuses_by_packages(&self) -> bool {
        let rule = self.frameworks.as_ref();
        rule.is_some_and(|rule| rule.asks_anything() && rule.severity == Severity::Error)
    }

    /// Returns 16 hex digits that change with the rules, and with `now` if a rule counts days.
    #[must_use]
    pub fn digest(&self, now: Timestamp) -> String {
        let counts_days = self.age.is_some()
            || (self.attestation.as_ref()).is_some_and(|rule| rule.max_days.is_some());
        let now = counts_days.then(|| now.as_second());
        let hash = Sha256::digest(format!("{self:?} {now:?}"));
        hex(hash.get(..8).unwrap_or_default())
    }

    /// Returns true if it is strict, or has a rule that an image can break. Any other policy passes
    /// every image, and is a mistake.
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
            || frameworks.is_some_and(FrameworkRule::asks_anything)
    }
}

/// A rule that holds or does not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flag {
    /// False switches the rule off.
    #[serde(default = "yes")]
    pub require: bool,
    /// The severity if the rule does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// The severity if the image does not say; by default `severity`.
    pub unknown: Option<Unknown>,
}

/// The severity if the image does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// No finding.
    Ignore,
    /// Information.
    Info,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// The kinds that are required or forbidden.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KindRule {
    /// The required kinds: one of them; empty for any.
    #[serde(default)]
    pub require: Vec<Kind>,
    /// The forbidden kinds.
    #[serde(default)]
    pub forbid: Vec<Kind>,
    /// The severity if the rule does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// The severity if the kind is `unknown`; by default `severity`.
    pub unknown: Option<Unknown>,
}

/// Names that are allowed or forbidden; `*` matches any characters except `/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ListRule {
    /// The allowed names: one of them; empty for any.
    #[serde(default)]
    pub allow: Vec<String>,
    /// The forbidden names.
    #[serde(default)]
    pub forbid: Vec<String>,
    /// The severity if the rule does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// The severity if the image does not say; by default `severity`.
    pub unknown: Option<Unknown>,
}

/// The greatest age.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgeRule {
    /// The greatest age, in days.
    pub max_days: u32,
    /// The time from which the age counts.
    #[serde(default)]
    pub since: Since,
    /// The severity if the image is older.
    #[serde(default)]
    pub severity: Severity,
    /// The severity if the image does not say; by default `severity`.
    pub unknown: Option<Unknown>,
}

/// The time from which an age counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// The time of the build.
    #[default]
    Created,
    /// The time of the import or of packing.
    Packed,
}

/// Names that must all be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequiredRule {
    /// The required names.
    pub require: Vec<String>,
    /// The severity if one is missing.
    #[serde(default)]
    pub severity: Severity,
}

/// The forbidden conflicts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConflictRule {
    /// The forbidden codes; `*` matches any characters.
    pub forbid: Vec<String>,
    /// Codes that are allowed although a pattern in `forbid` matches them.
    #[serde(default)]
    pub allow: Vec<String>,
    /// The severity if the image has one of them.
    #[serde(default)]
    pub severity: Severity,
}

/// The versions of packages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrameworkRule {
    /// Package → version range (PEP 440); not checked if the package is not installed.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// The packages that must be installed.
    #[serde(default)]
    pub require: Vec<String>,
    /// The severity if the rule does not hold.
    #[serde(default)]
    pub severity: Severity,
}

impl FrameworkRule {
    fn asks_anything(&self) -> bool {
        !self.versions.is_empty() || !self.require.is_empty()
    }
}

impl Unknown {
    /// Returns the severity of a finding; `None` for no finding.
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
