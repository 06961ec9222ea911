//! The superblock, the first 96 bytes: the image's properties and the positions of its tables.

use super::bytes::Fields;
use super::decompress::Compressor;
use super::error::{Error, LooksLike, Result};
use super::foreign::looks_like;

/// Bytes of the superblock.
pub(super) const SUPERBLOCK_LEN: usize = 96;
const MAGIC: &[u8; 4] = b"hsqs";
const NOT_SET: u64 = u64::MAX;
const WHAT: &str = "superblock";

/// What the superblock says, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Superblock {
    /// Number of inodes.
    pub inode_count: u32,
    /// When the image was packed (the end of the packing), seconds since 1970.
    pub packed_at: u32,
    /// Bytes of a full data block.
    pub block_size: u32,
    /// Number of fragment blocks.
    pub fragment_count: u32,
    /// The compressor of the whole image.
    pub compressor: Compressor,
    /// The flags as written.
    pub flags: u16,
    /// Number of user and group ids.
    pub id_count: u16,
    /// Bytes of the image, without padding.
    pub bytes_used: u64,
    pub(super) root: u64,
    pub(super) id_table: u64,
    pub(super) inode_table: u64,
    pub(super) directory_table: u64,
    pub(super) fragment_table: Option<u64>,
    pub(super) export_table: Option<u64>,
    pub(super) xattr_table: Option<u64>,
    /// Where the directory table must have ended.
    pub(super) after_directories: u64,
    pub(super) damage: Vec<Damage>,
}

/// An invalid field in an image that is otherwise readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// Offset of the field.
    field: u64,
    reason: String,
}

impl Damage {
    pub(super) fn error(&self) -> Error {
        Error::damaged(WHAT, self.field, self.reason.as_str())
    }
}

impl Superblock {
    /// Whether a block of compressor options follows the superblock.
    pub fn has_compressor_options(&self) -> bool {
        self.flags & 0x400 != 0
    }

    /// Whether the image was packed without extended attributes.
    pub fn has_no_xattrs(&self) -> bool {
        self.xattr_table.is_none()
    }

    /// Whether inodes and directories are stored uncompressed.
    pub fn has_raw_tables(&self) -> bool {
        self.flags & 0x1 != 0
    }

    /// Where the index of the fragment table ends.
    pub(super) fn fragment_index_len(&self) -> u64 {
        u64::from(self.fragment_count).div_ceil(512) * 8
    }

    pub(super) fn parse(head: &[u8], file_size: u64) -> Result<Self> {
        if head.is_empty() {
            return Err(Error::Empty);
        }
        if !head.starts_with(MAGIC) {
            if head.len() < MAGIC.len() && MAGIC.starts_with(head) {
                return Err(cut(file_size));
            }
            return Err(Error::NotSquashfs {
                looks_like: looks_like(head),
            });
        }
        if head.len() < SUPERBLOCK_LEN {
            return Err(cut(file_size));
        }
        Self::fields(head, file_size).ok_or_else(|| cut(file_size))?
    }

    /// `None` only where `head` is too short.
    fn fields(head: &[u8], file_size: u64) -> Option<Result<Self>> {
        let mut at = Fields::new(head.get(4..)?);
        let (inode_count, packed_at, block_size, fragment_count) =
            (at.u32()?, at.u32()?, at.u32()?, at.u32()?);
        let (compressor, block_log, flags, id_count) = (at.u16()?, at.u16()?, at.u16()?, at.u16()?);
        let (major, minor) = (at.u16()?, at.u16()?);
        let (root, bytes_used, id_table, xattr_table) =
            (at.u64()?, at.u64()?, at.u64()?, at.u64()?);
        let (inode_table, directory_table, fragment_table, export_table) =
            (at.u64()?, at.u64()?, at.u64()?, at.u64()?);
        if (major, minor) != (4, 0) {
            let looks_like = LooksLike::OtherVersion { major, minor };
            return Some(Err(Error::NotSquashfs { looks_like }));
        }
        let Some(compressor) = Compressor::from_id(compressor) else {
            return Some(Err(Error::UnknownCompressor(compressor)));
        };
        let set = |table: u64| (table != NOT_SET).then_some(table);
        let mut superblock = Self {
            inode_count,
            packed_at,
            block_size,
            fragment_count,
            compressor,
            flags,
            id_count,
            bytes_used,
            // The kernel drops the rest, SQUASHFS_INODE_BLK in fs/squashfs/squashfs_fs.h.
            root: root & 0xffff_ffff_ffff,
            id_table,
            inode_table,
            directory_table,
            fragment_table: set(fragment_table),
            export_table: set(export_table),
            xattr_table: set(xattr_table),
            after_directories: u64::MAX,
            damage: Vec::new(),
        };
        let checked = superblock.check(block_log, file_size);
        superblock.check_options(head.get(SUPERBLOCK_LEN..).unwrap_or_default());
        Some(checked.map(|()| superblock))
    }

    /// Refuses what nothing can be read without; the rest is noted.
    fn check(&mut self, block_log: u16, file_size: u64) -> Result<()> {
        let bad = |offset: u64, reason: String| Err(Error::damaged(WHAT, offset, reason));
        if !(12..=20).contains(&block_log) || self.block_size != 1u32 << block_log {
            let size = self.block_size;
            return bad(
                12,
                format!(
                    "block size {size} with block log {block_log}; it must be 4 KiB to 1 MiB and a power of two"
                ),
            );
        }
        if self.root & 0xffff >= 8192 {
            return bad(32, format!("root inode reference {:#x}", self.root));
        }
        if self.inode_table < SUPERBLOCK_LEN as u64 {
            let reason = format!(
                "inode table at {} is before the end of the superblock at {SUPERBLOCK_LEN}",
                self.inode_table
            );
            return bad(64, reason);
        }
        if self.inode_table < file_size.max(self.bytes_used)
            && self.directory_table < self.inode_table
        {
            let reason = format!(
                "directory table at {} is before the end of the inode table at {}",
                self.directory_table, self.inode_table
            );
            return bad(72, reason);
        }
        self.check_size(file_size)?;
        self.check_counts();
        self.check_tables();
        Ok(())
    }

    fn note(&mut self, field: u64, reason: String) {
        self.damage.push(Damage { field, reason });
    }

    /// Where the size is wrong, that of the file bounds the image.
    fn check_size(&mut self, file_size: u64) -> Result<()> {
        let used = self.bytes_used;
        let lies_behind = |start: &u64| used <= *start && *start < file_size;
        let tables = [self.inode_table, self.directory_table, self.id_table];
        let tables = tables
            .into_iter()
            .chain(self.fragment_table)
            .chain(self.export_table);
        if let Some(start) = tables.into_iter().find(lies_behind) {
            self.note(40, format!("size of {used} bytes with a table at {start}"));
            self.bytes_used = file_size;
        } else if used > i64::MAX as u64 {
            self.note(40, format!("size of {used} bytes"));
            self.bytes_used = file_size;
        }
        for (start, field, name) in [
            (self.inode_table, 64, "inode table"),
            (self.directory_table, 72, "directory table"),
        ] {
            if start >= self.bytes_used {
                return Err(Error::damaged(WHAT, field, self.past(name, start)));
            }
        }
        Ok(())
    }

    fn check_counts(&mut self) {
        if self.inode_count == 0 {
            self.note(4, "no inodes".to_owned());
        }
        if self.id_count == 0 {
            self.note(26, "no user and group ids".to_owned());
        }
        if self.fragment_count > 0 && self.fragment_table.is_none() {
            let count = self.fragment_count;
            self.note(80, format!("{count} fragments but no fragment table"));
        }
    }

    /// The flag says that a block of options follows the superblock: stored raw, and of a fixed length for each
    /// compressor (squashfs-tools, `compressor_dump_options` in mksquashfs.c). One flipped bit sets the flag.
    fn check_options(&mut self, behind: &[u8]) {
        let len = match self.compressor {
            Compressor::Zstd => 4,
            _ => 8,
        };
        let header = behind
            .first_chunk()
            .map(|header| u16::from_le_bytes(*header));
        if self.has_compressor_options() && header.is_some_and(|it| it != 0x8000 | len) {
            self.note(
                24,
                "options of its compressor, and none follow it".to_owned(),
            );
        }
    }

    /// The lookup tables: whatever is wrong with one of them, the others are read.
    fn check_tables(&mut self) {
        let id_end = u64::from(self.id_count).div_ceil(2048) * 8;
        let tables = [
            (Some(self.directory_table), 72, "directory table", 0),
            (
                self.fragment_table,
                80,
                "fragment table",
                self.fragment_index_len(),
            ),
            (self.export_table, 88, "export table", 0),
            (Some(self.id_table), 48, "id table", id_end),
            (self.xattr_table, 56, "xattr table", 0),
        ];
        let mut previous = (self.directory_table, "directory table");
        for (start, field, name, len) in tables {
            let Some(start) = start else { continue };
            let end = start.saturating_add(len);
            if end > self.bytes_used {
                self.note(field, self.past(name, start));
                continue;
            }
            if start < previous.0 {
                let reason = format!(
                    "{name} at {start} is before the end of the {} at {}",
                    previous.1, previous.0
                );
                self.note(field, reason);
            }
            previous = (end.max(previous.0), name);
        }
        // Tables that are out of order say nothing about where the directories end.
        self.after_directories = match self.damage.is_empty() {
            true => (self.fragment_table.or(self.export_table)).unwrap_or(self.id_table),
            false => self.bytes_used,
        };
    }

    fn past(&self, name: &str, start: u64) -> String {
        let size = self.bytes_used;
        format!("{name} at {start} reaches past the image, which has {size} bytes")
    }
}

fn cut(actual: u64) -> Error {
    Error::Truncated {
        expected: SUPERBLOCK_LEN as u64,
        actual,
        offset: actual,
    }
}
