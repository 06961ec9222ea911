//! What to look at for one package: the files of its `RECORD`, and the directories
//! that are its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::carriers::record::{self, Hash};
use crate::carriers::{Loss, PackageFact, python};
use crate::image::{Error, FileKind, Image};

use super::{lose, text};

/// Entries looked at for files that no record lists.
const MAX_ENTRIES: usize = 1_000_000;
/// Directories in directories.
const MAX_DEPTH: usize = 64;
/// Bytes of other packages' records that are read to find out whose a file is.
const NEIGHBOUR_BYTES: u64 = 512 * 1024 * 1024;
/// Written or signed after the record, or the record itself.
const AFTERWARDS: [&[u8]; 7] = [
    b"RECORD",
    b"RECORD.jws",
    b"RECORD.p7s",
    b"INSTALLER",
    b"REQUESTED",
    b"direct_url.json",
    b"uv_cache.json",
];

/// One package and what its `RECORD` says.
#[derive(Debug)]
pub(super) struct Plan {
    pub name: String,
    /// The `.dist-info` directory.
    pub path: String,
    /// The directory that it stands in.
    tree: Vec<u8>,
    /// Where each file stands in the image, and what it is expected to be.
    pub files: BTreeMap<Vec<u8>, Listed>,
}

/// One file of the record.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// As the record spells it.
    pub name: Vec<u8>,
    /// A file that is listed twice must be both.
    pub digests: Vec<[u8; 32]>,
    pub size: u64,
}

pub(super) enum Outcome {
    Plan(Plan),
    /// Its installer writes a record, but there is none that can be read.
    NoRecord,
    /// There is nothing to compare its files with.
    Nothing,
}

/// Reads a package's record.
pub(super) fn plan(image: &dyn Image, package: &PackageFact, losses: &mut Vec<Loss>) -> Outcome {
    let mut note = |code: &'static str, message: String, partial: bool| {
        losses.push(Loss {
            code,
            message,
            partial,
        });
    };
    let shown = format!("{} ({})", package.name, package.path);
    let source = package.direct_url.as_ref().filter(|url| url.editable);
    if let Some(url) = source {
        note(
            "editable-not-checked",
            format!(
                "{shown} runs from {}: its RECORD does not list those files, so they were not checked",
                url.url
            ),
            false,
        );
        return Outcome::Nothing;
    }
    let tree = parent(package.path.as_bytes()).to_vec();
    let path = join(package.path.as_bytes(), b"RECORD");
    let bytes = match image.read(&path, record::MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            let never_had = !package.path.ends_with(".dist-info");
            let absent = matches!(error, Error::NotFound { .. } | Error::WrongKind { .. });
            if !absent {
                lose(losses, &error);
                return Outcome::Nothing;
            }
            note(
                "no-record",
                format!("{shown} has no RECORD, so its files were not checked"),
                false,
            );
            return if never_had {
                Outcome::Nothing
            } else {
                Outcome::NoRecord
            };
        }
    };
    let rows = match record::parse(&bytes) {
        Ok(rows) => rows,
        Err(error) => {
            let message = format!("{} cannot be used: {error}", text(&path));
            let over = matches!(error, record::Error::TooManyRows);
            note(
                if over {
                    "over-limit"
                } else {
                    "malformed-document"
                },
                message,
                over,
            );
            return if over {
                Outcome::Nothing
            } else {
                Outcome::NoRecord
            };
        }
    };
    if is_editable(&rows, &package.name) {
        note(
            "editable-not-checked",
            format!(
                "{shown} runs from a source directory: its RECORD does not list those files, so they were not checked"
            ),
            false,
        );
        return Outcome::Nothing;
    }
    let mut plan = Plan {
        name: package.name.clone(),
        path: package.path.clone(),
        tree,
        files: BTreeMap::new(),
    };
    let (mut outside, mut other) = (Vec::new(), Vec::new());
    for row in rows {
        if is_compiled(&row.path) || plan.is_afterwards(&row.path) {
            continue;
        }
        let Some(place) = resolve(&plan.tree, &row.path) else {
            outside.push(text(&row.path));
            continue;
        };
        let digest = match row.hash {
            Hash::Sha256(digest) => Some(digest),
            Hash::Absent => {
                other.push("without a hash".to_owned());
                None
            }
            Hash::Other(algorithm) => {
                other.push(format!("by {algorithm}"));
                None
            }
        };
        let listed = plan.files.entry(place).or_default();
        listed.name = row.path;
        listed.digests.extend(digest);
        listed.size = row.size.unwrap_or_default();
    }
    if let Some(first) = outside.first() {
        note(
            "record-leaves-image",
            format!(
                "the RECORD of {shown} lists {} paths outside of the image, which were not looked at; the first is {first}",
                outside.len()
            ),
            false,
        );
    }
    if let Some(first) = other.first() {
        note(
            "record-hash-not-checked",
            format!(
                "the RECORD of {shown} lists {} files {first}: only that they are there was checked",
                other.len()
            ),
            false,
        );
    }
    Outcome::Plan(plan)
}

impl Plan {
    /// True for the files of `.dist-info` that are not of the package's making.
    fn is_afterwards(&self, path: &[u8]) -> bool {
        let own = last(self.path.as_bytes());
        let file = path
            .strip_prefix(own)
            .and_then(|rest| rest.strip_prefix(b"/"));
        file.is_some_and(|file| AFTERWARDS.contains(&file))
    }

    /// The directories of the tree that the package has files in, in the tree.
    fn own_directories(&self) -> BTreeSet<Vec<u8>> {
        let inside = self.files.keys().filter_map(|place| {
            let rest = place.strip_prefix(self.tree.as_slice())?;
            let rest = rest.strip_prefix(b"/")?;
            let at = rest.iter().position(|&byte| byte == b'/')?;
            rest.get(..at).map(<[u8]>::to_vec)
        });
        inside
            .chain([last(self.path.as_bytes()).to_vec()])
            .collect()
    }
}

/// Files in the package's own directories that no record of the tree lists.
pub(super) fn strangers(
    image: &dyn Image,
    plan: &Plan,
    all: &[PackageFact],
    losses: &mut Vec<Loss>,
) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut seen = 0_usize;
    let mut open: Vec<(Vec<u8>, usize)> = plan
        .own_directories()
        .iter()
        .map(|name| (join(&plan.tree, name), 1))
        .collect();
    while let Some((directory, depth)) = open.pop() {
        let entries = match image.list(&directory) {
            Ok(entries) => entries,
            // What should be there and is not is missing, which is said elsewhere.
            Err(Error::NotFound { .. } | Error::WrongKind { .. }) => continue,
            Err(error) => {
                lose(losses, &error);
                continue;
            }
        };
        seen = seen.saturating_add(entries.len());
        if seen > MAX_ENTRIES || depth > MAX_DEPTH {
            losses.push(Loss {
                code: "over-limit",
                message: format!(
                    "the directories of {} hold more than {MAX_ENTRIES} entries, or more than {MAX_DEPTH} in each other; the rest were not looked at",
                    plan.name
                ),
                partial: true,
            });
            break;
        }
        for entry in entries.iter() {
            let path = join(&directory, entry.name);
            match entry.kind {
                FileKind::Directory if entry.name == b"__pycache__" => {}
                FileKind::Directory => open.push((path, depth.saturating_add(1))),
                _ if is_compiled(&path) || plan.files.contains_key(&path) => {}
                _ if plan.is_afterwards(inside(&plan.tree, &path)) => {}
                _ => {
                    found.insert(path);
                }
            }
        }
    }
    let mut left = NEIGHBOUR_BYTES;
    let neighbours = all.iter().filter(|package| {
        package.path != plan.path && parent(package.path.as_bytes()) == plan.tree.as_slice()
    });
    for package in neighbours {
        if found.is_empty() {
            break;
        }
        let path = join(package.path.as_bytes(), b"RECORD");
        // A neighbour whose record cannot be read explains nothing.
        let Ok(bytes) = image.read(&path, record::MAX_BYTES.min(left)) else {
            continue;
        };
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let Ok(rows) = record::parse(&bytes) else {
            continue;
        };
        for row in rows {
            if let Some(place) = resolve(&plan.tree, &row.path) {
                found.remove(&place);
            }
        }
    }
    found
        .iter()
        .map(|path| text(inside(&plan.tree, path)))
        .collect()
}

/// A path as a record of the tree spells it.
fn inside<'p>(tree: &[u8], path: &'p [u8]) -> &'p [u8] {
    let rest = path.strip_prefix(tree);
    rest.and_then(|rest| rest.strip_prefix(b"/"))
        .unwrap_or(path)
}

/// True where all that was installed is a pointer to a source directory.
fn is_editable(rows: &[record::Row], package: &str) -> bool {
    let package = python::normalise(package);
    let pointer = |path: &[u8]| {
        let name = text(path);
        let stem = name.strip_suffix(".pth");
        name.starts_with("__editable__")
            || stem.is_some_and(|stem| python::normalise(stem.trim_start_matches('_')) == package)
    };
    let own = |row: &record::Row| {
        let first = row.path.split(|&byte| byte == b'/').next();
        let metadata = first.is_some_and(|name| name.ends_with(b".dist-info"));
        !metadata && !row.path.starts_with(b"..") && !is_compiled(&row.path)
    };
    let mut files = rows.iter().filter(|row| own(row)).peekable();
    files.peek().is_some() && files.all(|row| pointer(&row.path))
}

/// Python's own cache of a file, which it writes when it likes.
fn is_compiled(path: &[u8]) -> bool {
    path.ends_with(b".pyc")
        || path.ends_with(b".pyo")
        || path
            .split(|&byte| byte == b'/')
            .any(|name| name == b"__pycache__")
}

/// Where a path of a record stands in the image; `None` where it climbs out of it.
pub(super) fn resolve(tree: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    if path.contains(&0) {
        return None;
    }
    let base = if path.starts_with(b"/") {
        b"".as_slice()
    } else {
        tree
    };
    let mut names: Vec<&[u8]> = Vec::new();
    for name in [base, path]
        .into_iter()
        .flat_map(|part| part.split(|&byte| byte == b'/'))
    {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop()?;
            }
            other => names.push(other),
        }
    }
    let mut resolved = Vec::new();
    for name in names {
        resolved.push(b'/');
        resolved.extend_from_slice(name);
    }
    (!resolved.is_empty()).then_some(resolved)
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    [directory, name].join(&b'/')
}

fn parent(path: &[u8]) -> &[u8] {
    let at = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    path.get(..at).unwrap_or_default()
}

fn last(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}
