//! A squashfs image as a root file system.

use std::io::Read;

use super::{Entry, Error, FileKind, Image, Listing, Stat};
use crate::squashfs::{self, Kind, ReadAt, Squashfs};

impl<R: ReadAt> Image for Squashfs<R> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        wanted(path, inode.kind(), Kind::File)?;
        Squashfs::read(self, &inode, limit).map_err(|e| error(path, e))
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        wanted(path, inode.kind(), Kind::File)?;
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        Squashfs::read_range(self, &inode, offset, length).map_err(|e| error(path, e))
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        wanted(path, inode.kind(), Kind::Directory)?;
        let mut listing = Listing::default();
        for entry in self.entries(&inode).map_err(|e| error(path, e))? {
            let entry = entry.map_err(|e| error(path, e))?;
            let kind = kind(entry.kind);
            let name = &entry.name;
            listing.push(path, Entry { name, kind }, self.limits())?;
        }
        // Packers sort them; one damaged name must not hide its neighbours from a search.
        if let Some(name) = listing.sort() {
            let twice = self.twice(&inode, name);
            return Err(error(path, twice));
        }
        Ok(listing)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        Ok(Stat {
            kind: kind(inode.kind()),
            size: inode.size(),
            mtime: i64::from(inode.mtime()),
        })
    }

    fn open<'a>(&'a self, path: &[u8]) -> Result<Box<dyn Read + 'a>, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        wanted(path, inode.kind(), Kind::File)?;
        let reader = self.reader(&inode).map_err(|e| error(path, e))?;
        Ok(Box::new(reader))
    }
}

fn wanted(path: &[u8], found: Kind, wanted: Kind) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::WrongKind {
        path: shown(path),
        found: kind(found),
        wanted: kind(wanted),
    })
}

fn kind(kind: Kind) -> FileKind {
    match kind {
        Kind::Directory => FileKind::Directory,
        Kind::File => FileKind::File,
        Kind::Symlink => FileKind::Link,
        Kind::BlockDevice => FileKind::BlockDevice,
        Kind::CharDevice => FileKind::CharacterDevice,
        Kind::Fifo => FileKind::Fifo,
        Kind::Socket => FileKind::Socket,
    }
}

fn error(path: &[u8], error: squashfs::Error) -> Error {
    let path = shown(path);
    match error {
        squashfs::Error::NotFound { .. } => Error::NotFound { path },
        // A component on the way that is no directory: nothing stands there.
        squashfs::Error::WrongKind {
            wanted: Kind::Directory,
            ..
        } => Error::NotFound { path },
        squashfs::Error::WrongKind {
            kind: found,
            wanted,
            ..
        } => Error::WrongKind {
            path,
            found: kind(found),
            wanted: kind(wanted),
        },
        squashfs::Error::LinkLoop { .. } => Error::Links {
            path,
            reason: error.to_string(),
        },
        squashfs::Error::TooLarge {
            limit,
            size,
            allowed,
            ..
        } => Error::TooLarge {
            path,
            size,
            limit: allowed,
            limit_name: limit,
        },
        squashfs::Error::TimedOut { .. } => Error::TimedOut { path },
        // Without the offset that this path needs: all that the end takes away is told in one warning.
        squashfs::Error::Truncated {
            expected, actual, ..
        } => Error::Damaged {
            path,
            reason: format!(
                "the image ends at offset {actual} and should have {expected} bytes; copy or import it again"
            ),
        },
        other => Error::Damaged {
            path,
            reason: other.to_string(),
        },
    }
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
