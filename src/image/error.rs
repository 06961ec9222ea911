//! Why something in an image could not be read, and the types of files that an error names.

use std::{fmt, io};

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
    /// The path does not exist; often not an error.
    #[error("{path} is not in the image")]
    NotFound {
        /// The path inside the image.
        path: String,
    },
    /// The path is another kind of file.
    #[error("{path} is {found}, not {wanted}")]
    WrongKind {
        /// The path inside the image.
        path: String,
        /// The kind that was found.
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
    /// Returns true if the path simply is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// The error for a file that could be opened, but not read to its end.
    #[must_use]
    pub fn from_read(path: &[u8], error: &io::Error) -> Self {
        let path = String::from_utf8_lossy(path).into_owned();
        if error.kind() == io::ErrorKind::TimedOut {
            return Self::TimedOut { path };
        }
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        if let Some(&crate::squashfs::Error::TooLarge {
            limit,
            size,
            allowed,
            ..
        }) = inner
        {
            return Self::TooLarge {
                path,
                size,
                limit: allowed,
                limit_name: limit,
            };
        }
        let reason = error.to_string();
        Self::Damaged { path, reason }
    }
}
