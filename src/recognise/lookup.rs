//! What is asked of known images, wherever they are listed.

use super::listed::Listed;
use super::search::Candidate;
use super::sketch::Sketch;

/// A text that known images are found by.
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
    /// Each, as a table of an index holds it.
    pub(super) const ALL: [Self; 3] = [Self::Content, Self::Record, Self::Reference];

    /// Its table, of those in the order of [`Self::ALL`].
    pub(super) fn of<T>(self, [content, record, reference]: &[T; 3]) -> &T {
        match self {
            Self::Content => content,
            Self::Record => record,
            Self::Reference => reference,
        }
    }
}

/// The hash that a text is found by.
pub(super) fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// Known images, numbered from 0.
pub(super) trait Lookup: std::fmt::Debug + Send + Sync {
    /// How many there are.
    fn images(&self) -> usize;
    /// How many entries of each are looked up at most.
    fn each(&self) -> usize;
    /// Bytes of memory that it takes.
    fn bytes(&self) -> usize;
    /// A hash of all that they are.
    fn digest(&self) -> u128;
    /// The images that share most with a tree, the best first.
    fn candidates(&self, tree: &Sketch, least: f32, most: usize) -> Vec<Candidate>;
    /// At most `most` images that may have a text: their hashes are equal.
    fn with(&self, text: Text, value: &str, most: usize) -> Vec<u32>;
    /// Reads an image; `None` if its list was changed since.
    fn read(&self, image: u32) -> Option<(Listed, Sketch)>;
}
