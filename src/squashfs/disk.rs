//! The image as bytes: every read goes through here, and recently read windows are kept.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bytes::add_zeros;
use super::error::{Error, Result};
use super::read_at::{Part, ReadAt};

/// Bytes kept in recently read windows.
const KEPT: usize = 512 * 1024;
/// A read that takes longer than this comes from a storage that has to be asked: over a network, or a disk.
const ASKED: Duration = Duration::from_micros(300);
/// Bytes that a copy from memory takes a microsecond for, at least.
const COPIED: usize = 2048;

/// Some bytes of the image, shared with the window that they were read in.
#[derive(Clone)]
pub(super) struct Piece {
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl std::ops::Deref for Piece {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or(&[])
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Piece {
    pub(super) fn owned(bytes: Vec<u8>) -> Self {
        Self {
            range: 0..bytes.len(),
            bytes: Arc::new(bytes),
        }
    }

    /// Returns a part of it; empty if the range is not inside.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let start = self.range.start.saturating_add(range.start);
        let end = self.range.start.saturating_add(range.end);
        let inside = start <= end && end <= self.range.end;
        Self {
            bytes: Arc::clone(&self.bytes),
            range: if inside { start..end } else { 0..0 },
        }
    }
}

#[derive(Clone)]
struct Window {
    start: u64,
    bytes: Arc<Vec<u8>>,
}

impl Window {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn holds(&self, range: &Range<u64>) -> bool {
        self.start <= range.start && range.end <= self.end()
    }

    fn piece(&self, range: &Range<u64>) -> Option<Piece> {
        let start = usize::try_from(range.start.checked_sub(self.start)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(self.start)?).ok()?;
        Some(Piece {
            bytes: Arc::clone(&self.bytes),
            range: start..end,
        })
    }
}

/// A source that nothing can be read from.
pub(super) struct Nothing;

impl ReadAt for Nothing {
    fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(0)
    }
}

pub(super) struct Disk<R> {
    source: R,
    size: u64,
    bytes_used: u64,
    deadline: Option<(Instant, Duration)>,
    windows: RefCell<VecDeque<Window>>,
    /// Read ahead; kept to the end.
    ahead: RefCell<Vec<Window>>,
    /// Whether a read has taken long.
    is_slow: Cell<bool>,
}

impl<R: ReadAt> Disk<R> {
    pub(super) fn open(source: R, time: Option<Duration>) -> Result<Self> {
        let size = source
            .size()
            .map_err(|reason| Error::Io { offset: 0, reason })?;
        let deadline = time.and_then(|time| Some((Instant::now().checked_add(time)?, time)));
        let windows = RefCell::new(VecDeque::new());
        Ok(Self {
            source,
            size,
            bytes_used: size,
            deadline,
            windows,
            ahead: RefCell::default(),
            is_slow: Cell::new(false),
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn source(&self) -> &R {
        &self.source
    }

    pub(super) fn set_bytes_used(&mut self, bytes_used: u64) {
        self.bytes_used = bytes_used;
    }

    /// Reads parts of the image that will be needed, all at once where reads take long. What cannot be read now is
    /// asked for again, and then said.
    pub(super) fn read_ahead(&self, ranges: &[Range<u64>]) {
        let is_here = |range: &Range<u64>| self.windows.borrow().iter().any(|w| w.holds(range));
        let end = self.size.min(self.bytes_used);
        let is_missing = |range: &&Range<u64>| range.end <= end && !is_here(range);
        let part = |range: &Range<u64>| Part {
            offset: range.start,
            length: length(range.clone()),
            bytes: Vec::new(),
        };
        let mut parts: Vec<Part> = ranges.iter().filter(is_missing).map(part).collect();
        if parts.is_empty() || self.check_time().is_err() {
            return;
        }
        if self.is_slow.get() && parts.len() > 1 {
            self.source.read_parts(&mut parts);
        } else {
            for part in &mut parts {
                let started = Instant::now();
                part.read_from(&self.source);
                self.note_time(started, part.length);
            }
        }
        let windows = parts.into_iter().map(|part| Window {
            start: part.offset,
            bytes: Arc::new(part.bytes),
        });
        self.ahead.borrow_mut().extend(windows);
    }

    /// What was read ahead, for another thread: it has no source.
    pub(super) fn read_so_far(&self) -> Disk<Nothing> {
        Disk {
            source: Nothing,
            size: self.size,
            bytes_used: self.bytes_used,
            deadline: self.deadline,
            windows: RefCell::default(),
            ahead: self.ahead.clone(),
            is_slow: Cell::new(false),
        }
    }

    /// Bytes of the image that the file does not have.
    pub(super) fn missing(&self) -> Option<u64> {
        self.bytes_used
            .checked_sub(self.size)
            .filter(|missing| *missing > 0)
    }

    pub(super) fn check_time(&self) -> Result<()> {
        match self.deadline {
            Some((end, limit)) if Instant::now() > end => Err(Error::TimedOut { limit }),
            _ => Ok(()),
        }
    }

    /// The bytes at `need`. Where they have to be read, `wide` is read with them and kept.
    pub(super) fn get(
        &self,
        what: &'static str,
        need: Range<u64>,
        wide: Range<u64>,
    ) -> Result<Piece> {
        if let Some(piece) = self.kept(what, &need)? {
            return Ok(piece);
        }
        let mut start = wide.start.min(need.start);
        let mut end = wide.end.max(need.end).min(self.size);
        let mut bytes = Vec::new();
        let mut behind = None;
        {
            // What is already here is not read again.
            let windows = self.windows.borrow();
            if let Some(window) = windows.iter().find(|w| w.start <= start && start < w.end()) {
                if window.end() <= need.start {
                    start = window.end();
                } else if let Some(piece) = window.piece(&(need.start..window.end())) {
                    start = need.start;
                    bytes.extend_from_slice(&piece);
                }
            }
            let from = start + bytes.len() as u64;
            if let Some(window) = windows.iter().find(|w| w.start < end && end <= w.end()) {
                end = end.min(window.start.max(need.end));
            }
            if let Some(window) = windows
                .iter()
                .find(|w| from < w.start && w.start < end && end <= w.end())
            {
                behind = window.piece(&(window.start..end));
                end = window.start;
            }
        }
        let have = bytes.len();
        add_zeros(&mut bytes, length(start + have as u64..end));
        self.read_into(
            start + have as u64,
            bytes.get_mut(have..).unwrap_or_default(),
        )?;
        bytes.extend_from_slice(behind.as_deref().unwrap_or_default());
        let window = Window {
            start,
            bytes: Arc::new(bytes),
        };
        let piece = window
            .piece(&need)
            .ok_or_else(|| self.beyond(what, &need))?;
        self.keep(window);
        Ok(piece)
    }

    /// The bytes at `need`, not kept: for file data.
    pub(super) fn get_once(&self, what: &'static str, need: Range<u64>) -> Result<Piece> {
        if let Some(piece) = self.kept(what, &need)? {
            return Ok(piece);
        }
        let mut bytes = vec![0; length(need.clone())];
        self.read_into(need.start, &mut bytes)?;
        Ok(Piece::owned(bytes))
    }

    fn kept(&self, what: &'static str, need: &Range<u64>) -> Result<Option<Piece>> {
        if need.end > self.bytes_used || need.end > self.size || need.start > need.end {
            return Err(self.beyond(what, need));
        }
        let ahead = self.ahead.borrow();
        if let Some(window) = ahead.iter().find(|window| window.holds(need)) {
            return Ok(window.piece(need));
        }
        let mut windows = self.windows.borrow_mut();
        let Some(index) = windows.iter().position(|window| window.holds(need)) else {
            return Ok(None);
        };
        let window = windows.remove(index);
        let piece = window.as_ref().and_then(|window| window.piece(need));
        windows.extend(window);
        Ok(piece)
    }

    fn keep(&self, window: Window) {
        let mut windows = self.windows.borrow_mut();
        windows.push_back(window);
        while windows.len() > 1 && windows.iter().map(|w| w.bytes.len()).sum::<usize>() > KEPT {
            windows.pop_front();
        }
    }

    fn beyond(&self, what: &'static str, need: &Range<u64>) -> Error {
        if need.end > self.bytes_used || need.start > need.end {
            let reason = format!(
                "it would end at {}, past the image's {} bytes",
                need.end, self.bytes_used
            );
            return Error::damaged(what, need.start, reason);
        }
        let offset = need.start.max(self.size);
        Error::Truncated {
            expected: self.bytes_used,
            actual: self.size,
            offset,
        }
    }

    fn read_into(&self, start: u64, buf: &mut [u8]) -> Result<()> {
        let started = Instant::now();
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            self.check_time()?;
            let offset = start + done as u64;
            match self.source.read_at(offset, rest) {
                Ok(0) => {
                    let expected = self.bytes_used.max(offset + 1);
                    return Err(Error::Truncated {
                        expected,
                        actual: offset,
                        offset,
                    });
                }
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(Error::Io { offset, reason }),
            }
        }
        self.note_time(started, buf.len());
        Ok(())
    }

    /// Notes whether a read took longer than a copy from memory does.
    fn note_time(&self, started: Instant, length: usize) {
        let copy = u64::try_from(length / COPIED).unwrap_or(u64::MAX);
        if started.elapsed() > ASKED + Duration::from_micros(copy) {
            self.is_slow.set(true);
        }
    }
}

fn length(range: Range<u64>) -> usize {
    usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX)
}
