//! A squashfs image as a root file system.

mod errors;
mod walk;

use std::io::Read;

use super::later::named;
use super::{Entry, Error, FileKind, Image, Later, Listing, Packer, Packing, Start, Stat};
use crate::squashfs::{Inode, Kind, ReadAt, Squashfs};

use errors::{error, kind};

impl<R: ReadAt> Image for Squashfs<R> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let inode = inode(self, path, FileKind::File)?;
        Squashfs::read(self, &inode, limit).map_err(|e| error(path, e))
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let inode = inode(self, path, FileKind::File)?;
        Squashfs::read_range(self, &inode, offset, length as u64).map_err(|e| error(path, e))
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let inode = inode(self, path, FileKind::Directory)?;
        let mut listing = Listing::default();
        for entry in self.entries(&inode).map_err(|e| error(path, e))? {
            let entry = entry.map_err(|e| error(path, e))?;
            let kind = kind(entry.kind);
            let name = &entry.name;
            listing.push(path, Entry { name, kind }, self.limits())?;
        }
        // Packers sort the names. A damaged name must not hide its neighbours from a binary search.
        if let Some(name) = listing.sort() {
            return Err(error(path, self.twice(&inode, name)));
        }
        Ok(listing)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        let inode = self.lookup(path).map_err(|e| error(path, e))?;
        Ok(Stat {
            kind: kind(inode.kind()),
            size: inode.size(),
            mtime: i64::from(inode.mtime()),
            shared: (inode.links() > 1).then(|| u64::from(inode.number())),
        })
    }

    fn open<'a>(&'a self, path: &[u8]) -> Result<Box<dyn Read + 'a>, Error> {
        let inode = inode(self, path, FileKind::File)?;
        let reader = self.reader(&inode).map_err(|e| error(path, e))?;
        Ok(Box::new(reader))
    }

    fn read_ahead(&self) -> bool {
        Squashfs::read_ahead(self);
        true
    }

    fn prefetch(&self, files: &[Start]) {
        let files = files
            .iter()
            .map(|file| (file.paths.as_slice(), file.length));
        Squashfs::prefetch(self, files);
    }

    fn times_ahead(&self) {
        Squashfs::times_ahead(self);
    }

    fn later_than(&self, since: i64, names: usize) -> Result<Option<Later>, Error> {
        let times = self.times(since);
        let times = times.map_err(|e| error(b"the time of every inode", e))?;
        let paths = match times.later {
            0 => Vec::new(),
            _ => named(self.later_paths(since, names)),
        };
        Ok(Some(Later {
            since,
            count: times.later,
            after_packing: times.after_packing,
            same: times.same,
            before: i64::from(times.before),
            inodes: times.inodes,
            earliest: i64::from(times.earliest),
            latest: i64::from(times.latest),
            paths,
        }))
    }

    fn walk(&self, visit: &mut super::walk::Visit<'_>) -> Result<bool, Error> {
        walk::walk(self, visit).map(|()| true)
    }

    fn packing(&self) -> Option<Packing> {
        let superblock = self.superblock();
        let root = self.root().ok();
        Some(Packing {
            packed_at: i64::from(superblock.packed_at),
            compressor: superblock.compressor.name(),
            block_size: superblock.block_size,
            flags: superblock.flags,
            ids: superblock.id_count,
            owned_by_root: owned_by_root(self, root.as_ref()),
            padding: self.file_size().saturating_sub(superblock.bytes_used),
            packer: packer(self, root.as_ref()),
            appended: root.map(|root| root.number() != superblock.inode_count),
        })
    }
}

/// Returns the inode of a path, which must be of the wanted kind.
fn inode<R: ReadAt>(image: &Squashfs<R>, path: &[u8], wanted: FileKind) -> Result<Inode, Error> {
    let inode = image.lookup(path).map_err(|e| error(path, e))?;
    kind(inode.kind()).must_be(wanted, path)?;
    Ok(inode)
}

/// Returns true if the only user and group id is 0. Packers list only the ids that an inode has.
fn owned_by_root<R: ReadAt>(image: &Squashfs<R>, root: Option<&Inode>) -> Option<bool> {
    match image.superblock().id_count {
        0 => None,
        1 => {
            let stat = image.stat(root?).ok()?;
            Some((stat.uid, stat.gid) == (0, 0))
        }
        _ => Some(false),
    }
}

/// Returns the program that packed the image, by the links of two directories. A directory that has only
/// directories in it does not tell.
fn packer<R: ReadAt>(image: &Squashfs<R>, root: Option<&Inode>) -> Option<Packer> {
    let etc = image.lookup(b"/etc").ok();
    let told = [root, etc.as_ref()].into_iter().flatten();
    let mut told = told.filter_map(|directory| packer_of(image, directory));
    let first = told.next()?;
    Some(match told.all(|next| next == first) {
        true => first,
        false => Packer::Other,
    })
}

fn packer_of<R: ReadAt>(image: &Squashfs<R>, directory: &Inode) -> Option<Packer> {
    let (mut entries, mut directories) = (2_u32, 2_u32);
    for entry in image.entries(directory).ok()? {
        let is_directory = entry.ok()?.kind == Kind::Directory;
        entries = entries.saturating_add(1);
        directories = directories.saturating_add(u32::from(is_directory));
    }
    let links = directory.links();
    match (links == directories, links == entries) {
        (true, true) => None,
        (true, false) => Some(Packer::Mksquashfs),
        (false, true) => Some(Packer::SquashfsToolsNg),
        (false, false) => Some(Packer::Other),
    }
}
