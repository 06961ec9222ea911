//! Finds the packages that `--deep` checks.

use std::collections::BTreeSet;

use crate::carriers::python::normalise;
use crate::carriers::{Facts, PackageFact};
use crate::contracts::{Contracts, Role};

use super::readings::families::families;
use super::readings::import;

/// Returns the installed packages to hash: every copy of the packages of the contracts that the image
/// carries, or of any publisher if it carries none.
#[must_use]
pub fn packages_to_check<'f>(
    facts: &'f Facts,
    contracts: &Contracts,
    mirrors: &[(String, String)],
) -> Vec<&'f PackageFact> {
    let import = import(facts, mirrors);
    let (carried, _) = families(facts, contracts, import.as_ref());
    let of = |names: BTreeSet<String>| -> Vec<&PackageFact> {
        let packages = facts.packages.iter();
        packages
            .filter(|package| names.contains(&normalise(&package.name)))
            .collect()
    };
    let carried = of(carried
        .iter()
        .filter_map(|family| family.contract.package.as_deref())
        .map(normalise)
        .collect());
    if !carried.is_empty() {
        return carried;
    }
    of(contracts
        .all()
        .iter()
        .filter(|contract| contract.role == Role::Publisher)
        .filter_map(|contract| contract.package.as_deref())
        .map(normalise)
        .collect())
}
