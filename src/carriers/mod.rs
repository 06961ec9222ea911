//! Parsers of the files that tools leave in a root file system. They turn bytes into plain facts.
//!
//! Each carrier has a file of its own. Only [`collect`] reads from an image.

mod build;
mod build_record;
pub mod buildinfo;
pub mod charliecloud;
mod collect;
pub mod control;
pub mod definition_file;
pub mod document;
pub mod elf;
pub mod enroot_rc;
pub mod environment;
mod facts;
pub mod fstab;
pub mod git;
pub mod git_context;
pub mod git_index;
#[cfg(test)]
mod hostile;
pub mod inspect_output;
pub mod metadata_file;
pub mod oci_config;
pub mod os_release;
mod pair;
mod process;
pub mod python;
pub mod python_source;
pub mod rc_local;
pub mod record;
pub mod rpm;
pub mod shell_words;
pub mod singularity;
pub mod slsa;
pub mod system_packages;
pub mod torch_version;
pub mod url;

pub use build::{Build, BuildError};
pub use collect::{checkout_above, collect, collect_with, kept};
pub use facts::*;
pub use pair::Pair;
pub use process::Process;
