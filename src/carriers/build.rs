//! The record of one build, in any format.

use super::pair::{Pair, Place};
use super::url::without_credentials;

/// The most entries of a record. A record with more is not read at all.
pub(super) const MAX_ENTRIES: usize = 1024;

/// One build, as BuildKit's build sources or SLSA provenance describe it. URLs have no credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The commits of the context, the best first: 40 hex digits, with `-dirty` if the tree had changes.
    pub commits: Vec<Pair>,
    /// The repositories of the context, in the order of the commits.
    pub repositories: Vec<Pair>,
    /// The requested Git ref: `refs/tags/v1.4.2`.
    pub reference: Option<Pair>,
    /// Pages that may be the run's: the builder's, and the invocation's.
    pub runs: Vec<Pair>,
    /// Build arguments; the keys are `build-arg:VERSION`.
    pub arguments: Vec<Pair>,
    /// Images that went into the build: `debian:12-slim@sha256:<64hex>`.
    pub images: Vec<Pair>,
    /// Other sources of the build, with their commit or digest: `https://github.com/a/b.git#main <40hex>`,
    /// `https://example.com/f sha256:<64hex>`.
    pub sources: Vec<Pair>,
    /// The end of the build.
    pub finished: Option<Pair>,
    /// True if child images inherit the record, as they do with a label.
    pub inheritable: bool,
}

impl Build {
    /// Adds an attribute of the frontend, if it is a build argument, or describes the client's checkout.
    /// `above` is the place of the attributes.
    pub(super) fn attribute(&mut self, name: &str, value: &str, place: Place<'_>, above: &str) {
        let at = || format!("{above}.{name}");
        match name {
            "vcs:revision" => self.commits.push(place.pair("", &at(), value)),
            "vcs:source" => {
                let url = without_credentials(value);
                self.repositories.push(place.pair("", &at(), &url));
            }
            _ if name.starts_with("build-arg:") => {
                self.arguments.push(place.named(name, &at(), value));
            }
            _ => {}
        }
    }
}

/// The reason why a record of a build cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It is neither an object nor the base64 of one.
    #[error("it is neither JSON nor the base64 of JSON")]
    NoJson,
    /// Its JSON cannot be read.
    #[error("{0}")]
    Json(#[from] crate::image::json::JsonError),
    /// It has too many entries.
    #[error("it has more than {MAX_ENTRIES} {0}")]
    TooMany(&'static str),
}

/// Splits a Git URL in BuildKit's form into the URL, without credentials, and the ref.
///
/// Accepts `https://host/a/b.git#ref:directory`, `…?ref=…`, `git+https://host/a/b@ref` and
/// `git@host:a/b.git#ref` (docs.docker.com/build/concepts/context).
pub(super) fn split_git(uri: &str) -> (String, Option<String>) {
    let uri = uri.trim();
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let (front, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let (front, query) = front.split_once('?').unwrap_or((front, ""));
    let asked = query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        matches!(name, "ref" | "branch" | "tag").then_some(value)
    });
    // in-toto writes the ref after an at sign that follows the path.
    let (front, at) = match front.rsplit_once('@') {
        Some((front, reference)) if is_path(front) => (front, reference),
        _ => (front, ""),
    };
    let mut references = fragment.split(':').take(1).chain(asked).chain([at]);
    let reference = references.find(|reference| is_reference(reference));
    (without_credentials(front), reference.map(str::to_owned))
}

/// Returns true if a path follows the host. An at sign after it does not separate a user from a host.
fn is_path(front: &str) -> bool {
    front
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains('/'))
}

/// Returns true for a plain name of a ref.
fn is_reference(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// Returns true for a URL that only Git uses.
pub(super) fn is_git(uri: &str) -> bool {
    let path = uri.split(['#', '?']).next().unwrap_or_default();
    let starts = ["git+", "git@", "git://", "ssh://"];
    starts.iter().any(|start| uri.starts_with(start)) || path.ends_with(".git")
}

/// Adds the digest that a build resolved an image to, unless the reference has a digest.
pub(super) fn pinned(reference: &str, pin: Option<&str>) -> String {
    match pin {
        Some(pin) if !reference.contains('@') && is_digest(pin) => format!("{reference}@{pin}"),
        _ => reference.to_owned(),
    }
}

fn is_digest(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(algorithm, hex)| !algorithm.is_empty() && is_hex(hex))
}

/// Returns true for 40 or 64 hex digits.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the URL of another source, without credentials, and its commit or digest.
pub(super) fn fetched(uri: &str, pin: Option<&str>) -> String {
    let plain = if is_git(uri) || pin.is_some_and(is_commit) {
        match split_git(uri) {
            (url, Some(reference)) => format!("{url}#{reference}"),
            (url, None) => url,
        }
    } else {
        without_credentials(uri)
    };
    match pin.filter(|pin| is_digest(pin) || is_commit(pin)) {
        Some(pin) => format!("{plain} {pin}"),
        None => plain,
    }
}

/// Returns true for a frontend or scanner: it reads the Dockerfile or the result, and the image has none of
/// its files.
pub(super) fn is_tool(reference: &str) -> bool {
    const TOOLS: [&str; 3] = [
        "docker/dockerfile",
        "docker/dockerfile-upstream",
        "docker/buildkit-syft-scanner",
    ];
    let bare = reference.split('@').next().unwrap_or_default();
    let bare = bare.strip_prefix("docker.io/").unwrap_or(bare);
    let name = match bare.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => bare,
    };
    TOOLS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_url_is_a_repository_and_a_ref() {
        for (uri, url, reference) in [
            (
                "https://github.com/acme/server.git#refs/tags/v1.4.2",
                "https://github.com/acme/server.git",
                Some("refs/tags/v1.4.2"),
            ),
            (
                "https://user:token@github.com/acme/server.git#main:sub/dir",
                "https://github.com/acme/server.git",
                Some("main"),
            ),
            (
                "git+https://github.com/acme/server@refs/heads/main",
                "https://github.com/acme/server",
                Some("refs/heads/main"),
            ),
            (
                "https://x:ghp_1@github.com/acme/server",
                "https://github.com/acme/server",
                None,
            ),
            (
                "git@github.com:acme/server.git#v1",
                "git@github.com:acme/server.git",
                Some("v1"),
            ),
            (
                "https://github.com/acme/server.git?ref=v2&access_token=x",
                "https://github.com/acme/server.git",
                Some("v2"),
            ),
            (
                "https://github.com/acme/server.git#a\u{1b}[31m",
                "https://github.com/acme/server.git",
                None,
            ),
        ] {
            assert_eq!(
                split_git(uri),
                (url.to_owned(), reference.map(str::to_owned)),
                "{uri}"
            );
        }
    }

    #[test]
    fn what_was_fetched_has_no_credentials_and_its_pin() {
        for (uri, pin, expected) in [
            (
                "https://example.com/model.tar.gz?sig=secret",
                Some("sha256:ab12"),
                "https://example.com/model.tar.gz?sig= sha256:ab12",
            ),
            (
                "https://u:p@github.com/a/b.git#main",
                Some("235b94ea8026d9f1312e66b317b66fca327843d0"),
                "https://github.com/a/b.git#main 235b94ea8026d9f1312e66b317b66fca327843d0",
            ),
            (
                "https://example.com/x",
                Some("latest"),
                "https://example.com/x",
            ),
        ] {
            assert_eq!(fetched(uri, pin), expected, "{uri}");
        }
    }

    #[test]
    fn frontends_and_scanners_are_no_bases() {
        for (reference, expected) in [
            ("docker/dockerfile:1", true),
            ("docker.io/docker/dockerfile:1.7@sha256:ab", true),
            ("docker/buildkit-syft-scanner:stable-1", true),
            ("docker.io/docker/buildx-bin:0.6.1", false),
            ("registry.example:5000/docker/dockerfile:1", false),
            ("debian", false),
        ] {
            assert_eq!(is_tool(reference), expected, "{reference}");
        }
    }
}
