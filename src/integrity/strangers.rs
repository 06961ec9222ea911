//! Finds files that no `RECORD` lists: in the package's own directories, and in places where they
//! would run before the package or in its place.

use std::collections::BTreeSet;

use crate::carriers::{Loss, PackageFact, record};
use crate::image::{Error, FileKind, Image, shown};
use crate::limits::{ONE_FILE, unit};

use super::losses::lose;
use super::plan::{Plan, inside, join, last, parent, resolve};
use super::room::Room;
use super::rows::is_compiled;
use super::surroundings::Surroundings;

/// The greatest depth of directories.
const MAX_DEPTH: usize = 64;

/// Files that no record lists.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// In the package's own directories, as its record would spell them.
    pub own: Vec<String>,
    /// Modules and `.pth` files beside the package, and programs that `PATH` finds before its
    /// launchers, by absolute path.
    pub beside: Vec<String>,
}

/// Finds files that no record of the package's tree lists.
pub(super) fn strangers(
    image: &dyn Image,
    plan: &Plan,
    around: &Surroundings<'_>,
    room: &mut Room,
    losses: &mut Vec<Loss>,
) -> Strangers {
    let directories = plan.own_directories();
    let mut found = among_own(image, plan, &directories, room, losses);
    found.extend(importable(image, plan, &directories, losses));
    of_neighbours(image, plan, around.packages, room, &mut found, losses);
    let is_own = |path: &Vec<u8>| {
        let mut parts = inside(&plan.tree, path).splitn(2, |&byte| byte == b'/');
        let first = parts.next().unwrap_or_default();
        parts.next().is_some() && directories.contains(first)
    };
    let (own, mut beside): (Vec<_>, Vec<_>) = found.into_iter().partition(is_own);
    // A directory without a module contains data only, and is not reported.
    beside.retain(|path| last(path).contains(&b'.') || has_module(image, path));
    let launchers = earlier_launchers(image, plan, &around.search);
    let own = own.iter().map(|path| shown(inside(&plan.tree, path)));
    let beside = beside.iter().chain(&launchers).map(|path| shown(path));
    Strangers {
        own: own.collect(),
        beside: beside.collect(),
    }
}

/// Returns the entries of the package's tree that Python can import, or runs when it starts
/// (docs.python.org, `site`): `.pth` files, `sitecustomize.py` and every other module and package.
fn importable(
    image: &dyn Image,
    plan: &Plan,
    own: &BTreeSet<Vec<u8>>,
    losses: &mut Vec<Loss>,
) -> BTreeSet<Vec<u8>> {
    // dpkg lists what it installs there, and pip installs nothing there.
    if plan.tree == b"/usr/lib/python3/dist-packages" {
        return BTreeSet::new();
    }
    let entries = match image.list(&plan.tree) {
        Ok(entries) => entries,
        Err(error) => {
            lose(losses, &error);
            return BTreeSet::new();
        }
    };
    let of_virtualenv = is_virtualenv(image, &plan.tree);
    let mut found = BTreeSet::new();
    for entry in entries.iter() {
        let name = entry.name;
        let path = join(&plan.tree, name);
        let listed = own.contains(name) || plan.files.contains_key(&path);
        let explained = listed || (of_virtualenv && VIRTUALENV.contains(&name));
        if !explained && is_importable(name) {
            found.insert(path);
        }
    }
    found
}

/// Files that virtualenv and uv write into each environment, and that no record lists (virtualenv,
/// `create/via_global_ref/_virtualenv.py`).
const VIRTUALENV: [&[u8]; 2] = [b"_virtualenv.pth", b"_virtualenv.py"];

/// Returns true if the tree is `…/lib/python3.N/site-packages` of an environment that virtualenv or
/// uv made.
fn is_virtualenv(image: &dyn Image, tree: &[u8]) -> bool {
    let root = parent(parent(parent(tree)));
    let file = image.read_range(&join(root, b"pyvenv.cfg"), 0, 4096);
    let file = file.unwrap_or_default();
    let lines = file.split(|&byte| byte == b'\n');
    let mut keys = lines.filter_map(|line| line.split(|&byte| byte == b'=').next());
    keys.any(|key| [b"uv".as_slice(), b"virtualenv"].contains(&key.trim_ascii()))
}

/// Returns true for a name that `import` finds, or that `site` reads.
fn is_importable(name: &[u8]) -> bool {
    let in_identifier = |&byte: &u8| byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80;
    let identifier = |name: &[u8]| !name.is_empty() && name.iter().all(in_identifier);
    let stem = |end: &[u8]| name.strip_suffix(end);
    let first = |stem: &[u8]| {
        stem.split(|&byte| byte == b'.')
            .next()
            .is_some_and(identifier)
    };
    if name == b"__pycache__" {
        return false;
    }
    name.ends_with(b".pth")
        || name.ends_with(b".egg-link")
        || stem(b".py").is_some_and(identifier)
        || stem(b".so").is_some_and(first)
        || identifier(name)
}

fn has_module(image: &dyn Image, path: &[u8]) -> bool {
    image.list(path).is_ok_and(|entries| {
        let mut names = entries.iter().map(|entry| entry.name);
        names.any(|name| name.ends_with(b".py") || name.ends_with(b".so"))
    })
}

/// Returns programs that a shell finds before the launchers in the record.
fn earlier_launchers(image: &dyn Image, plan: &Plan, search: &[&str]) -> BTreeSet<Vec<u8>> {
    let launchers = plan.files.keys().filter(|path| {
        last(parent(path)) == b"bin" && path.strip_prefix(plan.tree.as_slice()).is_none()
    });
    let read = |path: &[u8]| image.read(path, LAUNCHER_BYTES);
    let directories = search.iter().map(|it| it.trim_end_matches('/').as_bytes());
    let mut found = BTreeSet::new();
    for launcher in launchers {
        let before = directories.clone().take_while(|it| *it != parent(launcher));
        for directory in before.take(MAX_SEARCHED) {
            let other = join(directory, last(launcher));
            let stat = image.stat(&other);
            let is_file = stat.is_ok_and(|stat| stat.kind == FileKind::File);
            // A link, or a linked directory, leads to the same file.
            if is_file && read(&other) != read(launcher) {
                found.insert(other);
            }
        }
    }
    found
}

/// The most directories of `PATH` that are searched.
const MAX_SEARCHED: usize = 64;
/// The largest launcher, in bytes; usually it has a few hundred.
const LAUNCHER_BYTES: u64 = 1024 * 1024;

/// Returns files in the package's own directories that its own record does not list.
fn among_own(
    image: &dyn Image,
    plan: &Plan,
    own: &BTreeSet<Vec<u8>>,
    room: &Room,
    losses: &mut Vec<Loss>,
) -> BTreeSet<Vec<u8>> {
    let limits = &room.limits;
    let mut found = BTreeSet::new();
    let (mut seen, mut kept) = (0_u64, 0_u64);
    let size = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut open: Vec<(Vec<u8>, usize)> =
        own.iter().map(|name| (join(&plan.tree, name), 1)).collect();
    while let Some((directory, depth)) = open.pop() {
        let entries = match image.list(&directory) {
            Ok(entries) => entries,
            // A missing file is reported elsewhere.
            Err(Error::NotFound { .. } | Error::WrongKind { .. }) => continue,
            Err(error) => {
                lose(losses, &error);
                continue;
            }
        };
        seen = seen.saturating_add(size(entries.len()));
        let limited = [
            (seen, limits.listing_entries, "listing_entries"),
            (kept, limits.kept_bytes, "kept_bytes"),
        ];
        let over = match limited.iter().find(|(size, limit, _)| size > limit) {
            Some((_, limit, name)) => {
                Some(format!("over the limit {name} of {limit}{}", unit(name).0))
            }
            None => (depth > MAX_DEPTH).then(|| format!("more than {MAX_DEPTH} deep")),
        };
        if let Some(over) = over {
            let message = format!(
                "the directories of {} are {over}; the rest were not looked at",
                plan.name
            );
            losses.push(Loss::partial("over-limit", message));
            break;
        }
        for entry in entries.iter() {
            let path = join(&directory, entry.name);
            match entry.kind {
                FileKind::Directory if entry.name == b"__pycache__" => {}
                FileKind::Directory => {
                    kept = kept.saturating_add(size(path.len()));
                    open.push((path, depth.saturating_add(1)));
                }
                _ if is_compiled(&path) || plan.files.contains_key(&path) => {}
                _ if plan.is_afterwards(inside(&plan.tree, &path)) => {}
                _ => {
                    kept = kept.saturating_add(size(path.len()));
                    found.insert(path);
                }
            }
        }
    }
    found
}

/// Removes files that the record of another package of the tree lists.
fn of_neighbours(
    image: &dyn Image,
    plan: &Plan,
    all: &[PackageFact],
    room: &mut Room,
    found: &mut BTreeSet<Vec<u8>>,
    losses: &mut Vec<Loss>,
) {
    let limits = room.limits;
    let neighbours = all.iter().filter(|package| {
        package.path != plan.path && parent(package.path.as_bytes()) == plan.tree.as_slice()
    });
    for package in neighbours {
        if found.is_empty() {
            break;
        }
        let path = join(package.path.as_bytes(), b"RECORD");
        let bytes = match image.read(&path, limits.record_bytes.min(room.neighbours)) {
            Ok(bytes) => bytes,
            Err(Error::TooLarge {
                limit,
                limit_name: ONE_FILE,
                ..
            }) if limit < limits.record_bytes => {
                let message = format!(
                    "some files beside {} were not matched to a package: the records of its neighbours are over the limit neighbour_bytes of {}",
                    plan.name, limits.neighbour_bytes
                );
                losses.push(Loss::partial("over-limit", message));
                break;
            }
            Err(Error::NotFound { .. }) => {
                let names = join(package.path.as_bytes(), b"top_level.txt");
                let names = image.read(&names, LAUNCHER_BYTES);
                for name in names.unwrap_or_default().split(|&byte| byte == b'\n') {
                    let place = join(&plan.tree, name.trim_ascii());
                    found.remove(&[place.as_slice(), b".py"].concat());
                    found.remove(&place);
                }
                continue;
            }
            // A neighbour without a readable record explains no file.
            Err(_) => continue,
        };
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        room.neighbours = room.neighbours.saturating_sub(size);
        let Ok(rows) = record::parse(&bytes, limits.record_rows) else {
            continue;
        };
        for row in rows {
            if let Some(place) = resolve(&plan.tree, &row.path) {
                found.remove(&place);
                found.remove(&top(&plan.tree, &place));
            }
        }
    }
}

/// Returns the first component of a path below the tree.
fn top(tree: &[u8], path: &[u8]) -> Vec<u8> {
    let first = inside(tree, path).split(|&byte| byte == b'/').next();
    join(tree, first.unwrap_or_default())
}
