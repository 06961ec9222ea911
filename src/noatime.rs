//! Opens files without updating their time of access.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a file for reading. Does not update its time of access if the system permits that, and does not
/// wait for the other end of a pipe that has taken the file's place.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(path, OFlags::empty())
}

/// Opens a file for reading, like [`open`], unless its path ends in a link.
pub(crate) fn open_no_link(path: &Path) -> io::Result<File> {
    open_with(path, OFlags::NOFOLLOW)
}

fn open_with(path: &Path, more: OFlags) -> io::Result<File> {
    let open = |flags: OFlags| {
        let flags = i32::try_from(flags.bits()).unwrap_or(0);
        OpenOptions::new().read(true).custom_flags(flags).open(path)
    };
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | more;
    // Only the owner may open with O_NOATIME (open(2)).
    open(flags | OFlags::NOATIME).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => open(flags),
        _ => Err(error),
    })
}

/// Opens a directory to look up paths below it.
pub(crate) fn open_directory(path: &Path) -> io::Result<File> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::openat(rustix::fs::CWD, path, flags, rustix::fs::Mode::empty())?;
    Ok(directory.into())
}
