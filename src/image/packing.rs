//! How a squashfs image was packed, from its superblock and a few inodes.

/// The flag for uncompressed data blocks (`-noD`).
pub const RAW_DATA: u16 = 0x2;
/// The flag for an image without fragments (`-no-fragments`).
pub const NO_FRAGMENTS: u16 = 0x10;
/// The flag for an image that stores equal files once.
pub const DEDUPLICATED: u16 = 0x40;
/// The flag for a table of NFS exports.
pub const EXPORTABLE: u16 = 0x80;

/// How an image was packed, without judgement.
///
/// The compressor, its options, the block size and the flags say nothing about the packer: users of
/// enroot choose them with `ENROOT_SQUASH_OPTIONS`. [`Self::packer`] is reliable, because it follows
/// from how a program counts links, and so is [`Self::appended`]. enroot packs with `-all-root`, so
/// [`Self::owned_by_root`] is true. With `SOURCE_DATE_EPOCH`, enroot passes this time as `-mkfs-time`
/// and `-all-time`. [`Self::packed_at`] may then be any time, also 0, and each inode has that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The time in the superblock, in seconds since 1970.
    pub packed_at: i64,
    /// The compressor, as `mksquashfs -comp` takes it.
    pub compressor: &'static str,
    /// The size of a data block, in bytes.
    pub block_size: u32,
    /// The superblock's flags. This module has the flags in which packers differ.
    pub flags: u16,
    /// The number of user and group ids.
    pub ids: u16,
    /// True if the only id is 0; `None` if the table of ids cannot be read.
    pub owned_by_root: Option<bool>,
    /// The bytes of the file after the image's end. mksquashfs and squashfs-tools-ng pad to 4 KiB.
    pub padding: u64,
    /// The program that packed it; `None` if nothing in the image tells.
    pub packer: Option<Packer>,
    /// True if something was appended after the packing; `None` if the root cannot be read.
    pub appended: Option<bool>,
}

impl Packing {
    /// Returns true if the superblock has this flag.
    #[must_use]
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// A packing program, recognised by the number of links that it writes for a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packer {
    /// mksquashfs: 2, and 1 for each subdirectory (`create_inode` in squashfs-tools/mksquashfs.c).
    Mksquashfs,
    /// tar2sqfs and gensquashfs: 2, and 1 for each entry (`sqfs_dir_writer_create_inode` in
    /// lib/sqfs/src/dir_writer.c of squashfs-tools-ng).
    SquashfsToolsNg,
    /// Another number, or different numbers in two directories.
    Other,
}
