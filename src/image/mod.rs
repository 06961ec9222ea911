//! One view of the files in an image, for every form that an image has on disk.

pub mod content;
pub mod detect;
mod error;
pub mod json;
mod later;
pub mod layered;
mod listing;
pub mod oci;
pub mod packing;
pub mod rootfs;
pub mod sif;
mod squashfs;
pub mod tar;
mod unique;
pub mod walk;
pub mod written;

use std::io::{self, Read};

pub(crate) use error::shown;
pub use error::{Error, FileKind};
pub use later::Later;
pub use listing::{Entry, Listing};
pub use packing::{Packer, Packing};

/// The root file system of a container. Paths are absolute, with `/` between components. Links are
/// followed, and never leave the root.
pub trait Image {
    /// Returns a whole file of at most `limit` bytes. A longer one is [`Error::TooLarge`].
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error>;

    /// Returns `length` bytes from `offset`, or fewer at the end of the file.
    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error>;

    /// Returns the entries of a directory, sorted by name.
    fn list(&self, path: &[u8]) -> Result<Listing, Error>;

    /// Returns the metadata of a path, after following links.
    fn stat(&self, path: &[u8]) -> Result<Stat, Error>;

    /// Opens a regular file of any size, at its start. An error while it is read is an
    /// [`io::Error`]; [`Error::from_read`] converts it.
    fn open<'a>(&'a self, path: &[u8]) -> Result<Box<dyn Read + 'a>, Error> {
        self.stat(path)?.kind.must_be(FileKind::File, path)?;
        Ok(Box::new(Pieces {
            image: self,
            path: path.to_vec(),
            at: 0,
            piece: io::Cursor::default(),
        }))
    }

    /// Announces that much of the image will be read. The image then reads its directories in large
    /// pieces. Returns true if [`Self::prefetch`] helps too.
    fn read_ahead(&self) -> bool {
        false
    }

    /// Announces the files that will be read. The image then reads all of them at once.
    fn prefetch(&self, _files: &[Start]) {}

    /// Announces a call of [`Self::later_than`]. The image then begins with its work.
    fn times_ahead(&self) {}

    /// Returns what changed after a time, in seconds since 1970, and at most `names` of the paths.
    /// Returns `None` if files have no times of their own.
    fn later_than(&self, _since: i64, _names: usize) -> Result<Option<Later>, Error> {
        Ok(None)
    }

    /// Visits every entry below the root, in no particular order. Returns false if this form cannot.
    fn walk(&self, _visit: &mut walk::Visit<'_>) -> Result<bool, Error> {
        Ok(false)
    }

    /// Returns how the image was packed; `None` for every form but squashfs.
    fn packing(&self) -> Option<Packing> {
        None
    }
}

/// The start of a file that will be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Paths; the first one that is a file will be read.
    pub paths: Vec<Vec<u8>>,
    /// The most bytes that will be read.
    pub length: u64,
}

/// Reads a file range by range, for forms that have no reader of their own.
struct Pieces<'a, I: ?Sized> {
    image: &'a I,
    path: Vec<u8>,
    at: u64,
    piece: io::Cursor<Vec<u8>>,
}

impl<I: Image + ?Sized> Read for Pieces<'_, I> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        const PIECE: usize = 1024 * 1024;
        let count = self.piece.read(buf)?;
        if count > 0 || buf.is_empty() {
            return Ok(count);
        }
        let piece = self.image.read_range(&self.path, self.at, PIECE);
        let piece = piece.map_err(|error| match error {
            Error::TimedOut { .. } => io::Error::new(io::ErrorKind::TimedOut, error),
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })?;
        self.at = self.at.saturating_add(piece.len() as u64);
        self.piece = io::Cursor::new(piece);
        self.piece.read(buf)
    }
}

/// The metadata of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The type of the file.
    pub kind: FileKind,
    /// The size of a regular file, in bytes.
    pub size: u64,
    /// The time of the last change, in seconds since 1970.
    pub mtime: i64,
    /// A number that all hard links of the file share; `None` if there is one link, or the number is
    /// not known.
    pub shared: Option<u64>,
}
