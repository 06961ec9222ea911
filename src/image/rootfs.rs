//! A directory with a root file system in it, such as a container that enroot created.
//!
//! No link leads out of the directory. The kernel resolves paths (`openat2` with `RESOLVE_IN_ROOT`). If
//! it is too old, or a filter forbids the call, this module follows links itself. Only regular files are
//! opened for reading, never pipes or devices.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::layered::components;
use super::{Entry, Error, FileKind, Image, Later, Listing, Stat};
use crate::limits::{Limits, ONE_FILE};
use crate::squashfs::ReadAt as _;

mod errors;
mod later;
mod tree;

use errors::{error, kind};
use tree::Root;

/// An open root directory.
#[derive(Debug)]
pub struct Rootfs {
    root: OwnedFd,
    limits: Limits,
    started: Instant,
    /// True once `openat2` has failed.
    walks: AtomicBool,
    reads: AtomicU64,
    bytes: AtomicU64,
}

/// Opens a file only to look at its metadata.
const LOOK: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

impl Rootfs {
    /// Opens the directory at a path, which may be a link to it.
    ///
    /// # Errors
    /// If there is no directory, or it cannot be read.
    pub fn open(path: &Path, limits: &Limits) -> std::io::Result<Self> {
        crate::noatime::open_directory(path).map(|directory| Self::of(directory, limits))
    }

    /// Takes a directory that is already open.
    pub(crate) fn of(directory: File, limits: &Limits) -> Self {
        Self {
            root: directory.into(),
            limits: *limits,
            started: Instant::now(),
            walks: AtomicBool::new(false),
            reads: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Makes it behave as on a kernel without `openat2`.
    #[cfg(test)]
    fn walking(self) -> Self {
        self.walks.store(true, Ordering::Relaxed);
        self
    }

    /// Returns the number of reads of files so far, and of their bytes.
    pub fn cost(&self) -> (u64, u64) {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (get(&self.reads), get(&self.bytes))
    }

    fn tree(&self) -> Root<'_> {
        Root {
            directory: self.root.as_fd(),
            limits: &self.limits,
            started: self.started,
        }
    }

    /// Opens a path only to look at its metadata.
    fn resolve(&self, path: &[u8]) -> Result<OwnedFd, Error> {
        self.tree().check_time(path)?;
        if !self.walks.load(Ordering::Relaxed) {
            match self.in_root(path, LOOK) {
                // The kernel is too old, or a filter (seccomp) does not know the call.
                Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::OPNOTSUPP) => {
                    self.walks.store(true, Ordering::Relaxed);
                }
                other => return other.map_err(|errno| error(path, errno)),
            }
        }
        resolve_by_hand(&self.tree(), path)
    }

    /// Opens a path that must be of the wanted kind, only to look at its metadata.
    fn look(&self, path: &[u8], wanted: FileKind) -> Result<(OwnedFd, rustix::fs::Stat), Error> {
        let looked_at = self.resolve(path)?;
        let stat = rustix::fs::fstat(&looked_at).map_err(|errno| error(path, errno))?;
        kind(FileType::from_raw_mode(stat.st_mode)).must_be(wanted, path)?;
        Ok((looked_at, stat))
    }

    fn in_root(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let relative = path.strip_prefix(b"/").unwrap_or(path);
        let relative = match relative.is_empty() {
            true => b".",
            false => relative,
        };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let mut tries = 0;
        loop {
            // If somebody renames in the directory meanwhile, the kernel asks to try again.
            match rustix::fs::openat2(&self.root, relative, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) if tries < 16 => tries += 1,
                other => return other,
            }
        }
    }

    /// Opens a regular file. Returns it and its size.
    fn open_file(&self, path: &[u8]) -> Result<(File, u64), Error> {
        let (looked_at, stat) = self.look(path, FileKind::File)?;
        let file = self.reopen(&looked_at, path);
        let file = file.map_err(|errno| error(path, errno))?;
        let size = u64::try_from(stat.st_size).unwrap_or_default();
        Ok((File::from(file), size))
    }

    /// Opens the same file for reading: by its name in `/proc`, which stands for this file and no other,
    /// or by its path again if there is no `/proc`.
    fn reopen(&self, looked_at: &OwnedFd, path: &[u8]) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let name = format!("/proc/self/fd/{}", looked_at.as_raw_fd());
        let file = match rustix::fs::openat(CWD, name, flags, Mode::empty()) {
            Err(Errno::NOENT | Errno::NOTDIR) => self.in_root(path, flags)?,
            other => other?,
        };
        let (a, b) = (rustix::fs::fstat(looked_at)?, rustix::fs::fstat(&file)?);
        if (a.st_dev, a.st_ino) != (b.st_dev, b.st_ino) {
            return Err(Errno::STALE);
        }
        Ok(file)
    }

    fn count(&self, bytes: usize) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Checks the size of a file, and of all files together, against the limits.
    fn allow(&self, path: &[u8], size: u64, limit: u64) -> Result<(), Error> {
        Error::check_limit(path, size, limit, ONE_FILE)?;
        let total = self.bytes.load(Ordering::Relaxed).saturating_add(size);
        Error::check_limit(path, total, self.limits.file_bytes, "file_bytes")
    }
}

impl Image for Rootfs {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let (file, size) = self.open_file(path)?;
        self.allow(path, size, limit)?;
        let mut bytes = Vec::new();
        // A file may grow meanwhile. It is not read beyond the limit either.
        let most = limit.saturating_add(1);
        let read = (&file).take(most).read_to_end(&mut bytes);
        read.map_err(|source| Error::damaged(path, source))?;
        let got = bytes.len() as u64;
        if got > limit {
            self.allow(path, got, limit)?;
        }
        self.count(bytes.len());
        Ok(bytes)
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let (file, size) = self.open_file(path)?;
        let left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(left);
        self.allow(path, length as u64, u64::MAX)?;
        let bytes = file.read_up_to(offset, length);
        let bytes = bytes.map_err(|source| Error::damaged(path, source))?;
        self.count(bytes.len());
        Ok(bytes)
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let fail = |errno| error(path, errno);
        let (directory, _) = self.look(path, FileKind::Directory)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = rustix::fs::openat(&directory, ".", flags, Mode::empty()).map_err(fail)?;
        let mut listing = Listing::default();
        for entry in rustix::fs::Dir::new(open).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let mut entry_type = entry.file_type();
            if entry_type == FileType::Unknown {
                entry_type = file_type(directory.as_fd(), name).unwrap_or(FileType::Unknown);
            }
            let kind = kind(entry_type);
            listing.push(path, Entry { name, kind }, &self.limits)?;
        }
        listing.sort();
        Ok(listing)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        let looked_at = self.resolve(path)?;
        let stat = rustix::fs::fstat(&looked_at).map_err(|errno| error(path, errno))?;
        Ok(Stat {
            kind: kind(FileType::from_raw_mode(stat.st_mode)),
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            mtime: stat.st_mtime,
            shared: (stat.st_nlink > 1).then_some(stat.st_ino),
        })
    }

    fn later_than(&self, since: i64, names: usize) -> Result<Option<Later>, Error> {
        later::later_than(&self.tree(), since, names).map(Some)
    }

    fn walk(&self, visit: &mut super::walk::Visit<'_>) -> Result<bool, Error> {
        tree::walk(&self.tree(), visit).map(|()| true)
    }
}

fn file_type(directory: BorrowedFd<'_>, name: &[u8]) -> Option<FileType> {
    let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
    let stat = rustix::fs::statat(directory, name, flags).ok()?;
    Some(FileType::from_raw_mode(stat.st_mode))
}

/// Resolves a path without `openat2`: one component at a time. The kernel follows no link.
fn resolve_by_hand(root: &Root<'_>, path: &[u8]) -> Result<OwnedFd, Error> {
    let (fail, limits) = (|errno| error(path, errno), root.limits);
    let most_parts = limits.path_depth.saturating_mul(limits.symlink_hops.max(1));
    let reversed =
        |path: &[u8]| -> Vec<Vec<u8>> { components(path).rev().map(<[u8]>::to_vec).collect() };
    // The directories from the root to the current one.
    let mut stack = vec![rustix::io::fcntl_dupfd_cloexec(root.directory, 0).map_err(fail)?];
    // The remaining components, the next one last.
    let mut rest = reversed(path);
    let (mut hops, mut parts) = (0_u32, 0_u32);
    while let Some(name) = rest.pop() {
        parts = parts.saturating_add(1);
        if parts > most_parts {
            return Err(Error::links(path, "its path has too many parts"));
        }
        if name == b".." {
            if stack.len() > 1 {
                stack.pop();
            }
            continue;
        }
        let here = stack.last().ok_or_else(|| fail(Errno::NOENT))?;
        let flags = LOOK | OFlags::NOFOLLOW;
        let next = rustix::fs::openat(here, name.as_slice(), flags, Mode::empty()).map_err(fail)?;
        let stat = rustix::fs::fstat(&next).map_err(fail)?;
        match kind(FileType::from_raw_mode(stat.st_mode)) {
            FileKind::Link => {
                hops = hops.saturating_add(1);
                if hops > limits.symlink_hops {
                    let reason = format!(
                        "more than {} symbolic links in a row (limit symlink_hops)",
                        limits.symlink_hops
                    );
                    return Err(Error::links(path, reason));
                }
                let target = rustix::fs::readlinkat(&next, "", Vec::new()).map_err(fail)?;
                let target = target.as_bytes();
                if target.starts_with(b"/") {
                    stack.truncate(1);
                }
                rest.extend(reversed(target));
            }
            FileKind::Directory => {
                if stack.len() > limits.path_depth as usize {
                    return Err(Error::links(path, "the path is deeper than path_depth"));
                }
                stack.push(next);
            }
            _ if rest.is_empty() => return Ok(next),
            _ => return Err(fail(Errno::NOTDIR)),
        }
    }
    stack.pop().ok_or_else(|| fail(Errno::NOENT))
}

#[cfg(test)]
#[path = "rootfs_tests.rs"]
mod tests;
