//! Errors, with messages that tell a person what to do next.

use std::io;
use std::time::Duration;

use super::kind::Kind;
use crate::limits::unit;

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an image, or something in it, could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file has no bytes at all.
    #[error(
        "the file is empty; the import or copy that should have written it did not: make the image again"
    )]
    Empty,
    /// The file is something else.
    #[error("not a squashfs image that can be read: {looks_like}")]
    NotSquashfs {
        /// What the first bytes look like.
        looks_like: LooksLike,
    },
    /// A compressor that squashfs 4.0 does not define.
    #[error(
        "unknown compressor {0} in the superblock at offset 20; known are 1 gzip, 2 lzma, 3 lzo, 4 xz, 5 lz4, 6 zstd: copy or make the image again"
    )]
    UnknownCompressor(u16),
    /// The file is shorter than the image that it holds.
    #[error("the image is truncated: it says {expected} bytes, the file has {actual} ({} missing), and offset {offset} is needed; copy or import it again", expected.saturating_sub(*actual))]
    Truncated {
        /// Bytes that the image says it has.
        expected: u64,
        /// Bytes that the file has.
        actual: u64,
        /// The first missing byte that was needed.
        offset: u64,
    },
    /// Bytes that cannot be right.
    #[error(
        "the image is damaged: {what} at offset {offset}: {reason}; compare its checksum with the original, or make it again"
    )]
    Damaged {
        /// The part that is damaged.
        what: &'static str,
        /// Where in the image: the part itself, or the block that holds it.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No such file.
    #[error("not in the image: {path}")]
    NotFound {
        /// The path asked for, escaped.
        path: String,
    },
    /// The path names another kind of thing than the one asked for.
    #[error("{path} is a {kind}, not a {wanted}")]
    WrongKind {
        /// The path, escaped, or the inode number.
        path: String,
        /// What it is.
        kind: Kind,
        /// What it would have to be.
        wanted: Kind,
    },
    /// Too many symbolic links on the way.
    #[error(
        "{path}: more than {hops} symbolic links in a row (limit symlink_hops); the links form a loop, or the limit must be raised"
    )]
    LinkLoop {
        /// The path asked for, escaped.
        path: String,
        /// The limit.
        hops: u32,
    },
    /// Over a limit.
    #[error(
        "{what} is over the limit {limit}: {size}{unit} is more than {allowed}{unit}; raise the limit if the image is trusted",
        unit = unit(limit).0
    )]
    TooLarge {
        /// Which limit.
        limit: &'static str,
        /// What is too large.
        what: &'static str,
        /// How large it is, at least.
        size: u64,
        /// What is allowed.
        allowed: u64,
    },
    /// Out of time.
    #[error("reading the image took longer than the limit time ({} s); the storage is slow or the image is hostile: raise the limit or try again", limit.as_secs_f64())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The storage failed.
    #[error("could not read at offset {offset}: {reason}")]
    Io {
        /// Where the read started.
        offset: u64,
        /// What the system said.
        reason: io::Error,
    },
}

impl Error {
    pub(super) fn damaged(what: &'static str, offset: u64, reason: impl Into<String>) -> Self {
        Self::Damaged {
            what,
            offset,
            reason: reason.into(),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { reason, .. } => reason,
            Error::Truncated { .. } => io::Error::new(io::ErrorKind::UnexpectedEof, error),
            Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, error),
            Error::TimedOut { .. } => io::Error::new(io::ErrorKind::TimedOut, error),
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// What a file that is no readable squashfs image seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LooksLike {
    /// A Singularity or Apptainer container.
    #[error("it is a SIF container (Singularity, Apptainer); its squashfs partition is further in")]
    Sif,
    /// gzip, usually a compressed tar archive.
    #[error("it is gzip data, probably a tar archive")]
    Gzip,
    /// zstd data.
    #[error("it is zstd data, probably a tar archive")]
    Zstd,
    /// xz data.
    #[error("it is xz data, probably a tar archive")]
    Xz,
    /// A tar archive.
    #[error("it is a tar archive")]
    Tar,
    /// A zip archive.
    #[error("it is a zip archive")]
    Zip,
    /// An ELF program, for instance a self-running bundle.
    #[error("it is an ELF program")]
    Elf,
    /// A script, for instance a self-extracting bundle.
    #[error("it is a script (#!)")]
    Script,
    /// JSON, for instance a manifest.
    #[error("it is JSON, perhaps a manifest and not an image")]
    Json,
    /// Squashfs before 4.0, or after.
    #[error(
        "it is squashfs {major}.{minor}; only 4.0 can be read: unpack it with an old unsquashfs and pack it again"
    )]
    OtherVersion {
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// Squashfs of a big-endian machine.
    #[error(
        "it is a big-endian squashfs of before 4.0: unpack it with an old unsquashfs and pack it again"
    )]
    BigEndian,
    /// A squashfs of some vendor, with a changed format.
    #[error("it is a vendor's own variant of squashfs")]
    VendorSquashfs,
    /// A file system, disk or archive of another kind, with its name.
    #[error("it is {0}")]
    Foreign(&'static str),
    /// Only zeros, as a copy leaves them that never finished.
    #[error("it starts with zeros only; the copy or import that wrote it did not finish")]
    Zeros,
    /// Text of a person.
    #[error("it is text; `sqsh-prov lint` reads Dockerfiles, bake and Compose files and workflows")]
    Text,
    /// Nothing known.
    #[error("its first bytes are no known format")]
    Unknown,
}

/// A path or name as it may be shown: ASCII, everything else escaped.
pub(super) fn shown(path: &[u8]) -> String {
    path.escape_ascii().to_string()
}
