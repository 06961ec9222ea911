//! The entries of an image. No link is followed.

use super::{Error, FileKind};

/// One entry of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked<'a> {
    /// The absolute path, without links. It need not be UTF-8.
    pub path: &'a [u8],
    /// The kind of the entry itself.
    pub kind: FileKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// The size of a regular file in bytes; 0 for other entries.
    pub size: u64,
    /// The time of the last change, in seconds since 1970.
    pub mtime: i64,
    /// The target of a link, as written; empty for other entries.
    pub target: &'a [u8],
}

/// A function that takes an entry. An error ends the walk.
pub type Visit<'v> = dyn FnMut(&Walked<'_>) -> Result<(), Error> + 'v;
