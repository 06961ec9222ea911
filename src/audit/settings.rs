//! How an audit is run.

use std::sync::Arc;

use super::findings::Rules;
use super::jobs::Jobs;
use super::owners::Owners;
use super::walk::Scope;
use crate::finding::Finding;
use crate::provenance::Provenance;

/// Findings of a policy about one image.
pub type Find = Arc<dyn Fn(&Provenance) -> Vec<Finding> + Send + Sync>;

/// A policy that images are judged by.
#[derive(Clone)]
pub struct Policy {
    /// Its findings about one image.
    pub find: Find,
    /// Other for another policy: a record of an earlier run has the findings of the policy of then.
    pub digest: String,
}

/// How an audit is run.
#[derive(Clone)]
pub struct Settings {
    /// What is looked at.
    pub scope: Scope,
    /// Threads that read.
    pub jobs: Jobs,
    /// What ages are judged by.
    pub rules: Rules,
    /// Compute `tree_id`, which reads every directory of every image.
    pub tree_id: bool,
    /// Keep the fingerprints in the records. The inspector makes them for this and for `lineage`; a
    /// record of an earlier run without one is not reused.
    pub fingerprint: bool,
    /// Say which image was built on which, from their fingerprints.
    pub lineage: bool,
    /// Keep what others state about each image.
    pub attested: bool,
    /// Keep the evidence in the records.
    pub evidence: bool,
    /// Findings of a policy.
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
