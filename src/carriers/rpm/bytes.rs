//! Fields of a database by their place, and what is wrong with one.

/// Why a database cannot be read, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// None of the three forms.
    #[error("it is not an rpm database (SQLite, Berkeley DB hash, ndb)")]
    Unknown,
    /// A field has a value that no writer gives it.
    #[error("it is damaged: {what} at byte {at}")]
    Damaged {
        /// The field, in the format's own words.
        what: &'static str,
        /// Where it is, from the start of the file.
        at: usize,
    },
    /// More bytes of headers than the file has: two entries share some, or a list has no end.
    #[error("it is damaged: its headers take more bytes than it has")]
    Endless,
    /// More packages than are listed of one database.
    #[error("it lists more than {0} packages")]
    TooMany(usize),
}

/// What is done with each header, and where it is in the file.
pub(super) type Each<'f> = &'f mut dyn FnMut(&[u8], usize) -> Result<(), Unreadable>;

/// `N` bytes at a place.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A number of 32 bits, its highest byte first.
pub(super) fn big(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(array(bytes, at)?)).ok()
}

/// A number of 32 bits, its lowest byte first.
pub(super) fn little(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(array(bytes, at)?)).ok()
}

/// `length` bytes from a place.
pub(super) fn piece(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// What a walk may still look at. In a sound database each byte belongs to one entry, so that no walk
/// looks at more bytes than the file has.
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
