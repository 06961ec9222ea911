//! The files of a layout or archive: in a directory, in a tar archive on disk, or in a compressed
//! archive, whose JSON is kept in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use super::error::OciError;
use crate::image::detect::Compression;
use crate::image::rootfs::Rootfs;
use crate::image::tar::Walk;
use crate::image::{Error, Image};
use crate::limits::Limits;
use crate::squashfs::ReadAt;

/// The bytes that a member takes in addition to its name.
const MEMBER: u64 = 100;
/// The window for all zstd levels up to 19. `--ultra` and `--long` may need 128 MiB and more.
pub(super) const ZSTD_WINDOW_LOG: u32 = 24;

/// A function that takes the name and the content of a file.
pub type Give<'g> = &'g mut dyn FnMut(&str, &mut dyn Read) -> Result<(), OciError>;

/// Files by name.
pub trait Store {
    /// Returns a whole file; `None` if there is no file with that name.
    ///
    /// # Errors
    /// If it is over `limit`, or cannot be read.
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, OciError>;

    /// Returns the size of a file in bytes, without reading it; `None` if there is none.
    fn size(&self, name: &str) -> Option<u64>;

    /// Returns the path of a layout's file in the store.
    fn place(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Passes these files, of any size, to a function: each once, from its start. The order is that
    /// of `names` if the store can read in any order, otherwise that of the archive.
    ///
    /// # Errors
    /// If a file is missing or cannot be read, or the function fails.
    fn each(&self, names: &[&str], give: Give<'_>) -> Result<(), OciError>;
}

impl Store for Rootfs {
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, OciError> {
        match Image::read(self, format!("/{name}").as_bytes(), limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            // Every document of a layout is JSON.
            Err(error) => Err(error.of_limit("json_file").into()),
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        let stat = self.stat(format!("/{name}").as_bytes()).ok()?;
        Some(stat.size)
    }

    fn each(&self, names: &[&str], give: Give<'_>) -> Result<(), OciError> {
        for name in names {
            match self.open(format!("/{name}").as_bytes()) {
                Ok(mut file) => give(name, &mut file)?,
                Err(Error::NotFound { .. }) => return Err(missing(name)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn missing(name: &str) -> OciError {
    OciError::missing(name, "the manifest")
}

/// A tar archive.
#[derive(Debug)]
pub struct Archive<R> {
    source: R,
    compression: Compression,
    clock: Clock,
    members: BTreeMap<String, Member>,
}

#[derive(Debug)]
enum Member {
    /// At this offset on disk, with this size.
    At(u64, u64),
    /// Kept in memory.
    Kept(Vec<u8>),
    /// Not kept; only the size is known.
    Passed(u64),
}

impl<R: ReadAt> Archive<R> {
    /// Lists an archive. The small JSON files of a compressed archive are kept in memory.
    ///
    /// # Errors
    /// If it is damaged, or over a limit.
    pub fn open(source: R, compression: Compression, limits: &Limits) -> Result<Self, OciError> {
        let clock = Clock {
            started: Instant::now(),
            limit: limits.time,
        };
        let mut archive = Self {
            members: BTreeMap::new(),
            compression,
            clock,
            source,
        };
        archive.members = match compression {
            Compression::None => {
                let (members, end) = list(Walk::seekable(archive.file()), limits, false)?;
                let size = archive.source.size()?;
                if end > size {
                    let message = format!(
                        "the tar archive is cut short: it goes on to offset {end}, the file has {size} bytes; copy it again"
                    );
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message).into());
                }
                members
            }
            Compression::Gzip | Compression::Zstd => {
                list(Walk::new(archive.decoder()?), limits, true)?.0
            }
        };
        Ok(archive)
    }

    fn file(&self) -> Timed<Positioned<'_, R>> {
        Timed(self.at(0), self.clock)
    }

    fn at(&self, at: u64) -> Positioned<'_, R> {
        let source = &self.source;
        Positioned { source, at }
    }

    /// Returns a reader of the uncompressed content, from its start.
    fn decoder(&self) -> Result<Box<dyn Read + '_>, OciError> {
        let file = self.file();
        Ok(match self.compression {
            Compression::None => Box::new(buffered(file)),
            Compression::Gzip => {
                let decoder = flate2::bufread::MultiGzDecoder::new(buffered(file));
                Box::new(Timed(decoder, self.clock))
            }
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered(file))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(Timed(decoder, self.clock))
            }
        })
    }

    /// Returns the source of the bytes.
    pub fn source(&self) -> &R {
        &self.source
    }
}

fn buffered<R: Read>(source: R) -> BufReader<R> {
    BufReader::with_capacity(128 * 1024, source)
}

/// Returns the members of an archive, and the end of the last one.
fn list<R: Read>(
    mut walk: Walk<R>,
    limits: &Limits,
    keep: bool,
) -> Result<(BTreeMap<String, Member>, u64), OciError> {
    let mut members = BTreeMap::new();
    let (mut count, mut kept, mut names) = (0_u64, 0_u64, 0_u64);
    let check_kept =
        |what, size| OciError::check_limit(what, size, limits.kept_bytes, "kept_bytes");
    while let Some(member) = walk.advance()? {
        count = count.saturating_add(1);
        let what = "the number of files in the archive";
        OciError::check_limit(what, count, limits.listing_entries, "listing_entries")?;
        let name = member.name.len() as u64;
        names = names.saturating_add(name).saturating_add(MEMBER);
        check_kept("the list of the files in the archive", names)?;
        let place = if !keep {
            Member::At(member.offset, member.size)
        } else if member.size > limits.json_file || !may_be_json(&member.name) {
            Member::Passed(member.size)
        } else {
            let content = walk.content(member.size)?;
            match content.trim_ascii_start().first() {
                Some(b'{' | b'[') => {
                    kept = kept.saturating_add(member.size);
                    check_kept("the JSON in the archive", kept)?;
                    Member::Kept(content)
                }
                _ => Member::Passed(member.size),
            }
        };
        members.insert(member.name, place);
    }
    Ok((members, walk.end()))
}

/// Returns true for blobs and for files with fixed names. The directories of old layers are
/// skipped.
fn may_be_json(name: &str) -> bool {
    name.starts_with("blobs/") || !name.contains('/')
}

impl<R: ReadAt> Store for Archive<R> {
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, OciError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Member::Kept(bytes)) => Ok(Some(bytes.clone())),
            Some(Member::At(_, size) | Member::Passed(size)) if *size > limit => {
                let what = format!("the size of {name}");
                Err(OciError::limit(what, limit, "json_file"))
            }
            Some(Member::Passed(_)) => {
                let message = format!("{name} is not JSON");
                Err(io::Error::new(io::ErrorKind::InvalidData, message).into())
            }
            Some(Member::At(offset, size)) => {
                let length = usize::try_from(*size).unwrap_or(usize::MAX);
                let bytes = self.source.read_up_to(*offset, length)?;
                match bytes.len() == length {
                    true => Ok(Some(bytes)),
                    false => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                }
            }
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        Some(match self.members.get(name)? {
            Member::At(_, size) | Member::Passed(size) => *size,
            Member::Kept(bytes) => bytes.len() as u64,
        })
    }

    fn each(&self, names: &[&str], give: Give<'_>) -> Result<(), OciError> {
        let passed = |name: &&str| matches!(self.members.get(*name), Some(Member::Passed(_)));
        if !names.iter().any(passed) {
            return names
                .iter()
                .try_for_each(|name| match self.members.get(*name) {
                    Some(Member::Kept(bytes)) => give(name, &mut bytes.as_slice()),
                    Some(Member::At(offset, size)) => give(name, &mut self.at(*offset).take(*size)),
                    Some(Member::Passed(_)) | None => Err(missing(name)),
                });
        }
        // This decompresses the archive once more, for any number of files.
        let mut walk = Walk::new(self.decoder()?);
        let mut left: BTreeSet<&str> = names.iter().copied().collect();
        while let Some(first) = left.first().copied() {
            let Some(member) = walk.advance()? else {
                return Err(missing(first));
            };
            if left.remove(&*member.name) {
                give(&member.name, &mut walk.rest(member.size))?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    started: Instant,
    limit: Option<Duration>,
}

impl Clock {
    fn check(&self) -> io::Result<()> {
        match self.limit.filter(|limit| self.started.elapsed() > *limit) {
            None => Ok(()),
            Some(limit) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!(
                    "reading the archive took longer than the limit time ({} s); raise the limit, or give the archive uncompressed",
                    limit.as_secs_f64()
                ),
            )),
        }
    }
}

/// A reader that stops when the time is over, even in a highly compressed stream.
struct Timed<R>(R, Clock);

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.1.check()?;
        self.0.read(buf)
    }
}

impl<R: Seek> Seek for Timed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// A source with a current position.
struct Positioned<'a, R> {
    source: &'a R,
    at: u64,
}

impl<R: ReadAt> Read for Positioned<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.at, buf)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl<R: ReadAt> Seek for Positioned<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.size()?.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
