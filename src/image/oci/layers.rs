//! The files of an image out of its layers: each is streamed, checked against its digest and hashed file
//! by file; nothing is written anywhere.
//!
//! Whiteouts are those of the OCI image specification ("layer.md", Whiteouts). A directory of an upper
//! layer takes the place of a link below it, as an overlay mount does it.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::time::Instant;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::chosen::Chosen;
use super::digest::{Digest, named};
use super::error::OciError;
use super::paths::{absolute, split};
use super::store::Store;
use crate::image::FileKind;
use crate::image::content::{Entry, Tree};
use crate::image::tar::{self, Stream, Walk};
use crate::limits::Limits;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Of the file systems that invented whiteouts; no files of the image.
const OTHER_MARKS: &[u8] = b".wh..wh.";
/// Read at once.
const BUFFER: usize = 128 * 1024;
/// Bytes that an entry takes beside its path and target.
const ENTRY: u64 = 160;

type Files = BTreeMap<Vec<u8>, Entry>;

/// The content digest of the image that was chosen, `sha256:<64hex>`.
///
/// # Errors
/// Where a layer is not there, not what its digest says, cannot be read, or is over a limit.
pub fn content(store: &dyn Store, chosen: &Chosen, limits: &Limits) -> Result<String, OciError> {
    if chosen.layers.is_empty() {
        return Err(OciError::NoImage("no layers are named".to_owned()));
    }
    let mut merge = Merge {
        limits,
        started: Instant::now(),
        files: Files::new(),
        entries: 0,
        kept: 0,
        hashed: 0,
    };
    for layer in &chosen.layers {
        merge.layer(store, layer)?;
    }
    merge.directories(&chosen.config);
    let mut tree = Tree::default();
    for (_, entry) in merge.files {
        tree.push(entry);
    }
    tree.digest()
        .ok_or_else(|| OciError::NoImage("a file of it was not hashed".to_owned()))
}

/// What all layers say so far.
struct Merge<'l> {
    limits: &'l Limits,
    started: Instant,
    files: Files,
    entries: u64,
    kept: u64,
    hashed: u64,
}

/// What one layer says.
#[derive(Default)]
struct Upper {
    files: Files,
    /// Paths that are taken away from the layers below.
    gone: Vec<Vec<u8>>,
    /// Directories of which nothing below stays.
    opaque: Vec<Vec<u8>>,
}

impl Merge<'_> {
    fn layer(&mut self, store: &dyn Store, layer: &str) -> Result<(), OciError> {
        let bad = || OciError::BadDigest {
            digest: layer.to_owned(),
            by: "the manifest".to_owned(),
        };
        let digest = Digest::parse(layer).ok_or_else(bad)?;
        if digest.algorithm != "sha256" {
            return Err(bad());
        }
        let path = digest.path();
        let source = store.stream(&path)?.ok_or_else(|| OciError::Missing {
            name: path.clone(),
            by: "the manifest".to_owned(),
        })?;
        let mut source = BufReader::with_capacity(BUFFER, Hashing(source, Sha256::new()));
        let upper = self.entries(&mut source)?;
        // Whatever comes behind the archive is part of the blob.
        io::copy(&mut source, &mut io::sink())?;
        let found = named(&source.into_inner().1.finalize());
        if found != layer {
            return Err(OciError::Digest { name: path, found });
        }
        self.merge(upper);
        Ok(())
    }

    /// Reads the entries of a layer, whatever compresses it.
    fn entries(&mut self, source: &mut BufReader<impl Read>) -> Result<Upper, OciError> {
        use std::io::BufRead as _;
        let head = source.fill_buf()?;
        if head.starts_with(b"\x1f\x8b") {
            let decoder = flate2::bufread::MultiGzDecoder::new(source);
            return self.archive(Walk::new(Stream(decoder)));
        }
        if head.starts_with(b"\x28\xb5\x2f\xfd") {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(super::store::ZSTD_WINDOW_LOG)?;
            return self.archive(Walk::new(Stream(decoder)));
        }
        self.archive(Walk::new(Stream(source)))
    }

    fn archive<R: Read>(&mut self, mut walk: Walk<Stream<R>>) -> Result<Upper, OciError> {
        let mut upper = Upper::default();
        let mut buffer = vec![0; BUFFER];
        while let Some(entry) = walk.entry()? {
            self.allow(&entry)?;
            let Some(path) = absolute(&entry.name)? else {
                continue;
            };
            if !self.mark(&path, &mut upper) {
                let entry = self.file(&mut walk, path, &entry, &upper, &mut buffer)?;
                upper.files.insert(entry.path.clone(), entry);
            }
        }
        Ok(upper)
    }

    /// Counts an entry.
    fn allow(&mut self, entry: &tar::Entry) -> Result<(), OciError> {
        let limits = self.limits;
        self.entries = self.entries.saturating_add(1);
        let length = entry.name.len().saturating_add(entry.target.len());
        let cost = u64::try_from(length).unwrap_or(u64::MAX);
        self.kept = self.kept.saturating_add(cost).saturating_add(ENTRY);
        over(
            "the entries of the layers",
            self.entries,
            limits.inodes,
            "inodes",
        )?;
        over(
            "the paths in the layers",
            self.kept,
            limits.walked_bytes,
            "walked_bytes",
        )?;
        if let Some(limit) = limits.time.filter(|limit| self.started.elapsed() > *limit) {
            return Err(OciError::Limit {
                what: "the time in seconds for reading the layers".to_owned(),
                limit: limit.as_secs(),
                limit_name: "time",
            });
        }
        Ok(())
    }

    /// Notes a whiteout; false where it is none.
    fn mark(&self, path: &[u8], upper: &mut Upper) -> bool {
        let (parent, name) = split(path);
        let mut parts = path.split(|&byte| byte == b'/');
        if name == OPAQUE {
            upper.opaque.push(parent.to_vec());
        } else if parts.any(|part| part.starts_with(OTHER_MARKS)) {
            // Notes of such a file system, and what is in them.
        } else if let Some(name) = name.strip_prefix(WHITEOUT) {
            upper.gone.push([parent, b"/", name].concat());
        } else {
            return false;
        }
        true
    }

    fn file<R: Read>(
        &mut self,
        walk: &mut Walk<Stream<R>>,
        path: Vec<u8>,
        entry: &tar::Entry,
        upper: &Upper,
        buffer: &mut [u8],
    ) -> Result<Entry, OciError> {
        let damaged = |what: &str| {
            let shown = String::from_utf8_lossy(&entry.name).into_owned();
            OciError::Io(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a layer has {what}: {shown}"),
            ))
        };
        if entry.sparse {
            return Err(damaged(
                "a file that is stored without its holes, which is not read",
            ));
        }
        let kind = match entry.kind {
            b'0' | 0 | b'7' if entry.name.ends_with(b"/") => FileKind::Directory,
            b'0' | 0 | b'7' => FileKind::File,
            b'1' => {
                let target = absolute(&entry.target)?.unwrap_or_default();
                let found = upper.files.get(&target).or_else(|| self.files.get(&target));
                let found =
                    found.ok_or_else(|| damaged("a hard link to a file that is not there"))?;
                return Ok(Entry {
                    path,
                    ..found.clone()
                });
            }
            b'2' => FileKind::Link,
            b'3' => FileKind::CharacterDevice,
            b'4' => FileKind::BlockDevice,
            b'5' => FileKind::Directory,
            b'6' => FileKind::Fifo,
            _ => return Err(damaged("an entry of a type that is not known")),
        };
        let is_file = kind == FileKind::File;
        let sha256 = match is_file {
            true => Some(self.hash(walk, entry, buffer)?),
            false => None,
        };
        Ok(Entry {
            path,
            kind,
            mode: entry.mode,
            size: if is_file { entry.size } else { 0 },
            target: match kind {
                FileKind::Link => entry.target.clone(),
                _ => Vec::new(),
            },
            sha256,
        })
    }

    fn hash<R: Read>(
        &mut self,
        walk: &mut Walk<Stream<R>>,
        entry: &tar::Entry,
        buffer: &mut [u8],
    ) -> Result<[u8; 32], OciError> {
        let limits = self.limits;
        let all = self.hashed.saturating_add(entry.size);
        over(
            "one file of a layer",
            entry.size,
            limits.hashed_file_bytes,
            "hashed_file_bytes",
        )?;
        over(
            "the files of the layers",
            all,
            limits.hashed_bytes,
            "hashed_bytes",
        )?;
        self.hashed = all;
        let mut hash = Sha256::new();
        let mut left = entry.size;
        while left > 0 {
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let room = buffer.get_mut(..most).unwrap_or_default();
            let count = walk.read(room)?;
            if count == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            hash.update(room.get(..count).unwrap_or_default());
            left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        }
        Ok(hash.finalize().into())
    }

    /// Lays a layer over those below.
    fn merge(&mut self, upper: Upper) {
        for path in &upper.opaque {
            beneath(&mut self.files, path);
        }
        for path in &upper.gone {
            self.files.remove(path);
            beneath(&mut self.files, path);
        }
        for (path, entry) in upper.files {
            if entry.kind != FileKind::Directory {
                beneath(&mut self.files, &path);
            }
            self.parents(&path);
            self.files.insert(path, entry);
        }
    }

    /// Makes the directories above a path.
    fn parents(&mut self, path: &[u8]) {
        let (mut parent, _) = split(path);
        while !parent.is_empty() {
            self.directory(parent);
            (parent, _) = split(parent);
        }
    }

    fn directory(&mut self, path: &[u8]) {
        let known = self.files.get(path);
        if known.is_some_and(|known| known.kind == FileKind::Directory) {
            return;
        }
        let entry = Entry {
            path: path.to_vec(),
            kind: FileKind::Directory,
            mode: 0o755,
            size: 0,
            target: Vec::new(),
            sha256: None,
        };
        self.files.insert(path.to_vec(), entry);
    }

    /// Makes the directories that an importer makes: `/etc`, for what it writes, and the one that a
    /// container starts in.
    fn directories(&mut self, config: &[u8]) {
        let config: Config = serde_json::from_slice(config).unwrap_or_default();
        let workdir = config.config.working_dir.unwrap_or_default();
        let workdir = absolute(workdir.as_bytes()).ok().flatten();
        for path in [Some(b"/etc".to_vec()), workdir].into_iter().flatten() {
            self.directory(&path);
            self.parents(&path);
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    config: Inner,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inner {
    working_dir: Option<String>,
}

/// A reader that hashes what it gives.
struct Hashing<R>(R, Sha256);

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buf)?;
        self.1.update(buf.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn over(what: &str, size: u64, limit: u64, limit_name: &'static str) -> Result<(), OciError> {
    match size > limit {
        true => Err(OciError::Limit {
            what: what.to_owned(),
            limit,
            limit_name,
        }),
        false => Ok(()),
    }
}

/// Takes away everything beneath a path.
fn beneath(files: &mut Files, path: &[u8]) {
    let first = [path, b"/"].concat();
    // `0` is the character behind `/`.
    let last = [path, b"0"].concat();
    let gone: Vec<Vec<u8>> = files
        .range(first..last)
        .map(|(path, _)| path.clone())
        .collect();
    for path in gone {
        files.remove(&path);
    }
}
