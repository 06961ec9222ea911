//! The result of attribution.

use crate::provenance::{Ancestor, Conflict, Evidence, Origin, Warning};

/// The result of attribution for one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// The origin of the image.
    pub origin: Origin,
    /// The images that it was built on.
    pub lineage: Vec<Ancestor>,
    /// Sources that disagree.
    pub conflicts: Vec<Conflict>,
    /// Each fact with its source.
    pub evidence: Vec<Evidence>,
    /// Warnings for the reader.
    pub warnings: Vec<Warning>,
}
