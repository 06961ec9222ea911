//! Images of a publisher's CI stages.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::reading::Carrier;
use crate::contracts::any_glob;

/// Returns true for a stamp in labels that is not in the environment, or labels that only CI images carry.
pub(crate) fn is_ci_stage(case: &Case, family: &Family) -> bool {
    let mut readings = family.readings.iter();
    let expected = family.contract.environment.stamped
        && case.facts.environment_ordered
        && readings.any(|r| r.carrier == Carrier::Label && r.identifying)
        && !family.in_environment();
    let is_ci = |key: &str| any_glob(&family.contract.labels.ci, key);
    expected || case.facts.labels.iter().any(|label| is_ci(&label.key))
}
