//! What a stamped text means: a value, or a placeholder; a commit, a repository, a version.

use crate::contracts::Field;

/// A commit as somebody wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitText {
    /// Lower-case hex, 7 to 64 digits.
    pub id: String,
    /// True for `…-dirty`.
    pub dirty: bool,
}

impl CommitText {
    /// Reads `98dff2a…`, `g98dff2a81`, `98dff2a…-dirty` and `https://host/p/-/commit/98dff2a…`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.rsplit_once("/commit/").map_or(text, |(_, id)| id);
        let (text, dirty) = match text.strip_suffix("-dirty") {
            Some(clean) => (clean, true),
            None => (text, false),
        };
        let text = text.strip_prefix('g').unwrap_or(text);
        let hex = (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        let zero = text.bytes().all(|b| b == b'0');
        (hex && !zero).then(|| Self {
            id: text.to_ascii_lowercase(),
            dirty,
        })
    }

    pub(crate) fn is_full(&self) -> bool {
        matches!(self.id.len(), 40 | 64)
    }
}

/// True when one commit is the other, or an abbreviation of it.
pub(crate) fn same_commit(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// True when the text stands for "nobody set this".
pub(crate) fn is_placeholder(field: Field, text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if lower.is_empty() || lower.starts_with('$') || lower.contains("${") {
        return true;
    }
    if matches!(
        lower.as_str(),
        "unknown" | "<unknown>" | "unknown-commit" | "none" | "n/a" | "null"
    ) {
        return true;
    }
    match field {
        Field::Commit => CommitText::parse(text).is_none(),
        Field::Created => ["1970-01-01", "0001-01-01", "1980-01-01"]
            .iter()
            .any(|epoch| lower.starts_with(epoch)),
        Field::Reference => {
            lower.starts_with("local/") || matches!(lower.as_str(), "dev" | "local" | "devel")
        }
        Field::PullRequest => matches!(lower.as_str(), "false" | "0"),
        Field::Ref | Field::Channel => false,
        _ => matches!(lower.as_str(), "dev" | "local" | "devel"),
    }
}

/// The canonical URL of a source repository: `https://github.com/acme/tool`.
///
/// Takes `git@github.com:acme/tool.git`, `ssh://git@host/a/b`, `git+https://…`,
/// `github.com/a/b`, `a/b` (GitHub) and pages below a repository.
pub(crate) fn repository_url(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("git+").unwrap_or(text);
    let text = text.split(['#', '?']).next().unwrap_or_default();
    let rest = if let Some((scheme, rest)) = text.split_once("://") {
        if !matches!(scheme, "https" | "http" | "ssh" | "git") {
            return None;
        }
        rest.split_once('@')
            .filter(|(user, _)| !user.contains('/'))
            .map_or(rest, |(_, rest)| rest)
            .to_owned()
    } else if let Some((host, path)) = text.split_once(':') {
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("{host}/{path}")
    } else if text
        .split('/')
        .next()
        .is_some_and(|first| first.contains('.'))
    {
        text.to_owned()
    } else {
        format!("github.com/{text}")
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host
        .strip_suffix(":443")
        .or_else(|| host.strip_suffix(":22"))
        .unwrap_or(&host);
    let path = path.split("/-/").next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // A browser would go elsewhere than the first two parts say.
    if parts.iter().any(|part| matches!(*part, "." | "..")) {
        return None;
    }
    if host == "github.com" {
        parts.truncate(2);
    }
    let plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:".contains(&b))
    };
    if parts.len() < 2 || !plain(host) || !parts.iter().all(|part| plain(part)) {
        return None;
    }
    Some(format!("https://{host}/{}", parts.join("/")))
}

/// The owner that a canonical repository URL names, lower case.
pub(super) fn repository_owner(url: &str) -> Option<String> {
    let path = url.strip_prefix("https://")?.split_once('/')?.1;
    path.split('/').next().map(str::to_ascii_lowercase)
}

/// True when both URLs name the same repository.
pub(crate) fn same_repository(a: &str, b: &str) -> bool {
    match (repository_url(a), repository_url(b)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b),
        _ => false,
    }
}

/// The version at the front of a release tag: `0.22.1` of `v0.22.1-cu129`.
pub(crate) fn version_of_tag(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || *c == '.'))
        .map_or(tag.len(), |(at, _)| at);
    let version = tag.get(..end)?;
    (version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.')).then_some(version)
}

/// A version without its local segment: `0.26.0` of `0.26.0+empty`.
pub(super) fn public_version(version: &str) -> &str {
    version.split('+').next().unwrap_or(version)
}

/// True when a package's version is the one of a tag; `0.3.9post2` is `0.3.9.post2`.
pub(super) fn same_version(package: &str, tagged: &str) -> bool {
    let normal = |version: &str| version.replace(".post", "post");
    normal(public_version(package)) == normal(tagged)
}

/// True when a tag or version has an a, b, rc, dev, alpha or beta part.
pub(super) fn has_prerelease_part(text: &str) -> bool {
    let text = public_version(text).to_ascii_lowercase();
    let bytes = text.as_bytes();
    ["alpha", "beta", "rc", "dev", "a", "b"].iter().any(|part| {
        text.match_indices(part).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            let digits_before = before.is_some_and(u8::is_ascii_digit);
            let rest = bytes.get(at + part.len()..).unwrap_or_default();
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let after = rest.get(digits);
            let starts = before.is_none_or(|b| !b.is_ascii_alphanumeric());
            let ends = after.is_none_or(|b| !b.is_ascii_alphanumeric());
            let single = part.len() == 1;
            // `1.0a1`, `1.0rc2` follow a digit; a lone letter needs a number to be a version part.
            ends && (starts && (!single || digits > 0)
                || digits_before && digits > 0 && follows_version(bytes, at))
        })
    })
}

/// True when what stands before is the number of a version, not part of a hex id.
fn follows_version(bytes: &[u8], at: usize) -> bool {
    let front = bytes.get(..at).unwrap_or_default();
    let digits = front
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let before = front
        .len()
        .checked_sub(digits + 1)
        .and_then(|i| front.get(i));
    before == Some(&b'.') || digits == front.len()
}

/// True for `1.4.2`, `v1.4.2`, `1.4.2-rc.1`, `0.26.0-maca.ai3.7`.
pub(super) fn is_semver(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers = core.split('.').collect::<Vec<_>>();
    numbers.len() == 3
        && numbers
            .iter()
            .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// True for a tag that is nothing but a commit: seven or forty hex digits, not all decimal.
pub(super) fn is_bare_commit(tag: &str) -> bool {
    matches!(tag.len(), 7..=12 | 40)
        && tag
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && tag.bytes().any(|b| b.is_ascii_alphabetic())
        && tag.bytes().any(|b| b.is_ascii_digit())
}

/// Compares the numbers of two versions: true when `version` is older than `first`.
pub(super) fn is_older(version: &str, first: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split('.')
            .map_while(|part| {
                let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().ok()
            })
            .collect()
    };
    numbers(version) < numbers(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_hex_however_it_is_written() {
        let full = "98dff2a81d747d1dba01a47f939f48c3526d4206";
        for (text, expected) in [
            (full, Some((full, false))),
            ("g98dff2a81", Some(("98dff2a81", false))),
            ("98DFF2A", Some(("98dff2a", false))),
            ("98dff2a81-dirty", Some(("98dff2a81", true))),
            (
                &format!("https://gitlab.com/acme/app/-/commit/{full}"),
                Some((full, false)),
            ),
            ("98dff2", None),
            ("main", None),
            ("unknown", None),
            ("0000000000000000000000000000000000000000", None),
        ] {
            let parsed = CommitText::parse(text);
            assert_eq!(
                parsed.as_ref().map(|c| (c.id.as_str(), c.dirty)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn placeholders_are_no_values() {
        for (field, text, expected) in [
            (Field::Commit, "unknown", true),
            (Field::Commit, "HEAD", true),
            (Field::Commit, "${GIT_SHA}", true),
            (Field::Commit, "98dff2a81", false),
            (Field::Pipeline, "local", true),
            (Field::Pipeline, "$CI_PIPELINE", true),
            (Field::BuildId, "<unknown>", true),
            (Field::Reference, "local/vllm-openai:dev", true),
            (Field::Reference, "vllm/vllm-openai:v0.29.0", false),
            (Field::Created, "1970-01-01T00:00:01Z", true),
            (Field::Created, "1980-01-01T00:00:01Z", true),
            (Field::Ref, "main", false),
            (Field::Channel, "dev", false),
            (Field::PullRequest, "false", true),
            (Field::PullRequest, "57", false),
            (Field::Url, "", true),
        ] {
            assert_eq!(is_placeholder(field, text), expected, "{field:?} {text}");
        }
    }

    #[test]
    fn one_repository_has_one_url() {
        for (text, expected) in [
            (
                "https://github.com/acme/tool",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://github.com/acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "git@github.com:acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "ssh://git@github.com/acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://user:token@GitHub.com/acme/tool/tree/main",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://github.com/acme/tool.git#main",
                Some("https://github.com/acme/tool"),
            ),
            ("acme/tool", Some("https://github.com/acme/tool")),
            ("gitlab.com/a/b/c", Some("https://gitlab.com/a/b/c")),
            (
                "https://gitlab.com/acme/app/-/commit/12",
                Some("https://gitlab.com/acme/app"),
            ),
            ("https://example.com", None),
            ("file:///src", None),
            ("https://github.com/acm\u{0435}/tool", None),
        ] {
            assert_eq!(repository_url(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            repository_owner("https://github.com/MetaX-MACA/x").as_deref(),
            Some("metax-maca")
        );
    }

    #[test]
    fn a_prerelease_is_told_by_its_part() {
        for (text, expected) in [
            ("v0.29.0", false),
            ("v0.29.0rc1", true),
            ("0.27.1rc1.dev688+gac7509e2b", true),
            ("0.29.0+g98dff2a81", false),
            ("1.3.0rc23", true),
            ("1.3.0-dev.1-cuda13", true),
            ("v0.0.1-alpha.1-en-us-amd64", true),
            ("nightly-dev-cu13-20260812-c7c03ec5", true),
            ("nightly-ac7509e2b1db40fec2f03dde1ed4e9dfdc2338c9", false),
            (
                "0.26.0-maca.ai3.7.0.12-torch2.8-py312-ubuntu22.04-amd64",
                false,
            ),
            ("v0.5.12-rocm720-mi35x-20260517", false),
            ("2.8.0a0", true),
            ("1.0b2", true),
            ("26.03-py3", false),
            ("9.7-1770180557", false),
            ("0.20.2_bf.0.1.0", false),
            ("0.22.1-cu129", false),
        ] {
            assert_eq!(has_prerelease_part(text), expected, "{text}");
        }
    }

    #[test]
    fn a_release_tag_starts_with_its_version() {
        for (tag, expected) in [
            ("v0.22.1-cu129", Some("0.22.1")),
            ("1.3.0rc23", Some("1.3.0rc23")),
            ("26.03-py3", Some("26.03")),
            ("nightly", None),
            ("v98dff2a81d747d1dba01a47f939f48c3526d4206", None),
        ] {
            assert_eq!(version_of_tag(tag), expected, "{tag}");
        }
    }

    #[test]
    fn a_bare_commit_has_letters_and_digits() {
        for (tag, expected) in [
            ("22f026b", true),
            ("13aacd8", true),
            ("1234567", false),
            ("deadbee", false),
            ("v1.2.3", false),
        ] {
            assert_eq!(is_bare_commit(tag), expected, "{tag}");
        }
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(is_older("0.11.0", "0.21.0"));
        assert!(!is_older("0.21.0", "0.21.0"));
        assert!(!is_older("0.100.0", "0.21.0"));
    }
}
