//! Build steps that a packer adds to the image that it packs.

use crate::carriers::Facts;

use super::signal::Signal;

/// Returns a sign if the packer built on the image that it names.
pub(crate) fn steps(facts: &Facts) -> Option<Signal> {
    let first = facts.named.as_ref()?.steps.first()?;
    let path = first.source.path.as_deref();
    Some(Signal::new(
        "built-on-by-packer",
        2,
        "origin.derived_from",
        format!(
            "somebody built on the image after it was pulled: {} has steps of its own",
            path.unwrap_or("its definition")
        ),
        [first.sourced()],
    ))
}
