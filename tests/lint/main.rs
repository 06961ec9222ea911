//! `lint`: each code on an input that breaks its rule and on one that does not; the
//! fixtures; the program with its formats and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod apply;
mod cases;
mod codes;
mod dockerfiles;
mod fixtures;
mod make;
mod platforms;
mod program;
mod recipes;
mod several;
mod survived;
mod targets;
mod workflows;
