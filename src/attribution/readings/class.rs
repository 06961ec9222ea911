//! What a repository is to a publisher, and who can pull from its host.

use crate::contracts::{Contract, Registries, any_glob};

/// What a repository is to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepositoryClass {
    Official,
    Staging,
    Ci,
    PullRequest,
    Elsewhere,
}

/// The class of `registry/path` under a contract; `None` if it is not the publisher's.
pub(crate) fn classify(contract: &Contract, repository: &str) -> Option<RepositoryClass> {
    let lists = &contract.repositories;
    if contract.line_of(repository).is_some() {
        Some(RepositoryClass::Official)
    } else if any_glob(&lists.staging, repository) {
        Some(RepositoryClass::Staging)
    } else if any_glob(&lists.pull_request, repository) {
        Some(RepositoryClass::PullRequest)
    } else if any_glob(&lists.ci, repository) {
        Some(RepositoryClass::Ci)
    } else if any_glob(&lists.elsewhere, repository) {
        Some(RepositoryClass::Elsewhere)
    } else {
        None
    }
}

/// Returns true if outsiders can pull from the host.
pub(crate) fn is_public(registries: &Registries, host: &str) -> bool {
    !is_private(registries, host) && any_glob(&registries.public, host)
}

/// Returns true if outsiders cannot pull from the host.
pub(crate) fn is_private(registries: &Registries, host: &str) -> bool {
    !registries.public.iter().any(|public| public == host) && any_glob(&registries.private, host)
}
