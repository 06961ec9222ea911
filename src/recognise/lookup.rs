//! The interface of lists of known images.

use super::listed::Listed;
use super::search::Candidate;
use super::sketch::Sketch;

/// A kind of text by which known images are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A digest of content, with times or without.
    Content,
    /// The record of a package.
    Record,
    /// A public reference.
    Reference,
}

impl Text {
    /// All texts, in the order of an index's tables.
    pub(super) const ALL: [Self; 3] = [Self::Content, Self::Record, Self::Reference];

    /// Returns its table, from tables in the order of [`Self::ALL`].
    pub(super) fn of<T>(self, [content, record, reference]: &[T; 3]) -> &T {
        match self {
            Self::Content => content,
            Self::Record => record,
            Self::Reference => reference,
        }
    }
}

/// Returns the hash by which a text is found.
pub(super) fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// Known images, numbered from 0.
pub(super) trait Lookup: std::fmt::Debug + Send + Sync {
    fn images(&self) -> usize;
    /// Returns the most entries of each image that are looked up.
    fn each(&self) -> usize;
    /// Returns its size in memory, in bytes.
    fn bytes(&self) -> usize;
    /// Returns a hash of all images.
    fn digest(&self) -> u128;
    /// Returns the images that share most with a tree, best first.
    fn candidates(&self, tree: &Sketch, least: f32, most: usize) -> Vec<Candidate>;
    /// Returns at most `most` images with a text that has the same hash. The text itself may differ.
    fn with(&self, text: Text, value: &str, most: usize) -> Vec<u32>;
    /// Reads an image; `None` if its list was changed since.
    fn read(&self, image: u32) -> Option<(Listed, Sketch)>;
}
