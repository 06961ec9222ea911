//! Build steps that follow those of the publisher's build.

use crate::attribution::case::Case;
use crate::attribution::make::{bare, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::reading::Carrier;
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::seconds;
use crate::provenance::BuildStep;

/// The most seconds from the step that writes the stamp to the last step of the same build. Each build writes a stamp
/// of its own, so the step does not come from a cache.
const ONE_BUILD: i64 = 6 * 3600;

/// Returns a sign if a step is hours later than the one that wrote the stamp. Layouts, archives and `docker inspect`
/// list the steps of the base and of the child (OCI image specification, `config.md`, `history`).
pub(crate) fn later(case: &Case, family: &Family) -> Option<Signal> {
    let keys: Vec<&str> = family
        .readings
        .iter()
        .filter(|reading| reading.identifying && reading.carrier != Carrier::File)
        .filter_map(|reading| reading.source.key.as_deref())
        .collect();
    let steps = &case.facts.steps;
    let writes = |step: &&BuildStep| {
        let command = step.created_by.as_deref().unwrap_or_default();
        keys.iter().any(|key| command.contains(key))
    };
    let stamped = steps.iter().filter(writes).filter_map(time).max()?;
    let is_later =
        |step: &&BuildStep| time(step).is_some_and(|time| time > stamped.saturating_add(ONE_BUILD));
    let step = steps.iter().find(is_later)?;
    let created = step.created.as_deref().unwrap_or_default();
    Some(Signal::new(
        "later-steps",
        2,
        "origin.derived_from",
        format!(
            "a build step is hours later than the one that wrote the stamp of {}",
            family.contract.name
        ),
        [sourced(created, bare("history"))],
    ))
}

/// Returns the time of a step, in seconds since 1970.
fn time(step: &BuildStep) -> Option<i64> {
    seconds(step.created.as_deref()?)
}
