//! Images of a publisher's CI stages.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::reading::Carrier;
use crate::contracts::any_glob;

/// Labels without the environment block, or labels that only CI images carry.
pub(crate) fn is_ci_stage(case: &Case, family: &Family) -> bool {
    let rules = &family.contract.labels;
    let labelled = family
        .readings
        .iter()
        .any(|r| r.carrier == Carrier::Label && r.identifying);
    let expected = family.contract.environment.stamped
        && case.facts.environment_ordered
        && labelled
        && !family.in_environment();
    expected
        || case
            .facts
            .labels
            .iter()
            .any(|label| any_glob(&rules.ci, &label.key))
}
