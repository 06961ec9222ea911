//! Finds the kind that a reference declares.

use crate::contracts::{Contract, any_glob};
use crate::provenance::Kind;
use crate::reference::Reference;

/// Returns the kind that a reference means by the contract.
pub(super) fn declared_kind(contract: &Contract, reference: &str) -> Option<Kind> {
    let reference = Reference::parse(reference).ok()?;
    let name = reference.name();
    let workshops = &contract.repositories;
    for (repositories, kind) in [
        (&workshops.staging, Kind::Staging),
        (&workshops.ci, Kind::Ci),
        (&workshops.pull_request, Kind::Pr),
    ] {
        if any_glob(repositories, &name) {
            return Some(kind);
        }
    }
    contract.line_of(&name)?;
    let rule = contract.tag_rule(&name, reference.tag.as_deref()?)?;
    Some(rule.kind)
}
