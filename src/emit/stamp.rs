//! What goes into an image: document of schema `sqsh-prov-stamp/1`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::provenance::Kind;

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-stamp/1";

/// The stamp of one build. A value that is not known is `null`; in the image it is a placeholder or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stamp {
    /// Always `sqsh-prov-stamp/1`.
    pub schema: String,
    /// Id of the contract: `vllm`, `generic`.
    pub contract: String,
    /// The kind that the image will declare.
    pub kind: Kind,
    /// The reference that the build is for, canonical: `docker.io/vllm/vllm-openai:v0.29.0`; `null` where
    /// none is published.
    pub image: Option<String>,
    /// References to push to, as they are given to `--tag`.
    pub push: Vec<String>,
    /// Build arguments. Where images of the contract build on each other, their names are not those of the
    /// variables.
    pub build_args: BTreeMap<String, String>,
    /// Variables as they will be in the image.
    pub env: BTreeMap<String, String>,
    /// Labels; an empty one hides what a base image says under the same key.
    pub labels: BTreeMap<String, String>,
    /// Annotations, for the index and each manifest.
    pub annotations: BTreeMap<String, String>,
    /// The commit.
    pub commit: Option<String>,
    /// Id or name of the pipeline.
    pub pipeline: Option<String>,
    /// Page of the build.
    pub url: Option<String>,
    /// The version of a release, without `v`.
    pub version: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// Number of the pull or merge request.
    pub pull_request: Option<String>,
    /// True for a nightly build.
    pub nightly: bool,
    /// Remarks about these values, a sentence each.
    pub notes: Vec<String>,
    /// What the build arguments have before the names of their variables.
    #[serde(skip)]
    pub argument_prefix: String,
    /// Label → the build argument that holds its value.
    #[serde(skip)]
    pub label_args: BTreeMap<String, String>,
    /// Build arguments that are empty, and left out of what is printed.
    #[serde(skip)]
    pub unprinted: BTreeSet<String>,
    /// Build arguments and labels that hold a placeholder or nothing: a recipe's own fallback stays.
    #[serde(skip)]
    pub unknown: BTreeSet<String>,
    /// The default of each argument.
    #[serde(skip)]
    pub defaults: BTreeMap<String, String>,
    /// Why there is no reference to push to, and what to do; `None` if there is one.
    #[serde(skip)]
    pub untagged: Option<String>,
    /// What is missing for a good stamp: a sentence each.
    #[serde(skip)]
    pub missing: Vec<String>,
    /// Build argument or name of a value, the value, and where it comes from.
    #[serde(skip)]
    pub explained: Vec<(String, String, String)>,
    /// Why a build for publication should stop: a sentence each.
    #[serde(skip)]
    pub problems: Vec<String>,
}

impl Stamp {
    /// Returns the build argument that holds the value of a variable.
    #[must_use]
    pub fn argument_of(&self, variable: &str) -> String {
        format!("{}{variable}", self.argument_prefix)
    }

    /// Returns the references to push to, without placeholders.
    pub fn known_tags(&self) -> impl Iterator<Item = &String> {
        let unknown = |tag: &String| {
            let mut values = self
                .unknown
                .iter()
                .filter_map(|key| self.build_args.get(key));
            values.any(|value| value == tag)
        };
        self.push.iter().filter(move |tag| !unknown(tag))
    }
}
