//! The result of attribution.

use crate::provenance::{Ancestor, Conflict, Evidence, Origin, Warning};

/// What attribution finds out about one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// What built it.
    pub origin: Origin,
    /// The images that it was built on.
    pub lineage: Vec<Ancestor>,
    /// What disagrees.
    pub conflicts: Vec<Conflict>,
    /// Where each fact was read.
    pub evidence: Vec<Evidence>,
    /// What should be known.
    pub warnings: Vec<Warning>,
}
