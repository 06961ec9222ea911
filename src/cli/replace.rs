//! Replaces a file as a whole when the new one is complete. Until then the new one is beside it, as
//! `FILE.unfinished`.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FlockOperation, Gid, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::place::{self, Place};

/// The most unfinished files beside one, from runs that were killed or still run.
const MOST: u32 = 64;
/// The end of the name of an unfinished file.
const UNFINISHED: &str = ".unfinished";
/// The mode of a file that replaces another user's.
const OF_OTHERS: u32 = 0o644;

/// A file that is being written.
pub(super) enum Target {
    /// A file beside the wanted one. It is renamed when it is complete.
    Replaced(Box<Unfinished>),
    /// A device or pipe, which cannot be replaced, and is written to.
    Written(BufWriter<File>),
}

/// The file beside the wanted one.
pub(super) struct Unfinished {
    place: Place,
    name: OsString,
    file: BufWriter<File>,
    /// True if the file stays, complete or unfinished.
    kept: bool,
}

impl Target {
    /// Opens a file for what is to be written to this path.
    ///
    /// # Errors
    /// If it cannot be, or is not to be: see [`place::find`].
    pub(super) fn create(wanted: &Path) -> io::Result<Self> {
        let place = place::find(wanted)?;
        if !place.is_replaced() {
            return Ok(Self::Written(BufWriter::new(place.open_device()?)));
        }
        let (name, file) = beside(&place)?;
        let target = Unfinished {
            place,
            name,
            file: BufWriter::new(file),
            kept: false,
        };
        // Whoever may not read the old file must not read the new one.
        if let Some(before) = &target.place.before {
            as_before(target.file.get_ref(), before)?;
        }
        Ok(Self::Replaced(Box::new(target)))
    }

    pub(super) fn out(&mut self) -> &mut dyn Write {
        match self {
            Self::Replaced(unfinished) => &mut unfinished.file,
            Self::Written(file) => file,
        }
    }

    /// Completes the file, and puts it in its place.
    pub(super) fn keep(self) -> io::Result<()> {
        match self {
            Self::Written(mut file) => file.flush(),
            Self::Replaced(mut unfinished) => {
                unfinished.file.flush()?;
                unfinished.file.get_ref().sync_all()?;
                let place = &unfinished.place;
                rustix::fs::renameat(
                    &place.directory,
                    &unfinished.name,
                    &place.directory,
                    &place.name,
                )?;
                unfinished.kept = true;
                Ok(())
            }
        }
    }

    /// Leaves the unfinished file beside the old one. Returns its name, if it has one.
    pub(super) fn leave(self) -> io::Result<Option<OsString>> {
        match self {
            Self::Written(mut file) => file.flush().map(|()| None),
            Self::Replaced(mut unfinished) => {
                unfinished.file.flush()?;
                unfinished.kept = true;
                Ok(Some(std::mem::take(&mut unfinished.name)))
            }
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            let _ = rustix::fs::unlinkat(&self.place.directory, &self.name, AtFlags::empty());
        }
    }
}

/// Writes a file as a whole.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut target = Target::create(path)?;
    target.out().write_all(bytes)?;
    target.keep()
}

/// Creates a file beside the wanted one, and locks it while it is written. `O_EXCL` follows no link.
fn beside(place: &Place) -> io::Result<(OsString, File)> {
    let mode = match place.before {
        Some(_) => Mode::RUSR | Mode::WUSR,
        None => Mode::from_raw_mode(0o666),
    };
    for attempt in 0..MOST {
        let name = unfinished_name(&place.name, attempt);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&place.directory, &name, flags, mode) {
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
            Ok(file) => {
                // On a file system without locks, another run takes it for the file of a killed run.
                let _ = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
                return Ok((name, file.into()));
            }
        }
    }
    let name = unfinished_name(&place.name, 0);
    let text = format!(
        "{MOST} unfinished files are beside it, such as {}; remove them",
        Path::new(&name).display()
    );
    Err(io::Error::new(io::ErrorKind::AlreadyExists, text))
}

fn unfinished_name(wanted: &OsStr, attempt: u32) -> OsString {
    let mut name = wanted.to_owned();
    name.push(UNFINISHED);
    if attempt > 0 {
        name.push(format!("-{attempt}"));
    }
    name
}

/// Returns the unfinished files of killed runs: those that no process writes to any more.
pub(super) fn left_beside(wanted: &Path) -> Vec<PathBuf> {
    let Ok(place) = place::find(wanted) else {
        return Vec::new();
    };
    let mut left = Vec::new();
    for attempt in 0..MOST {
        let name = unfinished_name(&place.name, attempt);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(&place.directory, &name, flags, Mode::empty()) else {
            continue;
        };
        // A file of another user is not a report of this user.
        let own = rustix::fs::fstat(&file)
            .is_ok_and(|stat| stat.st_uid == rustix::process::geteuid().as_raw());
        if own && rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
            left.push(wanted.with_file_name(name));
        }
    }
    left
}

/// Gives a new file the mode of the one that it replaces, and its group if the mode grants it rights.
/// Nobody gets more rights than on the old file.
fn as_before(file: &File, before: &Stat) -> io::Result<()> {
    let mut mode = before.st_mode & 0o777;
    if before.st_uid != rustix::process::geteuid().as_raw() {
        mode &= OF_OTHERS;
    }
    let now = rustix::fs::fstat(file)?;
    if now.st_gid != before.st_gid
        && mode & 0o070 != 0
        && rustix::fs::fchown(file, None, Some(Gid::from_raw(before.st_gid))).is_err()
    {
        mode &= !0o070;
    }
    rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?;
    Ok(())
}
