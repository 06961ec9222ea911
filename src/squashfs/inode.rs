//! Inodes: one file, directory, link or device each.

use super::Squashfs;
use super::bytes::Fields;
use super::error::{Error, Result};
use super::kind::Kind;
use super::metadata::{BLOCK, Cursor, Place, Table};
use super::read_at::ReadAt;

const WHAT: &str = "inode";
const NO_FRAGMENT: u32 = u32::MAX;

/// One inode, checked. Block lists, link targets and listings are read when asked for.
#[derive(Clone, Debug)]
pub struct Inode {
    pub(super) reference: u64,
    pub(super) kind: Kind,
    pub(super) permissions: u16,
    pub(super) uid_index: u16,
    pub(super) gid_index: u16,
    pub(super) mtime: u32,
    pub(super) number: u32,
    pub(super) links: u32,
    pub(super) size: u64,
    pub(super) body: Body,
}

/// What is known of an inode besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, without the type.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, seconds since 1970.
    pub mtime: u32,
    /// Bytes of a file, of a link's target or of a directory's listing.
    pub size: u64,
    /// Hard links.
    pub links: u32,
    /// Inode number.
    pub number: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    /// `index` holds `index_count` entries.
    Directory {
        listing: Place,
        index: Place,
        index_count: u16,
    },
    /// `list` holds the stored sizes of the blocks.
    File {
        start: u64,
        fragment: Option<(u32, u32)>,
        list: Place,
    },
    Link {
        target: Place,
    },
    Other,
}

impl Inode {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of a file, of a link's target or of a directory's listing; 0 for the rest.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The twelve permission bits.
    pub fn permissions(&self) -> u16 {
        self.permissions
    }

    /// Last change, seconds since 1970.
    pub fn mtime(&self) -> u32 {
        self.mtime
    }

    /// The inode number, the same for hard links to one file.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Hard links, as the packer counted them.
    pub fn links(&self) -> u32 {
        self.links
    }

    pub(super) fn wrong_kind(&self, wanted: Kind) -> Error {
        Error::WrongKind {
            path: format!("inode {}", self.number),
            kind: self.kind,
            wanted,
        }
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// The root directory.
    ///
    /// # Errors
    /// `Damaged` where the root is no directory, or as for any other inode.
    pub fn root(&self) -> Result<Inode> {
        let root = self.inode_at(self.superblock.root)?;
        if root.kind != Kind::Directory {
            return Err(Error::damaged(
                "root inode",
                32,
                format!("it is a {}", root.kind),
            ));
        }
        Ok(root)
    }

    /// Mode, owner, times and size of an inode.
    ///
    /// # Errors
    /// If the id table cannot be read.
    pub fn stat(&self, inode: &Inode) -> Result<Stat> {
        Ok(Stat {
            kind: inode.kind,
            mode: inode.permissions,
            uid: self.id(inode.uid_index)?,
            gid: self.id(inode.gid_index)?,
            mtime: inode.mtime,
            size: inode.size,
            links: inode.links,
            number: inode.number,
        })
    }

    /// The inode at a reference as the superblock and directories hold them.
    pub(super) fn inode_at(&self, reference: u64) -> Result<Inode> {
        let offset = (reference & 0xffff) as usize;
        let block = self.superblock.inode_table.saturating_add(reference >> 16);
        if offset >= BLOCK {
            return Err(Error::damaged(
                WHAT,
                block,
                format!("reference with offset {offset} in its block"),
            ));
        }
        let mut cursor = Cursor::new(Table::Inodes, Place { block, offset }, 0);
        let head = cursor.array::<16, R>(self)?;
        let bad = |reason: String| Error::damaged(WHAT, block, reason);
        let fields =
            |f: &mut Fields<'_>| Some((f.u16()?, f.u16()?, f.u16()?, f.u16()?, f.u32()?, f.u32()?));
        let (kind_number, permissions, uid_index, gid_index, mtime, number) =
            fields(&mut Fields::new(&head)).ok_or_else(|| bad("too short".into()))?;
        let extended = kind_number > 7;
        let kind = Kind::from_basic(if extended {
            kind_number - 7
        } else {
            kind_number
        })
        .ok_or_else(|| bad(format!("type {kind_number}; known are 1 to 14")))?;
        if number == 0 {
            return Err(bad("inode number 0".into()));
        }
        let (size, links, body) = match (kind, extended) {
            (Kind::Directory, false) => self.basic_directory(&mut cursor)?,
            (Kind::Directory, true) => self.extended_directory(&mut cursor)?,
            (Kind::File, false) => self.basic_file(&mut cursor)?,
            (Kind::File, true) => self.extended_file(&mut cursor)?,
            (Kind::Symlink, _) => self.symlink(&mut cursor, block)?,
            _ => (0, u32::from_le_bytes(cursor.array(self)?), Body::Other),
        };
        let permissions = permissions & 0o7777;
        Ok(Inode {
            reference,
            kind,
            permissions,
            uid_index,
            gid_index,
            mtime,
            number,
            links,
            size,
            body,
        })
    }

    fn basic_directory(&self, cursor: &mut Cursor) -> Result<(u64, u32, Body)> {
        let bytes = cursor.array::<16, R>(self)?;
        let fields = |f: &mut Fields<'_>| Some((f.u32()?, f.u32()?, f.u16()?, f.u16()?));
        let (start, links, size, offset) = fields(&mut Fields::new(&bytes)).unwrap_or_default();
        let body = self.directory(start, offset, cursor.place, 0)?;
        Ok((u64::from(size).saturating_sub(3), links, body))
    }

    fn extended_directory(&self, cursor: &mut Cursor) -> Result<(u64, u32, Body)> {
        let at = cursor.place.block;
        let bytes = cursor.array::<24, R>(self)?;
        let fields =
            |f: &mut Fields<'_>| Some((f.u32()?, f.u32()?, f.u32()?, f.u32()?, f.u16()?, f.u16()?));
        let (links, size, start, _, count, offset) =
            fields(&mut Fields::new(&bytes)).unwrap_or_default();
        if size > i32::MAX as u32 {
            return Err(Error::damaged(
                WHAT,
                at,
                format!("directory listing of {size} bytes"),
            ));
        }
        let body = self.directory(start, offset, cursor.place, count)?;
        Ok((u64::from(size).saturating_sub(3), links, body))
    }

    fn directory(&self, start: u32, offset: u16, index: Place, index_count: u16) -> Result<Body> {
        let block = self
            .superblock
            .directory_table
            .saturating_add(u64::from(start));
        let offset = usize::from(offset);
        if offset >= BLOCK {
            return Err(Error::damaged(
                WHAT,
                index.block,
                format!("listing at offset {offset} in its block"),
            ));
        }
        Ok(Body::Directory {
            listing: Place { block, offset },
            index,
            index_count,
        })
    }

    fn basic_file(&self, cursor: &mut Cursor) -> Result<(u64, u32, Body)> {
        let at = cursor.place.block;
        let bytes = cursor.array::<16, R>(self)?;
        let fields = |f: &mut Fields<'_>| Some((f.u32()?, f.u32()?, f.u32()?, f.u32()?));
        let (start, fragment, offset, size) = fields(&mut Fields::new(&bytes)).unwrap_or_default();
        let body = self.file(
            at,
            u64::from(start),
            fragment,
            offset,
            u64::from(size),
            cursor.place,
        )?;
        Ok((u64::from(size), 1, body))
    }

    fn extended_file(&self, cursor: &mut Cursor) -> Result<(u64, u32, Body)> {
        let at = cursor.place.block;
        let bytes = cursor.array::<40, R>(self)?;
        let fields = |f: &mut Fields<'_>| {
            Some((
                f.u64()?,
                f.u64()?,
                f.u64()?,
                f.u32()?,
                f.u32()?,
                f.u32()?,
                f.u32()?,
            ))
        };
        let (start, size, _, links, fragment, offset, _) =
            fields(&mut Fields::new(&bytes)).unwrap_or_default();
        let body = self.file(at, start, fragment, offset, size, cursor.place)?;
        Ok((size, links, body))
    }

    fn file(
        &self,
        at: u64,
        start: u64,
        fragment: u32,
        offset: u32,
        size: u64,
        list: Place,
    ) -> Result<Body> {
        let bad = |reason: String| Err(Error::damaged(WHAT, at, reason));
        if size > i64::MAX as u64 {
            return bad(format!("file of {size} bytes"));
        }
        if fragment == NO_FRAGMENT {
            return Ok(Body::File {
                start,
                fragment: None,
                list,
            });
        }
        let block_size = self.superblock.block_size;
        if fragment >= self.superblock.fragment_count {
            let count = self.superblock.fragment_count;
            return bad(format!("fragment {fragment} of {count}"));
        }
        let tail = size % u64::from(block_size);
        if u64::from(offset) + tail > u64::from(block_size) {
            return bad(format!(
                "{tail} bytes at {offset} in a fragment block of {block_size}"
            ));
        }
        Ok(Body::File {
            start,
            fragment: Some((fragment, offset)),
            list,
        })
    }

    fn symlink(&self, cursor: &mut Cursor, at: u64) -> Result<(u64, u32, Body)> {
        let bytes = cursor.array::<8, R>(self)?;
        let fields = |f: &mut Fields<'_>| Some((f.u32()?, f.u32()?));
        let (links, size) = fields(&mut Fields::new(&bytes)).unwrap_or_default();
        if size == 0 || size > i32::MAX as u32 {
            return Err(Error::damaged(
                WHAT,
                at,
                format!("symbolic link of {size} bytes"),
            ));
        }
        Ok((
            u64::from(size),
            links,
            Body::Link {
                target: cursor.place,
            },
        ))
    }

    /// The target of a symbolic link, as written.
    ///
    /// # Errors
    /// `WrongKind` for anything else; `TooLarge` over the limit `symlink_bytes`.
    pub fn read_link(&self, inode: &Inode) -> Result<Vec<u8>> {
        let Body::Link { target } = inode.body else {
            return Err(inode.wrong_kind(Kind::Symlink));
        };
        let allowed = u64::from(self.limits.symlink_bytes);
        if inode.size > allowed {
            let what = "the target of a symbolic link";
            return Err(Error::TooLarge {
                limit: "symlink_bytes",
                what,
                size: inode.size,
                allowed,
            });
        }
        let len = usize::try_from(inode.size).unwrap_or(0);
        let bytes = Cursor::new(Table::Inodes, target, inode.size).bytes(self, len)?;
        if bytes.contains(&0) {
            return Err(Error::damaged(
                WHAT,
                target.block,
                "a symbolic link's target holds a NUL byte",
            ));
        }
        Ok(bytes)
    }
}
