//! Reads Git checkouts in the image.

use std::collections::BTreeSet;

use super::packages::editable_directories;
use super::paths::{join, parent, resolve};
use super::reader::{MAX_PATH, Reader};
use crate::carriers::git::{self, Head};
use crate::carriers::pair::Place;
use crate::carriers::{Checkout, Facts, Loss, Pair, Wanted};
use crate::image::{FileKind, Image, shown};
use crate::limits::Limits;

/// The most references in a chain.
const MAX_HOPS: usize = 5;
/// The most tags and pull requests with files of their own that are read.
const MAX_LOOSE: usize = 64;
/// The longest file with a line for each reference, in bytes.
pub(super) const MANY_LINES: usize = 4 * 1024 * 1024;
/// The longest file with one line, in bytes.
pub(super) const ONE_LINE: usize = 8192;

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
                directories.extend(reader.neighbours(&above, "checkouts"));
            }
            None => {
                directories.insert(resolve(b"/", pattern.as_bytes()));
            }
        }
    }
    directories.extend(editable_directories(&facts.packages));
    let workdir = facts.workdir.as_deref();
    let workdir = workdir.filter(|path| path.len() <= MAX_PATH);
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
            let bytes = reader.start(&shown(&dot_git), ONE_LINE)?;
            resolve(directory, git::git_directory(&bytes)?)
        }
        _ => return None,
    };
    let mut checkout = Checkout {
        path: shown(directory),
        git_directory: shown(&git_directory),
        ..Checkout::default()
    };
    if reader.has(&git_directory, b"HEAD") {
        // A worktree has its references and its configuration elsewhere.
        let mut common = git_directory.clone();
        if reader.has(&git_directory, b"commondir") {
            let path = shown(&join(&git_directory, b"commondir"));
            let bytes = reader.start(&path, ONE_LINE).unwrap_or_default();
            let path = git::common_directory(&bytes);
            common = path.map_or(common, |path| resolve(&git_directory, path));
        }
        head(reader, &git_directory, &common, &mut checkout);
        names(reader, &git_directory, &common, &mut checkout);
        if reader.has(&common, b"config") {
            remote(reader, &shown(&join(&common, b"config")), &mut checkout);
        }
    }
    Some(checkout)
}

/// Resolves HEAD to a commit.
fn head(reader: &mut Reader<'_>, own: &[u8], common: &[u8], checkout: &mut Checkout) {
    let mut path = shown(&join(own, b"HEAD"));
    for _ in 0..MAX_HOPS {
        let name = match reader.start(&path, ONE_LINE).as_deref().and_then(git::head) {
            Some(Head::Commit(id)) => {
                checkout.commit = Some(pair("HEAD", &id, &path, 1));
                return;
            }
            Some(Head::Reference(name)) => name,
            None => break,
        };
        checkout.reference.get_or_insert_with(|| name.clone());
        path = shown(&join(common, name.as_bytes()));
        if !reader.has(common, b"refs") {
            break;
        }
    }
    let Some(name) = checkout.reference.clone() else {
        // git-scm.com/docs/reftable: HEAD is `ref: refs/heads/.invalid`, which names no branch.
        checkout.has_reftable = reader.has(common, b"reftable");
        return;
    };
    if reader.has(common, b"packed-refs") {
        let path = shown(&join(common, b"packed-refs"));
        let bytes = reader.text(&path).unwrap_or_default();
        if let Some((id, line)) = git::packed_reference(&bytes, &name) {
            checkout.commit = Some(pair(&name, &id, &path, line));
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
        let path = shown(&join(own, b"FETCH_HEAD"));
        let bytes = reader.start(&path, MANY_LINES).unwrap_or_default();
        if let Some((name, line)) = git::fetched_reference(&bytes, &commit) {
            checkout.fetched = Some(pair("FETCH_HEAD", &name, &path, line));
        }
    }
    if checkout.reference.is_some() {
        return;
    }
    let found = |checkout: &mut Checkout, name: &str, path: &str, line: u32| {
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            let tag = || pair(name, tag, path, line);
            checkout.tag.get_or_insert_with(tag);
        } else if let Some(pull) = git::pull_reference(name) {
            let pull = || pair(name, &pull, path, line);
            checkout.fetched.get_or_insert_with(pull);
        }
    };
    if reader.has(common, b"packed-refs") {
        let path = shown(&join(common, b"packed-refs"));
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
        let path = shown(&join(common, name.as_bytes()));
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
        let at = shown(common);
        let what = format!("{at} has more than {MAX_LOOSE} tags and pull requests");
        over_limit(reader, &what);
    }
    let names = paths.iter().filter_map(|path| path.strip_prefix(common));
    names
        .map(|name| shown(name.strip_prefix(b"/").unwrap_or(name)))
        .collect()
}

/// Notes that a name of the commit may be missing. The answer is not partial: it only lacks a name.
fn over_limit(reader: &mut Reader<'_>, what: &str) {
    let message = format!("{what}; the rest was not searched for the name of the commit");
    reader.note(Loss::minor("over-limit", message));
}

fn remote(reader: &mut Reader<'_>, path: &str, checkout: &mut Checkout) {
    let bytes = reader.text(path).unwrap_or_default();
    if let Some((url, line)) = git::origin(&bytes) {
        checkout.remote = Some(pair("remote.origin.url", &url, path, line));
    }
}

fn pair(key: &str, value: &str, path: &str, line: u32) -> Pair {
    let carrier = "git";
    Place { carrier, path }.line("", line, key, value)
}
