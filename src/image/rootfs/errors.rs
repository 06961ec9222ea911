//! Converts the kernel's errors and file types into those of an image.

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::image::{Error, FileKind, shown};

pub(super) fn kind(file_type: FileType) -> FileKind {
    match file_type {
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Link,
        FileType::BlockDevice => FileKind::BlockDevice,
        FileType::CharacterDevice => FileKind::CharacterDevice,
        FileType::Fifo => FileKind::Fifo,
        FileType::Socket => FileKind::Socket,
        FileType::RegularFile | FileType::Unknown => FileKind::File,
    }
}

/// Returns the image's error for the kernel's.
pub(super) fn error(path: &[u8], errno: Errno) -> Error {
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG => Error::NotFound { path: shown(path) },
        Errno::LOOP => Error::links(path, "its links form a loop, or are too many"),
        other => Error::damaged(path, other),
    }
}
