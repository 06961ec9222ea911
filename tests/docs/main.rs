//! The documents: their commands do what they show, and what is made from the program is current.
//! `scripts/docs` makes it again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod commands;
mod contracts;
mod json;
mod links;
mod picture;
mod promises;

use std::fs;
use std::path::{Path, PathBuf};

/// Set by `scripts/docs`.
const UPDATE: &str = "SQSH_PROV_UPDATE_DOCS";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a document with what it must be, or writes it.
fn is_current(path: &str, text: &str) {
    let file = repository(path);
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&file, text).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "{path} is not current; make it again: scripts/docs"
    );
}
