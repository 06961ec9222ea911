//! What somebody may write into an image so that it passes for an official one, and why it does
//! not. Each row says one thing about an image that is not what it says it is.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]
#[path = "../support/facts.rs"]
mod facts;

#[path = "../support/mod.rs"]
mod support;

mod lines;
mod packed;
mod references;
mod stamps;

use facts::{COMMIT, Made, OTHER};
use serde_json::Value;
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{Pair, enroot_rc, environment};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest, pack_root};

const HUB: &str = "docker://registry-1.docker.io#vllm/vllm-openai";

const URL: &str = "https://buildkite.com/vllm/release-v2/builds/6292";

const DIGEST: &str = "972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

fn genuine() -> Made {
    Made::vllm(&format!("{HUB}:v0.29.0"))
}

/// What passed for official and is not.
#[derive(Default)]
struct Passed(Vec<String>);

impl Passed {
    fn check(&mut self, what: impl std::fmt::Debug, official: Option<bool>) {
        if official == Some(true) {
            self.0.push(format!("{what:?}"));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "official: {:#?}", self.0);
    }
}

fn official(made: &Made) -> Option<bool> {
    made.attribute().origin.official
}

#[test]
fn the_genuine_image_is_official() {
    assert_eq!(official(&genuine()), Some(true));
    let by_digest = genuine().imported(&format!("{HUB}:sha256:{DIGEST}"));
    assert_eq!(official(&by_digest), Some(true));
}
