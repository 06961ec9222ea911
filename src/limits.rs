//! The limits for everything that is read from an image.

use std::time::Duration;

/// The limits for one image. Whatever exceeds a limit is an error that names the limit. Nothing is cut silently.
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
    /// Bytes kept of one image while it is read: the names in its listings (and 8 bytes for each), and the JSON of a
    /// compressed archive.
    pub kept_bytes: u64,
    /// Bytes kept of the entries of one image while its content is hashed: 120 bytes and the path of each.
    pub walked_bytes: u64,
    /// Lines of one text file with a fact on each line, such as `/etc/environment`.
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
    /// Packages that are compared with their records. Each installed copy counts.
    pub checked_packages: usize,
    /// Bytes of one package's `RECORD`.
    pub record_bytes: u64,
    /// Rows of the records of one image that are compared with its files, all packages together.
    pub record_rows: u64,
    /// Bytes that are read of the records of packages without a known publisher, all together. A record that is read
    /// twice counts twice.
    pub neighbour_bytes: u64,
    /// Bytes of the names of files that differ from their records, all packages together.
    pub finding_bytes: u64,
    /// Bytes of one hashed file, including holes.
    pub hashed_file_bytes: u64,
    /// Bytes that are hashed of one image.
    pub hashed_bytes: u64,
    /// Time for hashing the files of one image, if `time` is longer or `None`.
    pub deep_time: Duration,
    /// Time for one image; `None` is no limit.
    pub time: Option<Duration>,
}

impl Limits {
    /// Returns the limits for hashing whole packages, which have large files. The time is at most `deep_time`.
    #[must_use]
    pub fn deep(self) -> Self {
        Self {
            file_bytes: DEEP_FILE_BYTES,
            metadata_bytes: self.metadata_bytes.saturating_mul(16),
            time: Some(self.time.unwrap_or(self.deep_time).min(self.deep_time)),
            ..self
        }
    }
}

/// File bytes that one thread reads of one image when whole packages are hashed.
const DEEP_FILE_BYTES: u64 = 256 * 1024 * 1024 * 1024;

/// The name of a limit on one file that the caller of a read chose.
pub(crate) const ONE_FILE: &str = "file size";

/// Returns the unit of a limit, with a space before it, and true if the limit is for all of an image together.
/// The unit is empty if the name says it.
pub(crate) fn unit(name: &str) -> (&'static str, bool) {
    match name {
        "inodes" => ("", true),
        "layers" | "signatures" => ("", false),
        "listing_entries" => (" entries", false),
        "path_depth" => (" components", false),
        "time" => (" seconds", false),
        "file_bytes" | "hashed_bytes" | "kept_bytes" | "metadata_bytes" | "walked_bytes" => {
            (" bytes", true)
        }
        _ => (" bytes", false),
    }
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        const GIB: u64 = 1024 * MIB;
        Self {
            text_file: MIB,
            json_file: 8 * MIB,
            file_bytes: 256 * MIB,
            listing_entries: 1_000_000,
            kept_bytes: 32 * MIB,
            // A million inodes take about 200 MB.
            walked_bytes: GIB,
            lines: 10_000,
            path_depth: 64,
            symlink_hops: 40,
            symlink_bytes: 4096,
            metadata_bytes: 256 * MIB,
            inodes: 8_000_000,
            checked_packages: 64,
            // The largest record of a real package has 2 MB and 20,000 files.
            record_bytes: 16 * MIB,
            record_rows: 500_000,
            neighbour_bytes: 128 * MIB,
            finding_bytes: 4 * MIB,
            // The largest real libraries have 3 GB, and the largest images 40 GB.
            hashed_file_bytes: 16 * GIB,
            hashed_bytes: 128 * GIB,
            deep_time: Duration::from_secs(30 * 60),
            time: Some(Duration::from_secs(30)),
        }
    }
}
