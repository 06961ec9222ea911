//! Somebody who is trusted.

use std::sync::Arc;

use crate::attestation::verify::{PublicKey, Root, SshKey};
use crate::attribution::repository_url;
use crate::contracts::glob_matches;

/// Somebody who is trusted, and for what.
#[derive(Clone, Debug)]
pub struct Signer {
    /// What the site calls them.
    pub name: String,
    /// How they are known.
    pub known: Known,
    /// What they may state.
    pub speaks: Speaks,
    /// From when on, in seconds since 1970.
    pub from: Option<i64>,
    /// Until when.
    pub until: Option<i64>,
}

/// How a signer is known.
#[derive(Clone, Debug)]
pub enum Known {
    /// By a key.
    Key(Box<PublicKey>),
    /// By an SSH key, for these namespaces.
    Ssh(Box<SshKey>, Vec<String>),
    /// By what a certificate says.
    Identity(Box<Identity>),
}

/// What a certificate must say.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who vouches for the subject.
    pub issuer: String,
    /// The subject, with `*` for anything but a slash.
    pub subject: String,
    /// The repository whose workflow signs.
    pub repository: Option<String>,
    /// The file that says how to build, with `*` for anything but a slash.
    pub workflow: Option<String>,
    /// Who may give certificates.
    pub root: Arc<Root>,
    /// The day of the file that says so.
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

/// Returns true if a pattern takes a repository, however its URL is spelled.
pub(in crate::attestation) fn same_repository(pattern: &str, repository: &str) -> bool {
    glob_matches(&plain(pattern), &plain(repository))
}

fn plain(url: &str) -> String {
    let url = url.strip_prefix("git+").unwrap_or(url);
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url).to_ascii_lowercase()
}
