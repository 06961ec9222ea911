//! Sources of bytes, with positional reads: threads share no file offset.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source that can be read at any offset.
pub trait ReadAt {
    /// Reads into `buf` from `offset`; may be short, and is 0 only at the end.
    ///
    /// # Errors
    /// Whatever the source reports; an interrupted read is retried by the source.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// The size of the source in bytes.
    ///
    /// # Errors
    /// Whatever the source reports.
    fn size(&self) -> io::Result<u64>;

    /// Reads bytes from an offset; fewer at the end. The caller has checked the length.
    ///
    /// # Errors
    /// Whatever the source reports.
    fn read_up_to(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let (bytes, end) = read(self, offset, vec![0; length]);
        end.map(|()| bytes)
    }

    /// Reads several parts, at the same time where the source can: for one that takes long to answer.
    fn read_parts(&self, parts: &mut [Part]) {
        for part in parts {
            part.read_from(self);
        }
    }
}

/// A part of a source that is read together with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Where it starts.
    pub offset: u64,
    /// How many bytes are wanted.
    pub length: usize,
    /// Those that could be read; none before.
    pub bytes: Vec<u8>,
}

impl Part {
    /// Reads it from a source, up to the first error.
    pub fn read_from<R: ReadAt + ?Sized>(&mut self, source: &R) {
        (self.bytes, _) = read(source, self.offset, vec![0; self.length]);
    }
}

/// Fills a buffer with the bytes from an offset, up to the end or the first error. Returns both.
fn read<R: ReadAt + ?Sized>(
    source: &R,
    offset: u64,
    mut bytes: Vec<u8>,
) -> (Vec<u8>, io::Result<()>) {
    let mut got = 0_usize;
    let mut end = Ok(());
    while let Some(rest) = bytes.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match source.read_at(offset.saturating_add(got as u64), rest) {
            Ok(0) => break,
            Ok(count) => got = got.saturating_add(count),
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    bytes.truncate(got);
    (bytes, end)
}

impl ReadAt for File {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match FileExt::read_at(self, buf, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_parts(&self, parts: &mut [Part]) {
        let Some((last, others)) = parts.split_last_mut() else {
            return;
        };
        std::thread::scope(|scope| {
            for part in others {
                // The buffer comes from this thread: the first allocation of a thread takes long.
                let buffer = vec![0; part.length];
                // Where there is no thread to be had, the part stays as it is, unread.
                let run = move || (part.bytes, _) = read(self, part.offset, buffer);
                let _ = std::thread::Builder::new().spawn_scoped(scope, run);
            }
            last.read_from(self);
        });
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..))
            .unwrap_or(&[]);
        let count = rest.len().min(buf.len());
        if let (Some(from), Some(to)) = (rest.get(..count), buf.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

macro_rules! forward_read_at {
    ($($pointer:ty),*) => {$(
        impl<T: ReadAt + ?Sized> ReadAt for $pointer {
            fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                (**self).read_at(offset, buf)
            }

            fn size(&self) -> io::Result<u64> {
                (**self).size()
            }

            fn read_parts(&self, parts: &mut [Part]) {
                (**self).read_parts(parts);
            }
        }
    )*};
}

forward_read_at!(&T, Box<T>, Arc<T>);

/// A source of any kind. The program opens every image through it, and so contains the reader once.
pub(crate) type AnySource<'a> = Box<dyn ReadAt + 'a>;

/// A part of another source, as if it were a file of its own.
#[derive(Clone, Debug)]
pub struct Offset<R> {
    /// The whole source.
    pub inner: R,
    /// Where the part starts.
    pub offset: u64,
    /// How many bytes the part has.
    pub len: u64,
}

impl<R: ReadAt> ReadAt for Offset<R> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.len.saturating_sub(offset);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let Some(at) = self.offset.checked_add(offset) else {
            return Ok(0);
        };
        match buf.get_mut(..count) {
            Some(part) if count > 0 => self.inner.read_at(at, part),
            _ => Ok(0),
        }
    }

    /// What is there of the part: a container file that was cut short makes the part shorter too.
    fn size(&self) -> io::Result<u64> {
        Ok(self.len.min(self.inner.size()?.saturating_sub(self.offset)))
    }

    fn read_parts(&self, parts: &mut [Part]) {
        for part in &mut *parts {
            let left = self.len.saturating_sub(part.offset);
            part.length = usize::try_from(left).map_or(part.length, |left| left.min(part.length));
            part.offset = part.offset.saturating_add(self.offset);
        }
        self.inner.read_parts(parts);
        for part in parts {
            part.offset = part.offset.saturating_sub(self.offset);
        }
    }
}

/// Counts the reads and the bytes that go through it.
#[derive(Debug, Default)]
pub struct Counted<R> {
    inner: R,
    reads: AtomicU64,
    bytes: AtomicU64,
}

impl<R> Counted<R> {
    /// Starts counting at zero.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            reads: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// What is read through it.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Reads so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl<R: ReadAt> ReadAt for Counted<R> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read_at(offset, buf)?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn size(&self) -> io::Result<u64> {
        self.inner.size()
    }

    fn read_parts(&self, parts: &mut [Part]) {
        self.inner.read_parts(parts);
        self.reads.fetch_add(parts.len() as u64, Ordering::Relaxed);
        let bytes = parts.iter().map(|part| part.bytes.len() as u64).sum();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_never_shows_bytes_beyond_its_end() {
        let part = Offset {
            inner: b"0123456789".to_vec(),
            offset: 2,
            len: 4,
        };
        let mut buf = [0; 8];
        assert_eq!(part.read_at(1, &mut buf).unwrap(), 3);
        assert_eq!(&buf[..3], b"345");
        assert_eq!(part.read_at(4, &mut buf).unwrap(), 0);
        assert_eq!(part.size().unwrap(), 4);
    }

    #[test]
    fn a_part_of_a_cut_file_is_shorter() {
        let part = Offset {
            inner: b"0123".to_vec(),
            offset: 2,
            len: 9,
        };
        assert_eq!(part.size().unwrap(), 2);
    }

    #[test]
    fn reads_and_bytes_are_counted() {
        let source = Counted::new(b"abc".to_vec());
        let mut buf = [0; 2];
        source.read_at(0, &mut buf).unwrap();
        source.read_at(2, &mut buf).unwrap();
        assert_eq!((source.reads(), source.bytes()), (2, 3));
    }

    #[test]
    fn parts_are_those_that_single_reads_give() {
        use std::io::Write as _;
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let wanted = [
            (0, 10),
            (50_000, 30_000),
            (99_990, 100),
            (1 << 40, 5),
            (7, 0),
        ];
        let parts = || -> Vec<Part> {
            let part = |(offset, length)| Part {
                offset,
                length,
                bytes: Vec::new(),
            };
            wanted.map(part).into()
        };
        let (mut alone, mut together) = (parts(), parts());
        alone.iter_mut().for_each(|part| part.read_from(&file));
        let source = Counted::new(Offset {
            inner: &file,
            offset: 0,
            len: 99_995,
        });
        source.read_parts(&mut together);
        assert_eq!(together[2].bytes, bytes[99_990..99_995]);
        assert_eq!(alone[2].bytes, bytes[99_990..]);
        for (one, other) in alone.iter().zip(&together).take(2) {
            assert_eq!(one, other);
            assert_eq!(one.bytes.len(), one.length);
        }
        assert!(together[3].bytes.is_empty() && alone[3].bytes.is_empty());
        assert_eq!((source.reads(), source.bytes()), (5, 30_015));
        let shifted = Offset {
            inner: &file,
            offset: 300,
            len: 1000,
        };
        let mut parts = parts();
        shifted.read_parts(&mut parts);
        assert_eq!(parts[0].bytes, bytes[300..310]);
        assert_eq!(parts[0].offset, 0);
    }
}
