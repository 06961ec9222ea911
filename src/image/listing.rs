//! The names in a directory, in little memory: there may be a million.

use super::error::{Error, FileKind};
use crate::limits::Limits;

/// The entries of a directory, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// All names, without separators.
    names: Vec<u8>,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    start: u32,
    length: u16,
    kind: FileKind,
}

/// One name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, which need not be UTF-8.
    pub name: &'a [u8],
    /// The type of the entry itself; a link is not followed.
    pub kind: FileKind,
}

impl Listing {
    /// Adds an entry of the directory at `path`. The caller calls [`Self::sort`] after the last one.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over the limit `listing_entries` or `kept_bytes`.
    pub(crate) fn push(
        &mut self,
        path: &[u8],
        entry: Entry<'_>,
        limits: &Limits,
    ) -> Result<(), Error> {
        let count = (self.slots.len() as u64).saturating_add(1);
        Error::check_limit(path, count, limits.listing_entries, "listing_entries")?;
        Error::check_limit(path, self.cost(), limits.kept_bytes, "kept_bytes")?;
        let length = u16::try_from(entry.name.len());
        let length =
            length.map_err(|_| Error::damaged(path, "it has a name of more than 65535 bytes"))?;
        let start = u32::try_from(self.names.len());
        let start = start.map_err(|_| Error::damaged(path, "its names have more than 4 GiB"))?;
        self.names.extend_from_slice(entry.name);
        self.slots.push(Slot {
            start,
            length,
            kind: entry.kind,
        });
        Ok(())
    }

    /// Sorts the entries. Returns a name that two entries have.
    pub(crate) fn sort(&mut self) -> Option<&[u8]> {
        let names = &self.names;
        self.slots
            .sort_unstable_by(|one, two| name(names, one).cmp(name(names, two)));
        let mut pairs = self.slots.iter().zip(self.slots.iter().skip(1));
        let twice = pairs.find(|(one, two)| name(names, one) == name(names, two));
        twice.map(|(one, _)| name(names, one))
    }

    /// Returns the bytes that the listing takes.
    pub(crate) fn cost(&self) -> u64 {
        let slots = (self.slots.len() as u64).saturating_mul(8);
        (self.names.len() as u64).saturating_add(slots)
    }

    /// Returns the entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.slots.iter().map(|slot| Entry {
            name: name(&self.names, slot),
            kind: slot.kind,
        })
    }

    /// Returns the type of the entry with this name.
    #[must_use]
    pub fn find(&self, wanted: &[u8]) -> Option<FileKind> {
        let compare = |slot: &Slot| name(&self.names, slot).cmp(wanted);
        let at = self.slots.binary_search_by(compare).ok()?;
        self.slots.get(at).map(|slot| slot.kind)
    }

    /// Returns a hash that is the same for equal listings.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        self.names.hash(&mut hasher);
        self.slots.len().hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns true for an empty directory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

impl<N: AsRef<[u8]>> FromIterator<(N, FileKind)> for Listing {
    /// Makes a listing of few names in any order. Names over the default limits are left out.
    fn from_iter<T: IntoIterator<Item = (N, FileKind)>>(entries: T) -> Self {
        let mut listing = Self::default();
        for (name, kind) in entries {
            let name = name.as_ref();
            let _ = listing.push(b"", Entry { name, kind }, &Limits::default());
        }
        listing.sort();
        listing
    }
}

fn name<'n>(names: &'n [u8], slot: &Slot) -> &'n [u8] {
    let start = usize::try_from(slot.start).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::from(slot.length));
    names.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_takes_eight_bytes() {
        assert_eq!(size_of::<Slot>(), 8);
    }

    #[test]
    fn entries_are_found_in_whatever_order_they_came() {
        let listing: Listing = [
            ("b", FileKind::File),
            ("", FileKind::Fifo),
            ("a", FileKind::Link),
        ]
        .into_iter()
        .collect();
        let names: Vec<_> = listing.iter().map(|entry| entry.name).collect();
        assert_eq!(names, [&b""[..], b"a", b"b"]);
        assert_eq!(listing.find(b"a"), Some(FileKind::Link));
        assert_eq!(listing.find(b"c"), None);
        assert_eq!((listing.len(), listing.cost()), (3, 26));
    }

    #[test]
    fn a_name_that_no_file_system_has_is_not_said_to_be_over_a_limit() {
        let name = vec![b'x'; 70_000];
        let kind = FileKind::File;
        let entry = Entry { name: &name, kind };
        let error = Listing::default().push(b"/etc", entry, &Limits::default());
        let said = error.unwrap_err().to_string();
        assert!(said.contains("a name of more than 65535 bytes"), "{said}");
    }

    #[test]
    fn names_have_a_limit_together() {
        let limits = Limits {
            kept_bytes: 20,
            ..Limits::default()
        };
        let mut listing = Listing::default();
        let entry = Entry {
            name: b"12345",
            kind: FileKind::File,
        };
        assert!(listing.push(b"/", entry, &limits).is_ok());
        assert!(listing.push(b"/", entry, &limits).is_ok());
        let error = listing.push(b"/etc", entry, &limits).unwrap_err();
        assert!(
            error.to_string().contains(
                "/etc was not read: with it, the image is over the limit kept_bytes of 20 bytes"
            ),
            "{error}"
        );
        assert_eq!(listing.sort(), Some(&b"12345"[..]));
    }
}
