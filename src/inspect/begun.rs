//! Files with a start in memory. Parts of them may stay in memory too.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::opened::Reads;
use crate::squashfs::{Counted, Part, ReadAt};

/// The first read of a file; a small one is read at once.
const HEAD: u64 = 512;
const SMALL: u64 = 32 * 1024;

/// An open regular file, with its start read.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) file: Arc<Headed>,
    pub(super) metadata: Metadata,
}

impl Begun {
    /// Reads the start of a file. `metadata` was read after the file was opened. `keep` takes the start, and
    /// returns parts that will be read again: these stay in memory.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn of(
        file: File,
        metadata: Metadata,
        keep: impl FnOnce(&[u8]) -> Option<[Range<u64>; 2]>,
    ) -> io::Result<Self> {
        let mut file = Headed::new(file, metadata.len())?;
        let parts = keep(&file.head).into_iter().flatten();
        file.parts = parts.map(KeptPart::of).collect();
        let file = Arc::new(file);
        Ok(Self { file, metadata })
    }
}

/// A file with its first bytes read; they are not read again.
#[derive(Debug)]
pub(crate) struct Headed {
    pub(super) file: Counted<File>,
    /// The size when the file was opened.
    size: u64,
    head: Vec<u8>,
    parts: Vec<KeptPart>,
}

/// A part of a file that stays in memory once it was read.
#[derive(Debug)]
struct KeptPart {
    range: Range<u64>,
    bytes: OnceLock<Vec<u8>>,
}

impl KeptPart {
    fn of(range: Range<u64>) -> Self {
        let bytes = OnceLock::new();
        Self { range, bytes }
    }
}

/// Returns the bytes at an offset of the file. `bytes` begin at `start`.
fn within(bytes: &[u8], start: u64, offset: u64, length: usize) -> Option<&[u8]> {
    let from = usize::try_from(offset.checked_sub(start)?).ok()?;
    bytes.get(from..from.checked_add(length)?)
}

impl Headed {
    fn new(file: File, size: u64) -> io::Result<Self> {
        let file = Counted::new(file);
        let length = if size <= SMALL { size } else { HEAD };
        let head = file.read_up_to(0, usize::try_from(length).unwrap_or_default())?;
        let parts = Vec::new();
        Ok(Self {
            file,
            size,
            head,
            parts,
        })
    }

    /// Returns the bytes that are in memory: all of a small file.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn reads(&self) -> Reads {
        Reads {
            count: self.file.reads(),
            bytes: self.file.bytes(),
        }
    }

    /// Reads bytes at an offset; fewer at the end. The caller has checked the length.
    pub(super) fn part(&self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        self.read_up_to(offset, usize::try_from(length).unwrap_or_default())
    }

    fn known(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let parts = self.parts.iter();
        let mut kept = parts.filter_map(|part| Some((part.bytes.get()?, part.range.start)));
        within(&self.head, 0, offset, length)
            .or_else(|| kept.find_map(|(bytes, start)| within(bytes, start, offset, length)))
    }

    fn keep(&self, offset: u64, bytes: &[u8]) {
        for KeptPart { range, bytes: kept } in &self.parts {
            let length = usize::try_from(range.end.saturating_sub(range.start)).ok();
            let part = length.and_then(|length| within(bytes, offset, range.start, length));
            if let Some(part) = part {
                kept.get_or_init(|| part.to_vec());
            }
        }
    }
}

impl ReadAt for Headed {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(known) = self.known(offset, buf.len()) {
            buf.copy_from_slice(known);
            return Ok(buf.len());
        }
        let count = self.file.read_at(offset, buf)?;
        self.keep(offset, buf.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_parts(&self, parts: &mut [Part]) {
        self.file.read_parts(parts);
        for part in parts {
            self.keep(part.offset, &part.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_kept_is_read_once() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&path, &bytes).unwrap();
        let file = File::open(&path).unwrap();
        let metadata = file.metadata().unwrap();
        let begun = Begun::of(file, metadata, |_| Some([40_000..40_010, 90_000..90_010])).unwrap();
        let file = begun.file;
        let mut parts = [Part {
            offset: 39_990,
            length: 100,
            bytes: Vec::new(),
        }];
        file.read_parts(&mut parts);
        file.part(89_000, 2_000).unwrap();
        let reads = file.reads().count;
        for start in [40_000, 40_005, 90_000] {
            let length = 90_010.min(start + 5) - start;
            let part = start as usize..(start + length) as usize;
            assert_eq!(file.part(start, length).unwrap(), bytes[part], "{start}");
        }
        assert_eq!(file.reads().count, reads);
        file.part(90_005, 10).unwrap();
        assert_eq!(file.reads().count, reads + 1);
    }
}
