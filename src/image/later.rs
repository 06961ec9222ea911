//! What was changed in an image after a moment, such as its import.

/// How many files, directories and links are later than a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The moment, in seconds since 1970; what has just this time is not later.
    pub since: i64,
    /// How many inodes are later.
    pub count: u64,
    /// How many of them are also newer than the packing. An edit before the packing cannot leave such
    /// a time. A builder's wrong clock can, and so can a packing with a time in the past. 0 for images
    /// that were not packed.
    pub after_packing: u64,
    /// How many inodes have just that moment's time and are no directories.
    pub same: u64,
    /// How many inodes there are.
    pub inodes: u64,
    /// The earliest time of any. The same as the latest says that all times were set to one value, so
    /// that none of them says anything.
    pub earliest: i64,
    /// The latest time of any.
    pub latest: i64,
    /// The first of the later ones, sorted. Bytes that are not UTF-8 become U+FFFD. Fewer than `count`
    /// where not all are named, or the tree does not lead to them.
    pub paths: Vec<String>,
}

/// Sorts paths, as text.
pub(super) fn named(mut paths: Vec<Vec<u8>>) -> Vec<String> {
    paths.sort_unstable();
    let text = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
    paths.iter().map(text).collect()
}
