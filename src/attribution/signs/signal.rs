//! One sign of derivation.

use crate::provenance::Conflict;

/// One sign, with what it weighs.
#[derive(Clone, Debug)]
pub(crate) struct Signal {
    pub weight: u32,
    pub conflict: Conflict,
}

/// Returns the sum that says whether the image is derived: it is from 2 on.
pub(crate) fn weight(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.weight).sum()
}
