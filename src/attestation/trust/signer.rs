//! A trusted signer.

use std::sync::Arc;

use crate::attestation::verify::{PublicKey, Root, SshKey};
use crate::attribution::repository_url;
use crate::contracts::glob_matches;

/// A trusted signer, and what they may state.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The name that the site gives them.
    pub name: String,
    /// How a signature of theirs is recognised.
    pub known: Known,
    /// What they may state.
    pub speaks: Speaks,
    /// The start of validity, in seconds since 1970.
    pub from: Option<i64>,
    /// The end of validity.
    pub until: Option<i64>,
}

/// How a signature of a signer is recognised.
#[derive(Clone, Debug)]
pub enum Known {
    /// By a key.
    Key(Box<PublicKey>),
    /// By an SSH key, for these namespaces.
    Ssh(Box<SshKey>, Vec<String>),
    /// By the content of a certificate.
    Identity(Box<Identity>),
}

/// The required content of a certificate.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The issuer of the identity.
    pub issuer: String,
    /// The subject, with `*` for anything but a slash.
    pub subject: String,
    /// The repository whose workflow signs.
    pub repository: Option<String>,
    /// The workflow file, with `*` for anything but a slash.
    pub workflow: Option<String>,
    /// The trusted certificate authorities.
    pub root: Arc<Root>,
    /// The day of the file with the trusted root.
    pub root_day: String,
}

/// What a signer may state. An empty list of predicates or repositories means any. An empty list of
/// publishers means none: a signature alone makes no image official.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speaks {
    /// Ids of contracts, or `*`.
    pub publishers: Vec<String>,
    /// Source repositories, with `*` for anything but a slash.
    pub repositories: Vec<String>,
    /// Predicate types.
    pub predicates: Vec<String>,
}

impl Speaks {
    /// Returns true if an image of this publisher may be called official.
    #[must_use]
    pub fn for_publisher(&self, publisher: &str) -> bool {
        let mut publishers = self.publishers.iter();
        publishers.any(|known| known == "*" || known == publisher)
    }

    /// Returns true for a predicate type; a signature over a file has none.
    #[must_use]
    pub fn allows(&self, predicate: Option<&str>) -> bool {
        let known = &self.predicates;
        known.is_empty() || predicate.is_some_and(|it| known.iter().any(|known| known == it))
    }

    /// Returns true for a source repository.
    #[must_use]
    pub fn of_repository(&self, repository: &str) -> bool {
        let known = &self.repositories;
        let url = |text: &str| repository_url(text).unwrap_or_else(|| text.to_owned());
        let repository = url(repository);
        let takes = |known: &String| same_repository(&url(known), &repository);
        known.is_empty() || known.iter().any(takes)
    }
}

/// Returns true if a pattern matches a repository, in any spelling of its URL.
pub(in crate::attestation) fn same_repository(pattern: &str, repository: &str) -> bool {
    glob_matches(&plain(pattern), &plain(repository))
}

fn plain(url: &str) -> String {
    let url = url.strip_prefix("git+").unwrap_or(url);
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url).to_ascii_lowercase()
}
