//! Everything in an image, entry by entry, links unfollowed.

use super::{Error, FileKind};

/// One entry of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked<'a> {
    /// Absolute, `/` between components, no link on the way. Not necessarily UTF-8.
    pub path: &'a [u8],
    /// The kind of the entry itself.
    pub kind: FileKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// Bytes of a regular file; 0 for the rest.
    pub size: u64,
    /// Seconds since 1970 in UTC.
    pub mtime: i64,
    /// The target of a link, as written; empty for the rest.
    pub target: &'a [u8],
}

/// Takes an entry; what it returns ends the walk.
pub type Visit<'v> = dyn FnMut(&Walked<'_>) -> Result<(), Error> + 'v;
