//! A directory with a root file system in it, such as a container that enroot created.
//!
//! Resolution never leaves the directory, whatever its links say: the kernel does it
//! (`openat2` with `RESOLVE_IN_ROOT`), or a walk that follows links itself where the
//! kernel is too old or a filter forbids the call. Only regular files are ever opened
//! for reading; a pipe or device is looked at and left alone.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{Entry, Error, FileKind, Image, Later, Listing, Stat};
use crate::limits::Limits;

mod errors;
mod later;
mod tree;

use errors::{damaged, error, kind, shown};

/// An open root directory.
#[derive(Debug)]
pub struct Rootfs {
    root: OwnedFd,
    limits: Limits,
    started: Instant,
    walks: AtomicBool,
    reads: AtomicU64,
    bytes: AtomicU64,
}

/// How something is opened: only to look at it, or to read it.
const LOOK: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

impl Rootfs {
    /// Opens the directory at a path, which may be a link to it.
    ///
    /// # Errors
    /// If there is no directory, or none that may be read.
    pub fn open(path: &Path, limits: &Limits) -> std::io::Result<Self> {
        crate::noatime::open_directory(path).map(|directory| Self::of(directory, limits))
    }

    /// A directory that is open already.
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

    /// The same, as on a kernel without `openat2`.
    #[cfg(test)]
    fn walking(self) -> Self {
        self.walks.store(true, Ordering::Relaxed);
        self
    }

    /// Reads of files so far, and their bytes.
    pub fn cost(&self) -> (u64, u64) {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (get(&self.reads), get(&self.bytes))
    }

    fn check_time(&self, path: &[u8]) -> Result<(), Error> {
        match self.limits.time {
            Some(limit) if self.started.elapsed() > limit => {
                Err(Error::TimedOut { path: shown(path) })
            }
            _ => Ok(()),
        }
    }

    /// Opens a path without access to its contents, to look at its metadata.
    fn resolve(&self, path: &[u8]) -> Result<OwnedFd, Error> {
        self.check_time(path)?;
        if !self.walks.load(Ordering::Relaxed) {
            match self.in_root(path, LOOK) {
                // Too old a kernel, or a filter (seccomp) that does not know the call.
                Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::OPNOTSUPP) => {
                    self.walks.store(true, Ordering::Relaxed);
                }
                other => return other.map_err(|errno| error(path, errno)),
            }
        }
        walk::resolve(self.root.as_fd(), path, &self.limits)
    }

    fn in_root(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let relative = path.strip_prefix(b"/").unwrap_or(path);
        let relative = if relative.is_empty() {
            b".".as_slice()
        } else {
            relative
        };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let mut tries = 0;
        loop {
            // Somebody renames in the directory at this moment: the kernel asks to try again.
            match rustix::fs::openat2(&self.root, relative, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) if tries < 16 => tries += 1,
                other => return other,
            }
        }
    }

    /// Opens a regular file that was looked at: by its name in `/proc`, which means this
    /// very file and no other; where there is no `/proc`, by its path once more.
    fn open_file(&self, path: &[u8]) -> Result<(File, u64), Error> {
        let looked_at = self.resolve(path)?;
        let stat = rustix::fs::fstat(&looked_at).map_err(|errno| error(path, errno))?;
        let found = kind(FileType::from_raw_mode(stat.st_mode));
        if found != FileKind::File {
            return Err(Error::WrongKind {
                path: shown(path),
                found,
                wanted: FileKind::File,
            });
        }
        let file = self
            .reopen(&looked_at, path)
            .map_err(|errno| error(path, errno))?;
        let size = u64::try_from(stat.st_size).unwrap_or_default();
        Ok((File::from(file), size))
    }

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
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// An error where the file, or all files together, are over a limit.
    fn allow(&self, path: &[u8], size: u64, limit: u64) -> Result<(), Error> {
        let total = self.bytes.load(Ordering::Relaxed).saturating_add(size);
        let (over, limit, limit_name) = if size > limit {
            (size, limit, "text_file or json_file")
        } else {
            (total, self.limits.file_bytes, "file_bytes")
        };
        if over <= limit {
            return Ok(());
        }
        Err(Error::TooLarge {
            path: shown(path),
            size: over,
            limit,
            limit_name,
        })
    }
}

impl Image for Rootfs {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let (file, size) = self.open_file(path)?;
        self.allow(path, size, limit)?;
        let mut bytes = Vec::new();
        // A file that grows at this moment is not read beyond the limit either.
        let most = limit.saturating_add(1);
        let read = (&file).take(most).read_to_end(&mut bytes);
        read.map_err(|source| damaged(path, &source))?;
        let got = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
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
        self.allow(path, u64::try_from(length).unwrap_or(u64::MAX), u64::MAX)?;
        let mut bytes = vec![0; length];
        let mut got = 0;
        while let Some(rest) = bytes.get_mut(got..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(u64::try_from(got).unwrap_or(u64::MAX));
            match file.read_at(rest, at) {
                Ok(0) => break,
                Ok(count) => got = got.saturating_add(count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(damaged(path, &error)),
            }
        }
        bytes.truncate(got);
        self.count(got);
        Ok(bytes)
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let directory = self.resolve(path)?;
        let stat = rustix::fs::fstat(&directory).map_err(|errno| error(path, errno))?;
        let found = kind(FileType::from_raw_mode(stat.st_mode));
        if found != FileKind::Directory {
            return Err(Error::WrongKind {
                path: shown(path),
                found,
                wanted: FileKind::Directory,
            });
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = rustix::fs::openat(&directory, ".", flags, Mode::empty())
            .map_err(|errno| error(path, errno))?;
        let mut listing = Listing::default();
        for entry in rustix::fs::Dir::new(open).map_err(|errno| error(path, errno))? {
            let entry = entry.map_err(|errno| error(path, errno))?;
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
        let root = later::Root {
            directory: self.root.as_fd(),
            limits: &self.limits,
            check_time: &|path| self.check_time(path),
        };
        later::later_than(&root, since, names).map(Some)
    }

    fn walk(&self, visit: &mut super::walk::Visit<'_>) -> Result<bool, Error> {
        let root = later::Root {
            directory: self.root.as_fd(),
            limits: &self.limits,
            check_time: &|path| self.check_time(path),
        };
        tree::walk(&root, visit).map(|()| true)
    }
}

fn file_type(directory: BorrowedFd<'_>, name: &[u8]) -> Option<FileType> {
    let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
    let stat = rustix::fs::statat(directory, name, flags).ok()?;
    Some(FileType::from_raw_mode(stat.st_mode))
}

/// Resolution by hand: one component at a time, no link followed by the kernel.
mod walk {
    use super::*;

    pub(super) fn resolve(
        root: BorrowedFd<'_>,
        path: &[u8],
        limits: &Limits,
    ) -> Result<OwnedFd, Error> {
        let fail = |errno| error(path, errno);
        let too_deep = |reason: String| Error::Links {
            path: shown(path),
            reason,
        };
        let copy = |fd: BorrowedFd<'_>| rustix::io::fcntl_dupfd_cloexec(fd, 0);
        // The directories from the root down to where the walk is.
        let mut stack: Vec<OwnedFd> = vec![copy(root).map_err(fail)?];
        // What is still to be walked, the next component last.
        let mut rest: Vec<Vec<u8>> = components(path);
        let (mut hops, mut steps) = (0_u32, 0_u32);
        while let Some(name) = rest.pop() {
            steps = steps.saturating_add(1);
            if steps > limits.path_depth.saturating_mul(limits.symlink_hops.max(1)) {
                return Err(too_deep("the path has too many components".to_owned()));
            }
            if name == b".." {
                if stack.len() > 1 {
                    stack.pop();
                }
                continue;
            }
            let here = stack.last().ok_or_else(|| fail(Errno::NOENT))?;
            let flags = LOOK | OFlags::NOFOLLOW;
            let next =
                rustix::fs::openat(here, name.as_slice(), flags, Mode::empty()).map_err(fail)?;
            let stat = rustix::fs::fstat(&next).map_err(fail)?;
            match kind(FileType::from_raw_mode(stat.st_mode)) {
                FileKind::Link => {
                    hops = hops.saturating_add(1);
                    if hops > limits.symlink_hops {
                        return Err(too_deep(format!(
                            "more than {} symbolic links in a row (limit symlink_hops)",
                            limits.symlink_hops
                        )));
                    }
                    let target = rustix::fs::readlinkat(&next, "", Vec::new()).map_err(fail)?;
                    let target = target.as_bytes();
                    if target.starts_with(b"/") {
                        stack.truncate(1);
                    }
                    rest.extend(components(target));
                }
                FileKind::Directory => {
                    let depth = u32::try_from(stack.len()).unwrap_or(u32::MAX);
                    if depth > limits.path_depth {
                        return Err(too_deep("the path is deeper than path_depth".to_owned()));
                    }
                    stack.push(next);
                }
                _ if rest.is_empty() => return Ok(next),
                _ => return Err(fail(Errno::NOTDIR)),
            }
        }
        stack.pop().ok_or_else(|| fail(Errno::NOENT))
    }

    /// Last first; empty ones and `.` left out.
    fn components(path: &[u8]) -> Vec<Vec<u8>> {
        path.split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty() && *name != b".")
            .rev()
            .map(<[u8]>::to_vec)
            .collect()
    }
}

#[cfg(test)]
#[path = "rootfs_tests.rs"]
mod tests;
