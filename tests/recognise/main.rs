//! Content recognises content: fingerprints, known images, and the family tree of a cluster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may stop where it fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod indexed;
mod inside;
mod known;
mod lineage;
mod rpm;
mod shares;
mod trees;
