//! Plans the check of one package: the files of its `RECORD`, and its own directories.

use std::collections::{BTreeMap, BTreeSet};

use crate::carriers::record::{self, Hash};
use crate::carriers::{IntegrityFact, Loss, PackageFact};
use crate::image::{self, Error, Image};
use crate::limits::ONE_FILE;

use super::losses::lose;
use super::room::Room;
use super::rows::{is_compiled, is_editable};

/// The record itself, and files that are written or signed after it.
const AFTERWARDS: [&[u8]; 7] = [
    b"RECORD",
    b"RECORD.jws",
    b"RECORD.p7s",
    b"INSTALLER",
    b"REQUESTED",
    b"direct_url.json",
    b"uv_cache.json",
];

#[derive(Debug)]
pub(super) struct Plan {
    pub name: String,
    /// The `.dist-info` directory.
    pub path: String,
    /// The directory of the package.
    pub tree: Vec<u8>,
    /// The expected hash of each file, by its path in the image.
    pub files: BTreeMap<Vec<u8>, Listed>,
    /// True if the record lists files without a usable digest.
    pub unhashed: bool,
    /// True if the package runs from a source directory. The record then lists only the files that
    /// point there.
    pub editable: bool,
}

#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The name as the record spells it.
    pub name: Vec<u8>,
    /// The digests. A file that is listed twice must match both.
    pub digests: Vec<[u8; 32]>,
    pub size: u64,
}

pub(super) enum Outcome {
    Plan(Plan),
    /// The installer writes records, but no record can be read.
    NoRecord,
    /// There is nothing to compare with.
    Nothing,
}

/// Reads a package's record.
pub(super) fn plan(
    image: &dyn Image,
    package: &PackageFact,
    room: &mut Room,
    losses: &mut Vec<Loss>,
) -> Outcome {
    let shown = format!("{} ({})", package.name, package.path);
    let source = package.direct_url.as_ref().filter(|url| url.editable);
    if let Some(url) = source {
        losses.push(editable(&shown, &url.url));
    }
    let rows = match rows(image, package, &shown, room, losses) {
        Ok(rows) => rows,
        Err(Outcome::NoRecord) if source.is_some() => return Outcome::Nothing,
        Err(outcome) => return outcome,
    };
    let is_pointer = is_editable(&rows, &package.name);
    if is_pointer && source.is_none() {
        losses.push(editable(&shown, "a source directory"));
    }
    let mut plan = Plan {
        name: package.name.clone(),
        path: package.path.clone(),
        tree: parent(package.path.as_bytes()).to_vec(),
        files: BTreeMap::new(),
        unhashed: false,
        editable: is_pointer || source.is_some(),
    };
    plan.add(rows, &shown, losses);
    Outcome::Plan(plan)
}

/// Returns the result for a package without a record whose installer writes one.
pub(super) fn without_record(package: &PackageFact) -> IntegrityFact {
    IntegrityFact {
        package: package.name.clone(),
        path: package.path.clone(),
        ..IntegrityFact::default()
    }
}

fn editable(shown: &str, place: &str) -> Loss {
    let message = format!(
        "{shown} runs from {place}: its RECORD does not list those files, so they were not checked"
    );
    Loss::minor("editable-not-checked", message)
}

/// Returns false for an `.egg-info`, which lists files without hashes.
pub(super) fn has_hashes(package: &PackageFact) -> bool {
    package.path.ends_with(".dist-info")
}

/// Returns the rows of a package's record, or the result for a package without one.
fn rows(
    image: &dyn Image,
    package: &PackageFact,
    shown: &str,
    room: &mut Room,
    losses: &mut Vec<Loss>,
) -> Result<Vec<record::Row>, Outcome> {
    let path = join(package.path.as_bytes(), b"RECORD");
    let limit = room.limits.record_bytes;
    let bytes = match image.read(&path, limit) {
        Ok(bytes) => bytes,
        Err(
            error @ Error::TooLarge {
                limit_name: ONE_FILE,
                ..
            },
        ) => {
            let message = error.of_limit("record_bytes").to_string();
            losses.push(Loss::partial("over-limit", message));
            return Err(Outcome::Nothing);
        }
        Err(Error::NotFound { .. } | Error::WrongKind { .. }) => {
            let message = format!("{shown} has no RECORD, so its files were not checked");
            losses.push(Loss::minor("no-record", message));
            return Err(match has_hashes(package) {
                true => Outcome::NoRecord,
                false => Outcome::Nothing,
            });
        }
        Err(error) => {
            lose(losses, &error);
            return Err(Outcome::Nothing);
        }
    };
    let rows = record::parse(&bytes, room.rows).map_err(|error| {
        let message = format!("{} cannot be used: {error}", image::shown(&path));
        if matches!(error, record::Error::TooManyRows { .. }) {
            losses.push(Loss::partial("over-limit", message));
            Outcome::Nothing
        } else {
            let message = format!("{message}; the files of {shown} were not checked");
            losses.push(Loss::minor("no-record", message));
            Outcome::NoRecord
        }
    })?;
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    room.rows = room.rows.saturating_sub(count);
    Ok(rows)
}

impl Plan {
    /// Adds the files that the record lists.
    fn add(&mut self, rows: Vec<record::Row>, shown: &str, losses: &mut Vec<Loss>) {
        // The first path of each kind, and the number of paths.
        let (mut outside, mut other) = ((None, 0_usize), (None, 0_usize));
        let count = |(first, count): &mut (Option<String>, usize), what: &dyn Fn() -> String| {
            first.get_or_insert_with(what);
            *count = count.saturating_add(1);
        };
        for row in rows {
            if is_compiled(&row.path) || self.is_afterwards(&row.path) {
                continue;
            }
            let Some(place) = resolve(&self.tree, &row.path) else {
                count(&mut outside, &|| image::shown(&row.path));
                continue;
            };
            let listed = self.files.entry(place).or_default();
            match row.hash {
                Hash::Sha256(digest) => listed.digests.push(digest),
                Hash::Absent => count(&mut other, &|| "without a hash".to_owned()),
                Hash::Other(algorithm) => count(&mut other, &|| format!("by {algorithm}")),
            }
            listed.name = row.path;
            listed.size = row.size.unwrap_or_default();
        }
        if let (Some(first), count) = outside {
            let message = format!(
                "the RECORD of {shown} lists {count} paths outside of the image, which were not read; the first is {first}"
            );
            losses.push(Loss::minor("record-leaves-image", message));
        }
        if let (Some(first), count) = other {
            let message = format!(
                "the RECORD of {shown} lists {count} files {first}: only their existence was checked"
            );
            self.unhashed = true;
            losses.push(Loss::minor("record-hash-not-checked", message));
        }
    }

    /// Returns true for a file in `.dist-info` that the package does not contain itself.
    pub(super) fn is_afterwards(&self, path: &[u8]) -> bool {
        let own = last(self.path.as_bytes());
        let file = path
            .strip_prefix(own)
            .and_then(|rest| rest.strip_prefix(b"/"));
        file.is_some_and(|file| AFTERWARDS.contains(&file))
    }

    /// Returns the directories of the tree that contain files of the package, relative to the tree.
    pub(super) fn own_directories(&self) -> BTreeSet<Vec<u8>> {
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

/// Returns a path as a record of the tree spells it.
pub(super) fn inside<'p>(tree: &[u8], path: &'p [u8]) -> &'p [u8] {
    let rest = path.strip_prefix(tree);
    rest.and_then(|rest| rest.strip_prefix(b"/"))
        .unwrap_or(path)
}

/// Returns the path in the image for a path of a record; `None` if it leaves the image.
pub(super) fn resolve(tree: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    if path.contains(&0) {
        return None;
    }
    let base = match path {
        [b'/', ..] => b"",
        _ => tree,
    };
    let mut names: Vec<&[u8]> = Vec::new();
    let parts = [base, path].into_iter();
    for name in parts.flat_map(|part| part.split(|&byte| byte == b'/')) {
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

pub(super) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    [directory, name].join(&b'/')
}

pub(super) fn parent(path: &[u8]) -> &[u8] {
    let at = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    path.get(..at).unwrap_or_default()
}

pub(super) fn last(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}
