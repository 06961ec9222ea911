//! Signs that an image was built on top of the one whose stamp it carries.
//!
//! Each has a weight; two or more together make the image a derived one. Everything
//! that an outer build adds is looked for: another repository, variables after the
//! contract's, foreign labels, another entrypoint, another package, later packages.

mod additions;
pub(crate) mod builds;
pub(crate) mod changes;
mod package;
pub(crate) mod packers;
mod place;
pub(crate) mod records;
pub(crate) mod signal;
pub(crate) mod stage;
mod stamp;

use crate::attribution::case::Case;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::families::Family;

use signal::Signal;

/// All signs relative to the outermost contract.
pub(crate) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(place::repository(case, family));
    signals.extend(stamp::stamp_contradictions(case, family));
    signals.extend(stamp::revision(case, family));
    signals.extend(package::package(case, family));
    let own_workshop = matches!(
        family.class,
        Some(RepositoryClass::Staging | RepositoryClass::Ci | RepositoryClass::PullRequest)
    ) || stage::is_ci_stage(case, family);
    signals.extend(additions::foreign_labels(case, family));
    if !own_workshop {
        signals.extend(additions::environment_tail(case, family));
        signals.extend(
            additions::entrypoint(case, family).or_else(|| additions::command(case, family)),
        );
    }
    signals.extend(package::later_packages(case, family));
    signals.extend(packers::steps(case.facts));
    signals.extend(records::signals(case, family));
    signals.extend(builds::signals(case, family));
    signals
}
