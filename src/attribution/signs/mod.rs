//! Signs that an image was built on top of the one whose stamp it carries.
//!
//! Each sign has a weight; a sum of two or more makes the image derived. The signs are what an outer
//! build adds: another repository, variables after the contract's, foreign labels, another entrypoint,
//! another package, later packages.

pub(crate) mod additions;
pub(crate) mod agreement;
pub(crate) mod builds;
pub(crate) mod changes;
mod committed;
pub(crate) mod package;
pub(crate) mod packers;
pub(crate) mod place;
pub(crate) mod records;
pub(crate) mod signal;
pub(crate) mod stage;
mod stamp;
mod steps;

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::contracts::RepositoryClass;

use signal::Signal;

/// Collects all signs relative to the outermost contract.
///
/// The publisher pushes to its own repository. There a variable, a label, an entrypoint or a file that the
/// contract does not know is a change of the publisher's build, and weighs nothing. Version, commit and
/// the files of the package still count.
pub(crate) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(stamp::stamp_contradictions(case, family));
    signals.extend(stamp::inner_contradictions(case, family));
    signals.extend(stamp::revision(case, family));
    signals.extend(package::package(case, family));
    signals.extend(place::tag(case, family));
    signals.extend(packers::steps(case.facts));
    signals.extend(records::signals(case, family));
    signals.extend(builds::signals(case, family));
    let mut additions = additions(case, family);
    if case.is_from_publisher(family) {
        for signal in &mut additions {
            signal.weight = 0;
        }
    }
    signals.append(&mut additions);
    // A copy under another host is only a mirror if there is no other sign of a child.
    if signal::weight(&signals) > 0 {
        signals.extend(place::possible_mirror(case, family));
    }
    signals.extend(additions::added_package(case, family));
    signals
}

/// Returns the signs of what an outer build adds, and of where it puts the image.
fn additions(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(place::repository(case, family));
    signals.extend(additions::foreign_labels(case, family));
    signals.extend(additions::foreign_source(case, family));
    signals.extend(agreement::replaced_package(case, family));
    let own_workshop = matches!(
        family.class,
        Some(RepositoryClass::Staging | RepositoryClass::Ci | RepositoryClass::PullRequest)
    ) || stage::is_ci_stage(case, family);
    if !own_workshop {
        signals.extend(runtime_changes(case, family));
    }
    signals.extend(package::later_files(case, family));
    signals.extend(committed::committed(case.facts));
    signals.extend(steps::later(case, family));
    signals
}

/// Returns the signs in what a container is started with.
pub(crate) fn runtime_changes(case: &Case, family: &Family) -> Vec<Signal> {
    let entrypoint = additions::entrypoint(case, family);
    let tail = additions::environment_tail(case, family).into_iter();
    tail.chain(entrypoint.or_else(|| additions::command(case, family)))
        .chain(additions::workdir(case, family))
        .collect()
}
