//! Reads the entries of a tar archive, in the POSIX, GNU and old formats.
//!
//! Long names have a limit. An impossible size is an error. The content of a file is read only on request.

mod header;

use std::io::{self, Read, Seek, SeekFrom};

pub use header::is_header;
use header::{Extension, Header, cut_at_nul};

/// The size of a header. Each part of an archive is padded to a multiple of it.
pub const BLOCK: u64 = 512;
/// The largest long name or extended header of a file, in bytes.
const MAX_EXTENSION: u64 = 64 * 1024;

/// A regular file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name as written, without a leading `./`.
    pub name: String,
    /// The offset of its content in the archive.
    pub offset: u64,
    /// The size of its content, in bytes.
    pub size: u64,
}

/// Any entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as written, which need not be UTF-8.
    pub name: Vec<u8>,
    /// The letter of its type: `0`, NUL or `7` for a file, `1` for a hard link, `2` for a link, `3` and `4`
    /// for devices, `5` for a directory, `6` for a pipe.
    pub kind: u8,
    /// The permission bits.
    pub mode: u32,
    /// The target of a link, as written.
    pub target: Vec<u8>,
    /// The offset of its content in the archive.
    pub offset: u64,
    /// The size of its content, in bytes.
    pub size: u64,
    /// True for a file that is stored without its holes.
    pub sparse: bool,
}

/// Reads the entries of an archive, one after the other.
#[derive(Debug)]
pub struct Walk<R> {
    source: R,
    /// Passes over bytes of the source.
    skip: fn(&mut R, u64) -> io::Result<()>,
    /// The offset of the next header.
    next: u64,
    /// The offset of the source.
    at: u64,
}

impl<R: Read + Seek> Walk<R> {
    /// Begins at the first header of a file. It passes over content without reading it.
    pub fn seekable(source: R) -> Self {
        Self {
            skip: |source, count| {
                let count = i64::try_from(count).map_err(io::Error::other)?;
                source.seek(SeekFrom::Current(count)).map(drop)
            },
            ..Self::new(source)
        }
    }
}

impl<R: Read> Walk<R> {
    /// Begins at the first header of a stream. It reads all content, to get past it.
    pub fn new(source: R) -> Self {
        Self {
            source,
            skip: |source, count| match io::copy(&mut source.take(count), &mut io::sink())? {
                passed if passed < count => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(()),
            },
            next: 0,
            at: 0,
        }
    }

    /// Returns the next regular file, or `None` at the end. The source is then at its content.
    ///
    /// # Errors
    /// If the archive is cut short, or a header is damaged.
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
    /// If the archive is cut short, or a header is damaged.
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

    /// Reads the next header; `None` at the end.
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
        match Header::parse(&block) {
            None => Err(damaged(
                self.next,
                "a header has a size that is not a number",
            )),
            header => Ok(header),
        }
    }

    /// Returns a reader of the next `left` bytes of the current entry.
    pub fn rest(&mut self, left: u64) -> Content<'_, R> {
        Content { walk: self, left }
    }

    /// Reads the next `size` bytes of the current entry.
    ///
    /// # Errors
    /// If the archive is cut short.
    pub fn content(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.source).take(size).read_to_end(&mut bytes)?;
        let got = bytes.len() as u64;
        self.at = self.at.saturating_add(got);
        if got < size {
            return Err(damaged(self.at, "it is cut short"));
        }
        Ok(bytes)
    }

    /// Returns the end of the current entry, with its padding.
    pub fn end(&self) -> u64 {
        self.next
    }

    fn extension(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MAX_EXTENSION {
            let reason = "a long name or extended header is over 64 KiB";
            return Err(damaged(self.at, reason));
        }
        self.content(size)
    }

    fn pass(&mut self, count: u64) -> io::Result<()> {
        (self.skip)(&mut self.source, count).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(self.at, "it is cut short"),
            _ => error,
        })?;
        self.at = self.at.saturating_add(count);
        Ok(())
    }

    /// Reads a header block; `None` at the end of the source.
    fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = Vec::new();
        (&mut self.source).take(BLOCK).read_to_end(&mut block)?;
        match block.len() as u64 {
            0 => Ok(None),
            BLOCK => {
                self.at = self.at.saturating_add(BLOCK);
                Ok(Some(block))
            }
            _ => Err(damaged(self.at, "it is cut short")),
        }
    }
}

/// A reader of an entry's content. An early end is an error.
#[derive(Debug)]
pub struct Content<'w, R> {
    walk: &'w mut Walk<R>,
    left: u64,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = (&mut self.walk.source).take(self.left).read(buf)?;
        if count == 0 && self.left > 0 && !buf.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.walk.at = self.walk.at.saturating_add(count as u64);
        self.left = self.left.saturating_sub(count as u64);
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
        let mut stream = Walk::new(archive);
        while let Some(next) = stream.advance()? {
            found.push(next);
        }
        let mut seekable = Walk::seekable(Cursor::new(archive));
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
