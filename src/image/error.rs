//! Why something in an image could not be read, and the types of files that an error names.

use std::{fmt, io};

use crate::limits::{ONE_FILE, unit};

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

impl FileKind {
    /// Checks that the file at a path is of the wanted kind.
    pub(crate) fn must_be(self, wanted: Self, path: &[u8]) -> Result<(), Error> {
        if self == wanted {
            return Ok(());
        }
        Err(Error::WrongKind {
            path: shown(path),
            found: self,
            wanted,
        })
    }
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

/// Why something inside an image could not be read. A path is as the caller spelled it.
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
        /// The kind that the caller wanted.
        wanted: FileKind,
    },
    /// The path has too many links or components.
    #[error("{path} cannot be reached: {reason}")]
    Links {
        /// The path inside the image.
        path: String,
        /// The reason, with the limit.
        reason: String,
    },
    /// It exceeds a limit.
    #[error("{}", over(path, *size, *limit, limit_name))]
    TooLarge {
        /// The path inside the image.
        path: String,
        /// The size, in the unit of the limit: of the file, or of everything that was read so far.
        size: u64,
        /// The limit.
        limit: u64,
        /// The name of the limit: a field of [`crate::limits::Limits`].
        limit_name: &'static str,
    },
    /// The image is damaged there.
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
    /// Checks a size against a limit.
    pub(crate) fn check_limit(
        path: &[u8],
        size: u64,
        limit: u64,
        limit_name: &'static str,
    ) -> Result<(), Self> {
        if size <= limit {
            return Ok(());
        }
        Err(Self::TooLarge {
            path: shown(path),
            size,
            limit,
            limit_name,
        })
    }

    /// Returns the error with the name of the limit on one file. Only the caller of a read knows it.
    pub(crate) fn of_limit(mut self, name: &'static str) -> Self {
        if let Self::TooLarge { limit_name, .. } = &mut self
            && *limit_name == ONE_FILE
        {
            *limit_name = name;
        }
        self
    }

    pub(crate) fn links(path: &[u8], reason: impl Into<String>) -> Self {
        Self::Links {
            path: shown(path),
            reason: reason.into(),
        }
    }

    pub(crate) fn damaged(path: &[u8], reason: impl ToString) -> Self {
        Self::Damaged {
            path: shown(path),
            reason: reason.to_string(),
        }
    }

    /// Returns true if the path does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Returns the error for a file that could be opened, but not read to its end.
    #[must_use]
    pub fn from_read(path: &[u8], error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut {
            return Self::TimedOut { path: shown(path) };
        }
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(&crate::squashfs::Error::TooLarge {
                limit: limit_name,
                size,
                allowed: limit,
                ..
            }) => Self::TooLarge {
                path: shown(path),
                size,
                limit,
                limit_name,
            },
            _ => Self::damaged(path, error),
        }
    }
}

fn over(path: &str, size: u64, limit: u64, name: &str) -> String {
    let (unit, together) = unit(name);
    if name == ONE_FILE {
        return format!(
            "{path} has {size} bytes, over the limit of {limit} bytes for this file; it was not read"
        );
    }
    let limit = format!("over the limit {name} of {limit}{unit} ({size}{unit})");
    match together {
        true => format!("{path} was not read: with it, the image is {limit}"),
        false => format!("{path} is {limit}; it was not read"),
    }
}

/// Returns a path as text, for messages.
pub(crate) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_over_a_limit_names_the_limit_and_its_unit() {
        let said = |size, limit, name| {
            let error = Error::check_limit(b"/a", size, limit, name).unwrap_err();
            error.to_string()
        };
        for (error, expected) in [
            (
                said(9, 8, "text_file"),
                "/a is over the limit text_file of 8 bytes (9 bytes); it was not read",
            ),
            (
                said(9, 8, "listing_entries"),
                "/a is over the limit listing_entries of 8 entries (9 entries); it was not read",
            ),
            (
                said(9, 8, "inodes"),
                "/a was not read: with it, the image is over the limit inodes of 8 (9)",
            ),
            (
                said(9, 8, "file_bytes"),
                "/a was not read: with it, the image is over the limit file_bytes of 8 bytes (9 bytes)",
            ),
            (
                said(9, 8, ONE_FILE),
                "/a has 9 bytes, over the limit of 8 bytes for this file; it was not read",
            ),
        ] {
            assert_eq!(error, expected);
        }
        let named = |name| {
            let error = Error::check_limit(b"/a", 9, 8, name).unwrap_err();
            error.of_limit("json_file").to_string()
        };
        assert!(named(ONE_FILE).contains("json_file of 8 bytes"));
        assert!(named("file_bytes").contains("file_bytes of 8 bytes"));
    }
}
