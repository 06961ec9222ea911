//! Fragment blocks: the ends of many files in one block, decoded as far as needed and kept for the neighbours.

use std::collections::VecDeque;
use std::ops::Range;

use super::Squashfs;
use super::data::{RAW_BIT, stored_size};
use super::decompress::Stream;
use super::disk::Piece;
use super::error::{Error, Result};
use super::kept::{Kept, Rest};
use super::read_at::ReadAt;
use super::tables::Fragment;

const WHAT: &str = "fragment block";
/// Bytes kept of fragment blocks, decoded and stored together; the last one is always kept.
const KEPT: usize = 2 * 1024 * 1024;
/// Decoders that are kept where they stopped: each may have taken 4 MiB, as a block asks for it.
pub(super) const STREAMS: usize = 4;
/// The start of a block is decoded in steps of this many bytes.
const STEP: usize = 16 * 1024;
/// If a block is stored in more bytes than this, its second half is read only when needed.
const LARGE: u64 = 128 * 1024;
/// A decoder may need so many stored bytes at once (xz), or put out so many (zstd).
const GRAIN: u64 = 128 * 1024;
/// Read around a file in a raw fragment block: its neighbours are often wanted too.
const AROUND: u64 = 8 * 1024;

impl<R: ReadAt> Squashfs<R> {
    /// The bytes at `range` of fragment block `number`.
    pub(super) fn fragment_bytes(&self, number: u32, range: Range<usize>) -> Result<Piece> {
        if range.is_empty() {
            return Ok(Piece::owned(Vec::new()));
        }
        let (Range { start, end }, is_raw) = self.fragment_at(number)?;
        let short = |len: u64| {
            // Without the file's position in it: one warning covers all files of the block.
            let reason = format!("it holds {len} bytes, less than there are files in it");
            Error::damaged(WHAT, start, reason)
        };
        if is_raw {
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
        let block = match old {
            Some(block) if block.rest.is_none() || block.decoded.len() >= wanted => block,
            old => self.decode_fragment(start..end, old, wanted)?,
        };
        let decoded = block.decoded.clone();
        kept.push_back(block);
        let are_many = |kept: &VecDeque<Kept>| {
            kept.iter().map(Kept::len).sum::<usize>() > KEPT
                || kept.iter().filter(|block| block.is_going()).count() > STREAMS
        };
        while kept.len() > 1 && are_many(&kept) {
            kept.pop_front();
        }
        Ok(decoded)
    }

    /// What is read of a compressed block for the first bytes of it.
    fn first_read(&self, at: Range<u64>, wanted: usize) -> Range<u64> {
        let (len, max) = (at.end - at.start, u64::from(self.superblock.block_size));
        // As if it were compressed evenly, with some room.
        let likely = (wanted as u64 + GRAIN) * len / max * 5 / 4;
        let halve = len > LARGE && likely <= len / 2;
        at.start..at.start + if halve { len / 2 } else { len }
    }

    /// Returns the range of a fragment block, and whether it is stored uncompressed.
    fn fragment_at(&self, number: u32) -> Result<(Range<u64>, bool)> {
        let Fragment { start, size } = self.fragment(number)?;
        let stored = stored_size(WHAT, start, size, self.superblock.block_size)?;
        Ok((start..start.saturating_add(stored), size & RAW_BIT != 0))
    }

    /// What is read for the bytes at `range` of fragment block `number`, where nothing of it was read yet.
    pub(super) fn fragment_read(&self, number: u32, range: Range<usize>) -> Result<Range<u64>> {
        let (at, is_raw) = self.fragment_at(number)?;
        if !is_raw {
            return Ok(self.first_read(at, range.end));
        }
        let start = at.start.saturating_add(range.start as u64);
        let end = at.start.saturating_add(range.end as u64);
        Ok(start.saturating_sub(AROUND).max(at.start)..end.saturating_add(AROUND).min(at.end))
    }

    /// Decodes a block up to byte `wanted`; `old` is the part that was decoded before.
    fn decode_fragment(&self, at: Range<u64>, old: Option<Kept>, wanted: usize) -> Result<Kept> {
        let (start, len) = (at.start, at.end - at.start);
        let max = self.superblock.block_size as usize;
        let codec = self.superblock.compressor;
        let bad = |reason| Error::damaged(WHAT, start, format!("{codec}: {reason}"));
        let decode = |stored: &Piece, wanted: usize| codec.decode_start(stored, wanted, max);
        let go_on = |mut stream: Stream, mut bytes: Vec<u8>| {
            let upto = wanted.max(bytes.len() + bytes.len() / 4);
            let upto = upto.next_multiple_of(STEP).min(max);
            let whole = stream.go_on(&mut bytes, upto, max).map_err(bad)?;
            Ok(Kept {
                start,
                decoded: Piece::owned(bytes),
                // The block, and what the decoder remembers.
                rest: (!whole).then(|| Rest::Stream(stream, len as usize + max)),
            })
        };
        let again = old.is_some();
        let upto = wanted.next_multiple_of(STEP);
        let mut stored = match old {
            Some(Kept {
                decoded,
                rest: Some(Rest::Stream(stream, _)),
                ..
            }) => return go_on(stream, decoded.to_vec()),
            Some(Kept {
                rest: Some(Rest::Stored(stored)),
                ..
            }) => stored,
            _ => {
                let first = self.first_read(at.clone(), wanted);
                self.disk.get_once(WHAT, first)?
            }
        };
        if (stored.len() as u64) < len {
            if let Ok((bytes, false)) = decode(&stored, upto)
                && bytes.len() >= wanted
            {
                return Ok(Kept {
                    start,
                    decoded: Piece::owned(bytes),
                    rest: Some(Rest::Stored(stored)),
                });
            }
            let rest = start + stored.len() as u64..at.end;
            let rest = self.disk.get_once(WHAT, rest)?;
            stored = Piece::owned([&*stored, &*rest].concat());
        }
        if upto < max
            && let Some(stream) = codec.stream(&stored).map_err(bad)?
        {
            return go_on(stream, Vec::new());
        }
        let (bytes, whole) = decode(&stored, if again { max } else { upto }).map_err(bad)?;
        Ok(Kept {
            start,
            decoded: Piece::owned(bytes),
            rest: (!whole).then_some(Rest::Stored(stored)),
        })
    }
}
