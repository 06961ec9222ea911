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
    match error {
        // If the wanted kind is a directory, a component of the path is none: the path does not exist.
        squashfs::Error::NotFound { .. }
        | squashfs::Error::WrongKind {
            wanted: Kind::Directory,
            ..
        } => Error::NotFound { path: shown(path) },
        squashfs::Error::WrongKind {
            kind: found,
            wanted,
            ..
        } => Error::WrongKind {
            path: shown(path),
            found: kind(found),
            wanted: kind(wanted),
        },
        squashfs::Error::LinkLoop { .. } => Error::links(path, error.to_string()),
        squashfs::Error::TooLarge {
            limit: limit_name,
            size,
            allowed: limit,
            ..
        } => Error::TooLarge {
            path: shown(path),
            size,
            limit,
            limit_name,
        },
        squashfs::Error::TimedOut { .. } => Error::TimedOut { path: shown(path) },
        // The reason lacks the offset of this path: one warning covers everything in the missing end.
        squashfs::Error::Truncated {
            expected, actual, ..
        } => {
            let reason = format!(
                "the image ends at offset {actual} and should have {expected} bytes; copy or import it again"
            );
            Error::damaged(path, reason)
        }
        other => Error::damaged(path, other),
    }
}
