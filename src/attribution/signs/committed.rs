//! A container that was committed as an image.

use crate::carriers::{Facts, Pair};

use super::signal::Signal;

/// `podman commit` writes the container's own variables into the image: `container=podman` and
/// `TERM=xterm`, and the whole environment without an order. No build file does that.
pub(crate) fn committed(facts: &Facts) -> Option<Signal> {
    let variable = variable(facts)?;
    Some(Signal::new(
        "container-committed",
        2,
        "environment",
        "the image was committed from a container: it has a container's variables",
        [variable.sourced()],
    ))
}

/// Returns the variable that says so.
pub(crate) fn variable(facts: &Facts) -> Option<&Pair> {
    let mut environment = facts.environment.iter();
    environment.find(|pair| pair.key == "container" && pair.value == "podman")
}
