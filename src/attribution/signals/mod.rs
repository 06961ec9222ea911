//! Signs that an image was built on top of the one whose stamp it carries.
//!
//! Each has a weight; two or more together make the image a derived one. Everything
//! that an outer build adds is looked for: another repository, variables after the
//! contract's, foreign labels, another entrypoint, another package, later packages.

mod additions;
mod package;
mod place;
mod stamp;

use crate::contracts::{Field, Line, any_glob};
use crate::provenance::Conflict;
use crate::reference::Reference;

use super::Case;
use super::family::Family;
use super::import::{Import, RepositoryClass};
use super::reading::{Carrier, Reading};

pub(super) use place::compatible_tag;

/// One sign, with what it weighs.
#[derive(Clone, Debug)]
pub(in crate::attribution) struct Signal {
    pub weight: u32,
    pub conflict: Conflict,
}

/// All signs relative to the outermost contract.
pub(in crate::attribution) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(place::repository(case, family));
    signals.extend(stamp::stamp_contradictions(case, family));
    signals.extend(stamp::revision(case, family));
    signals.extend(package::package(case, family));
    let own_workshop = matches!(
        family.class,
        Some(RepositoryClass::Staging | RepositoryClass::Ci | RepositoryClass::PullRequest)
    ) || is_ci_stage(case, family);
    signals.extend(additions::foreign_labels(case, family));
    if !own_workshop {
        signals.extend(additions::environment_tail(case, family));
        signals.extend(
            additions::entrypoint(case, family).or_else(|| additions::command(case, family)),
        );
    }
    signals.extend(package::later_packages(case, family));
    signals.extend(super::forms::steps(case.facts));
    signals.extend(super::record::signals(case, family));
    signals.extend(super::builds::signals(case, family));
    signals
}

/// Labels without the environment block, or labels that only CI images carry.
pub(in crate::attribution) fn is_ci_stage(case: &Case, family: &Family) -> bool {
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

/// The product line that the image belongs to: by import, by stamp, else the contract's first.
pub(in crate::attribution) fn line<'f>(case: &Case, family: &'f Family) -> Option<&'f Line> {
    let contract = &family.contract;
    let imported = case.import.and_then(Import::repository);
    let stamped = stamp_reference(family).map(|(_, reference)| reference.name());
    imported
        .and_then(|name| contract.line_of(&name))
        .or_else(|| stamped.and_then(|name| contract.line_of(&name)))
        .or_else(|| contract.lines.first())
}

/// The stamped public reference: a real value that names a repository.
pub(in crate::attribution) fn stamp_reference(family: &Family) -> Option<(&Reading, Reference)> {
    family
        .of(Field::Reference)
        .filter(|reading| !reading.placeholder)
        .filter(|reading| reading.value.contains('/'))
        .find_map(|reading| Some((reading, Reference::parse(&reading.value).ok()?)))
}

/// A sum that says whether the image is derived.
pub(in crate::attribution) fn weight(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.weight).sum()
}

/// True when the contracts can tell an untouched image from a changed one.
pub(in crate::attribution) fn can_tell(line: &Line, family: &Family) -> bool {
    !line.entrypoints.is_empty()
        && !family
            .contract
            .environment
            .tail
            .iter()
            .any(|glob| glob == "*")
}
