//! Statements about images: what is bound, who signed, and what becomes of it.
#![cfg(feature = "attest")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod archives;
mod audited;
mod cases;
mod content;
#[path = "../forms_support/mod.rs"]
mod forms_support;
mod keyless;
mod keys;
mod others;
mod settings;
mod signers;
mod trees;
mod verdicts;
