//! Reads Git checkouts in the image.

use std::collections::BTreeSet;

use super::packages::editable_directories;
use super::paths::{join, parent, resolve, text};
use super::reader::{MAX_PATH, Reader};
use crate::carriers::git::{self, Head};
use crate::carriers::{Checkout, Facts, Loss, Pair, Wanted};
use crate::image::{FileKind, Image};
use crate::limits::Limits;
use crate::provenance::Source;

/// The most references in a chain.
const MAX_HOPS: usize = 5;
/// The most directories that are searched for each `/*`.
const MAX_NEIGHBOURS: usize = 64;
/// The most tags and pull requests with files of their own that are read.
const MAX_LOOSE: usize = 64;
/// The longest file with a line for each reference, in bytes.
const MANY_LINES: usize = 4 * 1024 * 1024;
/// The longest file with one line, in bytes.
const ONE_LINE: usize = 8192;

/// Reads the checkouts in the usual places.
pub(super) fn collect(reader: &mut Reader<'_>, wanted: &Wanted, facts: &mut Facts) {
    for directory in directories(reader, wanted, facts) {
        if let Some(checkout) = checkout(reader, &directory) {
            facts.checkouts.push(checkout);
        }
    }
}

/// Returns the checkout that contains a directory: the directory itself, or the closest one above
/// it.
#[must_use]
pub fn checkout_above(image: &dyn Image, directory: &[u8], limits: &Limits) -> Option<Checkout> {
    let mut reader = Reader::new(image, limits);
    let mut directory = resolve(b"/", directory);
    for _ in 0..limits.path_depth {
        if let Some(found) = checkout(&mut reader, &directory) {
            return Some(found);
        }
        if directory == b"/" {
            break;
        }
        directory = parent(&directory).to_vec();
    }
    None
}

fn directories(reader: &mut Reader<'_>, wanted: &Wanted, facts: &Facts) -> BTreeSet<Vec<u8>> {
    let mut directories: BTreeSet<Vec<u8>> = BTreeSet::new();
    let usual = ["/", "/app", "/workspace", "/opt/*", "/src/*", "/srv/*"];
    let patterns = usual
        .into_iter()
        .chain(wanted.source_directories.iter().map(String::as_str));
    for pattern in patterns {
        match pattern.strip_suffix("/*") {
            Some(above) => {
                let above = resolve(b"/", above.as_bytes());
                let mut below = reader.directories(&above);
                if below.len() > MAX_NEIGHBOURS {
                    below.truncate(MAX_NEIGHBOURS);
                    reader.note(Loss {
                        code: "over-limit",
                        message: format!(
                            "{} has more than {MAX_NEIGHBOURS} directories; the rest were not searched for checkouts",
                            text(&above)
                        ),
                        partial: true,
                    });
                }
                directories.extend(below);
            }
            None => {
                directories.insert(resolve(b"/", pattern.as_bytes()));
            }
        }
    }
    directories.extend(editable_directories(&facts.packages));
    let workdir = facts
        .workdir
        .as_deref()
        .filter(|path| path.len() <= MAX_PATH);
    let mut above = workdir.map(|path| resolve(b"/", path.as_bytes()));
    while let Some(directory) = above.filter(|directory| directory != b"/") {
        above = Some(parent(&directory).to_vec());
        directories.insert(directory);
    }
    directories
}

fn checkout(reader: &mut Reader<'_>, directory: &[u8]) -> Option<Checkout> {
    let entries = reader.list(directory)?;
    let kind = entries.find(b".git")?;
    let dot_git = join(directory, b".git");
    let git_directory = match kind {
        FileKind::Directory => dot_git,
        FileKind::Link if reader.list(&dot_git).is_some() => dot_git,
        FileKind::File | FileKind::Link => {
            let bytes = reader.start(&text(&dot_git), ONE_LINE)?;
            resolve(directory, git::git_directory(&bytes)?)
        }
        _ => return None,
    };
    let mut checkout = Checkout {
        path: text(directory),
        git_directory: text(&git_directory),
        ..Checkout::default()
    };
    if reader.has(&git_directory, b"HEAD") {
        // A worktree has its references and its configuration elsewhere.
        let common = if reader.has(&git_directory, b"commondir") {
            let path = text(&join(&git_directory, b"commondir"));
            let bytes = reader.start(&path, ONE_LINE);
            bytes
                .as_deref()
                .and_then(git::common_directory)
                .map_or_else(
                    || git_directory.clone(),
                    |path| resolve(&git_directory, path),
                )
        } else {
            git_directory.clone()
        };
        head(reader, &git_directory, &common, &mut checkout);
        names(reader, &git_directory, &common, &mut checkout);
        if reader.has(&common, b"config") {
            remote(reader, &text(&join(&common, b"config")), &mut checkout);
        }
    }
    Some(checkout)
}

/// Resolves HEAD to a commit.
fn head(reader: &mut Reader<'_>, own: &[u8], common: &[u8], checkout: &mut Checkout) {
    let mut path = text(&join(own, b"HEAD"));
    for _ in 0..MAX_HOPS {
        let name = match reader.start(&path, ONE_LINE).as_deref().and_then(git::head) {
            Some(Head::Commit(id)) => {
                checkout.commit = Some(pair("HEAD", id, path, 1));
                return;
            }
            Some(Head::Reference(name)) => name,
            None => break,
        };
        checkout.reference.get_or_insert_with(|| name.clone());
        path = text(&join(common, name.as_bytes()));
        if !reader.has(common, b"refs") {
            break;
        }
    }
    let Some(name) = checkout.reference.clone() else {
        return;
    };
    if reader.has(common, b"packed-refs") {
        let path = text(&join(common, b"packed-refs"));
        let bytes = reader.text(&path).unwrap_or_default();
        if let Some((id, line)) = git::packed_reference(&bytes, &name) {
            checkout.commit = Some(pair(&name, id, path, line));
        }
    }
}

/// Finds other names of HEAD's commit: a tag if HEAD is detached, and the reference it was fetched
/// by.
fn names(reader: &mut Reader<'_>, own: &[u8], common: &[u8], checkout: &mut Checkout) {
    let Some(commit) = checkout.commit.as_ref().map(|commit| commit.value.clone()) else {
        return;
    };
    if reader.has(own, b"FETCH_HEAD") {
        let path = text(&join(own, b"FETCH_HEAD"));
        let bytes = reader.start(&path, MANY_LINES).unwrap_or_default();
        if let Some((name, line)) = git::fetched_reference(&bytes, &commit) {
            checkout.fetched = Some(pair("FETCH_HEAD", name, path, line));
        }
    }
    if checkout.reference.is_some() {
        return;
    }
    let found = |checkout: &mut Checkout, name: &str, path: &str, line: u32| {
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            let tag = || pair(name, tag.to_owned(), path.to_owned(), line);
            checkout.tag.get_or_insert_with(tag);
        } else if let Some(pull) = git::pull_reference(name) {
            let pull = || pair(name, pull, path.to_owned(), line);
            checkout.fetched.get_or_insert_with(pull);
        }
    };
    if reader.has(common, b"packed-refs") {
        let path = text(&join(common, b"packed-refs"));
        let bytes = reader.start(&path, MANY_LINES).unwrap_or_default();
        if bytes.len() == MANY_LINES {
            over_limit(reader, &format!("{path} is longer than {MANY_LINES} bytes"));
        }
        let lines = String::from_utf8_lossy(&bytes);
        for (name, line) in git::packed_names(&lines, &commit) {
            found(checkout, name, &path, line);
        }
    }
    for name in loose_references(reader, common) {
        let path = text(&join(common, name.as_bytes()));
        let id = reader.start(&path, ONE_LINE);
        if matches!(id.as_deref().and_then(git::head), Some(Head::Commit(id)) if id == commit) {
            found(checkout, &name, &path, 1);
        }
    }
}

/// Returns the tags and pull requests with files of their own.
fn loose_references(reader: &mut Reader<'_>, common: &[u8]) -> Vec<String> {
    if !reader.has(common, b"refs") {
        return Vec::new();
    }
    let at = |name: &str| join(common, name.as_bytes());
    let mut paths = reader.entries(&at("refs/tags"), |_| true);
    for pulls in ["refs/pull", "refs/remotes/pull", "refs/remotes/origin/pull"] {
        let mut numbers = reader.directories(&at(pulls));
        numbers.truncate(MAX_LOOSE.saturating_add(1));
        for number in numbers {
            paths.extend(reader.entries(&number, |_| true));
        }
    }
    if paths.len() > MAX_LOOSE {
        paths.truncate(MAX_LOOSE);
        let at = text(common);
        over_limit(
            reader,
            &format!("{at} has more than {MAX_LOOSE} tags and pull requests"),
        );
    }
    let names = paths.iter().filter_map(|path| path.strip_prefix(common));
    names
        .map(|name| text(name.strip_prefix(b"/").unwrap_or(name)))
        .collect()
}

/// Notes that a name of the commit may be missing. The answer is not partial: it only lacks a name.
fn over_limit(reader: &mut Reader<'_>, what: &str) {
    reader.note(Loss {
        code: "over-limit",
        message: format!("{what}; the rest was not searched for the name of the commit"),
        partial: false,
    });
}

fn remote(reader: &mut Reader<'_>, path: &str, checkout: &mut Checkout) {
    let bytes = reader.text(path).unwrap_or_default();
    if let Some((url, line)) = git::origin(&bytes) {
        checkout.remote = Some(pair("remote.origin.url", url, path.to_owned(), line));
    }
}

fn pair(key: &str, value: String, path: String, line: u32) -> Pair {
    let source = Source {
        carrier: "git".to_owned(),
        path: Some(path),
        line: Some(line),
        key: Some(key.to_owned()),
    };
    Pair {
        key: key.to_owned(),
        value,
        source,
    }
}
