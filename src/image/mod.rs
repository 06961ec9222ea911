//! What an image looks like from inside, whatever form it has on disk.

pub mod detect;
pub mod json;
pub mod oci;
pub mod rootfs;
pub mod sif;
mod squashfs;
pub mod tar;

use std::fmt;

/// A file system with a container's root in it. Paths are absolute, with `/`
/// between components; links are followed and never leave the root.
pub trait Image {
    /// The whole file, up to `limit` bytes; more is [`Error::TooLarge`].
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error>;

    /// Up to `length` bytes from `offset`; fewer at the end of the file.
    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error>;

    /// The entries of a directory, sorted by name.
    fn list(&self, path: &[u8]) -> Result<Vec<Entry>, Error>;

    /// What stands at the path, after links.
    fn stat(&self, path: &[u8]) -> Result<Stat, Error>;
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Not necessarily UTF-8.
    pub name: Vec<u8>,
    /// Of the entry itself, a link unfollowed.
    pub kind: FileKind,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Bytes of a regular file.
    pub size: u64,
    /// Seconds since 1970 in UTC.
    pub mtime: i64,
}

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharacterDevice,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a regular file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::BlockDevice => "a block device",
            Self::CharacterDevice => "a character device",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
        })
    }
}

/// Why something inside an image could not be read. Paths are as asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing stands there; often not an error.
    #[error("{path} is not in the image")]
    NotFound {
        /// The path inside the image.
        path: String,
    },
    /// Something else stands there.
    #[error("{path} is {found}, not {wanted}")]
    WrongKind {
        /// The path inside the image.
        path: String,
        /// What stands there.
        found: FileKind,
        /// What was asked for.
        wanted: FileKind,
    },
    /// Its links lead nowhere.
    #[error("{path} cannot be reached: {reason}")]
    Links {
        /// The path inside the image.
        path: String,
        /// Why, with the number of links.
        reason: String,
    },
    /// It is over a limit.
    #[error(
        "{path} is over the limit {limit_name} of {limit} bytes ({size} bytes); it was not read"
    )]
    TooLarge {
        /// The path inside the image.
        path: String,
        /// Bytes.
        size: u64,
        /// Bytes.
        limit: u64,
        /// The field of [`crate::limits::Limits`].
        limit_name: &'static str,
    },
    /// The image is damaged where it stands.
    #[error("{path} cannot be read: {reason}")]
    Damaged {
        /// The path inside the image.
        path: String,
        /// What is wrong, with the offset in the file.
        reason: String,
    },
    /// The time for this image is over.
    #[error("{path} was not read: the time limit for one image is over")]
    TimedOut {
        /// The path inside the image.
        path: String,
    },
}

impl Error {
    /// True when the path simply is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
