//! Sets the number of threads that read: more if they wait for storage.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Threads that read images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// The number at the start.
    pub first: NonZeroUsize,
    /// The most threads, if they mostly wait for storage.
    pub most: NonZeroUsize,
}

impl Jobs {
    /// Returns a fixed number of threads.
    #[must_use]
    pub const fn fixed(jobs: NonZeroUsize) -> Self {
        Self {
            first: jobs,
            most: jobs,
        }
    }
}

impl Default for Jobs {
    /// 16, and up to 64 if they wait.
    fn default() -> Self {
        let number = |number| NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN);
        Self {
            first: number(16),
            most: number(64),
        }
    }
}

/// The least number of finished jobs for an estimate of times.
const ENOUGH: u64 = 32;

/// Measures how long jobs take, and for how much of that they use a processor.
#[derive(Debug)]
pub(super) struct Meter {
    /// Read once: the system reads files for it.
    processors: u64,
    pieces: AtomicU64,
    /// Nanoseconds.
    taken: AtomicU64,
    worked: AtomicU64,
}

impl Meter {
    pub(super) fn new() -> Self {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            processors: u64::try_from(processors).unwrap_or(1),
            pieces: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            worked: AtomicU64::new(0),
        }
    }

    /// Runs one job.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let (start, worked) = (Instant::now(), processor_time());
        let result = work();
        let add = |sum: &AtomicU64, time: Duration| {
            let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            sum.fetch_add(nanoseconds, Ordering::Relaxed);
        };
        add(&self.taken, start.elapsed());
        add(&self.worked, processor_time().saturating_sub(worked));
        self.pieces.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// Returns the number of threads that keeps the processors busy: per processor, the time of a
    /// job divided by its processor time. `None` while too little is known.
    pub(super) fn wanted(&self) -> Option<u64> {
        let worked = self.worked.load(Ordering::Relaxed).max(1);
        let taken = self.taken.load(Ordering::Relaxed);
        let known = self.pieces.load(Ordering::Relaxed) >= ENOUGH;
        known.then(|| self.processors.saturating_mul(taken / worked))
    }
}

/// Returns the processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_wait_call_for_more() {
        let meter = Meter::new();
        for _ in 0..ENOUGH {
            assert_eq!(meter.wanted(), None);
            meter.run(|| std::thread::sleep(Duration::from_millis(1)));
        }
        assert!(meter.wanted() > Some(4), "{meter:?}");
    }

    #[test]
    fn a_thread_that_works_all_the_time_is_enough_for_a_processor() {
        let processors = available_parallelism().unwrap().get() as u64;
        let meter = Meter::new();
        meter.pieces.store(ENOUGH, Ordering::Relaxed);
        meter.taken.store(1_100_000, Ordering::Relaxed);
        meter.worked.store(1_000_000, Ordering::Relaxed);
        assert_eq!(meter.wanted(), Some(processors));
    }
}
