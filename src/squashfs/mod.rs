//! Reads one file or one directory out of a squashfs 4.0 image, lazily.
//!
//! Nothing is read that is not needed, nothing in the image is believed, and nothing here knows what a container is.
//!
//! ```no_run
//! use sqsh_prov::{limits::Limits, squashfs::Squashfs};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let image = Squashfs::open(std::fs::File::open("image.sqsh")?, &Limits::default())?;
//! let environment = image.lookup(b"/etc/environment")?;
//! let text = image.read(&environment, 1 << 20)?;
//! # Ok(())
//! # }
//! ```

mod ahead;
mod bytes;
mod data;
mod decompress;
mod directory;
mod disk;
mod error;
mod fragment;
mod inode;
mod lookup;
mod metadata;
mod read_at;
mod superblock;
mod tables;
#[cfg(test)]
mod tests;
mod times;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use crate::limits::Limits;
use disk::Disk;

pub use data::FileReader;
pub use decompress::Compressor;
pub use directory::{DirEntry, Entries};
pub use error::{Error, LooksLike, Result};
pub use inode::{Inode, Kind};
pub use read_at::{Counted, Offset, Part, ReadAt};
pub use superblock::Superblock;
pub use times::Times;

pub(crate) use read_at::AnySource;

/// The first read: the superblock, and enough to say what a file is that has none.
const HEAD: u64 = 512;
/// A file up to this size is read at once.
const SMALL: u64 = 32 * 1024;

/// An open image.
pub struct Squashfs<R> {
    disk: Disk<R>,
    superblock: Superblock,
    limits: Limits,
    blocks: RefCell<VecDeque<Arc<metadata::Block>>>,
    fragments: RefCell<VecDeque<fragment::Kept>>,
    metadata_decoded: Cell<u64>,
    file_bytes: Cell<u64>,
    times_ahead: RefCell<Option<ahead::Pass>>,
}

impl<R> std::fmt::Debug for Squashfs<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Squashfs")
            .field("superblock", &self.superblock)
            .finish_non_exhaustive()
    }
}

/// What is known of an inode besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, without the type.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, seconds since 1970.
    pub mtime: u32,
    /// Bytes of a file, of a link's target or of a directory's listing.
    pub size: u64,
    /// Hard links.
    pub links: u32,
    /// Inode number.
    pub number: u32,
}

impl<R: ReadAt> Squashfs<R> {
    /// Opens an image: one read, unless something is odd.
    ///
    /// A file that is shorter than its image opens too, so that what is there can be read; see [`Self::truncated`].
    ///
    /// # Errors
    /// Where the file is empty, is something else, or has a superblock that cannot be right.
    pub fn open(source: R, limits: &Limits) -> Result<Self> {
        let mut disk = Disk::open(source, limits.time)?;
        let size = disk.size();
        let head = 0..if size <= SMALL { size } else { HEAD };
        let head = disk.get("superblock", head.clone(), head)?;
        let superblock = Superblock::parse(&head, size).map_err(|error| match error {
            Error::NotSquashfs {
                looks_like: LooksLike::Unknown | LooksLike::Zeros,
            } => {
                let more = 0..size.min(superblock::FOREIGN);
                let more = disk.get("start of the file", more.clone(), more);
                let named = more.ok().and_then(|more| superblock::foreign(&more));
                named.map_or(error, |looks_like| Error::NotSquashfs { looks_like })
            }
            error => error,
        })?;
        disk.set_bytes_used(superblock.bytes_used);
        Ok(Self {
            disk,
            superblock,
            limits: *limits,
            blocks: RefCell::default(),
            fragments: RefCell::default(),
            metadata_decoded: Cell::new(0),
            file_bytes: Cell::new(0),
            times_ahead: RefCell::default(),
        })
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

    /// What the superblock cannot be right about, where the rest can be read all the same.
    pub fn damage(&self) -> Vec<Error> {
        let damage = &self.superblock.damage;
        damage.iter().map(superblock::Damage::error).collect()
    }

    /// The root directory.
    ///
    /// # Errors
    /// `Damaged` where the root is no directory, or as for any other inode.
    pub fn root(&self) -> Result<Inode> {
        let root = self.inode_at(self.superblock.root)?;
        if root.kind != Kind::Directory {
            return Err(Error::damaged(
                "root inode",
                32,
                format!("it is a {}", root.kind),
            ));
        }
        Ok(root)
    }

    /// Mode, owner, times and size of an inode.
    ///
    /// # Errors
    /// Where the id table cannot be read.
    pub fn stat(&self, inode: &Inode) -> Result<Stat> {
        Ok(Stat {
            kind: inode.kind,
            mode: inode.permissions,
            uid: self.id(inode.uid_index)?,
            gid: self.id(inode.gid_index)?,
            mtime: inode.mtime,
            size: inode.size,
            links: inode.links,
            number: inode.number,
        })
    }
}
