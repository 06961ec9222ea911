//! How a squashfs image was packed: plain facts of the superblock and of a few inodes.

/// Data blocks are stored uncompressed (`-noD`).
pub const RAW_DATA: u16 = 0x2;
/// There are no fragments (`-no-fragments`).
pub const NO_FRAGMENTS: u16 = 0x10;
/// Equal files are stored once.
pub const DEDUPLICATED: u16 = 0x40;
/// There is a table for NFS exports.
pub const EXPORTABLE: u16 = 0x80;

/// How an image was packed, without judgement.
///
/// Compressor, its options, block size and flags say nothing about the packer: users of enroot choose
/// them with `ENROOT_SQUASH_OPTIONS`. [`Self::packer`] is reliable, since it follows from how a
/// program counts links, and so is [`Self::appended`]. enroot packs with `-all-root`, so
/// [`Self::owned_by_root`] is true. With `SOURCE_DATE_EPOCH` it passes this time as `-mkfs-time` and
/// `-all-time`. [`Self::packed_at`] may then be any time, also 0, and each inode has the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// When, in seconds since 1970, as the superblock says.
    pub packed_at: i64,
    /// The compressor, as `mksquashfs -comp` takes it.
    pub compressor: &'static str,
    /// Bytes of a data block.
    pub block_size: u32,
    /// The superblock's flags; this module names those that packers differ in.
    pub flags: u16,
    /// User and group ids that inodes have.
    pub ids: u16,
    /// Whether the only id is 0; `None` if the table of ids cannot be read.
    pub owned_by_root: Option<bool>,
    /// Bytes of the file behind the image's end. mksquashfs and squashfs-tools-ng pad to 4 KiB.
    pub padding: u64,
    /// Which program packed it; `None` if nothing in it tells.
    pub packer: Option<Packer>,
    /// Whether something was appended to an image after it was packed. `None` if its root cannot be read.
    pub appended: Option<bool>,
}

impl Packing {
    /// Returns true if the superblock has this flag.
    #[must_use]
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// A program that packs, told by the links that it counts for a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packer {
    /// mksquashfs: two and one for each directory within (`create_inode` in squashfs-tools/mksquashfs.c).
    Mksquashfs,
    /// tar2sqfs and gensquashfs: two and one for each entry (`sqfs_dir_writer_create_inode` in
    /// lib/sqfs/src/dir_writer.c of squashfs-tools-ng).
    SquashfsToolsNg,
    /// Neither: another number, or not the same way everywhere.
    Other,
}
