//! The first 96 bytes: what the image is and where its tables lie.

use super::bytes::Fields;
use super::decompress::Compressor;
use super::error::{Error, LooksLike, Result};

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

    /// Where the directory table must have ended.
    pub(super) fn after_directories(&self) -> u64 {
        self.fragment_table
            .or(self.export_table)
            .unwrap_or(self.id_table)
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
        Self::fields(head).ok_or_else(|| cut(file_size))?
    }

    /// `None` only where `head` is too short.
    fn fields(head: &[u8]) -> Option<Result<Self>> {
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
        let superblock = Self {
            inode_count,
            packed_at,
            block_size,
            fragment_count,
            compressor,
            flags,
            id_count,
            bytes_used,
            root,
            id_table,
            inode_table,
            directory_table,
            fragment_table: set(fragment_table),
            export_table: set(export_table),
            xattr_table: set(xattr_table),
        };
        Some(superblock.check(block_log).map(|()| superblock))
    }

    fn check(&self, block_log: u16) -> Result<()> {
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
        if self.inode_count == 0 {
            return bad(4, "no inodes".into());
        }
        if self.id_count == 0 {
            return bad(26, "no user and group ids".into());
        }
        if self.root & 0xffff >= 8192 || self.root >> 48 != 0 {
            return bad(32, format!("root inode reference {:#x}", self.root));
        }
        if self.bytes_used > i64::MAX as u64 {
            return bad(40, format!("size of {} bytes", self.bytes_used));
        }
        if self.fragment_count > 0 && self.fragment_table.is_none() {
            return bad(
                80,
                format!("{} fragments but no fragment table", self.fragment_count),
            );
        }
        self.check_tables()
    }

    fn check_tables(&self) -> Result<()> {
        let id_end = u64::from(self.id_count).div_ceil(2048) * 8;
        let tables = [
            (Some(self.inode_table), 64, "inode table", 1),
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
        let mut previous = (SUPERBLOCK_LEN as u64, "superblock");
        for (start, field, name, len) in tables {
            let Some(start) = start else { continue };
            if start < previous.0 {
                let reason = format!(
                    "{name} at {start} lies before the end of the {} at {}",
                    previous.1, previous.0
                );
                return Err(Error::damaged(WHAT, field, reason));
            }
            let end = start.checked_add(len).filter(|end| *end <= self.bytes_used);
            let Some(end) = end else {
                let reason = format!(
                    "{name} at {start} reaches past the image, which has {} bytes",
                    self.bytes_used
                );
                return Err(Error::damaged(WHAT, field, reason));
            };
            previous = (end, name);
        }
        Ok(())
    }
}

fn cut(actual: u64) -> Error {
    Error::Truncated {
        expected: SUPERBLOCK_LEN as u64,
        actual,
        offset: actual,
    }
}

fn looks_like(head: &[u8]) -> LooksLike {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let first: &[(&[u8], LooksLike)] = &[
        (b"sqsh", LooksLike::BigEndian),
        (b"qshs", LooksLike::VendorSquashfs),
        (b"shsq", LooksLike::VendorSquashfs),
        (b"sqlz", LooksLike::VendorSquashfs),
        (b"\x1f\x8b", LooksLike::Gzip),
        (b"\x28\xb5\x2f\xfd", LooksLike::Zstd),
        (b"\xfd7zXZ\0", LooksLike::Xz),
        (b"PK\x03\x04", LooksLike::Zip),
        (b"\x7fELF", LooksLike::Elf),
    ];
    if at(32, b"SIF_MAGIC") {
        return LooksLike::Sif;
    }
    if at(257, b"ustar") {
        return LooksLike::Tar;
    }
    if let Some((_, found)) = first.iter().find(|(magic, _)| at(0, magic)) {
        return *found;
    }
    match head
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
    {
        Some(b'{' | b'[') => LooksLike::Json,
        Some(b'#') if at(0, b"#!") => LooksLike::Script,
        Some(0) if head.len() >= 4 && head.iter().all(|byte| *byte == 0) => LooksLike::Zeros,
        _ => LooksLike::Unknown,
    }
}
