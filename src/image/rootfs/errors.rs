//! What the kernel says of files, in the words of an image.

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::image::{Error, FileKind};

/// The type of a file.
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

/// The error for what the kernel said of a path.
pub(super) fn error(path: &[u8], errno: Errno) -> Error {
    let path = shown(path);
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG => Error::NotFound { path },
        Errno::LOOP => Error::Links {
            path,
            reason: "its links form a loop, or are too many".to_owned(),
        },
        other => Error::Damaged {
            path,
            reason: other.to_string(),
        },
    }
}

/// The error for a file that could not be read.
pub(super) fn damaged(path: &[u8], error: &std::io::Error) -> Error {
    Error::Damaged {
        path: shown(path),
        reason: error.to_string(),
    }
}

/// A path for a person.
pub(super) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
