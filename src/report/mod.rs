//! One file per output format. Nothing from an image reaches a terminal, a shell
//! or a script except through [`escape`].

pub mod attest;
pub mod audit;
pub mod build_args;
pub mod contracts;
pub mod escape;
pub mod fields;
pub mod human;
pub mod json;
pub mod line;
pub mod lint;
pub mod schema;
pub mod shell;
pub mod srt_slurm;
mod terminal;
pub mod verify;
mod words;

use crate::audit::paths::to_bytes;
use crate::provenance::{PathText, Provenance};

/// The last component of the file's path.
#[must_use]
pub fn file_name(document: &Provenance) -> String {
    path_name(&document.file.path)
}

/// Returns the path as the user gave it, for a heading.
fn given_path(path: &PathText) -> String {
    match path {
        PathText::Text(path) => path.clone(),
        PathText::Bytes { .. } => escape::bytes(&to_bytes(path)),
    }
}

fn path_name(path: &PathText) -> String {
    match path {
        PathText::Text(path) => {
            let trimmed = path.trim_end_matches('/');
            let name = trimmed.rsplit('/').next().unwrap_or(trimmed);
            if name.is_empty() || name == "." || name == ".." {
                path.clone()
            } else {
                name.to_owned()
            }
        }
        PathText::Bytes { .. } => {
            let raw = to_bytes(path);
            let name = raw.rsplit(|&b| b == b'/').find(|part| !part.is_empty());
            escape::bytes(name.unwrap_or(&raw))
        }
    }
}

#[cfg(test)]
pub(crate) mod samples;
