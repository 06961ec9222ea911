//! A row of the table of kinds, and what rows look at.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::verdict::commit::Built;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::RepositoryClass;
use crate::provenance::Kind;

/// What the rows look at.
pub(super) struct Asked<'a> {
    pub case: &'a Case<'a>,
    pub ownership: &'a Ownership<'a>,
    pub built: &'a Built,
    /// The contract that describes the image.
    pub family: Option<&'a Family>,
}

impl Asked<'_> {
    /// Returns what the imported repository is to the contract.
    pub(super) fn class(&self) -> Option<RepositoryClass> {
        self.family.and_then(|family| family.class)
    }
}

/// One row of the table.
pub(super) struct Row {
    /// The reason that it gives.
    pub code: &'static str,
    /// The kind, if the row holds.
    pub kind: fn(&Asked) -> Option<Kind>,
}
