//! The content digest: one number for all files of an image, whatever packs them.
//!
//! It covers the path and type of every entry, the target of every link, and the permissions, the size
//! and the SHA-256 of every regular file, sorted by path. It leaves out what differs between two imports
//! of one image: owners, times, the permissions of directories (an importer's umask and its layers decide
//! them), what an importer writes itself, and `/dev`, which importers leave out. docs/attestations.md
//! specifies it.

use sha2::{Digest as _, Sha256};

use super::walk::Walked;
use super::{Error, FileKind};
use crate::limits::Limits;

/// The name of the algorithm in a statement's `digest`.
pub const ALGORITHM: &str = "sqshProvContent1";

/// What importers write into an image, and what a container's start leaves there. What these say is no
/// part of any digest of an image's files.
pub const IMPORTERS: [&[u8]; 6] = [
    b"/etc/environment",
    b"/etc/fstab",
    b"/etc/hosts",
    b"/etc/rc",
    b"/etc/rc.local",
    b"/etc/resolv.conf",
];
/// What importers leave out, or a container's start and export: with everything beneath.
const LEFT_OUT: [&[u8]; 4] = [b"/dev", b"/.dockerenv", b"/.enroot", b"/.lock"];
/// The first line of what is hashed.
const VERSION: &[u8] = b"sqsh-prov content 1\n";
/// Bytes that an entry takes beside its path.
const ENTRY: u64 = 120;

/// The entries of an image.
#[derive(Debug, Default)]
pub struct Tree {
    entries: Vec<Entry>,
    kept: u64,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Absolute.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
    /// The permission bits.
    pub mode: u32,
    /// Bytes of a regular file.
    pub size: u64,
    /// The target of a link.
    pub target: Vec<u8>,
    /// The SHA-256 of a regular file, once it is known.
    pub sha256: Option<[u8; 32]>,
}

impl Tree {
    /// Returns true if an entry is part of the digest.
    #[must_use]
    pub fn covers(path: &[u8]) -> bool {
        let left_out = |root: &&[u8]| {
            let rest = path.strip_prefix(*root);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        // /dev itself is in every image, or made by its importer.
        !IMPORTERS.contains(&path) && !LEFT_OUT.iter().any(left_out)
    }

    /// Adds an entry, unless the digest leaves it out.
    ///
    /// # Errors
    /// Over the limit `walked_bytes`.
    pub fn add(&mut self, found: &Walked<'_>, limits: &Limits) -> Result<(), Error> {
        if !Self::covers(found.path) {
            return Ok(());
        }
        let length = found.path.len().saturating_add(found.target.len());
        let cost = u64::try_from(length).unwrap_or(u64::MAX);
        self.kept = self.kept.saturating_add(cost).saturating_add(ENTRY);
        if self.kept > limits.walked_bytes {
            return Err(Error::TooLarge {
                path: String::from_utf8_lossy(found.path).into_owned(),
                size: self.kept,
                limit: limits.walked_bytes,
                limit_name: "walked_bytes",
            });
        }
        self.entries.push(Entry {
            path: found.path.to_vec(),
            kind: found.kind,
            mode: found.mode,
            size: found.size,
            target: found.target.to_vec(),
            sha256: None,
        });
        Ok(())
    }

    /// Adds an entry whose hash is known.
    pub(crate) fn push(&mut self, entry: Entry) {
        if Self::covers(&entry.path) {
            self.entries.push(entry);
        }
    }

    /// Puts the entries in the order of their paths.
    pub fn sort(&mut self) {
        self.entries
            .sort_unstable_by(|one, other| one.path.cmp(&other.path));
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries, to put hashes in.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// The digest, `sha256:<64hex>`; `None` if a file was not hashed.
    #[must_use]
    pub fn digest(mut self) -> Option<String> {
        self.sort();
        let mut hash = Sha256::new();
        hash.update(VERSION);
        for entry in &self.entries {
            field(&mut hash, &entry.path);
            hash.update([letter(entry.kind)]);
            match entry.kind {
                FileKind::File => {
                    // Importers make every file readable for its owner.
                    hash.update((entry.mode & 0o7777 | 0o400).to_le_bytes());
                    hash.update(entry.size.to_le_bytes());
                    hash.update(entry.sha256?);
                }
                FileKind::Link => field(&mut hash, &entry.target),
                _ => {}
            }
        }
        Some(super::oci::named(&hash.finalize()))
    }
}

/// Hashes bytes after their length, so that two different lists never give the same input.
fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.update(bytes);
}

fn letter(kind: FileKind) -> u8 {
    match kind {
        FileKind::File => b'f',
        FileKind::Directory => b'd',
        FileKind::Link => b'l',
        FileKind::BlockDevice => b'b',
        FileKind::CharacterDevice => b'c',
        FileKind::Fifo => b'p',
        FileKind::Socket => b's',
    }
}
