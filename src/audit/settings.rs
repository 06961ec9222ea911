//! The settings of an audit.

use std::sync::Arc;

use super::findings::Rules;
use super::jobs::Jobs;
use super::owners::Owners;
use super::walk::Scope;
use crate::finding::Finding;
use crate::provenance::Provenance;

/// Returns the findings of a policy about one image.
pub type Find = Arc<dyn Fn(&Provenance) -> Vec<Finding> + Send + Sync>;

/// A policy for the images.
#[derive(Clone)]
pub struct Policy {
    /// Returns its findings about one image.
    pub find: Find,
    /// Identifies the policy: a record with findings of another policy is not reused.
    pub digest: String,
}

/// The settings of an audit.
#[derive(Clone)]
pub struct Settings {
    /// The files to look at.
    pub scope: Scope,
    /// Threads that read.
    pub jobs: Jobs,
    /// The settings for judging ages.
    pub rules: Rules,
    /// If true, computes `tree_id`, which reads every directory of every image.
    pub tree_id: bool,
    /// If true, keeps the fingerprints in the records. The inspector makes them for this and for
    /// `lineage`; a record of an earlier run without one is not reused.
    pub fingerprint: bool,
    /// If true, finds which image was built on which, from the fingerprints.
    pub lineage: bool,
    /// If true, keeps the statements about each image.
    pub attested: bool,
    /// If true, keeps the evidence.
    pub evidence: bool,
    /// The policy.
    pub policy: Option<Policy>,
    /// Names of users and groups.
    pub owners: Arc<Owners>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("scope", &self.scope)
            .field("jobs", &self.jobs)
            .finish_non_exhaustive()
    }
}
