//! Chooses the contract of a build without `--contract`.

use std::sync::Arc;

use super::ci::Build;
use crate::attribution::same_repository;
use crate::contracts::{Contract, Contracts, Role};

/// Id of the contract for projects without one of their own.
pub const GENERIC: &str = "generic";

/// Returns the contract of the source repository that is built, else the generic contract.
///
/// Variables such as `VLLM_BUILD_COMMIT` do not decide: every container of a vLLM image has them, even
/// one in which another project builds its image.
#[must_use]
pub fn choose<'c>(contracts: &'c Contracts, build: &Build) -> Option<&'c Arc<Contract>> {
    let is_chosen = |contract: &&Arc<Contract>| {
        contract.role == Role::Publisher && contract.can_stamp() && is_built(contract, build)
    };
    let chosen = contracts.all().iter().find(is_chosen);
    chosen.or_else(|| contracts.get(GENERIC))
}

/// Returns true if the build is of the contract's source repository.
pub(super) fn is_built(contract: &Contract, build: &Build) -> bool {
    match (&build.source, &build.url) {
        (Some(source), _) => contract.source.iter().any(|s| same_repository(s, source)),
        (None, Some(url)) => contract
            .build
            .as_ref()
            .is_some_and(|build| build.official_url.is_match(url)),
        (None, None) => false,
    }
}
