//! What changed in an image after a time, such as that of its import.

/// The files, directories and links that changed after a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The time, in seconds since 1970. An inode with exactly this time is not later.
    pub since: i64,
    /// The number of later inodes.
    pub count: u64,
    /// The number of later inodes that are also newer than the packing. An edit before the packing
    /// cannot leave such a time. A builder's wrong clock can, and so can a packing with a time in the
    /// past. 0 for images that were not packed.
    pub after_packing: u64,
    /// The number of inodes with exactly that time, without directories.
    pub same: u64,
    /// The latest time of an inode that is no directory, and over six hours before that time; 0 if there is none.
    /// No import takes so long: it is about the time at which the image was built.
    pub before: i64,
    /// The number of all inodes.
    pub inodes: u64,
    /// The earliest time of an inode. If it equals the latest, somebody set all times to one value, and
    /// no time says anything.
    pub earliest: i64,
    /// The latest time of an inode.
    pub latest: i64,
    /// The first paths of later inodes, sorted. Bytes that are not UTF-8 become U+FFFD. There are fewer
    /// than `count` if not all are wanted, or no directory has the inode.
    pub paths: Vec<String>,
}

/// Sorts paths, as text.
pub(super) fn named(mut paths: Vec<Vec<u8>>) -> Vec<String> {
    paths.sort_unstable();
    paths.iter().map(|path| super::shown(path)).collect()
}
