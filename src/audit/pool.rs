//! A thread pool that returns results in the order of the work. It limits how far a thread may run
//! ahead of the slowest.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{Builder, Scope};
use std::time::Duration;

use super::jobs::{Jobs, Meter};

/// The most results that wait for an earlier one.
const WINDOW: usize = 512;
/// The most jobs in the queue: a progress display sees so many jobs ahead.
const QUEUE: usize = 8192;

/// The number of jobs that may still be started.
struct Permits {
    left: Mutex<usize>,
    freed: Condvar,
}

impl Permits {
    fn take(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        while *left == 0 {
            left = self
                .freed
                .wait(left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *left -= 1;
    }

    fn give(&self) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
    }
}

/// The address space of the program, and of one job: glibc reserves 64 MiB for the memory of each
/// thread.
const PROGRAM_SPACE: u64 = 128 * 1024 * 1024;
const JOB_SPACE: u64 = 64 * 1024 * 1024;

/// Returns as many jobs as a limit of the address space (`ulimit -v`) allows, at least one: a
/// thread that gets no memory ends the program.
fn affordable(jobs: NonZeroUsize) -> NonZeroUsize {
    let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::As).current else {
        return jobs;
    };
    let room = limit.saturating_sub(PROGRAM_SPACE) / JOB_SPACE;
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    NonZeroUsize::new(room).map_or(NonZeroUsize::MIN, |room| room.min(jobs))
}

/// The state that the workers share.
struct Shared<'e, T, W> {
    permits: Permits,
    take_work: Mutex<(usize, Receiver<T>)>,
    stopped: &'e (dyn Fn() -> bool + Sync),
    work: W,
    meter: Meter,
    /// The number of workers, and the maximum.
    workers: AtomicUsize,
    most: usize,
}

/// Runs `produce` on its own thread and `work` on as many threads as `jobs` says. If the system gives no
/// threads, runs everything on this one. `done` gets the results on this thread, in the order of
/// production. When `stop` is set, work in progress is finished and no new work begins. An error of
/// `done` stops too.
///
/// # Errors
/// The error that `done` returned.
pub fn ordered<T: Send, U: Send, E>(
    jobs: Jobs,
    stop: &AtomicBool,
    produce: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send,
    work: impl Fn(T) -> U + Sync,
    mut done: impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    let (first, most) = (affordable(jobs.first), affordable(jobs.most));
    let halted = AtomicBool::new(false);
    let stopped = || stop.load(Ordering::Relaxed) || halted.load(Ordering::Relaxed);
    let (give_work, take_work) = sync_channel::<T>(QUEUE);
    let (give_result, results) = channel::<(usize, U)>();
    // The producer has the only sender of the queue: when it is dropped, the workers stop.
    let produce = Mutex::new(Some((produce, give_work)));
    let begin = || {
        let mut produce = produce.lock().unwrap_or_else(PoisonError::into_inner);
        produce.take()
    };
    let shared = Shared {
        permits: Permits {
            left: Mutex::new(WINDOW.max(most.get() * 2)),
            freed: Condvar::new(),
        },
        take_work: Mutex::new((0, take_work)),
        stopped: &stopped,
        work,
        meter: Meter::new(),
        workers: AtomicUsize::new(0),
        most: most.get(),
    };
    std::thread::scope(|scope| {
        for _ in 0..first.get() {
            if !spawn(scope, &shared, &give_result) {
                break;
            }
        }
        drop(give_result);
        let producer = || {
            if let Some((produce, queue)) = begin() {
                produce(&mut |item| give(&queue, item, &stopped));
            }
        };
        if shared.workers.load(Ordering::Relaxed) == 0
            || Builder::new().spawn_scoped(scope, producer).is_err()
        {
            return begin().map_or(Ok(()), |(produce, queue)| {
                drop(queue);
                alone(stop, produce, &shared.work, &mut done)
            });
        }
        let answer = in_order(&results, &shared.permits, &mut done);
        halted.store(true, Ordering::Relaxed);
        // Threads that wait for a permit must see the end.
        (0..shared.most).for_each(|_| shared.permits.give());
        drop(results);
        answer
    })
}

/// Runs everything on this thread.
fn alone<T, U, E>(
    stop: &AtomicBool,
    produce: impl FnOnce(&mut dyn FnMut(T) -> bool),
    work: &impl Fn(T) -> U,
    done: &mut impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    let mut answer = Ok(());
    produce(&mut |item| {
        if stop.load(Ordering::Relaxed) || answer.is_err() {
            return false;
        }
        answer = done(work(item));
        answer.is_ok()
    });
    answer
}

/// Puts a job into the queue; returns false at the end.
fn give<T>(queue: &SyncSender<T>, mut item: T, stopped: &dyn Fn() -> bool) -> bool {
    while !stopped() {
        match queue.try_send(item) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(back)) => {
                item = back;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
    false
}

/// Starts another worker, if there may be more; returns false if the system gives no thread.
fn spawn<'scope, T: Send + 'scope, U: Send + 'scope, W: Fn(T) -> U + Sync>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'_, T, W>,
    give_result: &Sender<(usize, U)>,
) -> bool {
    let one_more = |count| (count < shared.most).then_some(count + 1);
    let counted = shared
        .workers
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    if counted.is_err() {
        return false;
    }
    let give_result = give_result.clone();
    let worker = move || worker(scope, shared, &give_result);
    let spawned = Builder::new().spawn_scoped(scope, worker).is_ok();
    if !spawned {
        shared.workers.fetch_sub(1, Ordering::Relaxed);
    }
    spawned
}

fn worker<'scope, T: Send + 'scope, U: Send + 'scope, W: Fn(T) -> U + Sync>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'_, T, W>,
    give_result: &Sender<(usize, U)>,
) {
    loop {
        shared.permits.take();
        let (number, item) = {
            let queue = shared.take_work.lock();
            let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
            if (shared.stopped)() {
                return;
            }
            let Ok(item) = queue.1.recv() else { return };
            queue.0 += 1;
            (queue.0 - 1, item)
        };
        let result = shared.meter.run(|| (shared.work)(item));
        if give_result.send((number, result)).is_err() {
            return;
        }
        let workers = u64::try_from(shared.workers.load(Ordering::Relaxed)).unwrap_or(u64::MAX);
        if shared.meter.wanted() > Some(workers) {
            spawn(scope, shared, give_result);
        }
    }
}

fn in_order<U, E>(
    results: &Receiver<(usize, U)>,
    permits: &Permits,
    done: &mut impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    while let Ok((number, result)) = results.recv() {
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&next) {
            next += 1;
            done(result)?;
            permits.give();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(
        count: u64,
        jobs: usize,
        stop: &AtomicBool,
        fail_at: Option<u64>,
    ) -> (Vec<u64>, Result<(), u64>) {
        let mut out = Vec::new();
        let answer = ordered(
            Jobs::fixed(NonZeroUsize::new(jobs).unwrap()),
            stop,
            |give| {
                for number in 0..count {
                    if !give(number) {
                        return;
                    }
                }
            },
            |number| {
                if number % 7 == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                number
            },
            |number| {
                out.push(number);
                if Some(number) == fail_at {
                    return Err(number);
                }
                Ok(())
            },
        );
        (out, answer)
    }

    #[test]
    fn results_come_in_order() {
        let never = AtomicBool::new(false);
        for jobs in [1, 3, 16] {
            let (out, answer) = run(9000, jobs, &never, None);
            assert_eq!(out, (0..9000).collect::<Vec<_>>());
            assert_eq!(answer, Ok(()));
        }
    }

    #[test]
    fn more_threads_work_where_they_wait() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let number = |number| NonZeroUsize::new(number).unwrap();
        let jobs = Jobs {
            first: number(2),
            most: number(8),
        };
        let mut out = Vec::new();
        let answer: Result<(), ()> = ordered(
            jobs,
            &AtomicBool::new(false),
            |give| {
                for number in 0..400 {
                    let _ = give(number);
                }
            },
            |number| {
                let running = now.fetch_add(1, Ordering::Relaxed) + 1;
                most.fetch_max(running, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(1));
                now.fetch_sub(1, Ordering::Relaxed);
                number
            },
            |number| {
                out.push(number);
                Ok(())
            },
        );
        assert_eq!(answer, Ok(()));
        assert_eq!(out, (0..400).collect::<Vec<_>>());
        let most = most.into_inner();
        assert!((3..=8).contains(&most), "{most}");
    }

    #[test]
    fn an_error_ends_it() {
        let never = AtomicBool::new(false);
        let (out, answer) = run(20_000, 8, &never, Some(10));
        assert_eq!(out.len(), 11);
        assert_eq!(answer, Err(10));
    }

    #[test]
    fn a_stop_keeps_the_order() {
        let (out, answer) = run(100, 4, &AtomicBool::new(true), None);
        assert_eq!(out, (0..out.len() as u64).collect::<Vec<_>>());
        assert!(out.len() < 100);
        assert_eq!(answer, Ok(()));
    }
}
