//! Parses the metadata of installed Python packages: names of directories, `METADATA`, `direct_url.json`,
//! and the commit in a version.

use serde_json::Value;

use super::{DirectUrl, url};
use crate::image::json;

/// Splits the name of a `.dist-info` or `.egg-info` directory or file into the package's name and version.
/// The version is `None` in names such as `acme.egg-info`.
#[must_use]
pub fn split_name(file_name: &str) -> Option<(&str, Option<&str>)> {
    if let Some(stem) = file_name.strip_suffix(".dist-info") {
        let (name, version) = stem.rsplit_once('-')?;
        return (!name.is_empty() && !version.is_empty()).then_some((name, Some(version)));
    }
    let stem = file_name.strip_suffix(".egg-info")?;
    // An egg may name the interpreter and the platform: `acme-1.0-py3.10-linux_x86_64`.
    let mut parts = stem.split('-');
    let name = parts.next().filter(|name| !name.is_empty())?;
    let version = parts.next();
    let version = version.filter(|part| !part.is_empty() && !part.starts_with("py"));
    Some((name, version))
}

/// Returns a name as PEP 503 compares it: in lower case, with one `-` for each run of `-`, `_` and `.`.
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    normal.extend(normalised(name));
    normal
}

/// Returns true if two names are of one package.
#[must_use]
pub fn is_same_name(one: &str, other: &str) -> bool {
    // This is fast: most names differ in the first letter.
    let first = |name: &str| {
        let letter = name.bytes().find(|b| !b"-_.".contains(b));
        letter.map(|b| b.to_ascii_lowercase())
    };
    first(one) == first(other) && normalised(one).eq(normalised(other))
}

fn normalised(name: &str) -> impl Iterator<Item = char> {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.enumerate().flat_map(|(number, part)| {
        let joint = (number > 0).then_some('-');
        joint
            .into_iter()
            .chain(part.chars().map(|c| c.to_ascii_lowercase()))
    })
}

/// Returns `Name` and `Version` from the headers of `METADATA` or `PKG-INFO`.
#[must_use]
pub fn name_and_version(bytes: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(bytes);
    let find = |wanted: &str| {
        let lines = text.split('\n').map(str::trim_end);
        let headers = lines.take_while(|line| !line.is_empty());
        let mut headers = headers.filter_map(|line| line.split_once(':'));
        let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    (find("Name"), find("Version"))
}

/// Parses `direct_url.json` (PEP 610), and removes credentials. Returns `None` if it breaks the
/// specification, which requires a URL and exactly one kind of information.
#[must_use]
pub fn direct_url(bytes: &[u8]) -> Option<DirectUrl> {
    let document: Value = json::parse(bytes).ok()?;
    let kinds = ["vcs_info", "archive_info", "dir_info"];
    let is_there = |kind: &&str| document.get(kind).is_some_and(Value::is_object);
    if kinds.into_iter().filter(is_there).count() != 1 {
        return None;
    }
    let text = |kind: &str, key: &str| {
        let value = document.get(kind)?.get(key)?.as_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    let editable = document.pointer("/dir_info/editable");
    Some(DirectUrl {
        url: url::without_credentials(document.get("url")?.as_str()?),
        commit: text("vcs_info", "commit_id"),
        requested_revision: text("vcs_info", "requested_revision"),
        editable: editable.and_then(Value::as_bool).unwrap_or(false),
    })
}

/// Returns the directory that a `file://` URL names, percent-decoded.
#[must_use]
pub fn local_directory(url: &str) -> Option<Vec<u8>> {
    let rest = url.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path
        .split(['?', '#'])
        .next()
        .filter(|path| path.starts_with('/'))?;
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = match after {
            [high, low, after @ ..] if byte == b'%' => url::hex(*high, *low).zip(Some(after)),
            _ => None,
        };
        let (byte, after) = escape.unwrap_or((byte, after));
        decoded.push(byte);
        rest = after;
    }
    Some(decoded)
}

/// Returns the commit in the local segment of a version, and whether the tree was dirty.
///
/// `+g385dce36b` and `+git1c57644` are commits. `+a6c236b9fd` is one only as the first part, and only with a
/// letter in it: digits alone are more often the number of a build. `+cu130`, `+empty` and `+cpu` are not.
#[must_use]
pub fn commit_of_version(version: &str) -> Option<(String, bool)> {
    let (_, local) = version.split_once('+')?;
    let local = local.to_ascii_lowercase();
    let commit = parts(&local).enumerate().find_map(|(at, part)| {
        let bare = (at == 0 && !is_dirty_mark(part)).then_some(part);
        let marked = part.strip_prefix("git").or_else(|| part.strip_prefix('g'));
        let has_letter = |hex: &&str| hex.bytes().any(|byte| byte.is_ascii_alphabetic());
        marked
            .filter(|hex| is_commit(hex))
            .or_else(|| bare.filter(|hex| is_commit(hex)).filter(has_letter))
    })?;
    Some((commit.to_owned(), is_dirty(version)))
}

/// Returns true if a version says that its tree had changes: `+g5d01ca9ec.d20260901`.
#[must_use]
pub fn is_dirty(version: &str) -> bool {
    version
        .split_once('+')
        .is_some_and(|(_, local)| parts(local).any(is_dirty_mark))
}

/// Returns the parts of a version's local segment that are neither a commit nor hardware: `acme` and
/// `patch2` of `0.29.0+g98dff2a81.cu130.acme.patch2`. A publisher's own build has none.
pub fn foreign_parts(version: &str) -> impl Iterator<Item = &str> {
    let local = version.split_once('+').map_or("", |(_, local)| local);
    parts(local).filter(|part| !is_own_part(&part.to_ascii_lowercase()))
}

/// Returns true for a commit, a date, a number, or the hardware of the build.
fn is_own_part(part: &str) -> bool {
    const BUILT_FOR: [&str; 9] = [
        "cpu", "cu", "cuda", "empty", "hpu", "nv", "rocm", "tpu", "xpu",
    ];
    let commit = part.trim_start_matches("git").trim_start_matches('g');
    let name = part.trim_end_matches(|c: char| c.is_ascii_digit());
    is_commit(commit) || is_dirty_mark(part) || name.is_empty() || BUILT_FOR.contains(&name)
}

fn parts(local: &str) -> impl Iterator<Item = &str> {
    local.split(['.', '-', '_'])
}

fn is_commit(hex: &str) -> bool {
    (7..=40).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns true for `d` and a date.
fn is_dirty_mark(part: &str) -> bool {
    part.strip_prefix('d').is_some_and(|date| {
        date.len() == 8
            && date.starts_with(['1', '2'])
            && date.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_version_says_who_built_it() {
        for (version, expected) in [
            ("0.29.0", &[][..]),
            ("0.29.0+cu130", &[]),
            ("0.29.0+g98dff2a81.cu129", &[]),
            ("0.29.0+g5d01ca9ec.d20260901", &[]),
            ("0.29.0+rocm7.2", &[]),
            ("0.29.0+empty", &[]),
            ("0.10.1.1+381074ae.nv25.09", &[]),
            ("0.29.0+git1c57644", &[]),
            ("0.29.0+acme.patch2", &["acme", "patch2"]),
            ("0.29.0+g98dff2a81.ACME", &["ACME"]),
            ("0.29.0+dirty", &["dirty"]),
            ("0.29.0+precompiled", &["precompiled"]),
            ("0.29.0+g123", &["g123"]),
        ] {
            assert_eq!(
                foreign_parts(version).collect::<Vec<_>>(),
                expected,
                "{version}"
            );
        }
    }

    #[test]
    fn directory_names_are_split_at_the_version() {
        for (name, expected) in [
            (
                "vllm-0.23.1rc1.dev300+gfdd82ec3f.dist-info",
                Some(("vllm", Some("0.23.1rc1.dev300+gfdd82ec3f"))),
            ),
            (
                "Acme.Plugin_X-1!2.0.post1+local.7.dist-info",
                Some(("Acme.Plugin_X", Some("1!2.0.post1+local.7"))),
            ),
            (
                "old-style-name-1.0.dist-info",
                Some(("old-style-name", Some("1.0"))),
            ),
            ("six-1.16.0.egg-info", Some(("six", Some("1.16.0")))),
            ("acme-1.0-py3.10.egg-info", Some(("acme", Some("1.0")))),
            (
                "acme-1.0-py3.10-linux_x86_64.egg-info",
                Some(("acme", Some("1.0"))),
            ),
            ("acme-py3.10.egg-info", Some(("acme", None))),
            ("acme.egg-info", Some(("acme", None))),
            (".dist-info", None),
            ("noversion.dist-info", None),
            ("-1.0.dist-info", None),
            (".egg-info", None),
            ("vllm", None),
        ] {
            assert_eq!(split_name(name), expected, "{name}");
        }
    }

    #[test]
    fn names_compare_as_pep_503_says() {
        for (name, expected) in [
            ("Acme.Plugin_X", "acme-plugin-x"),
            ("a--b__c", "a-b-c"),
            ("vllm", "vllm"),
        ] {
            assert_eq!(normalise(name), expected);
            assert!(is_same_name(name, expected) && !is_same_name(name, "other"));
        }
    }

    #[test]
    fn metadata_ends_at_the_first_empty_line() {
        let text =
            b"Metadata-Version: 2.4\r\nname: Acme.Plugin_X\nAuthor: x\n\nVersion: 99.99 (body)\n";
        assert_eq!(
            name_and_version(text),
            (Some("Acme.Plugin_X".to_owned()), None)
        );
        assert_eq!(
            name_and_version(b"Name: \nVersion:1"),
            (None, Some("1".to_owned()))
        );
    }

    #[test]
    fn direct_urls_are_read_without_credentials() {
        let git = direct_url(br#"{"url": "https://u:p@github.com/vllm-project/vllm.git", "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "fdd82ec3f7fbaa295cb920aaa1272cb44f5eeeca"}}"#).unwrap();
        assert_eq!(git.url, "https://github.com/vllm-project/vllm.git");
        assert_eq!(
            git.commit.as_deref(),
            Some("fdd82ec3f7fbaa295cb920aaa1272cb44f5eeeca")
        );
        assert_eq!(
            (git.requested_revision.as_deref(), git.editable),
            (Some("main"), false)
        );
        let editable =
            direct_url(br#"{"url": "file:///src/acme-tools", "dir_info": {"editable": true}}"#)
                .unwrap();
        assert_eq!(
            (editable.url.as_str(), editable.commit, editable.editable),
            ("file:///src/acme-tools", None, true)
        );
        assert!(
            direct_url(br#"{"url": "https://h/a.whl?sig=x", "archive_info": {}}"#)
                .is_some_and(|it| it.url.ends_with("?sig="))
        );
        for broken in [
            "",
            "[]",
            "{}",
            r#"{"url": "https://x"}"#,
            r#"{"dir_info": {}}"#,
            r#"{"url": "x", "dir_info": {}, "vcs_info": {}}"#,
            r#"{"url": 1, "dir_info": {}}"#,
        ] {
            assert_eq!(direct_url(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn file_urls_name_directories() {
        for (url, expected) in [
            ("file:///src/acme-tools", Some("/src/acme-tools")),
            ("file://localhost/a%20b%2", Some("/a b%2")),
            ("file://host/a", None),
            ("https://host/a", None),
            ("file:///a%zz%41", Some("/a%zzA")),
            ("file:///a%+1", Some("/a%+1")),
        ] {
            assert_eq!(
                local_directory(url).as_deref(),
                expected.map(str::as_bytes),
                "{url}"
            );
        }
    }

    #[test]
    fn commits_are_told_from_other_local_segments() {
        for (version, expected) in [
            ("0.28.1rc1.dev580+g385dce36b", Some(("385dce36b", false))),
            (
                "0.23.1rc1.dev1388+gb44311b6e.d20260722.cu132",
                Some(("b44311b6e", true)),
            ),
            (
                "0.28.1.dev1+g5d01ca9ec.d20260901.maca3.7.0.4.torch2.8",
                Some(("5d01ca9ec", true)),
            ),
            ("0.17.0+gitd9881220", Some(("d9881220", false))),
            ("2.9.0a0+git1c57644", Some(("1c57644", false))),
            (
                "2.11.0a0+a6c236b9fd.nv26.3.46836102",
                Some(("a6c236b9fd", false)),
            ),
            ("1.0+G98DFF2A81", Some(("98dff2a81", false))),
            ("1.0+g1234567", Some(("1234567", false))),
            ("1.0+cu130.g385dce36b", Some(("385dce36b", false))),
            ("2.13.0+28777046", None),
            ("1.0+cu130", None),
            ("1.0+empty", None),
            ("1.0+cpu", None),
            ("1.0+local", None),
            ("1.0+local.7", None),
            ("1.0+precompiled", None),
            ("1.0+rocm714", None),
            ("1.0+metax3.7.0.4", None),
            ("1.0+d20260101", None),
            ("1.0+g12345", None),
            ("1.0+cu130.a6c236b9fd", None),
            ("1.0", None),
            ("385dce36b", None),
        ] {
            let found = commit_of_version(version);
            assert_eq!(
                found.as_ref().map(|(hex, dirty)| (hex.as_str(), *dirty)),
                expected,
                "{version}"
            );
        }
        assert!(
            is_dirty("1.0+d20260101") && !is_dirty("1.0+g1234567") && !is_dirty("1.0.d20260101")
        );
    }
}
