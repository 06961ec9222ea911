//! A container that was committed as an image.

use crate::attribution::make::conflict;
use crate::carriers::{Facts, Pair};

use super::signal::Signal;

/// `podman commit` writes the container's own variables into the image: `container=podman` and
/// `TERM=xterm`, the whole environment in no order. No build file does.
pub(crate) fn committed(facts: &Facts) -> Option<Signal> {
    let variable = variable(facts)?;
    Some(Signal {
        weight: 2,
        conflict: conflict(
            "container-committed",
            "environment",
            "the image was committed from a container: it has a container's variables".to_owned(),
            vec![variable.sourced()],
        ),
    })
}

/// Returns the variable that says so.
pub(crate) fn variable(facts: &Facts) -> Option<&Pair> {
    let mut environment = facts.environment.iter();
    environment.find(|pair| pair.key == "container" && pair.value == "podman")
}
