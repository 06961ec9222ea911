//! One value that bounds everything read from an image.

use std::time::Duration;

/// What may be read from one image. Going over a limit is always an error that
/// names the limit, never a silent cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one text file (`/etc/rc`, `/etc/environment`, `METADATA`, …).
    pub text_file: u64,
    /// Bytes of one JSON or YAML file.
    pub json_file: u64,
    /// File bytes read from one image, all files together.
    pub file_bytes: u64,
    /// Entries in one directory listing.
    pub listing_entries: u64,
    /// Bytes kept of one image while it is read: the names in its listings (and 8 for each),
    /// the JSON out of a compressed archive.
    pub kept_bytes: u64,
    /// Lines of one text file that states something in each, such as `/etc/environment`.
    pub lines: u64,
    /// Components of one path, after links are resolved.
    pub path_depth: u32,
    /// Symbolic links followed while one path is resolved.
    pub symlink_hops: u32,
    /// Bytes of one symbolic link's target.
    pub symlink_bytes: u32,
    /// Bytes of decoded metadata (inodes, directories, tables) of one image.
    pub metadata_bytes: u64,
    /// Inodes of one image whose times are read.
    pub inodes: u64,
    /// Time spent on one image; `None` is no limit.
    pub time: Option<Duration>,
}

impl Limits {
    /// The same, for reading whole packages: their files are as large as they are. The
    /// time stays; set it to `None` to give it all the time that it takes.
    #[must_use]
    pub fn deep(self) -> Self {
        Self {
            file_bytes: DEEP_FILE_BYTES,
            metadata_bytes: self.metadata_bytes.saturating_mul(16),
            ..self
        }
    }
}

/// File bytes that one thread reads of one image when whole packages are hashed.
const DEEP_FILE_BYTES: u64 = 256 * 1024 * 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            text_file: MIB,
            json_file: 8 * MIB,
            file_bytes: 256 * MIB,
            listing_entries: 1_000_000,
            kept_bytes: 32 * MIB,
            lines: 10_000,
            path_depth: 64,
            symlink_hops: 40,
            symlink_bytes: 4096,
            metadata_bytes: 256 * MIB,
            inodes: 8_000_000,
            time: Some(Duration::from_secs(30)),
        }
    }
}
