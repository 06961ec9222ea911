//! What an image looks like from inside, whatever form it has on disk.

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
pub mod walk;

use std::io::{self, Read};

pub use error::{Error, FileKind};
pub use later::Later;
pub use listing::{Entry, Listing};
pub use packing::{Packer, Packing};

/// A file system with a container's root in it. Paths are absolute, with `/`
/// between components; links are followed and never leave the root.
pub trait Image {
    /// The whole file, up to `limit` bytes; more is [`Error::TooLarge`].
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error>;

    /// Up to `length` bytes from `offset`; fewer at the end of the file.
    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error>;

    /// The entries of a directory, sorted by name.
    fn list(&self, path: &[u8]) -> Result<Listing, Error>;

    /// Returns the metadata of the path, after following links.
    fn stat(&self, path: &[u8]) -> Result<Stat, Error>;

    /// A regular file of any size, from its start. What goes wrong while it is read
    /// is an [`io::Error`]; see [`Error::from_read`].
    fn open<'a>(&'a self, path: &[u8]) -> Result<Box<dyn Read + 'a>, Error> {
        let stat = self.stat(path)?;
        if stat.kind != FileKind::File {
            return Err(Error::WrongKind {
                path: String::from_utf8_lossy(path).into_owned(),
                found: stat.kind,
                wanted: FileKind::File,
            });
        }
        Ok(Box::new(Pieces {
            image: self,
            path: path.to_vec(),
            at: 0,
            piece: io::Cursor::default(),
        }))
    }

    /// Announces that much of the image will be read, to let it read its directories in large pieces.
    /// True where it helps to say which files will be read; see [`Self::prefetch`].
    fn read_ahead(&self) -> bool {
        false
    }

    /// Announces the files that will be read, to let it read all of them at once.
    fn prefetch(&self, _files: &[Start]) {}

    /// Announces a call of [`Self::later_than`], to let its work begin.
    fn times_ahead(&self) {}

    /// What was changed after a moment, in seconds since 1970, with the paths of at most `names` of
    /// them. `None` if files have no times of their own.
    fn later_than(&self, _since: i64, _names: usize) -> Result<Option<Later>, Error> {
        Ok(None)
    }

    /// Shows every entry below the root, in no particular order. False where this form cannot.
    fn walk(&self, _visit: &mut walk::Visit<'_>) -> Result<bool, Error> {
        Ok(false)
    }

    /// How it was packed; `None` if it is no squashfs image.
    fn packing(&self) -> Option<Packing> {
        None
    }
}

/// The start of a file that will be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The first of these that is a file.
    pub paths: Vec<Vec<u8>>,
    /// How many bytes of it are wanted at most.
    pub length: u64,
}

/// A file read range by range, for forms that have nothing better.
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
        self.at = self
            .at
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        self.piece = io::Cursor::new(piece);
        self.piece.read(buf)
    }
}

/// The metadata of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Bytes of a regular file.
    pub size: u64,
    /// Seconds since 1970 in UTC.
    pub mtime: i64,
    /// The same for all names of a file that has several; `None` if it has one, or that is not known.
    pub shared: Option<u64>,
}
