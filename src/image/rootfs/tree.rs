//! Walks everything below a directory. It follows no link, and enters no other file system.

use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::errors::{error, kind};
use crate::image::walk::{Visit, Walked};
use crate::image::{Error, FileKind, shown};
use crate::limits::Limits;

/// The directory to walk, and what ends the walk.
pub(super) struct Root<'a> {
    pub directory: BorrowedFd<'a>,
    pub limits: &'a Limits,
    pub started: Instant,
}

/// An entry below the root.
pub(super) struct Found<'a> {
    pub path: &'a [u8],
    pub kind: FileKind,
    pub stat: &'a Stat,
    parent: BorrowedFd<'a>,
    name: &'a [u8],
}

impl Root<'_> {
    /// Checks the time limit for the image.
    pub(super) fn check_time(&self, path: &[u8]) -> Result<(), Error> {
        match self.limits.time {
            Some(limit) if self.started.elapsed() > limit => {
                Err(Error::TimedOut { path: shown(path) })
            }
            _ => Ok(()),
        }
    }

    /// Passes every entry below the root to `visit`, a directory before its entries. A mount point, or an
    /// entry that somebody removes meanwhile, is an error if `is_whole`, and is skipped otherwise.
    pub(super) fn each(
        &self,
        is_whole: bool,
        visit: &mut dyn FnMut(&Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let fail = |errno| error(b"/", errno);
        let device = rustix::fs::fstat(self.directory).map_err(fail)?.st_dev;
        let top = open_directory(self.directory, b".").map_err(fail)?;
        let mut open = vec![(top, Vec::new())];
        while let Some((directory, above)) = open.last_mut() {
            let Some(entry) = directory.read() else {
                open.pop();
                continue;
            };
            let entry = entry.map_err(|errno| error(above, errno))?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let path = [above.as_slice(), b"/", name].concat();
            let fail = |errno| error(&path, errno);
            self.check_time(&path)?;
            let parent = directory.fd().map_err(fail)?;
            let stat = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) if !is_whole => continue,
                other => other.map_err(fail)?,
            };
            if stat.st_dev != device {
                if is_whole {
                    let reason = "another file system is mounted there";
                    return Err(Error::damaged(&path, reason));
                }
                continue;
            }
            let kind = kind(FileType::from_raw_mode(stat.st_mode));
            visit(&Found {
                path: &path,
                kind,
                stat: &stat,
                parent,
                name,
            })?;
            if kind == FileKind::Directory {
                let below = open_directory(parent, name).map_err(fail)?;
                if open.len() > self.limits.path_depth as usize {
                    return Err(Error::links(&path, "it is deeper than path_depth"));
                }
                open.push((below, path));
            }
        }
        Ok(())
    }
}

/// Visits every entry below the root, a directory before its entries.
pub(super) fn walk(root: &Root<'_>, visit: &mut Visit<'_>) -> Result<(), Error> {
    let mut inodes = 0_u64;
    root.each(true, &mut |found| {
        inodes = inodes.saturating_add(1);
        Error::check_limit(found.path, inodes, root.limits.inodes, "inodes")?;
        let target = match found.kind {
            FileKind::Link => {
                let target = rustix::fs::readlinkat(found.parent, found.name, Vec::new());
                let target = target.map_err(|errno| error(found.path, errno))?;
                target.into_bytes()
            }
            _ => Vec::new(),
        };
        visit(&Walked {
            path: found.path,
            kind: found.kind,
            mode: found.stat.st_mode & 0o7777,
            size: match found.kind {
                FileKind::File => u64::try_from(found.stat.st_size).unwrap_or_default(),
                _ => 0,
            },
            mtime: found.stat.st_mtime,
            target: &target,
        })
    })
}

fn open_directory(at: BorrowedFd<'_>, name: &[u8]) -> Result<Dir, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Dir::new(rustix::fs::openat(at, name, flags, Mode::empty())?)
}
