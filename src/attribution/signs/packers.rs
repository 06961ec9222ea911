//! Build steps that a packer adds to the image that it packs.

use crate::attribution::make::conflict;
use crate::carriers::Facts;

use super::signal::Signal;

/// The packer built on the image that it names.
pub(crate) fn steps(facts: &Facts) -> Option<Signal> {
    let named = facts.named.as_ref()?;
    let first = named.steps.first()?;
    Some(Signal {
        weight: 2,
        conflict: conflict(
            "built-on-by-packer",
            "origin.derived_from",
            format!(
                "somebody built on the image after it was pulled: {} has steps of its own",
                first.source.path.as_deref().unwrap_or("its definition")
            ),
            vec![first.sourced()],
        ),
    })
}
