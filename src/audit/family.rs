//! The line of a report that says which images are the same, and what they were built on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::provenance::PathText;

/// One content in the family tree of all images: the files that have it, and what it was built on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyRecord {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// From 1, in the order of the tree: a parent stands before its children.
    pub id: u64,
    /// The content that it was built on; null for a root.
    pub parent: Option<u64>,
    /// How many stand above it.
    pub depth: u64,
    /// The image that is shown for it: official before others, then the first by path.
    pub path: PathText,
    /// Other files of the same content: copies and further imports.
    pub copies: Vec<PathText>,
    /// What it is, where it says so: a public reference, else product and version.
    pub name: Option<String>,
    /// Files and links in it.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// The part of the parent's files that is here unchanged, 0 to 1.
    pub share: Option<f64>,
    /// Files that the parent has not.
    pub added: Option<u64>,
    /// Files of the parent that differ.
    pub changed: Option<u64>,
    /// Files of the parent that are not here.
    pub removed: Option<u64>,
    /// True where these were estimated from samples.
    pub estimated: bool,
    /// Bytes of files that it has more than the parent, or fewer.
    pub added_bytes: Option<i64>,
    /// Bytes that come back when the copies are removed.
    pub reclaimable: u64,
    /// About as many bytes would come back if it held the parent's files only once with it.
    pub shared: u64,
}
