//! Whose image it is: the publisher's, a fork's, or of somebody who built on top.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::signs::signal::Signal;
use crate::contracts::RepositoryClass;
use crate::provenance::Pipeline;

/// Whose image it is.
#[derive(Debug, Default)]
pub(crate) struct Ownership<'a> {
    /// The contract that describes the origin.
    pub family: Option<&'a Family>,
    /// The contract of a fork's upstream. The fork fills the upstream's keys.
    pub fork_of: Option<&'a Family>,
    /// True if `fork_of`'s stamp describes the upstream, not the fork.
    pub upstream_stamp: bool,
    /// The build page of a fork that copied the upstream's labels with its source.
    pub fork_page: Option<Pipeline>,
    /// True if it was built on another image, and has no contract of its own.
    pub derived: bool,
    /// The contract whose keys a fork filled on which this image was built, and the fork's owner.
    pub on_fork: Option<(&'a Family, String)>,
    /// The contracts of its bases, the closest first; without a fork's upstream.
    pub bases: Vec<&'a Family>,
    /// The contract's id, else the owner that the source names.
    pub publisher: Option<String>,
    pub signals: Vec<Signal>,
    /// True if the import names a publisher's repository, but nothing in the image is the publisher's.
    pub disowned: bool,
}

impl<'a> Ownership<'a> {
    /// Returns true if the family's stamp describes this image.
    pub(crate) fn owns(&self, family: &Family) -> bool {
        !self.derived && self.family.is_some_and(|own| own.id() == family.id())
            || (self.fork_of.is_some_and(|fork| fork.id() == family.id()) && !self.upstream_stamp)
    }

    /// Returns the contract whose keys describe the image itself or its fork.
    pub(crate) fn contract_in_use(&self) -> Option<&'a Family> {
        self.family.or(self.fork_of)
    }

    /// Returns what the imported repository is to that contract.
    pub(crate) fn class(&self) -> Option<RepositoryClass> {
        self.contract_in_use().and_then(|family| family.class)
    }

    pub(super) fn of(family: &'a Family, case: &'a Case) -> Self {
        Self {
            bases: case.bases(Some(family)),
            ..Self::default()
        }
    }

    pub(super) fn on_top_of(mut self, family: &'a Family) -> Self {
        self.bases.insert(0, family);
        self
    }
}
