//! Image references: parses every spelling to one canonical form, and compares references.
//!
//! Docker spells `registry/repository:tag@digest`, and leaves out `docker.io/library/`. enroot spells
//! `docker://[USER@]REGISTRY#IMAGE:TAG`, and records an import by digest as
//! `docker://REGISTRY#IMAGE:sha256:<64hex>` (NVIDIA/enroot `src/docker.sh`, `docker::_parse_uri`). The
//! canonical form is Docker's in full: `docker.io/library/ubuntu:24.04`.

mod canonical;
mod import_uri;
mod parts;
mod pattern;

pub use canonical::Reference;
pub use import_uri::ImportUri;
pub use parts::{ParseError, is_digest};
pub(crate) use pattern::{host_pattern, repository_pattern};

#[cfg(test)]
mod tests;
