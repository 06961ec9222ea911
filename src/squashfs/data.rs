//! File data as one stream: blocks, holes, and the end, which may be in a fragment block.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use super::Squashfs;
use super::disk::Piece;
use super::error::{Error, Result};
use super::inode::{Body, Inode};
use super::kind::Kind;
use super::metadata::{Cursor, Table};
use super::read_at::ReadAt;
use crate::limits::ONE_FILE;

const WHAT: &str = "data block";
/// Set in a stored size: the block is not compressed.
pub(super) const RAW_BIT: u32 = 1 << 24;
/// Stored bytes of neighbouring blocks that are read at once.
const RUN: u64 = 512 * 1024;

/// The bytes that a block takes in the file.
pub(super) fn stored_size(what: &'static str, at: u64, size: u32, block_size: u32) -> Result<u64> {
    let stored = size & !RAW_BIT;
    if stored > block_size || (stored == 0 && size != 0) {
        let reason = format!("a stored size of {size:#x} in an image of {block_size}-byte blocks");
        return Err(Error::damaged(what, at, reason));
    }
    Ok(u64::from(stored))
}

/// A block of a file that is about to be read.
struct Planned {
    /// What to take of the decoded block.
    part: Range<usize>,
    /// Bytes of the decoded block.
    len: usize,
    /// The range of the stored bytes; empty for a hole.
    stored: Range<u64>,
    raw: bool,
}

/// Reads a file from its start, or a part of it; see [`Squashfs::reader`].
pub struct FileReader<'a, R> {
    fs: &'a Squashfs<R>,
    size: u64,
    fragment: Option<(u32, u32)>,
    list: Cursor,
    /// The number of blocks, the next one to plan, and its offset.
    blocks: u64,
    block: u64,
    disk: u64,
    /// The next byte of the file, and where to stop.
    at: u64,
    end: u64,
    plan: VecDeque<Planned>,
    run: (u64, Piece),
    ready: Piece,
    failed: bool,
}

impl<R: ReadAt> Squashfs<R> {
    /// The whole content of a regular file of at most `limit` bytes.
    ///
    /// # Errors
    /// `WrongKind` for anything but a regular file; `TooLarge` over `limit` or the image's `file_bytes`.
    pub fn read(&self, inode: &Inode, limit: u64) -> Result<Vec<u8>> {
        let mut reader = self.reader(inode)?;
        if inode.size > limit {
            return Err(Error::TooLarge {
                limit: ONE_FILE,
                what: "a file",
                size: inode.size,
                allowed: limit,
            });
        }
        reader.collect()
    }

    /// At most `len` bytes from `offset`; fewer where the file ends before.
    ///
    /// # Errors
    /// As for `read`, without a limit of its own.
    pub fn read_range(&self, inode: &Inode, offset: u64, len: u64) -> Result<Vec<u8>> {
        let mut reader = self.reader(inode)?;
        reader.seek(offset.min(inode.size))?;
        reader.end = reader.at.saturating_add(len).min(inode.size);
        reader.collect()
    }

    /// A regular file as a stream.
    ///
    /// # Errors
    /// `WrongKind` for anything but a regular file.
    pub fn reader<'a>(&'a self, inode: &Inode) -> Result<FileReader<'a, R>> {
        let Body::File {
            start,
            fragment,
            list,
        } = inode.body
        else {
            return Err(inode.wrong_kind(Kind::File));
        };
        let block_size = u64::from(self.superblock.block_size);
        let blocks = match fragment {
            Some(_) => inode.size / block_size,
            None => inode.size.div_ceil(block_size),
        };
        let list = Cursor::new(Table::Inodes, list, blocks.saturating_mul(4));
        let nothing = Piece::owned(Vec::new());
        Ok(FileReader {
            fs: self,
            size: inode.size,
            fragment,
            list,
            blocks,
            block: 0,
            disk: start,
            at: 0,
            end: inode.size,
            plan: VecDeque::new(),
            run: (0, nothing.clone()),
            ready: nothing,
            failed: false,
        })
    }

    /// Where the first bytes of a file are stored: what would be read for them.
    pub(super) fn stored(&self, inode: &Inode, length: u64) -> Result<Vec<Range<u64>>> {
        let mut reader = self.reader(inode)?;
        reader.end = length.min(inode.size);
        let block_size = reader.block_size();
        let mut ranges = Vec::new();
        let mut at = 0;
        while reader.block < reader.blocks && at < reader.end {
            let (mut stored, raw) = reader.next_size()?;
            if raw {
                stored.end = stored.end.min(stored.start.saturating_add(reader.end - at));
            }
            ranges.push(stored);
            at += block_size;
        }
        if let Some((number, offset)) = reader.fragment.filter(|_| at < reader.end) {
            let start = offset as usize;
            let end = start + (reader.end - at) as usize;
            ranges.push(self.fragment_read(number, start..end)?);
        }
        Ok(ranges)
    }

    fn account(&self, bytes: usize) -> Result<()> {
        let size = self.file_bytes.get().saturating_add(bytes as u64);
        self.file_bytes.set(size);
        let allowed = self.limits.file_bytes;
        if size > allowed {
            let what = "the data read from the image's files";
            return Err(Error::TooLarge {
                limit: "file_bytes",
                what,
                size,
                allowed,
            });
        }
        Ok(())
    }
}

impl<R: ReadAt> FileReader<'_, R> {
    fn block_size(&self) -> u64 {
        u64::from(self.fs.superblock.block_size)
    }

    /// Goes to `offset`, which is not behind the next byte.
    fn seek(&mut self, offset: u64) -> Result<()> {
        let first = (offset / self.block_size()).min(self.blocks);
        while self.block < first {
            self.next_size()?;
        }
        self.at = offset;
        Ok(())
    }

    fn collect(&mut self) -> Result<Vec<u8>> {
        let wanted = self.end.saturating_sub(self.at);
        let left = self
            .fs
            .limits
            .file_bytes
            .saturating_sub(self.fs.file_bytes.get());
        if wanted > left {
            let what = "the data to read from the image's files";
            let allowed = self.fs.limits.file_bytes;
            let size = self.fs.file_bytes.get().saturating_add(wanted);
            return Err(Error::TooLarge {
                limit: "file_bytes",
                what,
                size,
                allowed,
            });
        }
        let mut out = Vec::new();
        while let Some(piece) = self.next_piece()? {
            out.extend_from_slice(&piece);
        }
        Ok(out)
    }

    /// Returns the range of the next block, and whether it is compressed.
    fn next_size(&mut self) -> Result<(Range<u64>, bool)> {
        let at = self.list.place.block;
        let size = u32::from_le_bytes(self.list.array(self.fs)?);
        let stored = stored_size(WHAT, at, size, self.fs.superblock.block_size)?;
        let start = self.disk;
        self.disk = start
            .checked_add(stored)
            .ok_or_else(|| Error::damaged(WHAT, at, "the offset is too large"))?;
        self.block += 1;
        Ok((start..self.disk, size & RAW_BIT != 0))
    }

    /// Plans the blocks of the next read.
    fn plan(&mut self) -> Result<()> {
        let block_size = self.block_size();
        let mut planned = 0;
        while self.block < self.blocks
            && self.block * block_size < self.end
            && self.plan.len() < 1024
        {
            let first = self.block * block_size;
            let len = block_size.min(self.size - first);
            let part = self.at.max(first) - first..(self.end - first).min(len);
            let (mut stored, raw) = self.next_size()?;
            if raw && stored.end - stored.start != len {
                let reason = format!("{} stored bytes for {len}", stored.end - stored.start);
                return Err(Error::damaged(WHAT, stored.start, reason));
            }
            if raw {
                stored = stored.start + part.start..stored.start + part.end;
            }
            planned += stored.end - stored.start;
            let part = part.start as usize..part.end as usize;
            self.plan.push_back(Planned {
                part,
                len: len as usize,
                stored,
                raw,
            });
            if planned >= RUN {
                break;
            }
        }
        let mut stored = self
            .plan
            .iter()
            .map(|block| &block.stored)
            .filter(|stored| !stored.is_empty());
        if let Some(first) = stored.next() {
            let run = first.start..stored.next_back().unwrap_or(first).end;
            self.run = (run.start, self.fs.disk.get_once(WHAT, run)?);
        }
        Ok(())
    }

    /// Returns the next bytes. After an error there are none, since the stream would have a gap.
    fn next_piece(&mut self) -> Result<Option<Piece>> {
        if self.failed {
            return Err(Error::damaged(
                WHAT,
                self.disk,
                "an earlier part of the file could not be read",
            ));
        }
        let piece = self.read_piece();
        self.failed = piece.is_err();
        piece
    }

    fn read_piece(&mut self) -> Result<Option<Piece>> {
        if self.at >= self.end {
            return Ok(None);
        }
        if self.plan.is_empty() {
            self.plan()?;
        }
        let piece = match (self.plan.pop_front(), self.fragment) {
            (Some(block), _) => self.decode(&block)?,
            (None, Some((number, offset))) => {
                let tail = self.blocks * self.block_size();
                let start = offset as usize + (self.at - tail) as usize;
                let end = offset as usize + (self.end - tail) as usize;
                self.fs.fragment_bytes(number, start..end)?
            }
            (None, None) => return Ok(None),
        };
        self.fs.disk.check_time()?;
        self.fs.account(piece.len())?;
        self.at = self.at.saturating_add(piece.len() as u64);
        Ok(Some(piece))
    }

    fn decode(&self, block: &Planned) -> Result<Piece> {
        if block.stored.is_empty() {
            return Ok(Piece::owned(vec![0; block.part.len()]));
        }
        let start = block.stored.start.saturating_sub(self.run.0) as usize;
        let end = block.stored.end.saturating_sub(self.run.0) as usize;
        let stored = self.run.1.part(start..end);
        if block.raw {
            return Ok(stored);
        }
        let codec = self.fs.superblock.compressor;
        let bad =
            |reason: String| Error::damaged(WHAT, block.stored.start, format!("{codec}: {reason}"));
        let (bytes, _) = codec
            .decode_start(&stored, block.part.end, block.len)
            .map_err(bad)?;
        if bytes.len() < block.part.end {
            return Err(bad(format!("{} bytes, not {}", bytes.len(), block.len)));
        }
        Ok(Piece::owned(bytes).part(block.part.clone()))
    }
}

impl<R: ReadAt> io::Read for FileReader<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            match self.next_piece()? {
                Some(piece) => self.ready = piece,
                None => return Ok(0),
            }
        }
        let count = self.ready.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), self.ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.ready = self.ready.part(count..self.ready.len());
        Ok(count)
    }
}
