//! Versions of packages and in tags.

/// Returns the version at the front of a release tag: `0.22.1` of `v0.22.1-cu129`.
pub(crate) fn version_of_tag(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let version = tag.get(..end.unwrap_or(tag.len()))?;
    (version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.')).then_some(version)
}

/// Returns the version in a version label: `1.4.2`, or the tag of `acme/server:1.4.2`. A branch, a commit
/// or a pull request (`main-5ab15ab`, `feature/labels`, `sha-5ab15ab`, `5ab15ab`, `pr-2`: tags of
/// docker/metadata-action) is a ref, not a version.
pub(crate) fn labelled_version(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.strip_prefix("refs/tags/").unwrap_or(text);
    let version = match text.rsplit_once('/') {
        Some((_, name)) => name.split_once(':')?.1.split('@').next()?,
        None => text,
    };
    (!is_ref(version) && version.contains(|c: char| c.is_ascii_digit())).then_some(version)
}

fn is_ref(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "sha", "pr", "mr", "main", "master", "develop", "trunk", "head",
    ];
    let begins = text.split_once('-').is_some_and(|(word, _)| {
        let mut words = WORDS.iter();
        words.any(|it| it.eq_ignore_ascii_case(word))
    });
    let is_hex = (7..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    // A number is a date or the number of a build.
    begins || (is_hex && text.contains(|c: char| c.is_ascii_alphabetic()) && !is_build(text))
}

/// Returns true for a letter before a number: `b7012000`.
fn is_build(text: &str) -> bool {
    let number = text.get(1..).unwrap_or_default();
    number.bytes().all(|b| b.is_ascii_digit())
}

/// Returns a version without its local segment: `0.26.0` of `0.26.0+empty`.
pub(crate) fn public_version(version: &str) -> &str {
    version.split('+').next().unwrap_or(version)
}

/// Returns true if a package has the version of a tag. `0.3.9post2` equals `0.3.9.post2`.
pub(crate) fn same_version(package: &str, tagged: &str) -> bool {
    let normal = |version: &str| version.replace(".post", "post");
    normal(public_version(package)) == normal(tagged)
}

/// Returns true if a tag or version has an a, b, rc, dev, alpha or beta part.
pub(crate) fn has_prerelease_part(text: &str) -> bool {
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
            // In `1.0a1` and `1.0rc2` the part follows a digit. After a separator, a single letter needs numbers
            // on both sides: `b7012` is a build.
            let numbered = text
                .get(..at)
                .is_some_and(|front| front.contains(|c: char| c.is_ascii_digit()));
            ends && (starts && (!single || digits > 0 && numbered)
                || digits_before && digits > 0 && follows_version(bytes, at))
        })
    })
}

/// Returns true if the bytes before `at` are a number of a version, not a part of a hex id.
fn follows_version(bytes: &[u8], at: usize) -> bool {
    let front = bytes.get(..at).unwrap_or_default();
    let mut before = front.iter().rev().skip_while(|b| b.is_ascii_digit());
    before.next().is_none_or(|b| *b == b'.')
}

/// Returns true for `1.4.2`, `v1.4.2`, `1.4.2-rc.1`, `0.26.0-maca.ai3.7`. `1.4.2-5-g98dff2a` is five commits
/// after a release (`git describe`), and `1.4.2-SNAPSHOT` is before it (Maven).
pub(crate) fn is_semver(text: &str) -> bool {
    if is_described(text) || text.ends_with("-SNAPSHOT") {
        return false;
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    core.split('.').count() == 3 && core.split('.').all(number)
}

/// Returns true for the text of `git describe` between two tags: `1.4.2-5-g98dff2a`.
fn is_described(text: &str) -> bool {
    let text = text.strip_suffix("-dirty").unwrap_or(text);
    let mut parts = text.rsplitn(3, '-');
    let commit = parts.next().and_then(|last| last.strip_prefix('g'));
    let count = parts.next().unwrap_or_default();
    let is_commit = |id: &str| id.len() >= 7 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let is_count = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    // Nothing after the tag is the tag.
    parts.next().is_some() && is_count && count != "0" && commit.is_some_and(is_commit)
}

/// Compares the numbers of two versions: true when `version` is older than `first`.
pub(crate) fn is_older(version: &str, first: &str) -> bool {
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
    fn a_branch_is_no_version() {
        for (label, expected) in [
            ("1.4.2", Some("1.4.2")),
            ("vllm/vllm-openai:v0.29.0", Some("v0.29.0")),
            ("ghcr.io/acme/app:1.2@sha256:00", Some("1.2")),
            ("codex/docker-image-oci-labels", None),
            ("main", None),
            ("localhost:5000/acme/app", None),
            ("pr-2", None),
            ("PR-7", None),
            ("sha-5ab15ab", None),
            ("main-5ab15ab", None),
            ("5ab15ab", None),
            ("b7012000", Some("b7012000")),
            ("nightly", None),
            ("b7012", Some("b7012")),
            ("20260501", Some("20260501")),
            ("1.4.2-5-g98dff2a", Some("1.4.2-5-g98dff2a")),
        ] {
            assert_eq!(labelled_version(label), expected, "{label}");
        }
    }

    #[test]
    fn a_commit_after_a_release_is_no_release() {
        for (version, expected) in [
            ("1.4.2", true),
            ("v1.4.2-rc.1", true),
            ("0.26.0-maca.ai3.7", true),
            ("1.4.2-5-g98dff2a", false),
            ("v1.4.2-5-g98dff2a81d74-dirty", false),
            ("1.4.2-5-gpu", true),
            ("1.4.2-g98dff2a", true),
            ("1.4.2-SNAPSHOT", false),
        ] {
            assert_eq!(is_semver(version), expected, "{version}");
        }
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(is_older("0.11.0", "0.21.0"));
        assert!(!is_older("0.21.0", "0.21.0"));
        assert!(!is_older("0.100.0", "0.21.0"));
    }
}
