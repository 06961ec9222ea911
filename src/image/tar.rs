//! Names and places of the entries in a tar archive: POSIX, GNU and old ones.
//!
//! Long names are bounded, a size that cannot be right ends the listing, and the
//! content of a file is never read here.

mod header;

use std::io::{self, Read, Seek, SeekFrom};

pub use header::is_header;
use header::{Extension, Header, cut_at_nul};

/// Bytes of a header, and what everything is rounded up to.
pub const BLOCK: u64 = 512;
/// Bytes of the long name or extended header of one file.
const MAX_EXTENSION: u64 = 64 * 1024;

/// A regular file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As written, without a leading `./`.
    pub name: String,
    /// Where its content starts, in the archive.
    pub offset: u64,
    /// Bytes of its content.
    pub size: u64,
}

/// Any entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As written; not necessarily UTF-8.
    pub name: Vec<u8>,
    /// The type's letter: `0` or NUL or `7` a file, `1` a hard link, `2` a link, `3` and `4` devices, `5`
    /// a directory, `6` a pipe.
    pub kind: u8,
    /// The permission bits.
    pub mode: u32,
    /// What a link leads to, as written.
    pub target: Vec<u8>,
    /// Where its content starts, in the archive.
    pub offset: u64,
    /// Bytes of its content.
    pub size: u64,
    /// True for a file that is stored without its holes.
    pub sparse: bool,
}

/// A source that can pass over bytes.
pub trait Skip: Read {
    /// Passes over `count` bytes.
    ///
    /// # Errors
    /// If the source ends or fails.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// A source with random access, that passes over bytes without reading them.
#[derive(Debug)]
pub struct Seekable<R>(pub R);

impl<R: Read> Read for Seekable<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: Read + Seek> Skip for Seekable<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let count = i64::try_from(count).map_err(io::Error::other)?;
        self.0.seek(SeekFrom::Current(count)).map(drop)
    }
}

/// A stream: what is passed over is read and forgotten.
#[derive(Debug)]
pub struct Stream<R>(pub R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: Read> Skip for Stream<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let passed = io::copy(&mut (&mut self.0).take(count), &mut io::sink())?;
        if passed < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// Walks over the members of an archive.
#[derive(Debug)]
pub struct Walk<R> {
    source: R,
    /// Where the next header stands.
    next: u64,
    /// Where the source is now.
    at: u64,
}

impl<R: Skip> Walk<R> {
    /// Starts at the first header.
    pub fn new(source: R) -> Self {
        Self {
            source,
            next: 0,
            at: 0,
        }
    }

    /// Returns the next regular file, or `None` at the end. The source is then at its content.
    ///
    /// # Errors
    /// If the archive is cut short or a header cannot be right.
    pub fn advance(&mut self) -> io::Result<Option<Member>> {
        while let Some(entry) = self.entry()? {
            if matches!(entry.kind, b'0' | 0 | b'7') && !entry.name.ends_with(b"/") {
                let name = String::from_utf8_lossy(&entry.name);
                return Ok(Some(Member {
                    name: name.strip_prefix("./").unwrap_or(&name).to_owned(),
                    offset: entry.offset,
                    size: entry.size,
                }));
            }
        }
        Ok(None)
    }

    /// Returns the next entry of any type, or `None` at the end. The source is then at its content.
    ///
    /// # Errors
    /// If the archive is cut short or a header cannot be right.
    pub fn entry(&mut self) -> io::Result<Option<Entry>> {
        let mut extension = Extension::default();
        loop {
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let is_meta = matches!(header.kind, b'L' | b'K' | b'x' | b'g');
            let size = extension.size.filter(|_| !is_meta).unwrap_or(header.size);
            let padded = size
                .checked_next_multiple_of(BLOCK)
                .and_then(|size| self.at.checked_add(size))
                .filter(|end| i64::try_from(*end).is_ok())
                .ok_or_else(|| damaged(self.next, "a header has an impossible size"))?;
            self.next = padded;
            match header.kind {
                b'L' => extension.name = Some(cut_at_nul(&self.extension(size)?)),
                b'K' => extension.target = Some(cut_at_nul(&self.extension(size)?)),
                b'x' => extension.records(&self.extension(size)?),
                b'g' => {}
                kind => {
                    return Ok(Some(Entry {
                        name: extension.name.unwrap_or(header.name),
                        kind,
                        mode: header.mode,
                        target: extension.target.unwrap_or(header.target),
                        offset: self.at,
                        size,
                        sparse: kind == b'S' || extension.sparse,
                    }));
                }
            }
        }
    }

    /// The header that comes next.
    fn header(&mut self) -> io::Result<Option<Header>> {
        self.pass(self.next.saturating_sub(self.at))?;
        let Some(block) = self.block()? else {
            return Ok(None);
        };
        if block.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        if !is_header(&block) && self.next == 0 {
            let text =
                "it contains no tar archive, and no other format is read in this compression";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        if !is_header(&block) {
            return Err(damaged(self.next, "the checksum of a header is wrong"));
        }
        let header = Header::parse(&block);
        let header =
            header.ok_or_else(|| damaged(self.next, "a header has a size that is not a number"))?;
        Ok(Some(header))
    }

    /// Reads content of the entry that was given last, from where the source stands.
    ///
    /// # Errors
    /// If the source fails.
    pub fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buf)?;
        self.at = self
            .at
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }

    /// What is left of the entry that was given last, from where the source stands; no more than `left` bytes.
    pub fn rest(&mut self, left: u64) -> Content<'_, R> {
        Content { walk: self, left }
    }

    /// The content of the member that was given last.
    ///
    /// # Errors
    /// If the archive is cut short.
    pub fn content(&mut self, member: &Member) -> io::Result<Vec<u8>> {
        self.take(member.size)
    }

    /// Where the member that was given last ends, padding included.
    pub fn end(&self) -> u64 {
        self.next
    }

    fn extension(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MAX_EXTENSION {
            return Err(damaged(
                self.at,
                "a long name or extended header is over 64 KiB",
            ));
        }
        self.take(size)
    }

    fn take(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.source).take(size).read_to_end(&mut bytes)?;
        let got = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(got);
        if got < size {
            return Err(damaged(self.at, "it is cut short"));
        }
        Ok(bytes)
    }

    fn pass(&mut self, count: u64) -> io::Result<()> {
        self.source.skip(count).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                damaged(self.at, "it is cut short")
            } else {
                error
            }
        })?;
        self.at = self.at.saturating_add(count);
        Ok(())
    }

    /// A header block; `None` at the end of the source.
    fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = Vec::new();
        (&mut self.source).take(BLOCK).read_to_end(&mut block)?;
        match u64::try_from(block.len()) {
            Ok(0) => Ok(None),
            Ok(BLOCK) => {
                self.at = self.at.saturating_add(BLOCK);
                Ok(Some(block))
            }
            _ => Err(damaged(self.at, "it is cut short")),
        }
    }
}

/// The content of an entry. One that ends too early is an error.
#[derive(Debug)]
pub struct Content<'w, R> {
    walk: &'w mut Walk<R>,
    left: u64,
}

impl<R: Skip> Read for Content<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = left.min(buf.len());
        let count = self.walk.read(buf.get_mut(..most).unwrap_or_default())?;
        if count == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let passed = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(passed);
        Ok(count)
    }
}

fn damaged(offset: u64, reason: &str) -> io::Error {
    let text = format!("the tar archive is damaged at offset {offset}: {reason}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use super::*;

    /// A member as GNU tar writes it.
    pub(in crate::image) fn member(name: &str, kind: u8, size: u64, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0_u8; 512];
        let short = &name.as_bytes()[..name.len().min(100)];
        block[..short.len()].copy_from_slice(short);
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[148..156].copy_from_slice(b"        ");
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block.extend_from_slice(content);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }

    fn names(archive: &[u8]) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut stream = Walk::new(Stream(archive));
        while let Some(next) = stream.advance()? {
            found.push(next);
        }
        let mut seekable = Walk::new(Seekable(Cursor::new(archive)));
        for expected in &found {
            assert_eq!(seekable.advance()?.as_ref(), Some(expected));
        }
        Ok(found.into_iter().map(|member| member.name).collect())
    }

    #[test]
    fn long_names_of_both_kinds_are_read() {
        let long = "n/".repeat(80) + "x";
        let mut archive = member("./a", b'0', 3, b"abc");
        archive.extend(member("dir/", b'5', 0, b""));
        archive.extend(member(
            "././@LongLink",
            b'L',
            long.len() as u64,
            long.as_bytes(),
        ));
        archive.extend(member("cut", b'0', 0, b""));
        let record = format!("{} path={long}2\n", long.len() + 11);
        archive.extend(member("pax", b'x', record.len() as u64, record.as_bytes()));
        archive.extend(member("cut", b'0', 1, b"x"));
        archive.extend(vec![0; 1024]);
        assert_eq!(
            names(&archive).unwrap(),
            ["a".to_owned(), long.clone(), format!("{long}2")]
        );
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        let mut cut = member("a", b'0', 4096, b"abc");
        assert!(names(&cut).is_err(), "the content is missing");
        cut.truncate(300);
        assert!(names(&cut).is_err(), "the header is cut");
        assert!(names(&member("n", b'L', 1 << 32, b"x")).is_err());
        let mut wrong = member("a", b'0', 0, b"");
        wrong[0] = b'b';
        assert!(names(&wrong).is_err(), "checksum");
        let mut huge = member("a", b'0', 0, b"");
        huge[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
        huge[148..156].copy_from_slice(b"        ");
        let sum: u64 = huge.iter().map(|&byte| u64::from(byte)).sum();
        huge[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        assert!(names(&huge).is_err(), "a size over 63 bits");
    }
}
