//! One sign of derivation.

use crate::attribution::make::conflict;
use crate::provenance::{Conflict, SourcedValue};

/// A conflict, and how much it speaks for a build on top.
#[derive(Clone, Debug)]
pub(crate) struct Signal {
    pub weight: u32,
    pub conflict: Conflict,
}

impl Signal {
    pub(crate) fn new(
        code: &str,
        weight: u32,
        field: &str,
        message: impl Into<String>,
        values: impl Into<Vec<SourcedValue>>,
    ) -> Self {
        let conflict = conflict(code, field, message, values);
        Self { weight, conflict }
    }
}

/// Returns the sum of the weights. From 2 on the image is derived.
pub(crate) fn weight(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.weight).sum()
}
