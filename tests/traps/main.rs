//! One test for each way in which an image misleads, named after what must hold.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

mod agreement;
mod bases;
mod builds;
mod children;
#[path = "../support/facts.rs"]
mod facts;
mod forks;
mod imports;
mod inherited;
mod kinds;
mod mirrors;
mod records;
mod stamps;
mod tags;
mod times;

use sqsh_prov::attribution::Attribution;
use sqsh_prov::provenance::Kind;

use facts::{Made, OTHER};

pub(crate) const HUB: &str = "docker://registry-1.docker.io#vllm/vllm-openai";
pub(crate) const DIGEST: &str =
    "sha256:972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

pub(crate) fn hub(tag: &str) -> String {
    format!("{HUB}:{tag}")
}

pub(crate) fn verdict(a: &Attribution) -> (Kind, Option<bool>, Option<&str>) {
    (
        a.origin.kind,
        a.origin.official,
        a.origin.publisher.as_deref(),
    )
}

pub(crate) fn codes(a: &Attribution) -> Vec<&str> {
    a.conflicts
        .iter()
        .map(|conflict| conflict.code.as_str())
        .collect()
}

pub(crate) fn commit(a: &Attribution) -> Option<&str> {
    a.origin.commit.as_ref().map(|commit| commit.id.as_str())
}

pub(crate) fn ngc(uri: &str) -> Made {
    Made::new(uri)
        .env("NVIDIA_PRODUCT_NAME", "PyTorch")
        .env("NVIDIA_PYTORCH_VERSION", "26.03")
        .env("NVIDIA_BUILD_ID", "286725636")
        .label("com.nvidia.build.id", "286725636")
        .label("com.nvidia.build.ref", OTHER)
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
        .package("torch", "2.11.0a0+a6c236b9fd.nv26.3.46836102")
}
