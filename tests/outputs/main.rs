//! Whatever an image, a file's name, a recipe or an old report says: no output acts on the one who
//! reads it, and none shows a secret. One list of outputs, one of carriers, one of attacks.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod contents;
#[path = "../forms_support/mod.rs"]
mod forms_support;
mod injection;
mod judge;
mod list;
mod payloads;
mod planted;
mod scripts;
mod secrets;
mod store;
#[path = "../support/mod.rs"]
mod support;
