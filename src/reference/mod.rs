//! Image references: parse every spelling, one canonical form, compare.
//!
//! Docker spells `registry/repository:tag@digest`, with `docker.io/library/` left
//! out; enroot spells `docker://[USER@]REGISTRY#IMAGE:TAG`, and writes a digest
//! import as `docker://REGISTRY#IMAGE:sha256:<64hex>` (NVIDIA/enroot
//! `src/docker.sh`, `docker::_parse_uri`). The canonical form is Docker's with
//! everything written out: `docker.io/library/ubuntu:24.04`.

mod canonical;
mod import_uri;
mod parts;

pub use canonical::Reference;
pub use import_uri::ImportUri;
pub use parts::{DOCKER_HUB, ParseError, is_digest};

#[cfg(test)]
mod tests;
