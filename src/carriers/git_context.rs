//! Parses Git repositories that are the context of a build: `URL#REF:DIRECTORY`, or with a query.
//!
//! github.com/moby/buildkit, frontend/dockerfile/dfgitutil, and
//! docs.docker.com/build/concepts/context: `https://host/a/b.git#main:sub/dir`,
//! `…b.git?ref=…&subdir=…` (also `tag`, `branch`, `commit`, `checksum`, `keep-git-dir`),
//! `git@host:a/b.git#…`, `ssh://`, `git://`, and `github.com/a/b` for contexts.

use super::build::is_commit;
use super::url::without_credentials;

/// A Git repository, and the part of it that a build takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitContext {
    /// The repository, without credentials.
    pub url: String,
    /// A branch, a tag, a ref or a commit, as written.
    pub reference: Option<String>,
    /// The commit that the reference must have.
    pub checksum: Option<String>,
    /// The directory in the repository.
    pub directory: Option<String>,
    /// True if the context says that `.git` is kept.
    pub keeps_git: bool,
}

/// The meaning of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitRef {
    /// A commit, with all its digits.
    Commit(String),
    /// A tag, without `refs/tags/`: it has this prefix, or is a version.
    Tag(String),
    /// A branch, or a name that may be one.
    Branch(String),
    /// A pull or merge request.
    PullRequest(String),
    /// The default branch.
    Default,
}

impl GitContext {
    /// Parses a context; `None` for a directory, an archive or anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (front, fragment) = split(text, '#');
        let (front, query) = split(front, '?');
        let web = front.starts_with("https://") || front.starts_with("http://");
        let git = (web && front.ends_with(".git"))
            || front.starts_with("git://")
            || front.starts_with("ssh://")
            || front.starts_with("github.com/")
            || is_short(front);
        if !git || front.contains(char::is_whitespace) {
            return None;
        }
        let mut found = Self {
            url: without_credentials(front),
            ..Self::default()
        };
        let (reference, directory) = split(fragment, ':');
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        found.reference = some(reference);
        found.directory = some(directory);
        for pair in query.split('&') {
            let (name, value) = split(pair, '=');
            match name {
                "ref" => found.reference = some(value),
                "tag" => found.reference = some(&prefixed("refs/tags/", value)),
                "branch" => found.reference = some(&prefixed("refs/heads/", value)),
                "commit" | "checksum" => found.checksum = some(value),
                "subdir" => found.directory = some(value),
                "keep-git-dir" => found.keeps_git = !matches!(value, "0" | "false"),
                _ => {}
            }
        }
        Some(found)
    }

    /// Returns the meaning of the reference.
    #[must_use]
    pub fn meaning(&self) -> GitRef {
        let all_digits = |text: &&String| is_commit(text);
        let commit = self.reference.as_ref().filter(all_digits);
        if let Some(commit) = commit.or(self.checksum.as_ref().filter(all_digits)) {
            return GitRef::Commit(commit.to_ascii_lowercase());
        }
        let Some(name) = self.reference.as_deref() else {
            return GitRef::Default;
        };
        if let Some(number) = request(name) {
            return GitRef::PullRequest(number.to_owned());
        }
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            return GitRef::Tag(tag.to_owned());
        }
        match name.strip_prefix("refs/heads/") {
            Some(branch) => GitRef::Branch(branch.to_owned()),
            None if is_version(name) => GitRef::Tag(name.to_owned()),
            None => GitRef::Branch(name.to_owned()),
        }
    }

    /// Returns the context with another reference, in the form that every version of Docker reads.
    #[must_use]
    pub fn at(&self, reference: &str) -> String {
        match &self.directory {
            Some(directory) => format!("{}#{reference}:{directory}", self.url),
            None => format!("{}#{reference}", self.url),
        }
    }

    /// Returns the context as written, without credentials.
    #[must_use]
    pub fn shown(&self) -> String {
        match (&self.reference, &self.directory) {
            (Some(reference), _) => self.at(reference),
            (None, Some(_)) => self.at(""),
            (None, None) => self.url.clone(),
        }
    }
}

fn split(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

fn prefixed(prefix: &str, name: &str) -> String {
    match name.starts_with(prefix) || name.is_empty() {
        true => name.to_owned(),
        false => format!("{prefix}{name}"),
    }
}

/// Returns true for `git@host:path`, the form of git and ssh.
fn is_short(text: &str) -> bool {
    let (user, rest) = split(text, '@');
    let (host, path) = split(rest, ':');
    let plain = |part: &str| !part.is_empty() && !part.contains(['/', '$', '{']);
    plain(user) && plain(host) && !path.is_empty()
}

/// Returns the number of `refs/pull/N/merge`, `pull/N/head` or `refs/merge-requests/N/head`.
fn request(name: &str) -> Option<&str> {
    let name = name.strip_prefix("refs/").unwrap_or(name);
    let rest = (name.strip_prefix("pull/")).or_else(|| name.strip_prefix("merge-requests/"))?;
    let (number, end) = split(rest, '/');
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && matches!(end, "merge" | "head")).then_some(number)
}

/// Returns true for `v1.4.2`, `1.4`, `v1.4.2-rc.1`: names of tags, not of branches.
fn is_version(name: &str) -> bool {
    let (first, rest) = split(name.strip_prefix('v').unwrap_or(name), '.');
    let is_digit = |c: char| c.is_ascii_digit();
    !first.is_empty() && first.chars().all(is_digit) && rest.starts_with(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

    /// Context, repository, what is taken of it, directory.
    const TABLE: &str = "
https://github.com/a/b.git#COMMIT | https://github.com/a/b.git | Commit(\"COMMIT\") |
https://github.com/a/b.git?ref=main&checksum=COMMIT | https://github.com/a/b.git | Commit(\"COMMIT\") |
https://github.com/a/b.git | https://github.com/a/b.git | Default |
https://u:t@github.com/a/b.git#main:c/d | https://github.com/a/b.git | Branch(\"main\") | c/d
https://github.com/a/b.git#:c | https://github.com/a/b.git | Default | c
https://github.com/a/b.git#refs/pull/42/merge | https://github.com/a/b.git | PullRequest(\"42\") |
git@gitlab.com:a/b.git#refs/merge-requests/7/head | git@gitlab.com:a/b.git | PullRequest(\"7\") |
https://github.com/a/b.git#refs/tags/v1.4.2 | https://github.com/a/b.git | Tag(\"v1.4.2\") |
https://github.com/a/b.git?tag=nightly | https://github.com/a/b.git | Tag(\"nightly\") |
https://github.com/a/b.git?branch=dev&subdir=x | https://github.com/a/b.git | Branch(\"dev\") | x
https://github.com/a/b.git#v1.4.2-rc.1 | https://github.com/a/b.git | Tag(\"v1.4.2-rc.1\") |
https://github.com/a/b.git#9a43e5c | https://github.com/a/b.git | Branch(\"9a43e5c\") |
github.com/a/b#main | github.com/a/b | Branch(\"main\") |
ssh://git@host/a/b#main | ssh://git@host/a/b | Branch(\"main\") |
";

    #[test]
    fn contexts_of_every_form() {
        let table = TABLE.replace("COMMIT", COMMIT);
        for line in table.trim().split('\n') {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let found = GitContext::parse(columns[0]).unwrap();
            assert_eq!(found.url, columns[1], "{line}");
            assert_eq!(format!("{:?}", found.meaning()), columns[2], "{line}");
            assert_eq!(found.directory.unwrap_or_default(), columns[3], "{line}");
        }
        let kept = GitContext::parse("https://h/a.git?keep-git-dir=1#main").unwrap();
        assert!(kept.keeps_git);
        assert_eq!(kept.at("x"), "https://h/a.git#x");
    }

    #[test]
    fn other_contexts_are_no_repositories() {
        for text in [
            ".",
            "./a.git",
            "../b",
            "https://example.com/x.tar.gz",
            "docker-image://alpine",
            "/srv/a.git",
            "a@b/c:d",
            "",
            "target:base",
            "https://github.com/a/b",
        ] {
            assert_eq!(GitContext::parse(text), None, "{text}");
        }
    }
}
