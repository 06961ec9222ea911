//! Everything below a directory, entry by entry. No link is followed, and no other file system entered.

use rustix::fs::{AtFlags, Dir, FileType};

use super::errors::{error, kind, shown};
use super::later::{Root, open_directory};
use crate::image::walk::{Visit, Walked};
use crate::image::{Error, FileKind};

struct Open {
    directory: Dir,
    path: Vec<u8>,
}

/// Visits every entry below the root, a directory before what is in it.
pub(super) fn walk(root: &Root<'_>, visit: &mut Visit<'_>) -> Result<(), Error> {
    let top = rustix::fs::fstat(root.directory).map_err(|errno| error(b"/", errno))?;
    let directory = open_directory(root.directory, b".").map_err(|errno| error(b"/", errno))?;
    let path = Vec::new();
    let mut open = vec![Open { directory, path }];
    let mut inodes = 0_u64;
    while let Some(here) = open.last_mut() {
        let Some(entry) = here.directory.read() else {
            open.pop();
            continue;
        };
        let entry = entry.map_err(|errno| error(&here.path, errno))?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        inodes = inodes.saturating_add(1);
        let path = [here.path.as_slice(), b"/", name].concat();
        check(root, &path, inodes)?;
        if let Some(next) = step(here, name, path, top.st_dev, visit)? {
            if open.len() > root.limits.path_depth as usize {
                return Err(Error::Links {
                    path: shown(&next.path),
                    reason: "it is deeper than path_depth".to_owned(),
                });
            }
            open.push(next);
        }
    }
    Ok(())
}

fn check(root: &Root<'_>, path: &[u8], inodes: u64) -> Result<(), Error> {
    (root.check_time)(path)?;
    let limit = root.limits.inodes;
    if inodes > limit {
        return Err(Error::TooLarge {
            path: shown(path),
            size: inodes,
            limit,
            limit_name: "inodes",
        });
    }
    Ok(())
}

/// Visits one entry; gives the directory that is to be entered next.
fn step(
    here: &mut Open,
    name: &[u8],
    path: Vec<u8>,
    device: u64,
    visit: &mut Visit<'_>,
) -> Result<Option<Open>, Error> {
    let fail = |errno| error(&path, errno);
    let parent = here.directory.fd().map_err(fail)?;
    let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(fail)?;
    if stat.st_dev != device {
        return Err(Error::Damaged {
            path: shown(&path),
            reason: "another file system is mounted there".to_owned(),
        });
    }
    let kind = kind(FileType::from_raw_mode(stat.st_mode));
    let target = match kind {
        FileKind::Link => {
            let target = rustix::fs::readlinkat(parent, name, Vec::new()).map_err(fail)?;
            target.into_bytes()
        }
        _ => Vec::new(),
    };
    visit(&Walked {
        path: &path,
        kind,
        mode: stat.st_mode & 0o7777,
        size: match kind {
            FileKind::File => u64::try_from(stat.st_size).unwrap_or_default(),
            _ => 0,
        },
        // As squashfs keeps it.
        mtime: stat.st_mtime,
        target: &target,
    })?;
    if kind != FileKind::Directory {
        return Ok(None);
    }
    let directory = open_directory(parent, name).map_err(fail)?;
    Ok(Some(Open { directory, path }))
}
