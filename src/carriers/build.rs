//! What a build tool wrote about one build, whichever format it wrote it in.

use super::Pair;
use super::url::without_credentials;

/// More entries than any build has; a record with more is not taken in part.
pub(super) const MAX_ENTRIES: usize = 1024;

/// One build, as BuildKit's build sources or SLSA provenance describe it. Credentials
/// are removed from every URL. The sources name the format and the place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// Commits of the build's context, the best first: 40 hex digits, with `-dirty` where
    /// the tree had changes.
    pub commits: Vec<Pair>,
    /// Repositories of the context, in the order of the commits.
    pub repositories: Vec<Pair>,
    /// The git ref that was asked for: `refs/tags/v1.4.2`.
    pub reference: Option<Pair>,
    /// Pages that may be the run's: who built it, and the invocation.
    pub runs: Vec<Pair>,
    /// Build arguments; the keys are `build-arg:VERSION`.
    pub arguments: Vec<Pair>,
    /// Images that went into it: `debian:12-slim@sha256:<64hex>`.
    pub images: Vec<Pair>,
    /// What else went into it, and what it was then: `https://github.com/a/b.git#main <40hex>`,
    /// `https://example.com/f sha256:<64hex>`.
    pub sources: Vec<Pair>,
    /// When it was finished.
    pub finished: Option<Pair>,
    /// True if a child image has its base's record too, as in a label.
    pub inheritable: bool,
}

/// Why a record of a build cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Neither the object nor the base64 of one.
    #[error("it is neither JSON nor the base64 of JSON")]
    NoJson,
    /// JSON that cannot be read.
    #[error("{0}")]
    Json(#[from] crate::image::json::JsonError),
    /// Over the limit.
    #[error("it has more than {MAX_ENTRIES} {0}")]
    TooMany(&'static str),
}

/// A git URL as BuildKit takes it, without credentials, and the ref in it.
///
/// Takes `https://host/a/b.git#ref:directory`, `…?ref=…`, `git+https://host/a/b@ref` and
/// `git@host:a/b.git#ref` (docs.docker.com/build/concepts/context).
pub(super) fn split_git(uri: &str) -> (String, Option<String>) {
    let uri = uri.trim();
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let (front, fragment) = match uri.split_once('#') {
        Some((front, fragment)) => (front, Some(fragment)),
        None => (uri, None),
    };
    let (front, query) = match front.split_once('?') {
        Some((front, query)) => (front, Some(query)),
        None => (front, None),
    };
    let asked = query.into_iter().flat_map(|query| query.split('&'));
    let asked = asked.filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        matches!(name, "ref" | "branch" | "tag").then_some(value)
    });
    // in-toto writes the ref after an at sign that follows the path.
    let (front, at) = match front.rsplit_once('@') {
        Some((front, reference)) if is_path(front) => (front, Some(reference)),
        _ => (front, None),
    };
    let reference = fragment
        .map(|fragment| fragment.split(':').next().unwrap_or_default())
        .into_iter()
        .chain(asked)
        .chain(at)
        .find(|reference| is_reference(reference));
    (without_credentials(front), reference.map(str::to_owned))
}

/// Returns true if a path follows the host; the rest then has no other host.
fn is_path(front: &str) -> bool {
    front
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains('/'))
}

/// Returns true for what git takes as a ref's name, and nothing that only looks like one.
fn is_reference(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte))
}

/// Returns true for what can only be a git URL.
pub(super) fn is_git(uri: &str) -> bool {
    let path = uri.split(['#', '?']).next().unwrap_or_default();
    uri.starts_with("git+")
        || uri.starts_with("git@")
        || uri.starts_with("git://")
        || uri.starts_with("ssh://")
        || path.ends_with(".git")
}

/// An image reference with the digest that it was resolved to, where it has none of its own.
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

/// Anything else that was fetched: its URL, and what it was then.
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

/// Returns true for the image of a frontend or scanner: it reads the Dockerfile or the result,
/// and nothing of it is in the image.
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
