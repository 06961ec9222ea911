//! Reads what each source says. Conclusions come later.

pub(crate) mod builds;
mod disputed;
pub(crate) mod families;
pub(crate) mod generic;
pub(crate) mod import;
pub(crate) mod inherited;
pub(crate) mod names;
pub(crate) mod packages;
pub(crate) mod reading;
pub(crate) mod recipe;

use crate::carriers::Facts;
use crate::contracts::{Contracts, Registries};
use crate::provenance::Conflict;

use super::case::Case;
use builds::Builds;
use families::families;
use generic::generic;
use import::Import;

/// Reads every source. The conflict names a generic source that was taken for a base's.
pub(crate) fn read<'a>(
    facts: &'a Facts,
    contracts: &'a Contracts,
    mirrors: &[(String, String)],
    none: &'a Registries,
) -> (Case<'a>, Option<Conflict>) {
    let import = import(facts, mirrors);
    let (families, reused) = families(facts, contracts, import.as_ref());
    let stamped = families.iter().any(|family| family.stamped);
    let generic = generic(facts, contracts);
    let builds = Builds::read(facts, import.as_ref(), &generic, stamped);
    let generic = builds.set_aside_inherited_labels(generic);
    let (generic, dispute) = disputed::settle(generic, &families, facts, import.as_ref());
    let case = Case {
        facts,
        contracts,
        registries: contracts
            .all()
            .iter()
            .find_map(|contract| contract.registries.as_ref())
            .unwrap_or(none),
        import,
        families,
        reused,
        generic,
        builds,
    };
    (case, dispute)
}

/// Returns what the importer recorded, else the name that another form of image has.
pub(crate) fn import(facts: &Facts, mirrors: &[(String, String)]) -> Option<Import> {
    import::recorded(facts, mirrors).or_else(|| names::named(facts, mirrors))
}
