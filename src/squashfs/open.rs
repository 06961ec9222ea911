//! An open image: its superblock, and what of it was read and is kept.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use super::disk::Disk;
use super::error::{Error, LooksLike, Result};
use super::foreign;
use super::kept::{Block, Kept, Pass};
use super::read_at::ReadAt;
use super::superblock::{self, Superblock};
use crate::limits::Limits;

/// The first read: the superblock, and enough to say what a file is that has none.
const HEAD: u64 = 512;
/// A file up to this size is read at once.
const SMALL: u64 = 32 * 1024;

/// An open image.
pub struct Squashfs<R> {
    pub(super) disk: Disk<R>,
    pub(super) superblock: Superblock,
    pub(super) limits: Limits,
    pub(super) blocks: RefCell<VecDeque<Arc<Block>>>,
    pub(super) fragments: RefCell<VecDeque<Kept>>,
    pub(super) metadata_decoded: Cell<u64>,
    pub(super) file_bytes: Cell<u64>,
    pub(super) times_ahead: RefCell<Option<Pass>>,
    /// What was read and cannot be right: the first of each kind.
    pub(super) notes: RefCell<Vec<Note>>,
}

/// Something that was read and cannot be right: what, where and why.
pub(super) struct Note {
    what: &'static str,
    at: u64,
    reason: String,
}

impl<R> std::fmt::Debug for Squashfs<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Squashfs")
            .field("superblock", &self.superblock)
            .finish_non_exhaustive()
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// Opens an image: one read, unless something is odd.
    ///
    /// A file that is shorter than its image opens too, so that what is there can be read; see [`Self::truncated`].
    ///
    /// # Errors
    /// If the file is empty, is something else, or has a superblock that cannot be right.
    pub fn open(source: R, limits: &Limits) -> Result<Self> {
        let mut disk = Disk::open(source, limits.time)?;
        let size = disk.size();
        let head = 0..if size <= SMALL { size } else { HEAD };
        let head = disk.get("superblock", head.clone(), head)?;
        let superblock = Superblock::parse(&head, size).map_err(|error| match error {
            Error::NotSquashfs {
                looks_like: LooksLike::Unknown | LooksLike::Text | LooksLike::Zeros,
            } => {
                let more = 0..size.min(foreign::ENOUGH);
                let more = disk.get("start of the file", more.clone(), more);
                let named = more.ok().and_then(|more| foreign::further_in(&more));
                named.map_or(error, |looks_like| Error::NotSquashfs { looks_like })
            }
            error => error,
        })?;
        disk.set_bytes_used(superblock.bytes_used);
        Ok(Self::of(disk, superblock, *limits))
    }

    /// Returns an image after reading its superblock only.
    pub(super) fn of(disk: Disk<R>, superblock: Superblock, limits: Limits) -> Self {
        Self {
            disk,
            superblock,
            limits,
            blocks: RefCell::default(),
            fragments: RefCell::default(),
            metadata_decoded: Cell::new(0),
            file_bytes: Cell::new(0),
            times_ahead: RefCell::default(),
            notes: RefCell::default(),
        }
    }

    /// What the superblock says.
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// What may be read of it.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The source that the image is read from.
    pub fn source(&self) -> &R {
        self.disk.source()
    }

    /// Bytes of the file that holds the image; padding counts.
    pub fn file_size(&self) -> u64 {
        self.disk.size()
    }

    /// How many bytes of the image the file does not have, where it is too short.
    pub fn truncated(&self) -> Option<u64> {
        self.disk.missing()
    }

    /// An error where the file is too short.
    ///
    /// # Errors
    /// `Truncated`.
    pub fn check_whole(&self) -> Result<()> {
        let (expected, actual) = (self.superblock.bytes_used, self.disk.size());
        if actual < expected {
            return Err(Error::Truncated {
                expected,
                actual,
                offset: actual,
            });
        }
        Ok(())
    }

    /// What cannot be right, where the rest can be read all the same: in the superblock, and in what
    /// was read so far.
    pub fn damage(&self) -> Vec<Error> {
        let damage = self.superblock.damage.iter();
        let notes = self.notes.borrow();
        let notes = notes
            .iter()
            .map(|note| Error::damaged(note.what, note.at, note.reason.as_str()));
        damage.map(superblock::Damage::error).chain(notes).collect()
    }

    /// Notes something that cannot be right. One of a kind is enough.
    pub(super) fn note(&self, what: &'static str, at: u64, reason: String) {
        let mut notes = self.notes.borrow_mut();
        if notes.iter().all(|note| note.what != what) {
            notes.push(Note { what, at, reason });
        }
    }
}
