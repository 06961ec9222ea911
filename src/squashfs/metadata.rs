//! Metadata blocks: their positions, their decoding, and a cursor that runs over their borders.

use std::ops::Range;
use std::sync::Arc;

use super::Squashfs;
use super::error::{Error, Result};
use super::kept::Block;
use super::read_at::ReadAt;

/// Decoded bytes of a full metadata block.
pub(super) const BLOCK: usize = 8192;
/// The same as stored at most, with its header.
pub(super) const STORED: u64 = 8192 + 2;
/// Bytes to read before a wanted inode: a directory's children come before it.
const BACK: u64 = 10 * 1024;
/// Read behind the last inodes: the listings of the directories that were packed first.
const LISTINGS: u64 = 16 * 1024;
/// One read that takes the end of the directory table and the lookup tables in.
const TAIL: u64 = 40 * 1024;
/// The most that a long listing reads at once.
const LONG: u64 = 64 * 1024;
/// The most that one read takes of the inode table where all of it is needed.
const PASS: u64 = 4 * 1024 * 1024;
/// Decoded blocks kept.
const KEPT: usize = 24;

/// The table that a block belongs to. It limits the block's position, and says what to read with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Inodes,
    /// The inode table from its start to its end.
    AllInodes,
    Directories,
    /// A lookup table's blocks, which end at most at this offset.
    Lookup(u64),
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Inodes | Self::AllInodes => "inode table",
            Self::Directories => "directory table",
            Self::Lookup(_) => "lookup table",
        }
    }
}

/// A place in a table: the offset of a block in the file, and one inside the decoded block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u64,
    pub(super) offset: usize,
}

/// Reads on from a place, over block borders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    table: Table,
    pub(super) place: Place,
    /// Bytes that are still to be read after this, as far as known.
    ahead: u64,
}

impl Cursor {
    pub(super) fn new(table: Table, place: Place, ahead: u64) -> Self {
        Self {
            table,
            place,
            ahead,
        }
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize, R: ReadAt>(&mut self, fs: &Squashfs<R>) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(fs, &mut bytes)?;
        Ok(bytes)
    }

    /// The next `len` bytes; the caller has bounded `len`.
    pub(super) fn bytes<R: ReadAt>(&mut self, fs: &Squashfs<R>, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.fill(fs, &mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn fill<R: ReadAt>(&mut self, fs: &Squashfs<R>, mut out: &mut [u8]) -> Result<()> {
        while !out.is_empty() {
            let part = self.chunk(fs, out.len())?;
            let (head, rest) = out.split_at_mut(part.1.len());
            head.copy_from_slice(part.0.data.get(part.1).unwrap_or_default());
            out = rest;
        }
        Ok(())
    }

    /// Returns at least one and at most `most` bytes of the block at the cursor.
    fn chunk<R: ReadAt>(
        &mut self,
        fs: &Squashfs<R>,
        most: usize,
    ) -> Result<(Arc<Block>, Range<usize>)> {
        let block = fs.block(self.table, self.place.block, self.ahead)?;
        let start = self.place.offset;
        let left = block
            .data
            .len()
            .checked_sub(start)
            .filter(|_| !block.data.is_empty());
        let Some(left) = left else {
            let reason = format!("offset {start} in a block of {} bytes", block.data.len());
            return Err(Error::damaged(self.table.name(), block.at, reason));
        };
        if left == 0 {
            self.place = Place {
                block: block.next,
                offset: 0,
            };
            return self.chunk_of_next(fs, most);
        }
        let end = start + left.min(most);
        self.place.offset = end;
        self.ahead = self.ahead.saturating_sub((end - start) as u64);
        Ok((block, start..end))
    }

    fn chunk_of_next<R: ReadAt>(
        &mut self,
        fs: &Squashfs<R>,
        most: usize,
    ) -> Result<(Arc<Block>, Range<usize>)> {
        let block = fs.block(self.table, self.place.block, self.ahead)?;
        let end = block.data.len().min(most);
        if end == 0 {
            return Err(Error::damaged(self.table.name(), block.at, "empty block"));
        }
        self.place.offset = end;
        self.ahead = self.ahead.saturating_sub(end as u64);
        Ok((block, 0..end))
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// Returns the range in which the blocks of a table may be.
    fn bounds(&self, table: Table) -> Range<u64> {
        let sb = &self.superblock;
        match table {
            Table::Inodes | Table::AllInodes => sb.inode_table..sb.directory_table,
            Table::Directories => sb.directory_table..sb.after_directories,
            Table::Lookup(end) => sb.directory_table..end,
        }
    }

    /// What to read when the block at `at` is not here yet.
    fn window(&self, table: Table, at: u64, ahead: u64) -> Range<u64> {
        let sb = &self.superblock;
        let tables_end = sb.bytes_used;
        // Raw tables take more bytes for the same neighbours, and raw fragments save more than that.
        let scale = if sb.has_raw_tables() { 2 } else { 1 };
        let (back, listings, tail_len) = (BACK * scale, LISTINGS * scale, TAIL * scale);
        if tables_end.saturating_sub(sb.inode_table) <= tail_len {
            return sb.inode_table..tables_end;
        }
        let index_end = sb
            .fragment_table
            .map_or(0, |start| start.saturating_add(sb.fragment_index_len()));
        let tail = |end: u64| (end > at && end - at <= tail_len).then_some(end);
        let tail = tail(tables_end).or_else(|| tail(index_end));
        match table {
            Table::Inodes => {
                let mut start = at.saturating_sub(back).max(sb.inode_table);
                if sb.has_raw_tables() {
                    // All blocks but the last are full: where they start is known.
                    start -= (start - sb.inode_table) % STORED;
                }
                let end = at + STORED;
                if end < sb.directory_table {
                    return start..end;
                }
                let from = start.max(sb.directory_table.saturating_sub(STORED)).min(at);
                from..tail.unwrap_or(sb.directory_table + listings)
            }
            Table::AllInodes => at..sb.directory_table.min(at.saturating_add(PASS)),
            Table::Directories => {
                let blocks = (ahead / 2).min(LONG);
                at..tail.unwrap_or(at + STORED + blocks)
            }
            Table::Lookup(_) => at..tail.unwrap_or(at + STORED),
        }
    }

    pub(super) fn block(&self, table: Table, at: u64, ahead: u64) -> Result<Arc<Block>> {
        {
            let mut blocks = self.blocks.borrow_mut();
            let index = blocks.iter().rposition(|block| block.at == at);
            if let Some(block) = index.and_then(|index| blocks.remove(index)) {
                blocks.push_back(Arc::clone(&block));
                return Ok(block);
            }
        }
        let block = Arc::new(self.read_block(table, at, ahead)?);
        let mut blocks = self.blocks.borrow_mut();
        if blocks.len() >= KEPT {
            blocks.pop_front();
        }
        blocks.push_back(Arc::clone(&block));
        Ok(block)
    }

    fn read_block(&self, table: Table, at: u64, ahead: u64) -> Result<Block> {
        let name = table.name();
        self.disk.check_time()?;
        let bounds = self.bounds(table);
        if !bounds.contains(&at) || bounds.end - at < 3 {
            let reason = format!(
                "a block there is outside the table, which is {} to {}",
                bounds.start, bounds.end
            );
            return Err(Error::damaged(name, at, reason));
        }
        let wide = self.window(table, at, ahead);
        let header = self.disk.get(name, at..at + 2, wide.clone())?;
        let header = header
            .first_chunk()
            .map_or(0, |bytes| u16::from_le_bytes(*bytes));
        let stored = u64::from(header & 0x7fff);
        let next = at + 2 + stored;
        // A block that runs past the end of its table is read, as the kernel does (squashfs_read_data
        // in fs/squashfs/block.c). The disk refuses bytes past the end of the image.
        if stored == 0 || stored > BLOCK as u64 {
            let reason = format!("a metadata block of {stored} stored bytes");
            return Err(Error::damaged(name, at, reason));
        }
        let bytes = self.disk.get(name, at + 2..next, at + 2..wide.end)?;
        let data = if header & 0x8000 != 0 {
            bytes.to_vec()
        } else {
            let decoded = self.superblock.compressor.decode(&bytes, BLOCK);
            decoded.map_err(|reason| {
                Error::damaged(
                    name,
                    at,
                    format!("{}: {reason}", self.superblock.compressor),
                )
            })?
        };
        let total = self
            .metadata_decoded
            .get()
            .saturating_add(data.len() as u64);
        self.metadata_decoded.set(total);
        if total > self.limits.metadata_bytes {
            return Err(Error::TooLarge {
                limit: "metadata_bytes",
                what: "the decoded metadata",
                size: total,
                allowed: self.limits.metadata_bytes,
            });
        }
        Ok(Block { at, next, data })
    }
}
