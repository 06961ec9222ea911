//! Limits the time of an answer, even if a file system does not respond.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time above the limit in which the reader itself can report that it is out of time, and where.
const GRACE: Duration = Duration::from_millis(250);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    /// The reader did not return. It looks at the clock between its reads, so one read is stuck.
    #[error(
        "no answer within {} s: a read did not return: the file system may be stuck; --timeout gives it longer",
        limit.as_secs_f64()
    )]
    TooLate {
        /// The limit.
        limit: Duration,
    },
    /// The reader did not return, and was busy all the time.
    #[error(
        "no answer within {} s: it takes longer to check than that; --timeout gives it longer",
        limit.as_secs_f64()
    )]
    Busy {
        /// The limit.
        limit: Duration,
    },
    /// The reader stopped: an error of this program.
    #[error(
        "the check stopped without an answer, which is an error of this program; please report it"
    )]
    Stopped,
}

impl NoAnswer {
    /// The code of the check.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::TooLate { .. } | Self::Busy { .. } => "timed-out",
            Self::Stopped => "stopped",
        }
    }
}

/// Does the work on its own thread, and gives up after this time. The kernel does not interrupt a read, so the
/// process stays after its answer until the read returns. If the system gives no thread, calls `alone` and does
/// the work on this one. Only the reader's own limit counts then.
pub(super) fn within<T: Send + 'static>(
    limit: Option<Duration>,
    alone: impl FnOnce(),
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let Some(limit) = limit else {
        return Ok(work());
    };
    let before = computed();
    let work = Arc::new(Mutex::new(Some(work)));
    let (sender, receiver) = mpsc::channel();
    let given = Arc::clone(&work);
    let started = thread::Builder::new()
        .name("image".to_owned())
        .spawn(move || {
            if let Some(work) = take(&given) {
                let _ = sender.send(work());
            }
        });
    if started.is_err() {
        alone();
        return take(&work).map(|work| work()).ok_or(NoAnswer::Stopped);
    }
    receiver
        .recv_timeout(limit.saturating_add(GRACE))
        .map_err(|error| match error {
            RecvTimeoutError::Timeout => late(limit, computed().saturating_sub(before)),
            RecvTimeoutError::Disconnected => NoAnswer::Stopped,
        })
}

/// Says why there is no answer, by the processor time that the work used. A stuck read uses none. On a busy
/// machine, the work still gets a part of a processor.
fn late(limit: Duration, computed: Duration) -> NoAnswer {
    if computed > limit / 20 {
        NoAnswer::Busy { limit }
    } else {
        NoAnswer::TooLate { limit }
    }
}

/// Returns the processor time of this process.
fn computed() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn take<F>(work: &Mutex<Option<F>>) -> Option<F> {
    work.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Parses a time: `5`, `2.5s`, `500ms`, `1m`, or `none` for no limit.
pub(super) fn parse(text: &str) -> Result<Timeout, String> {
    if text == "none" {
        return Ok(Timeout(None));
    }
    let (number, factor) = match text {
        text if text.ends_with("ms") => (text.trim_end_matches("ms"), 0.001),
        text if text.ends_with('s') => (text.trim_end_matches('s'), 1.0),
        text if text.ends_with('m') => (text.trim_end_matches('m'), 60.0),
        text => (text, 1.0),
    };
    let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = number.parse::<f64>().ok().filter(|_| digits);
    seconds
        .map(|seconds| seconds * factor)
        .filter(|seconds| *seconds > 0.0 && *seconds <= 86_400.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map(|limit| Timeout(Some(limit)))
        .ok_or_else(|| "write a time such as 5, 2.5s or 500ms, or none".to_owned())
}

/// A limit, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeout(pub(super) Option<Duration>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_in_time_or_not_at_all() {
        assert_eq!(within(Some(Duration::from_secs(60)), || (), || 7), Ok(7));
        assert_eq!(within(None, || (), || 7), Ok(7));
        let (hold, held) = mpsc::channel::<()>();
        let late = within(
            Some(Duration::from_millis(20)),
            || (),
            move || held.recv().is_ok(),
        );
        assert_eq!(late.unwrap_err().code(), "timed-out");
        drop(hold);
    }

    #[test]
    fn only_a_read_that_does_not_return_is_called_a_stuck_file_system() {
        let limit = Duration::from_secs(5);
        for (computed, stuck) in [(0, true), (200, true), (300, false), (5000, false)] {
            let text = late(limit, Duration::from_millis(computed)).to_string();
            assert_eq!(text.contains("may be stuck"), stuck, "{text}");
            assert!(text.contains("5 s") && text.contains("--timeout"), "{text}");
        }
        let before = computed();
        while computed() == before {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_check_that_stops_is_not_called_a_stuck_file_system() {
        let stopped = within(
            Some(Duration::from_secs(60)),
            || (),
            || std::panic::resume_unwind(Box::new(())),
        );
        let stopped: Result<(), NoAnswer> = stopped;
        assert_eq!(stopped, Err(NoAnswer::Stopped));
    }

    #[test]
    fn times_have_units() {
        let limit = |text| parse(text).map(|timeout| timeout.0.map(|limit| limit.as_millis()));
        for (text, expected) in [
            ("5", Some(5000)),
            ("2.5s", Some(2500)),
            ("500ms", Some(500)),
            ("1m", Some(60_000)),
            ("none", None),
        ] {
            assert_eq!(limit(text), Ok(expected), "{text}");
        }
        for bad in ["", "0", "-1", "inf", "5h", "NaN", "1e9", "ms"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
