//! Directories: their listing, and one name in them by way of their index.

use super::Squashfs;
use super::bytes::Fields;
use super::error::{Error, Result, shown};
use super::inode::{Body, Inode};
use super::kind::Kind;
use super::metadata::{BLOCK, Cursor, Place, Table};
use super::read_at::ReadAt;

const WHAT: &str = "directory listing";
const NAME_MAX: usize = 256;

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name: never empty, no slash, no NUL, neither `.` nor `..`; otherwise any bytes.
    pub name: Vec<u8>,
    /// What the entry says it is; checked when its inode is read.
    pub kind: Kind,
    pub(super) reference: u64,
    /// The number of its inode.
    pub(super) number: u32,
}

/// Walks the entries of a listing.
struct Listing {
    cursor: Cursor,
    /// Bytes of the listing that are left.
    left: u64,
    /// Entries left under the current header, and the block of their inodes.
    run: u32,
    inode_block: u32,
    /// The number that those of the entries are differences to.
    inode_number: u32,
    /// The name before.
    last: Vec<u8>,
}

impl Listing {
    fn take<const N: usize, R: ReadAt>(&mut self, fs: &Squashfs<R>) -> Result<[u8; N]> {
        self.shrink(N)?;
        self.cursor.array(fs)
    }

    fn shrink(&mut self, len: usize) -> Result<()> {
        self.left = self.left.checked_sub(len as u64).ok_or_else(|| {
            Error::damaged(
                WHAT,
                self.cursor.place.block,
                "an entry reaches past the listing's size",
            )
        })?;
        Ok(())
    }

    fn next<R: ReadAt>(&mut self, fs: &Squashfs<R>) -> Result<Option<DirEntry>> {
        if self.run == 0 {
            if self.left == 0 {
                return Ok(None);
            }
            fs.disk.check_time()?;
            let header: [u8; 12] = self.take(fs)?;
            let mut fields = Fields::new(&header);
            let count = fields.u32().unwrap_or(u32::MAX);
            if count >= 256 {
                let reason = format!(
                    "a header for {} entries; at most 256 are allowed",
                    u64::from(count) + 1
                );
                return Err(Error::damaged(WHAT, self.cursor.place.block, reason));
            }
            self.run = count + 1;
            self.inode_block = fields.u32().unwrap_or_default();
            self.inode_number = fields.u32().unwrap_or_default();
        }
        self.run -= 1;
        let entry: [u8; 8] = self.take(fs)?;
        let fields = |f: &mut Fields<'_>| Some((f.u16()?, f.u16()?, f.u16()?, f.u16()?));
        let (offset, difference, kind, name_len) =
            fields(&mut Fields::new(&entry)).unwrap_or_default();
        let at = self.cursor.place.block;
        let kind = Kind::from_basic(kind).ok_or_else(|| {
            Error::damaged(WHAT, at, format!("entry of type {kind}; known are 1 to 7"))
        })?;
        let name_len = usize::from(name_len) + 1;
        if name_len > NAME_MAX {
            return Err(Error::damaged(
                WHAT,
                at,
                format!("a name of {name_len} bytes"),
            ));
        }
        self.shrink(name_len)?;
        let name = self.cursor.bytes(fs, name_len)?;
        if name.contains(&b'/') || name.contains(&0) || name == b"." || name == b".." {
            return Err(Error::damaged(
                WHAT,
                at,
                format!("the name \"{}\"", shown(&name)),
            ));
        }
        self.check_order(fs, &name);
        let reference = u64::from(self.inode_block) << 16 | u64::from(offset);
        let difference = i32::from(difference.cast_signed());
        Ok(Some(DirEntry {
            name,
            kind,
            reference,
            number: self.inode_number.wrapping_add_signed(difference),
        }))
    }

    /// Packers sort names by their bytes (the kernel's Documentation/filesystems/squashfs.rst, 3.3): of one out
    /// of order a byte is not what it was.
    fn check_order<R: ReadAt>(&mut self, fs: &Squashfs<R>, name: &[u8]) {
        if name <= self.last.as_slice() {
            let [name, last] = [name, &self.last].map(shown);
            let reason = format!("the name \"{name}\" stands behind \"{last}\", out of order");
            fs.note(WHAT, self.cursor.place.block, reason);
        }
        name.clone_into(&mut self.last);
    }
}

/// The entries of a directory; see [`Squashfs::entries`].
pub struct Entries<'a, R> {
    fs: &'a Squashfs<R>,
    listing: Listing,
    seen: u64,
    over: bool,
}

impl<R: ReadAt> Iterator for Entries<'_, R> {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let entry = self.listing.next(self.fs).transpose()?;
        self.seen += 1;
        let (size, allowed) = (self.seen, self.fs.limits.listing_entries);
        let entry = match entry {
            Ok(_) if size > allowed => Err(Error::TooLarge {
                limit: "listing_entries",
                what: "a directory",
                size,
                allowed,
            }),
            other => other,
        };
        self.over = entry.is_err();
        Some(entry)
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// All entries of a directory, as they are stored (usually sorted by bytes).
    ///
    /// # Errors
    /// `WrongKind` for anything else; `TooLarge` over the limit `listing_entries`; `Damaged` for names that no
    /// file system has, or one name twice.
    pub fn list(&self, directory: &Inode) -> Result<Vec<DirEntry>> {
        let entries: Vec<DirEntry> = self.entries(directory)?.collect::<Result<_>>()?;
        let pairs = entries.iter().zip(entries.iter().skip(1));
        if pairs.into_iter().all(|(one, two)| one.name < two.name) {
            return Ok(entries);
        }
        let mut names: Vec<&[u8]> = entries.iter().map(|entry| entry.name.as_slice()).collect();
        names.sort_unstable();
        let mut pairs = names.iter().zip(names.iter().skip(1));
        match pairs.find(|(one, two)| one == two) {
            Some((name, _)) => Err(self.twice(directory, name)),
            None => Ok(entries),
        }
    }

    /// Returns the entries of a directory one after the other, for a large directory. Does not check
    /// for duplicate names.
    ///
    /// # Errors
    /// `WrongKind` for anything else; then as for `list`, and nothing behind the first error.
    pub fn entries(&self, directory: &Inode) -> Result<Entries<'_, R>> {
        let (listing, _) = self.listing(directory)?;
        Ok(Entries {
            fs: self,
            listing,
            seen: 0,
            over: false,
        })
    }

    /// The error for a name that a directory has twice.
    pub(crate) fn twice(&self, directory: &Inode, name: &[u8]) -> Error {
        let at = match directory.body {
            Body::Directory { listing, .. } => listing.block,
            _ => self.superblock.directory_table,
        };
        Error::damaged(WHAT, at, format!("the name \"{}\" twice", shown(name)))
    }

    /// The inode of an entry.
    ///
    /// # Errors
    /// `Damaged` where the inode is not what the entry says it is.
    pub fn inode(&self, entry: &DirEntry) -> Result<Inode> {
        let inode = self.inode_at(entry.reference)?;
        if inode.kind != entry.kind {
            let at = self
                .superblock
                .inode_table
                .saturating_add(entry.reference >> 16);
            let reason = format!("its directory says {}, it says {}", entry.kind, inode.kind);
            return Err(Error::damaged("inode", at, reason));
        }
        if inode.number != entry.number {
            let name = shown(&entry.name);
            let (says, is) = (entry.number, inode.number);
            let reason = format!(
                "its directory says that \"{name}\" is inode {says}, it says {is}: it may be another file"
            );
            let block = entry.reference >> 16;
            let at = self.superblock.inode_table.saturating_add(block);
            self.note("inode", at, reason);
        }
        Ok(inode)
    }

    /// One entry by name, through the index where the directory has one.
    pub(super) fn find(&self, directory: &Inode, name: &[u8]) -> Result<Option<DirEntry>> {
        let (mut listing, end) = self.indexed(directory, name)?;
        let mut seen = 0;
        while let Some(entry) = listing.next(self)? {
            if entry.name == name {
                return Ok(Some(entry));
            }
            seen += 1;
            if seen > self.limits.listing_entries {
                let (size, allowed) = (seen, self.limits.listing_entries);
                return Err(Error::TooLarge {
                    limit: "listing_entries",
                    what: "a directory",
                    size,
                    allowed,
                });
            }
            if listing.run == 0 && end.is_some_and(|end| listing.left <= end) {
                break;
            }
        }
        Ok(None)
    }

    fn listing(&self, directory: &Inode) -> Result<(Listing, (Place, u16))> {
        let Body::Directory {
            listing,
            index,
            index_count,
        } = directory.body
        else {
            return Err(directory.wrong_kind(Kind::Directory));
        };
        let cursor = Cursor::new(Table::Directories, listing, directory.size);
        let listing = Listing {
            cursor,
            left: directory.size,
            run: 0,
            inode_block: 0,
            inode_number: 0,
            last: Vec::new(),
        };
        Ok((listing, (index, index_count)))
    }

    /// Returns the listing from the last index entry whose name does not sort after `name`, and the
    /// number of bytes left at the next index entry.
    fn indexed(&self, directory: &Inode, name: &[u8]) -> Result<(Listing, Option<u64>)> {
        let (mut listing, (index, count)) = self.listing(directory)?;
        let first = listing.cursor.place.offset;
        let mut cursor = Cursor::new(Table::Inodes, index, 0);
        for _ in 0..count {
            let entry: [u8; 12] = cursor.array(self)?;
            let fields = |f: &mut Fields<'_>| Some((f.u32()?, f.u32()?, f.u32()?));
            let (passed, block, name_len) = fields(&mut Fields::new(&entry)).unwrap_or_default();
            let at = cursor.place.block;
            if name_len as usize >= NAME_MAX {
                let reason = format!("a name of {} bytes", u64::from(name_len) + 1);
                return Err(Error::damaged("directory index", at, reason));
            }
            let indexed = cursor.bytes(self, name_len as usize + 1)?;
            let Some(left) = directory
                .size
                .checked_sub(u64::from(passed))
                .filter(|left| *left > 0)
            else {
                let reason = format!("byte {passed} of a listing of {}", directory.size);
                return Err(Error::damaged("directory index", at, reason));
            };
            if indexed.as_slice() > name {
                return Ok((listing, Some(left)));
            }
            let block = self
                .superblock
                .directory_table
                .saturating_add(u64::from(block));
            let offset = (first + passed as usize) % BLOCK;
            let ahead = left.min(BLOCK as u64);
            listing.cursor = Cursor::new(Table::Directories, Place { block, offset }, ahead);
            listing.left = left;
        }
        Ok((listing, None))
    }
}
