//! Opens a path without blocking, and recognises its form.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustix::fs::{AtFlags, Mode, OFlags};

use super::begun::{Begun, Headed};
use super::error::{Error, FormError, shown};
use super::opened::{Reads, timestamp};
use crate::image::detect::{Form, detect};
use crate::image::oci::{LAYOUT_FILE, VERSION, VERSION_FILE};
use crate::image::rootfs::Rootfs;
use crate::limits::Limits;
use crate::provenance::{self, Format};
use crate::squashfs::ReadAt as _;

/// The extended attribute in which importers keep the URI of a file.
pub(super) const IMAGE_URI: &str = "user.image_uri";
/// The longest URI that is read from the attribute, in bytes.
const LONGEST_URI: usize = 4096;
/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// Something to inspect.
#[derive(Debug)]
pub(super) struct Input {
    pub form: Form,
    pub path: PathBuf,
    pub source: Source,
    metadata: Option<fs::Metadata>,
    image_uri: Option<String>,
    /// The content of a file that [`Self::bytes`] has read: each image in it is answered from the same bytes.
    content: OnceLock<Vec<u8>>,
}

/// Where the bytes come from.
#[derive(Debug)]
pub(super) enum Source {
    /// In a file.
    File(Arc<Headed>),
    /// In an open directory. A directory that replaces it is not read.
    Directory(File),
    /// Read from standard input.
    Bytes(Vec<u8>),
}

impl Input {
    /// Opens what the path names, without waiting for a pipe or device.
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, Error> {
        Self::of_path(path, limits, false)
    }

    /// Opens a path like [`Self::open`]; standard input may also be a Dockerfile or bake file.
    pub(super) fn open_any(path: &Path, limits: &Limits) -> Result<Self, Error> {
        Self::of_path(path, limits, true)
    }

    fn of_path(path: &Path, limits: &Limits, text: bool) -> Result<Self, Error> {
        if path.as_os_str() == STANDARD_INPUT {
            return standard_input(path, limits, text);
        }
        let fail = |source: io::Error| failed(path, source);
        let metadata = fs::metadata(path).map_err(fail)?;
        if metadata.is_dir() {
            return Self::of_file(path, crate::noatime::open_directory(path).map_err(fail)?);
        }
        regular(path, &metadata)?;
        // Another file may have the name by now; opening it does not block.
        Self::of_file(path, crate::noatime::open(path).map_err(fail)?)
    }

    /// Takes an open file or directory, and the path by which it was opened.
    pub(super) fn of_file(path: &Path, file: File) -> Result<Self, Error> {
        let fail = |source: io::Error| failed(path, source);
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Ok(Self {
                form: directory(&file),
                path: path.to_owned(),
                source: Source::Directory(file),
                metadata: Some(metadata),
                image_uri: None,
                content: OnceLock::new(),
            });
        }
        regular(path, &metadata)?;
        let begun = Begun::of(file, metadata, |_| None).map_err(fail)?;
        Ok(Self::of_begun(path, begun))
    }

    /// Takes a file whose start was already read.
    pub(super) fn of_begun(path: &Path, begun: Begun) -> Self {
        Self {
            form: detect(begun.file.head()),
            path: path.to_owned(),
            image_uri: image_uri(begun.file.file.get_ref()),
            source: Source::File(begun.file),
            metadata: Some(begun.metadata),
            content: OnceLock::new(),
        }
    }

    /// Returns the facts about the file itself.
    pub(super) fn describe(&self, format: Format) -> provenance::File {
        let mut file = provenance::File {
            path: self.path.as_path().into(),
            format,
            ..provenance::File::default()
        };
        if let Some(metadata) = &self.metadata {
            if !self.is_directory() {
                file.size = Some(metadata.len());
                file.allocated = Some(metadata.blocks().saturating_mul(512));
            }
            file.uid = Some(metadata.uid());
            file.gid = Some(metadata.gid());
            file.mtime = timestamp(metadata.mtime());
            file.inode = Some(metadata.ino());
        }
        file
    }

    pub(super) fn is_directory(&self) -> bool {
        matches!(self.source, Source::Directory(_))
    }

    /// Returns the file. Only forms that are files call this.
    pub(super) fn file(&self) -> Result<&Headed, Error> {
        match &self.source {
            Source::File(file) => Ok(file),
            Source::Directory(_) | Source::Bytes(_) => Err(Error::NotAFile {
                path: shown(&self.path),
                found: "no regular file",
            }),
        }
    }

    /// Returns the directory. Only forms that are directories call this.
    pub(super) fn root(&self, limits: &Limits) -> Result<Rootfs, Error> {
        match &self.source {
            Source::Directory(directory) => {
                let directory = directory.try_clone().map_err(|error| self.failed(error))?;
                Ok(Rootfs::of(directory, limits))
            }
            Source::File(_) | Source::Bytes(_) => Err(Error::NotAFile {
                path: shown(&self.path),
                found: "no directory",
            }),
        }
    }

    /// Returns the URI that an importer left in an attribute of the file.
    pub(super) fn image_uri(&self) -> Option<String> {
        self.image_uri.clone()
    }

    /// Returns true if somebody wrote to the file since it was opened: the bytes may be of two images.
    pub(super) fn is_changed(&self) -> bool {
        let (Source::File(file), Some(before)) = (&self.source, &self.metadata) else {
            return false;
        };
        let state = |it: &fs::Metadata| (it.len(), it.mtime(), it.mtime_nsec());
        let now = file.file.get_ref().metadata();
        now.map_or(true, |now| state(&now) != state(before))
    }

    /// Returns the number and the bytes of the reads of the file so far.
    pub(super) fn reads(&self) -> Option<Reads> {
        match &self.source {
            Source::File(file) => Some(file.reads()),
            Source::Directory(_) | Source::Bytes(_) => None,
        }
    }

    /// Returns the bytes of standard input or of a regular file up to a limit. `over` makes the error for
    /// a larger size.
    pub(super) fn bytes(&self, limit: u64, over: impl Fn(u64) -> String) -> Result<&[u8], Error> {
        let over = |size: u64| Err(self.error(FormError::Other(over(size))));
        let known = match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            Source::File(_) | Source::Directory(_) => self.content.get(),
        };
        if let Some(bytes) = known {
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            return match size > limit {
                true => over(size),
                false => Ok(bytes),
            };
        }
        let file = self.file()?;
        let size = file.size().map_err(|error| self.failed(error))?;
        if size > limit {
            return over(size);
        }
        let bytes = file.part(0, size).map_err(|error| self.failed(error))?;
        Ok(self.content.get_or_init(|| bytes))
    }

    /// Returns an error about this input.
    pub(super) fn error(&self, reason: impl Into<FormError>) -> Error {
        Error::Form {
            path: shown(&self.path),
            reason: reason.into(),
        }
    }

    /// Returns an error about reading this input.
    pub(super) fn failed(&self, source: io::Error) -> Error {
        failed(&self.path, source)
    }
}

/// Returns the form of a directory.
fn directory(directory: &File) -> Form {
    if rustix::fs::statat(directory, LAYOUT_FILE, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
        return Form::OciLayout;
    }
    // `NONBLOCK`: a pipe in its place must not block.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let version = rustix::fs::openat(directory, VERSION_FILE, flags, Mode::empty());
    let mut head = [0; VERSION.len()];
    let read = version.map(|version| File::from(version).read_exact(&mut head));
    match read {
        Ok(Ok(())) if head == VERSION => Form::SkopeoDirectory,
        _ => Form::Rootfs,
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    let path = shown(path);
    match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound { path },
        io::ErrorKind::PermissionDenied => Error::PermissionDenied { path },
        _ => Error::Io {
            path,
            reason: source,
        },
    }
}

fn regular(path: &Path, metadata: &fs::Metadata) -> Result<(), Error> {
    if metadata.file_type().is_file() {
        return Ok(());
    }
    Err(Error::NotAFile {
        path: shown(path),
        found: "a device, pipe or socket",
    })
}

fn image_uri(file: &File) -> Option<String> {
    let mut value = vec![0; LONGEST_URI];
    let length = rustix::fs::fgetxattr(file, IMAGE_URI, &mut value).ok()?;
    value.truncate(length);
    String::from_utf8(value).ok()
}

fn standard_input(path: &Path, limits: &Limits, text: bool) -> Result<Input, Error> {
    let mut bytes = Vec::new();
    let most = limits.json_file.saturating_add(1);
    let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
    let read = read.map_err(|source| failed(path, source))?;
    let refuse = |text: String| Error::Form {
        path: shown(path),
        reason: FormError::Other(text),
    };
    if bytes.is_empty() {
        return Err(refuse("standard input is empty".to_owned()));
    }
    let form = detect(&bytes);
    let may_be_text = form == Form::Squashfs && text && !bytes.starts_with(b"hsqs");
    if form != Form::Json && !may_be_text {
        return Err(refuse(
            "only JSON is read from standard input (docker inspect, podman inspect, an image's configuration); give other forms as a file".to_owned(),
        ));
    }
    if u64::try_from(read).unwrap_or(u64::MAX) > limits.json_file {
        return Err(refuse(format!(
            "standard input is over the limit json_file of {} bytes",
            limits.json_file
        )));
    }
    Ok(Input {
        form,
        path: path.to_owned(),
        source: Source::Bytes(bytes),
        metadata: None,
        image_uri: None,
        content: OnceLock::new(),
    })
}
