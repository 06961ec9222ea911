//! Counts the progress of an audit.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The progress of an audit, for display.
#[derive(Debug, Default)]
pub struct Progress {
    /// Candidates that the walk found.
    pub found: AtomicU64,
    /// Candidates that were read.
    pub read: AtomicU64,
    /// Unchanged images that were read again.
    pub again: ReadAgain,
    /// True when the walk is over; `found` is then the total.
    pub walked: AtomicBool,
}

/// Why an unchanged image is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Other contracts, mirrors, `--deep` or another version of this program.
    Rules,
    /// Another policy.
    Policy,
    /// Other known images.
    Known,
    /// Statements about it are requested, or were.
    Statements,
}

/// How many unchanged images were read again, for each reason.
#[derive(Debug, Default)]
pub struct ReadAgain([AtomicU64; 4]);

impl ReadAgain {
    /// Counts one image.
    pub fn add(&self, why: Again) {
        if let Some(count) = self.0.get(why as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns each reason with images, and their number.
    #[must_use]
    pub fn reasons(&self) -> Vec<(Again, u64)> {
        let all = [Again::Rules, Again::Policy, Again::Known, Again::Statements];
        let counted = all.into_iter().zip(&self.0);
        let counted = counted.map(|(why, count)| (why, count.load(Ordering::Relaxed)));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}
