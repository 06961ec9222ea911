//! How far an audit is.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// The progress of an audit, for display.
#[derive(Debug, Default)]
pub struct Progress {
    /// Candidates that the walk found.
    pub found: AtomicU64,
    /// Candidates that were read.
    pub read: AtomicU64,
    /// Images that are as they were, and were read again all the same: other images are known now than in the
    /// earlier run, or statements about them are asked for.
    pub again: AtomicU64,
    /// True when the walk is over; `found` is then the total.
    pub walked: AtomicBool,
}
