//! Parses the files of a `.git` directory: HEAD, references, the remote.

use super::build::is_commit;
use super::url;

/// The content of `HEAD` or of a reference's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A commit, in lower-case hex.
    Commit(String),
    /// Another reference, `refs/heads/main`.
    Reference(String),
}

/// Parses `HEAD` or a reference's own file.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Head> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.split('\n').next()?.trim();
    match line.strip_prefix("ref:") {
        Some(name) => reference(name.trim()).map(Head::Reference),
        None => commit(line).map(Head::Commit),
    }
}

/// Returns the name of a reference, if it is safe to use as a path.
fn reference(name: &str) -> Option<String> {
    // No part of a reference begins with a dot (git-scm.com/docs/git-check-ref-format).
    let safe = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.bytes().any(|byte| byte < b' ')
    };
    (name.starts_with("refs/") && name.len() <= 4096 && name.split('/').all(safe))
        .then(|| name.to_owned())
}

fn commit(text: &str) -> Option<String> {
    is_commit(text).then(|| text.to_ascii_lowercase())
}

/// Returns the commit of a reference in `packed-refs`, and its line. A line that begins with `^` has the
/// commit of the tag above it, and is not a reference.
#[must_use]
pub fn packed_reference(bytes: &[u8], name: &str) -> Option<(String, u32)> {
    let text = String::from_utf8_lossy(bytes);
    (1_u32..).zip(text.split('\n')).find_map(|(number, line)| {
        let (id, found) = line.trim_end().split_once(' ')?;
        (found == name).then(|| Some((commit(id)?, number)))?
    })
}

/// Returns the references to a commit in `packed-refs`, with their lines, in the order of the file. The
/// commit of an annotated tag is in the line `^ID` below the tag's own.
pub fn packed_names<'a>(text: &'a str, id: &'a str) -> impl Iterator<Item = (&'a str, u32)> {
    let mut above: Option<(&str, u32)> = None;
    (1_u32..)
        .zip(text.split('\n'))
        .filter_map(move |(number, line)| {
            let line = line.trim_end();
            if let Some(peeled) = line.strip_prefix('^') {
                return above.take().filter(|_| peeled.eq_ignore_ascii_case(id));
            }
            let (found, name) = line.split_once(' ')?;
            above = None;
            if found.starts_with('#') {
                return None;
            }
            if found.eq_ignore_ascii_case(id) {
                return Some((name, number));
            }
            above = Some((name, number));
            None
        })
}

/// Returns the remote's reference that a commit was fetched by, and its line in `FETCH_HEAD`.
///
/// A line has three fields, with tabs between (git `builtin/fetch.c`): the commit; `not-for-merge` or
/// nothing; and the source, which is `branch 'main' of URL`, `tag 'v1' of URL`, `'refs/pull/1/merge' of
/// URL`, or only the URL for the remote's HEAD. If a commit was fetched by its digits, the line has no
/// reference.
#[must_use]
pub fn fetched_reference(bytes: &[u8], id: &str) -> Option<(String, u32)> {
    let text = String::from_utf8_lossy(bytes);
    (1_u32..).zip(text.split('\n')).find_map(|(number, line)| {
        let mut fields = line.splitn(3, '\t');
        let found = fields.next()?;
        let what = fields.nth(1)?;
        let (kind, rest) = what.split_once('\'')?;
        let (name, _) = rest.split_once('\'')?;
        let name = match kind {
            "branch " => format!("refs/heads/{name}"),
            "tag " => format!("refs/tags/{name}"),
            "" => name.to_owned(),
            _ => return None,
        };
        let name = reference(&name).filter(|_| found.eq_ignore_ascii_case(id))?;
        Some((name, number))
    })
}

/// Returns the remote's name of a pull request's local reference: `refs/pull/12/merge` for
/// `refs/remotes/pull/12/merge`, which actions/checkout writes.
#[must_use]
pub fn pull_reference(name: &str) -> Option<String> {
    let rest = name
        .strip_prefix("refs/pull/")
        .or_else(|| name.strip_prefix("refs/remotes/pull/"))
        .or_else(|| name.strip_prefix("refs/remotes/origin/pull/"))?;
    let (number, end) = rest.split_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && matches!(end, "head" | "merge")).then(|| format!("refs/pull/{rest}"))
}

/// Returns the directory that a `.git` file names.
#[must_use]
pub fn git_directory(bytes: &[u8]) -> Option<&[u8]> {
    one_line(bytes.strip_prefix(b"gitdir:")?)
}

/// Returns the directory that a `commondir` file names.
#[must_use]
pub fn common_directory(bytes: &[u8]) -> Option<&[u8]> {
    one_line(bytes)
}

fn one_line(bytes: &[u8]) -> Option<&[u8]> {
    let line = bytes.split(|&byte| byte == b'\n').next()?.trim_ascii();
    (!line.is_empty()).then_some(line)
}

/// Returns the URL of the remote `origin` in `config`, without credentials, and its line.
#[must_use]
pub fn origin(bytes: &[u8]) -> Option<(String, u32)> {
    let text = String::from_utf8_lossy(bytes);
    let mut in_origin = false;
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let (name, _) = section.rsplit_once(']').unwrap_or((section, ""));
            let (kind, remote) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
            in_origin = kind.eq_ignore_ascii_case("remote") && remote.trim() == "\"origin\"";
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| in_origin) else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case("url") {
            let value = value_of(value.trim());
            return (!value.is_empty()).then(|| (url::without_credentials(&value), number));
        }
    }
    None
}

/// Returns a value of `config` without quotes, escapes and comment.
fn value_of(text: &str) -> String {
    let mut value = String::new();
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => value.extend(characters.next()),
            '#' | ';' if !quoted => break,
            other => value.push(other),
        }
    }
    value.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "390e6c2eedf958ef407e2861f70e21b7a68c446c";

    #[test]
    fn heads_are_commits_or_references() {
        for (text, expected) in [
            (format!("{ID}\n"), Some(Head::Commit(ID.to_owned()))),
            (ID.to_ascii_uppercase(), Some(Head::Commit(ID.to_owned()))),
            (
                "ref: refs/heads/main\n".to_owned(),
                Some(Head::Reference("refs/heads/main".to_owned())),
            ),
            (
                "ref:refs/pull/1/merge".to_owned(),
                Some(Head::Reference("refs/pull/1/merge".to_owned())),
            ),
            ("ref: refs/../../etc/passwd\n".to_owned(), None),
            ("ref: refs/heads/.invalid\n".to_owned(), None),
            ("ref: refs//x\n".to_owned(), None),
            ("ref: HEAD\n".to_owned(), None),
            ("390e6c2\n".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(head(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn packed_references_are_found_by_their_whole_name() {
        let text = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/main2\n{} refs/tags/v1\n^{}\n{ID} refs/heads/main\r\n",
            "1".repeat(40),
            "2".repeat(40),
            "3".repeat(40)
        );
        assert_eq!(
            packed_reference(text.as_bytes(), "refs/heads/main"),
            Some((ID.to_owned(), 5))
        );
        assert_eq!(
            packed_reference(text.as_bytes(), "refs/tags/v1"),
            Some(("2".repeat(40), 3))
        );
        assert_eq!(packed_reference(text.as_bytes(), "refs/heads/mai"), None);
        assert_eq!(
            packed_reference(b"xyz refs/heads/main\n", "refs/heads/main"),
            None
        );
    }

    #[test]
    fn packed_names_of_a_commit_are_found_through_their_tags() {
        let other = "1".repeat(40);
        let text = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{other} refs/heads/main\n{ID} refs/remotes/pull/12/merge\n\
             {other} refs/tags/annotated\n^{ID}\n{} refs/tags/light\r\n{other} refs/tags/older\n^{other}\n^{ID}\n",
            ID.to_ascii_uppercase()
        );
        assert_eq!(
            packed_names(&text, ID).collect::<Vec<_>>(),
            [
                ("refs/remotes/pull/12/merge", 3),
                ("refs/tags/annotated", 4),
                ("refs/tags/light", 6)
            ]
        );
        assert_eq!(packed_names("", ID).count(), 0);
    }

    #[test]
    fn what_a_commit_was_fetched_by_is_named() {
        let other = "1".repeat(40);
        let url = "https://github.com/a/b";
        for (text, expected) in [
            (
                format!("{ID}\t\t'refs/pull/7/merge' of {url}\n"),
                Some(("refs/pull/7/merge", 1)),
            ),
            (
                format!(
                    "{other}\tnot-for-merge\tbranch 'x' of {url}\n{ID}\t\tbranch 'main' of {url}\n"
                ),
                Some(("refs/heads/main", 2)),
            ),
            (
                format!("{ID}\tnot-for-merge\ttag 'v1.0' of {url}"),
                Some(("refs/tags/v1.0", 1)),
            ),
            (format!("{ID}\t\t{url}\n"), None),
            (format!("{ID}\t\t'{ID}' of {url}\n"), None),
            (format!("{ID}\t\t'refs/../x' of {url}\n"), None),
            (format!("{other}\t\tbranch 'main' of {url}\n"), None),
            (format!("{ID}\n"), None),
            (String::new(), None),
        ] {
            let found = fetched_reference(text.as_bytes(), ID);
            let found = found.as_ref().map(|(name, line)| (name.as_str(), *line));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn pull_requests_have_one_name() {
        for (name, expected) in [
            ("refs/pull/12/merge", Some("refs/pull/12/merge")),
            ("refs/remotes/pull/12/head", Some("refs/pull/12/head")),
            ("refs/remotes/origin/pull/1/head", Some("refs/pull/1/head")),
            ("refs/heads/pull/12/merge", None),
            ("refs/pull/x/merge", None),
            ("refs/pull/12/other", None),
            ("refs/pull/12", None),
        ] {
            assert_eq!(pull_reference(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn pointers_are_one_line() {
        assert_eq!(
            git_directory(b"gitdir: ../.git/modules/x\n"),
            Some(b"../.git/modules/x".as_slice())
        );
        assert_eq!(git_directory(b"gitdir: \n"), None);
        assert_eq!(git_directory(b"ref: x"), None);
        assert_eq!(common_directory(b"../..\n"), Some(b"../..".as_slice()));
    }

    #[test]
    fn the_origin_is_read_without_credentials() {
        for (text, expected) in [
            (
                "[core]\n\turl = no\n[remote \"fork\"]\n\turl = no\n[remote \"origin\"]\n\tfetch = +refs\n\turl = https://x:t@github.com/a/b.git\n",
                Some(("https://github.com/a/b.git", 7)),
            ),
            (
                "[Remote \"origin\"]\nURL = \"git@github.com:a/b\" ; comment\n",
                Some(("git@github.com:a/b", 2)),
            ),
            (
                "[remote \"origin\"]\nurl = https://h/a#frag # c\n",
                Some(("https://h/a", 2)),
            ),
            ("[remote \"origin\"]\nurl =\n", None),
            (
                "[remote \"origin\"]\nfetch = x\n[branch \"main\"]\nurl = x\n",
                None,
            ),
            ("", None),
        ] {
            let found = origin(text.as_bytes());
            assert_eq!(
                found.as_ref().map(|(url, line)| (url.as_str(), *line)),
                expected,
                "{text}"
            );
        }
    }
}
