//! Reads fields of a database at offsets, and describes damage.

/// The reason why a database cannot be read completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has none of the three formats.
    #[error("it is not an rpm database (SQLite, Berkeley DB hash, ndb)")]
    Unknown,
    /// A field has an impossible value.
    #[error("it is damaged: {what} at byte {at}")]
    Damaged {
        /// The field, in the format's own terms.
        what: &'static str,
        /// The offset from the start of the file.
        at: usize,
    },
    /// The headers have more bytes than the file: entries overlap, or a list is endless.
    #[error("it is damaged: its headers take more bytes than it has")]
    Endless,
    /// It has more packages than the limit.
    #[error("it lists more than {0} packages")]
    TooMany(usize),
}

/// A function that takes each header, and its offset in the file.
pub(super) type Each<'f> = &'f mut dyn FnMut(&[u8], usize) -> Result<(), Unreadable>;

pub(super) fn damaged(what: &'static str, at: usize) -> Unreadable {
    Unreadable::Damaged { what, at }
}

/// Returns `N` bytes at an offset.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Returns a big-endian number of 32 bits.
pub(super) fn big(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(array(bytes, at)?)).ok()
}

/// Returns a little-endian number of 32 bits.
pub(super) fn little(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(array(bytes, at)?)).ok()
}

/// Returns `length` bytes at an offset.
pub(super) fn piece(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// The number of bytes that a walk may still read. In a valid database each byte belongs to one
/// entry, so no walk reads more bytes than the file has.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn of(database: &[u8]) -> Self {
        Self(database.len())
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.0 = self.0.checked_sub(bytes).ok_or(Unreadable::Endless)?;
        Ok(())
    }
}
