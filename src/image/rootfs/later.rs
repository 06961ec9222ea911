//! The times of everything below a directory. No link is followed, and no other file system entered.

use std::collections::BTreeSet;

use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::errors::{error, kind, shown};
use crate::image::later::named;
use crate::image::{Error, FileKind, Later};
use crate::limits::Limits;

/// The directory that is walked, and what ends the walk.
pub(super) struct Root<'a> {
    pub directory: BorrowedFd<'a>,
    pub limits: &'a Limits,
    /// An error where the time for the image is over.
    pub check_time: &'a dyn Fn(&[u8]) -> Result<(), Error>,
}

/// A directory that the walk is in.
struct Open {
    directory: Dir,
    path: Vec<u8>,
}

struct Walk<'a> {
    root: &'a Root<'a>,
    device: u64,
    most: usize,
    later: Later,
    /// The first of the later ones, by name.
    found: BTreeSet<Vec<u8>>,
}

pub(super) fn later_than(root: &Root<'_>, since: i64, names: usize) -> Result<Later, Error> {
    let top = rustix::fs::fstat(root.directory).map_err(|errno| error(b"/", errno))?;
    let mut walk = Walk {
        root,
        device: top.st_dev,
        most: names,
        later: Later {
            since,
            earliest: i64::MAX,
            latest: i64::MIN,
            ..Later::default()
        },
        found: BTreeSet::new(),
    };
    walk.count(&top, b"/")?;
    let directory = open_directory(root.directory, b".").map_err(|errno| error(b"/", errno))?;
    let mut open = vec![Open {
        directory,
        path: Vec::new(),
    }];
    while let Some(here) = open.last_mut() {
        match walk.step(here)? {
            Step::Into(next) if open.len() <= root.limits.path_depth as usize => open.push(next),
            Step::Into(next) => {
                return Err(Error::Links {
                    path: shown(&next.path),
                    reason: "it is deeper than path_depth".to_owned(),
                });
            }
            Step::On => {}
            Step::Up => {
                open.pop();
            }
        }
    }
    walk.later.paths = named(walk.found.into_iter().collect());
    Ok(walk.later)
}

enum Step {
    Into(Open),
    On,
    Up,
}

impl Walk<'_> {
    /// Looks at the next entry of a directory.
    fn step(&mut self, here: &mut Open) -> Result<Step, Error> {
        let Some(entry) = here.directory.read() else {
            return Ok(Step::Up);
        };
        let entry = entry.map_err(|errno| error(&here.path, errno))?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            return Ok(Step::On);
        }
        let path = [here.path.as_slice(), b"/", name].concat();
        let fail = |errno| error(&path, errno);
        let directory = here.directory.fd().map_err(fail)?;
        let stat = match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            // Somebody removed it at this moment.
            Err(Errno::NOENT) => return Ok(Step::On),
            other => other.map_err(fail)?,
        };
        if stat.st_dev != self.device {
            return Ok(Step::On);
        }
        self.count(&stat, &path)?;
        if kind(FileType::from_raw_mode(stat.st_mode)) != FileKind::Directory {
            return Ok(Step::On);
        }
        let directory = open_directory(directory, name).map_err(fail)?;
        Ok(Step::Into(Open { directory, path }))
    }

    fn count(&mut self, stat: &Stat, path: &[u8]) -> Result<(), Error> {
        (self.root.check_time)(path)?;
        let later = &mut self.later;
        later.inodes += 1;
        let limit = self.root.limits.inodes;
        if later.inodes > limit {
            return Err(Error::TooLarge {
                path: shown(path),
                size: later.inodes,
                limit,
                limit_name: "inodes",
            });
        }
        later.earliest = later.earliest.min(stat.st_mtime);
        later.latest = later.latest.max(stat.st_mtime);
        let is_directory = kind(FileType::from_raw_mode(stat.st_mode)) == FileKind::Directory;
        later.same += u64::from(stat.st_mtime == later.since && !is_directory);
        if stat.st_mtime > later.since {
            later.count += 1;
            self.found.insert(path.to_vec());
            if self.found.len() > self.most {
                self.found.pop_last();
            }
        }
        Ok(())
    }
}

pub(super) fn open_directory(at: BorrowedFd<'_>, name: &[u8]) -> Result<Dir, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Dir::new(rustix::fs::openat(at, name, flags, Mode::empty())?)
}
