//! The last line of a report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::provenance::PathText;

/// The last line: totals of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// False if the run was interrupted.
    pub complete: bool,
    /// The part of the images in this report; null for all.
    pub shard: Option<Shard>,
    /// The paths that were walked.
    pub roots: Vec<PathText>,
    /// The time that ages are counted to, RFC 3339 UTC.
    pub now: String,
    /// True if `tree_id` was asked for.
    pub tree_id: bool,
    /// The conditions (`--where`) that all images of this report meet; empty for all images.
    #[serde(default)]
    pub selection: Vec<String>,
    /// Images.
    pub images: u64,
    /// Images without an answer.
    pub unreadable: u64,
    /// Images answered in part.
    pub partial: u64,
    /// Files that were read and are not images.
    pub not_images: u64,
    /// Numbers of files and directories that were not read, by code.
    pub skipped: BTreeMap<String, u64>,
    /// Bytes of all images.
    pub bytes: u64,
    /// Bytes that they have allocated.
    pub allocated: u64,
    /// Bytes that are freed if one file of each image stays: copies, and with `--tree-id` or `--lineage`
    /// further imports.
    pub reclaimable: u64,
    /// Images by the code of their findings.
    pub findings: BTreeMap<String, u64>,
    /// Findings by severity.
    pub severities: BTreeMap<Severity, u64>,
    /// Images and bytes by publisher, kind, age, owner, directory, reference and commit.
    pub groups: BTreeMap<String, BTreeMap<String, Group>>,
}

/// The last line. The counts have their own object, so that no key has two types in one report:
/// `partial` of an image is true or false, and `findings` is a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SummaryRecord {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// Totals of the run.
    pub summary: Box<Summary>,
}

pub(super) fn nested<S: serde::Serializer>(
    summary: &Summary,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let record = SummaryRecord {
        schema: summary.schema.clone(),
        summary: Box::new(summary.clone()),
    };
    record.serialize(serializer)
}

/// Images that have something in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Group {
    /// How many.
    pub images: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One part of the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shard {
    /// From 1.
    pub index: u64,
    /// How many there are.
    pub count: u64,
}
