//! Reads data that will be needed in advance, in few reads that do not wait for each other.
//!
//! A parallel file system takes as long for two megabytes as for eight kilobytes. The cost is the
//! number of reads that wait for an earlier one.

use std::ops::Range;
use std::thread::Builder;

use super::Squashfs;
use super::kept::Pass;
use super::kind::Kind;
use super::metadata::STORED;
use super::read_at::ReadAt;
use super::touched::Touched;

/// The largest metadata that are read at once, in bytes; a million inodes have about as much.
/// Together with the names of listings (the limit `kept_bytes`) this stays below 64 MB.
const TABLES: u64 = 26 * 1024 * 1024;
/// The most bytes of one read of the metadata.
const PIECE: u64 = TABLES / 2;
/// The most bytes of files that are read ahead.
const MOST: u64 = 2 * 1024 * 1024;
/// The largest gap between two files that are read at once, in bytes.
const GAP: u64 = 1024 * 1024;
/// The size of a stored inode table, in bytes, from which its own thread saves time: about fifty
/// blocks.
const THREAD: u64 = 128 * 1024;
/// The most inodes to keep the times of, 12 bytes each at worst.
const TIMES: u32 = 1024 * 1024;

impl<R: ReadAt> Squashfs<R> {
    /// Reads all metadata at once, for a caller that needs most of it. Larger metadata are read in
    /// pieces later.
    pub fn read_ahead(&self) {
        let sb = &self.superblock;
        let (start, end) = (sb.inode_table, sb.bytes_used.min(self.disk.size()));
        if end.saturating_sub(start) > TABLES {
            return;
        }
        let starts = (start..end).step_by(PIECE as usize);
        // A block that reaches beyond the end of a piece is complete in that piece.
        let piece = |start: u64| start..end.min(start.saturating_add(PIECE + STORED));
        self.disk.read_ahead(&starts.map(piece).collect::<Vec<_>>());
    }

    /// Starts reading the times of all inodes from the bytes of [`Self::read_ahead`], on a thread
    /// of its own: on real images that is as much work as everything else. Does nothing if the
    /// table is small or the system gives no thread.
    pub fn times_ahead(&self) {
        let sb = &self.superblock;
        let stored = sb.directory_table.saturating_sub(sb.inode_table);
        if stored < THREAD || sb.inode_count > TIMES || self.times_ahead.borrow().is_some() {
            return;
        }
        let image = Squashfs::of(self.disk.read_so_far(), sb.clone(), self.limits);
        let run = move || {
            let mut times: Vec<Touched> = Vec::new();
            let told = image.each_time(|inode| {
                if !times.last_mut().is_some_and(|last| last.join(inode)) {
                    times.push(inode);
                }
            });
            told.ok()?;
            Some((times, image.metadata_decoded.get()))
        };
        let thread = Builder::new().spawn(run).ok();
        *self.times_ahead.borrow_mut() = thread.map(Pass);
    }

    /// Returns the times that the thread read. `None` if it was not started, or if anything was
    /// wrong or over a limit: reading them again then reports the error.
    pub(super) fn found_ahead(&self) -> Option<Vec<Touched>> {
        let Pass(thread) = self.times_ahead.take()?;
        let (times, decoded) = thread.join().ok()??;
        let decoded = decoded.saturating_add(self.metadata_decoded.get());
        (decoded <= self.limits.metadata_bytes).then_some(times)
    }

    /// Reads the starts of files that will be needed, all at once. In each list of paths, the first
    /// that leads to a file counts. Errors are ignored here; reading the file reports them.
    pub fn prefetch<'a>(&self, files: impl IntoIterator<Item = (&'a [Vec<u8>], u64)>) {
        let mut ranges = Vec::new();
        for (paths, length) in files {
            let mut inodes = paths.iter().filter_map(|path| self.lookup(path).ok());
            if let Some(inode) = inodes.find(|inode| inode.kind == Kind::File)
                && let Ok(stored) = self.stored(&inode, length.min(MOST))
            {
                ranges.extend(stored);
            }
        }
        self.disk.read_ahead(&joined(ranges));
    }
}

/// Joins neighbouring ranges, in order, up to the most bytes that are read ahead.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<u64>> = Vec::new();
    let mut total = 0_u64;
    for range in ranges {
        let last = joined.last_mut();
        let last = last.filter(|last| range.start <= last.end.saturating_add(GAP));
        let from = last.as_ref().map_or(range.start, |last| last.end);
        let more = range.end.saturating_sub(from);
        if total.saturating_add(more) > MOST {
            continue;
        }
        total = total.saturating_add(more);
        match last {
            Some(last) => last.end = last.end.max(range.end),
            None => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_read_and_distant_ones_are_not() {
        let far = 10 * GAP;
        assert_eq!(
            joined(vec![far..far + 9, 5..7, 0..6, 7 + GAP..8 + GAP, 3..3]),
            [0..8 + GAP, far..far + 9]
        );
    }

    #[test]
    fn no_more_is_read_ahead_than_the_limit() {
        let far = 10 * MOST;
        assert_eq!(
            joined(vec![0..9, far..far + MOST, 2 * far..2 * far + 1]),
            [0..9, 2 * far..2 * far + 1]
        );
    }
}
