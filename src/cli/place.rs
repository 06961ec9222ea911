//! Finds where to write a file. If other users may write to a directory of its path, a name in it can be
//! anybody's link, pipe or device, and must not lead elsewhere.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// The most links of a path, as in the kernel.
const MOST_LINKS: usize = 40;
/// How long to wait for a reader of a pipe.
const PATIENCE: Duration = Duration::from_secs(5);
/// The type of procfs in the answer of statfs (Linux, include/uapi/linux/magic.h).
const PROC_SUPER_MAGIC: u64 = 0x9fa0;

/// An open directory, and a name in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) directory: OwnedFd,
    pub(super) name: OsString,
    /// What has the name now; never a link.
    pub(super) before: Option<Stat>,
}

/// Finds the place of a path: an open directory, which no other can replace. Follows a link only if
/// the user or root made it.
///
/// # Errors
/// If there is no such directory, or the path goes through another user's link.
pub(super) fn find(path: &Path) -> io::Result<Place> {
    let mut directory = open_directory(rustix::fs::CWD, ".")?;
    let mut names = VecDeque::new();
    if push_front(&mut names, path) {
        directory = open_directory(rustix::fs::CWD, "/")?;
    }
    let mut links = 0;
    while let Some(name) = names.pop_front() {
        let last = names.is_empty();
        if name == ".." {
            directory = open_directory(&directory, &name)?;
            continue;
        }
        let before = match rustix::fs::statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(before) => Some(before),
            Err(Errno::NOENT) if last => None,
            Err(error) => return Err(error.into()),
        };
        let kind = before.map(|it| FileType::from_raw_mode(it.st_mode));
        match (kind, before) {
            (Some(FileType::Symlink), Some(link)) if !is_proc(&directory) || !last => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                if !is_ours(&link) {
                    let text = format!(
                        "'{}' in the path is a link of user {}, which is not followed; give the path that it points to",
                        Path::new(&name).display(),
                        link.st_uid
                    );
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
                }
                let target = rustix::fs::readlinkat(&directory, &name, Vec::new())?;
                let target = OsString::from_vec(target.into_bytes());
                if push_front(&mut names, Path::new(&target)) {
                    directory = open_directory(rustix::fs::CWD, "/")?;
                }
            }
            (Some(FileType::Directory), _) if !last => {
                directory = open_directory(&directory, &name)?;
            }
            (Some(FileType::Directory), _) => return Err(Errno::ISDIR.into()),
            _ if last => {
                return Ok(Place {
                    directory,
                    name,
                    before,
                });
            }
            _ => return Err(Errno::NOTDIR.into()),
        }
    }
    Err(Errno::ISDIR.into())
}

/// Puts the parts of a path before the rest. Returns true if the path is absolute.
fn push_front(names: &mut VecDeque<OsString>, path: &Path) -> bool {
    let mut absolute = false;
    for part in path.components().rev() {
        match part {
            Component::Normal(name) => names.push_front(name.to_owned()),
            Component::ParentDir => names.push_front("..".into()),
            Component::RootDir | Component::Prefix(_) => absolute = true,
            Component::CurDir => {}
        }
    }
    absolute
}

fn open_directory(at: impl AsFd, name: impl AsRef<OsStr>) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(at, name.as_ref(), flags, Mode::empty())?)
}

/// Returns true if it belongs to the current user or root.
fn is_ours(it: &Stat) -> bool {
    it.st_uid == 0 || it.st_uid == rustix::process::geteuid().as_raw()
}

/// Returns true for a directory such as `/proc/self/fd`, in which links are the process's own files.
fn is_proc(directory: &OwnedFd) -> bool {
    let found = rustix::fs::fstatfs(directory);
    found.is_ok_and(|found| u64::try_from(found.f_type).is_ok_and(|it| it == PROC_SUPER_MAGIC))
}

impl Place {
    /// Returns true if a new file replaces what has the name now, if anything.
    pub(super) fn is_replaced(&self) -> bool {
        self.before
            .is_none_or(|it| FileType::from_raw_mode(it.st_mode) == FileType::RegularFile)
    }

    /// Opens what cannot be replaced: the user's own pipe, a terminal, `/dev/null`, a file that the
    /// process has open already. Waits only a moment.
    ///
    /// # Errors
    /// If it belongs to another user, is a disk or a socket, or is a pipe without a reader.
    pub(super) fn open_device(&self) -> io::Result<File> {
        let refuse = |text: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        let before = self.before.as_ref().ok_or(Errno::NOENT)?;
        let user = rustix::process::geteuid().as_raw();
        let mut flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match FileType::from_raw_mode(before.st_mode) {
            // `find` returns a link only in procfs.
            FileType::Symlink if is_ours(before) => {}
            FileType::Fifo if before.st_uid == user => flags |= OFlags::NOFOLLOW,
            FileType::CharacterDevice if is_ours(before) => flags |= OFlags::NOFOLLOW,
            FileType::Fifo | FileType::CharacterDevice | FileType::Symlink => {
                return refuse("it is a pipe or device of another user, which is not opened");
            }
            _ => return refuse("it is a disk or a socket, and no place for a report"),
        }
        let started = Instant::now();
        let file = loop {
            match rustix::fs::openat(&self.directory, &self.name, flags, Mode::empty()) {
                // Nobody has opened the pipe for reading yet.
                Err(Errno::NXIO) if started.elapsed() < PATIENCE => {
                    sleep(Duration::from_millis(10));
                }
                Err(Errno::NXIO) => return refuse("no program reads this pipe"),
                other => break other?,
            }
        };
        let now = rustix::fs::fstat(&file)?;
        let same = (now.st_dev, now.st_ino) == (before.st_dev, before.st_ino);
        if flags.contains(OFlags::NOFOLLOW) && !same {
            return refuse("it was replaced by something else while it was opened");
        }
        let flags = rustix::fs::fcntl_getfl(&file)?;
        rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
        Ok(file.into())
    }
}
