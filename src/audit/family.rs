//! The line of a report that says which images are the same, and what they were built on.

use serde::{Deserialize, Serialize};

use crate::provenance::PathText;

/// One content in the family tree of all images: the files that have it, and what it was built on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FamilyRecord {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// The number, from 1, in the order of the tree: a parent comes before its children.
    pub id: u64,
    /// The content that it was built on; null for a root.
    pub parent: Option<u64>,
    /// The number of its ancestors.
    pub depth: u64,
    /// The image that represents it: an official one if there is one, then the first by path.
    pub path: PathText,
    /// Other files of the same content: copies and further imports.
    pub copies: Vec<PathText>,
    /// What it is, if known: a public reference, else product and version.
    pub name: Option<String>,
    /// Files and links in it.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// The share of the parent's files that it has unchanged, 0 to 1.
    pub share: Option<f64>,
    /// Files that the parent lacks.
    pub added: Option<u64>,
    /// Files of the parent that differ.
    pub changed: Option<u64>,
    /// Files of the parent that it lacks.
    pub removed: Option<u64>,
    /// True if these are estimates from samples.
    pub estimated: bool,
    /// Bytes of its files minus those of the parent's.
    pub added_bytes: Option<i64>,
    /// Bytes that are freed if all other files of the same content are removed.
    pub reclaimable: u64,
    /// Estimate of the bytes that would be freed if it and its parent stored common files once.
    pub shared: u64,
}
