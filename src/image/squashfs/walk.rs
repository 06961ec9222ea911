//! Visits the entries of a squashfs image.

use super::errors::{error, kind};
use crate::image::walk::{Visit, Walked};
use crate::image::{Error, FileKind};
use crate::squashfs::{Inode, Kind, ReadAt, Squashfs};

/// The greatest depth of directories.
const DEEPEST: usize = 256;

/// Visits every entry below the root, a directory before its entries.
pub(super) fn walk<R: ReadAt>(image: &Squashfs<R>, visit: &mut Visit<'_>) -> Result<(), Error> {
    let root = image.root().map_err(|e| error(b"/", e))?;
    let mut walk = Walk {
        image,
        visit,
        path: Vec::new(),
        above: Vec::new(),
        inodes: 0,
    };
    walk.directory(&root)
}

struct Walk<'w, 'v, R> {
    image: &'w Squashfs<R>,
    visit: &'w mut Visit<'v>,
    path: Vec<u8>,
    /// The inode numbers of the directories above.
    above: Vec<u32>,
    inodes: u64,
}

impl<R: ReadAt> Walk<'_, '_, R> {
    fn directory(&mut self, inode: &Inode) -> Result<(), Error> {
        let number = inode.number();
        if self.above.len() >= DEEPEST || self.above.contains(&number) {
            let reason = format!("its directories form a loop, or are more than {DEEPEST} deep");
            return Err(Error::links(&self.path, reason));
        }
        self.above.push(number);
        let entries = self.image.list(inode);
        let entries = entries.map_err(|e| error(&self.path, e))?;
        let length = self.path.len();
        for entry in &entries {
            self.path.push(b'/');
            self.path.extend_from_slice(&entry.name);
            let inode = self.image.inode(entry);
            let inode = inode.map_err(|e| error(&self.path, e))?;
            self.entry(&inode)?;
            if inode.kind() == Kind::Directory {
                self.directory(&inode)?;
            }
            self.path.truncate(length);
        }
        self.above.pop();
        Ok(())
    }

    fn entry(&mut self, inode: &Inode) -> Result<(), Error> {
        self.inodes = self.inodes.saturating_add(1);
        let limit = self.image.limits().inodes;
        Error::check_limit(&self.path, self.inodes, limit, "inodes")?;
        let kind = kind(inode.kind());
        let target = match kind {
            FileKind::Link => {
                let target = self.image.read_link(inode);
                target.map_err(|e| error(&self.path, e))?
            }
            _ => Vec::new(),
        };
        (self.visit)(&Walked {
            path: &self.path,
            kind,
            mode: u32::from(inode.permissions()),
            size: match kind {
                FileKind::File => inode.size(),
                _ => 0,
            },
            mtime: i64::from(inode.mtime()),
            target: &target,
        })
    }
}
