//! Fragment blocks: the ends of many files in one block, decoded as far as needed and kept for the neighbours.

use std::ops::Range;

use super::Squashfs;
use super::data::{RAW_BIT, stored_size};
use super::decompress::Compressor;
use super::disk::Piece;
use super::error::{Error, Result};
use super::read_at::ReadAt;

const WHAT: &str = "fragment block";
/// Bytes kept of fragment blocks, decoded and stored together; the last one is always kept.
const KEPT: usize = 2 * 1024 * 1024;
/// The start of a block is decoded in steps of this many bytes.
const STEP: usize = 16 * 1024;
/// Of a block that is stored in more bytes than this, only the start is read that is likely to be needed.
const LARGE: u64 = 128 * 1024;
/// zstd decodes this much at once.
const ZSTD_BLOCK: usize = 128 * 1024;
/// xz needs so many stored bytes at once.
const XZ_CHUNK: u64 = 64 * 1024;
/// Read around a file in a raw fragment block: its neighbours are often wanted too.
const AROUND: u64 = 8 * 1024;

pub(super) struct Kept {
    start: u64,
    decoded: Piece,
    /// The stored bytes or their start, while only the start of the block is decoded.
    stored: Option<Piece>,
}

impl Kept {
    fn len(&self) -> usize {
        self.decoded.len() + self.stored.as_ref().map_or(0, |stored| stored.len())
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// The bytes at `range` of fragment block `number`.
    pub(super) fn fragment_bytes(&self, number: u32, range: Range<usize>) -> Result<Piece> {
        if range.is_empty() {
            return Ok(Piece::owned(Vec::new()));
        }
        let fragment = self.fragment(number)?;
        let (start, end) = (
            fragment.start,
            fragment.start.saturating_add(stored_size(
                WHAT,
                fragment.start,
                fragment.size,
                self.superblock.block_size,
            )?),
        );
        let short = |len: u64| {
            let reason = format!("bytes {} to {} of a block of {len}", range.start, range.end);
            Error::damaged(WHAT, start, reason)
        };
        if fragment.size & RAW_BIT != 0 {
            let need =
                start.saturating_add(range.start as u64)..start.saturating_add(range.end as u64);
            if need.end > end {
                return Err(short(end - start));
            }
            let wide = need.start.saturating_sub(AROUND).max(start)
                ..need.end.saturating_add(AROUND).min(end);
            return self.disk.get(WHAT, need, wide);
        }
        let decoded = self.decoded_fragment(start, end, range.end)?;
        if decoded.len() < range.end {
            return Err(short(decoded.len() as u64));
        }
        Ok(decoded.part(range))
    }

    fn decoded_fragment(&self, start: u64, end: u64, wanted: usize) -> Result<Piece> {
        let mut kept = self.fragments.borrow_mut();
        let old = kept
            .iter()
            .position(|block| block.start == start)
            .and_then(|index| kept.remove(index));
        let max = self.superblock.block_size as usize;
        let block = match old {
            Some(block) if block.stored.is_none() || block.decoded.len() >= wanted => block,
            Some(block) => self.decode_fragment(start, end, block.stored, max)?,
            None => match self.likely(start, end, wanted)? {
                Some(block) => block,
                None => self.decode_fragment(start, end, None, wanted)?,
            },
        };
        let decoded = block.decoded.clone();
        kept.push_back(block);
        while kept.len() > 1 && kept.iter().map(Kept::len).sum::<usize>() > KEPT {
            kept.pop_front();
        }
        Ok(decoded)
    }

    /// Decodes a block up to some byte; `stored` is what was read of it before.
    fn decode_fragment(
        &self,
        start: u64,
        end: u64,
        stored: Option<Piece>,
        wanted: usize,
    ) -> Result<Kept> {
        let stored = match stored {
            Some(stored) if stored.len() as u64 == end - start => stored,
            Some(stored) => {
                let rest = self.disk.get_once(WHAT, start + stored.len() as u64..end)?;
                Piece::owned([&*stored, &*rest].concat())
            }
            None => self.disk.get_once(WHAT, start..end)?,
        };
        let codec = self.superblock.compressor;
        let decoded = codec.decode_start(
            &stored,
            wanted.next_multiple_of(STEP),
            self.superblock.block_size as usize,
        );
        let (bytes, whole) =
            decoded.map_err(|reason| Error::damaged(WHAT, start, format!("{codec}: {reason}")))?;
        Ok(Kept {
            start,
            decoded: Piece::owned(bytes),
            stored: (!whole).then_some(stored),
        })
    }

    /// The start of a large block, from the part that holds it if the block is compressed evenly; `None` where it does
    /// not, or where the block is not large.
    fn likely(&self, start: u64, end: u64, wanted: usize) -> Result<Option<Kept>> {
        let max = self.superblock.block_size as usize;
        let share = (end - start) * wanted.next_multiple_of(ZSTD_BLOCK) as u64 / max as u64;
        let xz = self.superblock.compressor == Compressor::Xz;
        let part = share + share / 4 + if xz { XZ_CHUNK } else { 0 };
        if end - start <= LARGE || part > (end - start) / 2 {
            return Ok(None);
        }
        let stored = self.disk.get_once(WHAT, start..start + part)?;
        let decoded =
            self.superblock
                .compressor
                .decode_start(&stored, wanted.next_multiple_of(STEP), max);
        Ok(Some(match decoded {
            Ok((bytes, false)) if bytes.len() >= wanted => Kept {
                start,
                decoded: Piece::owned(bytes),
                stored: Some(stored),
            },
            _ => self.decode_fragment(start, end, Some(stored), wanted)?,
        }))
    }
}
