//! The content digest: one hash of all files of an image. It does not depend on the packer.
//!
//! It covers the path and type of every entry, the target of every link, and the permissions, the size
//! and the SHA-256 of every regular file, sorted by path. It leaves out everything that differs between
//! two imports of one image: owners, times, the permissions of directories (an importer's umask and the
//! layers decide them), the importer's own files, and `/dev`. docs/attestations.md specifies it.

use sha2::{Digest as _, Sha256};

use super::walk::Walked;
use super::{Error, FileKind};
use crate::limits::Limits;

/// The name of the algorithm in a statement's `digest`.
pub const ALGORITHM: &str = "sqshProvContent1";

/// Files that importers write into an image, or that the start of a container leaves there. No digest of
/// an image's files covers them.
pub const IMPORTERS: [&[u8]; 6] = [
    b"/etc/environment",
    b"/etc/fstab",
    b"/etc/hosts",
    b"/etc/rc",
    b"/etc/rc.local",
    b"/etc/resolv.conf",
];
/// The directory of devices. An importer may have made it, and leaves out or adds what is below it. Every
/// runtime mounts another directory over it.
const DEVICES: &[u8] = b"/dev";
/// Marks that the start and export of a container leave, as an empty file or a directory. Only the mark itself
/// is left out: a mark with content, and everything below one, is no importer's.
const MARKS: [&[u8]; 3] = [b"/.dockerenv", b"/.enroot", b"/.lock"];
/// The first line of the hashed text.
const VERSION: &[u8] = b"sqsh-prov content 1\n";
/// The bytes that an entry takes in addition to its path and target.
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
    /// The absolute path.
    pub path: Vec<u8>,
    /// The type of the file.
    pub kind: FileKind,
    /// The permission bits.
    pub mode: u32,
    /// The size of a regular file, in bytes.
    pub size: u64,
    /// The target of a link.
    pub target: Vec<u8>,
    /// The SHA-256 of a regular file; `None` until it is known.
    pub sha256: Option<[u8; 32]>,
}

impl Tree {
    /// Returns true if an entry is part of the digest. `size` is 0 for all but regular files.
    #[must_use]
    pub fn covers(path: &[u8], kind: FileKind, size: u64) -> bool {
        let below = path.strip_prefix(DEVICES);
        let is_device = below.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        let is_empty = kind == FileKind::Directory || (kind == FileKind::File && size == 0);
        let is_mark = is_empty && MARKS.contains(&path);
        !IMPORTERS.contains(&path) && !is_device && !is_mark
    }

    /// Adds an entry, unless the digest leaves it out.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over the limit `walked_bytes`.
    pub fn add(&mut self, found: &Walked<'_>, limits: &Limits) -> Result<(), Error> {
        if !Self::covers(found.path, found.kind, found.size) {
            return Ok(());
        }
        let cost = found.path.len().saturating_add(found.target.len()) as u64;
        self.kept = self.kept.saturating_add(cost).saturating_add(ENTRY);
        Error::check_limit(found.path, self.kept, limits.walked_bytes, "walked_bytes")?;
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
        if Self::covers(&entry.path, entry.kind, entry.size) {
            self.entries.push(entry);
        }
    }

    /// Sorts the entries by path.
    pub fn sort(&mut self) {
        self.entries
            .sort_unstable_by(|one, other| one.path.cmp(&other.path));
    }

    /// Returns the entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries, for a caller that adds hashes.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Returns the digest, `sha256:<64hex>`; `None` if a file was not hashed.
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
                    // Importers make every file readable by its owner.
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

/// Hashes the length of bytes, then the bytes: no two lists of fields give the same input.
pub(super) fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
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
