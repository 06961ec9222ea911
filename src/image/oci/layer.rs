//! One layer of an image: streamed, checked against its digest and hashed file by file.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::chosen::Layer;
use super::digest::named;
use super::error::OciError;
use super::paths::{absolute, split};
use crate::image::content::Entry;
use crate::image::layered::{File, Files};
use crate::image::tar::{self, Walk};
use crate::image::{FileKind, shown};
use crate::limits::Limits;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Marks of the file systems that introduced whiteouts. They are not files of the image.
const OTHER_MARKS: &[u8] = b".wh..wh.";
/// The number of bytes that are read at once.
const BUFFER: usize = 128 * 1024;
/// The bytes that an entry takes in addition to its path and target.
const ENTRY: u64 = 160;

/// What is done with the content of each file.
#[derive(Clone, Copy)]
pub(super) enum Take<'t> {
    /// Hashes it.
    Hash,
    /// Keeps the first bytes of the file at a path, as many as the function returns.
    Keep(&'t dyn Fn(&[u8]) -> u64),
}

/// The state of reading all layers.
pub(super) struct Reading<'l> {
    limits: &'l Limits,
    take: Take<'l>,
    started: Instant,
    entries: u64,
    kept: u64,
    unpacked: u64,
    /// Bytes of files.
    content: u64,
}

/// The content of one layer.
#[derive(Clone, Default)]
pub(super) struct Upper {
    pub files: Files,
    /// Hard links to files of lower layers, with their targets.
    pub links: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Paths that are removed from the lower layers.
    pub gone: Vec<Vec<u8>>,
    /// Directories whose lower contents are hidden.
    pub opaque: Vec<Vec<u8>>,
}

impl<'l> Reading<'l> {
    /// Returns the state before the first layer.
    pub(super) fn new(limits: &'l Limits, take: Take<'l>) -> Self {
        Self {
            limits,
            take,
            started: Instant::now(),
            entries: 0,
            kept: 0,
            unpacked: 0,
            content: 0,
        }
    }

    /// Reads a layer, and checks its digest.
    pub(super) fn layer(
        &mut self,
        layer: &Layer,
        source: &mut dyn Read,
    ) -> Result<Upper, OciError> {
        let mut source = BufReader::with_capacity(BUFFER, Hashing(source, Sha256::new()));
        let upper = self.entries(&mut source)?;
        // Bytes after the archive belong to the blob too.
        io::copy(&mut source, &mut io::sink())?;
        let found = named(&source.into_inner().1.finalize());
        if found != layer.digest {
            let name = layer.path.clone();
            return Err(OciError::Digest { name, found });
        }
        Ok(upper)
    }

    /// Reads the entries of a layer, with any compression.
    fn entries(&mut self, source: &mut BufReader<impl Read>) -> Result<Upper, OciError> {
        use std::io::BufRead as _;
        let head = source.fill_buf()?;
        if head.starts_with(b"\x1f\x8b") {
            let decoder = flate2::bufread::MultiGzDecoder::new(source);
            return self.archive(Walk::new(decoder));
        }
        if head.starts_with(b"\x28\xb5\x2f\xfd") {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(super::store::ZSTD_WINDOW_LOG)?;
            return self.archive(Walk::new(decoder));
        }
        self.archive(Walk::new(source))
    }

    fn archive<R: Read>(&mut self, mut walk: Walk<R>) -> Result<Upper, OciError> {
        let mut upper = Upper::default();
        let mut buffer = vec![0; BUFFER];
        while let Some(entry) = walk.entry()? {
            self.allow(&entry)?;
            let Some(path) = absolute(&entry.name)? else {
                continue;
            };
            if self.mark(&path, &mut upper) {
                continue;
            }
            if entry.kind == b'1' && !entry.sparse {
                let target = absolute(&entry.target)?.unwrap_or_default();
                match upper.files.get(&target).cloned() {
                    Some(found) => {
                        upper.files.insert(path.clone(), found.at(path));
                    }
                    None => {
                        upper.files.remove(&path);
                        upper.links.insert(path, target);
                    }
                }
                continue;
            }
            upper.links.remove(&path);
            let file = self.file(&mut walk, path, &entry, &mut buffer)?;
            upper.files.insert(file.entry.path.clone(), file);
        }
        Ok(upper)
    }

    /// Counts an entry.
    fn allow(&mut self, entry: &tar::Entry) -> Result<(), OciError> {
        let limits = self.limits;
        self.entries = self.entries.saturating_add(1);
        let cost = entry.name.len().saturating_add(entry.target.len()) as u64;
        self.kept = self.kept.saturating_add(cost).saturating_add(ENTRY);
        // Entries that are not wanted are unpacked too, to get past them.
        self.unpacked = self.unpacked.saturating_add(entry.size);
        let (one, all) = (limits.hashed_file_bytes, limits.hashed_bytes);
        for (what, size, limit, name) in [
            (
                "the entries of the layers",
                self.entries,
                limits.inodes,
                "inodes",
            ),
            ("one file of a layer", entry.size, one, "hashed_file_bytes"),
            (
                "the files of the layers",
                self.unpacked,
                all,
                "hashed_bytes",
            ),
            (
                "the paths in the layers",
                self.kept,
                limits.walked_bytes,
                "walked_bytes",
            ),
        ] {
            OciError::check_limit(what, size, limit, name)?;
        }
        OciError::check_time("reading the layers", self.started, limits)
    }

    /// Notes a whiteout; returns false for any other entry.
    fn mark(&self, path: &[u8], upper: &mut Upper) -> bool {
        let (parent, name) = split(path);
        let mut parts = path.split(|&byte| byte == b'/');
        if name == OPAQUE {
            upper.opaque.push(parent.to_vec());
        } else if parts.any(|part| part.starts_with(OTHER_MARKS)) {
            // This skips other marks of such a file system, and the files in its directories.
        } else if let Some(name) = name.strip_prefix(WHITEOUT) {
            upper.gone.push([parent, b"/", name].concat());
        } else {
            return false;
        }
        true
    }

    fn file<R: Read>(
        &mut self,
        walk: &mut Walk<R>,
        path: Vec<u8>,
        entry: &tar::Entry,
        buffer: &mut [u8],
    ) -> Result<File, OciError> {
        if entry.sparse {
            let what = "a sparse file, which is not read";
            return Err(damaged(what, &entry.name));
        }
        let kind = match entry.kind {
            b'0' | 0 | b'7' if entry.name.ends_with(b"/") => FileKind::Directory,
            b'0' | 0 | b'7' => FileKind::File,
            b'2' => FileKind::Link,
            b'3' => FileKind::CharacterDevice,
            b'4' => FileKind::BlockDevice,
            b'5' => FileKind::Directory,
            b'6' => FileKind::Fifo,
            _ => return Err(damaged("an entry of an unknown type", &entry.name)),
        };
        let is_file = kind == FileKind::File;
        let (mut sha256, mut content) = (None, None);
        match self.take {
            Take::Hash if is_file => sha256 = Some(hash(walk, entry, buffer)?),
            Take::Keep(most) if is_file => content = self.keep(walk, entry, most(&path))?,
            Take::Hash | Take::Keep(_) => {}
        }
        let entry = Entry {
            path,
            kind,
            mode: entry.mode,
            size: if is_file { entry.size } else { 0 },
            target: match kind {
                FileKind::Link => entry.target.clone(),
                _ => Vec::new(),
            },
            sha256,
        };
        Ok(File { entry, content })
    }

    /// Keeps the start of a file, if it is wanted.
    fn keep<R: Read>(
        &mut self,
        walk: &mut Walk<R>,
        entry: &tar::Entry,
        most: u64,
    ) -> Result<Option<Arc<Vec<u8>>>, OciError> {
        let length = entry.size.min(most);
        if most == 0 {
            return Ok(None);
        }
        self.content = self.content.saturating_add(length);
        let (what, limits) = ("the files that are kept of the layers", self.limits);
        OciError::check_limit(what, self.content, limits.kept_bytes, "kept_bytes")?;
        let mut content = Vec::new();
        walk.rest(length).read_to_end(&mut content)?;
        Ok(Some(Arc::new(content)))
    }
}

/// Returns the SHA-256 of a file.
fn hash<R: Read>(
    walk: &mut Walk<R>,
    entry: &tar::Entry,
    buffer: &mut [u8],
) -> Result<[u8; 32], OciError> {
    let mut hash = Sha256::new();
    let mut content = walk.rest(entry.size);
    loop {
        match content.read(buffer)? {
            0 => return Ok(hash.finalize().into()),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

/// A reader that hashes the bytes that it returns.
struct Hashing<R>(R, Sha256);

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buf)?;
        self.1.update(buf.get(..count).unwrap_or_default());
        Ok(count)
    }
}

pub(super) fn damaged(what: &str, name: &[u8]) -> OciError {
    let text = format!("a layer has {what}: {}", shown(name));
    io::Error::new(io::ErrorKind::InvalidData, text).into()
}
