//! Converts errors and types of the squashfs reader into those of any image.

use crate::image::{Error, FileKind, shown};
use crate::squashfs::{self, Kind};

pub(super) fn kind(kind: Kind) -> FileKind {
    match kind {
        Kind::Directory => FileKind::Directory,
        Kind::File => FileKind::File,
        Kind::Symlink => FileKind::Link,
        Kind::BlockDevice => FileKind::BlockDevice,
        Kind::CharDevice => FileKind::CharacterDevice,
        Kind::Fifo => FileKind::Fifo,
        Kind::Socket => FileKind::Socket,
    }
}

pub(super) fn error(path: &[u8], error: squashfs::Error) -> Error {
    let path = shown(path);
    match error {
        squashfs::Error::NotFound { .. } => Error::NotFound { path },
        // A component of the path is not a directory, so the path does not exist.
        squashfs::Error::WrongKind {
            wanted: Kind::Directory,
            ..
        } => Error::NotFound { path },
        squashfs::Error::WrongKind {
            kind: found,
            wanted,
            ..
        } => Error::WrongKind {
            path,
            found: kind(found),
            wanted: kind(wanted),
        },
        squashfs::Error::LinkLoop { .. } => Error::Links {
            path,
            reason: error.to_string(),
        },
        squashfs::Error::TooLarge {
            limit,
            size,
            allowed,
            ..
        } => Error::TooLarge {
            path,
            size,
            limit: allowed,
            limit_name: limit,
        },
        squashfs::Error::TimedOut { .. } => Error::TimedOut { path },
        // The reason lacks the offset of this path: one warning covers everything in the missing end.
        squashfs::Error::Truncated {
            expected, actual, ..
        } => Error::Damaged {
            path,
            reason: format!(
                "the image ends at offset {actual} and should have {expected} bytes; copy or import it again"
            ),
        },
        other => Error::Damaged {
            path,
            reason: other.to_string(),
        },
    }
}
