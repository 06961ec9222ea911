//! Paths: from the root down, through symbolic links, never out of the image.

use super::Squashfs;
use super::error::{Error, Result, shown};
use super::inode::Inode;
use super::kind::Kind;
use super::read_at::ReadAt;

impl<R: ReadAt> Squashfs<R> {
    /// The inode at a path; symbolic links are followed, the last one too. Absolute links start at the image's
    /// root, and `..` stops there.
    ///
    /// # Errors
    /// `NotFound`; `WrongKind` where the path goes on below something that is no directory; `LinkLoop` and
    /// `TooLarge` over a limit.
    pub fn lookup(&self, path: &[u8]) -> Result<Inode> {
        self.resolve(path, true)
    }

    /// The same, but a link at the end of the path is returned itself.
    ///
    /// # Errors
    /// As for `lookup`.
    pub fn lookup_no_follow(&self, path: &[u8]) -> Result<Inode> {
        self.resolve(path, false)
    }

    fn resolve(&self, path: &[u8], follow_last: bool) -> Result<Inode> {
        let root = self.root()?;
        // The directories from the root to here; only these can form a loop.
        let mut above: Vec<Inode> = Vec::new();
        let mut here = root.clone();
        let mut pending: Vec<Vec<u8>> = components(path);
        let mut hops = 0;
        while let Some(name) = pending.pop() {
            self.disk.check_time()?;
            if here.kind != Kind::Directory {
                return Err(Error::WrongKind {
                    path: shown(path),
                    kind: here.kind,
                    wanted: Kind::Directory,
                });
            }
            if name == b".." {
                here = above.pop().unwrap_or(here);
                continue;
            }
            let entry = self.find(&here, &name)?;
            let entry = entry.ok_or_else(|| Error::NotFound { path: shown(path) })?;
            let inode = self.inode(&entry)?;
            if inode.kind == Kind::Symlink && (follow_last || !pending.is_empty()) {
                hops += 1;
                if hops > self.limits.symlink_hops {
                    return Err(Error::LinkLoop {
                        path: shown(path),
                        hops: self.limits.symlink_hops,
                    });
                }
                let target = self.read_link(&inode)?;
                if target.starts_with(b"/") {
                    above.clear();
                    here = root.clone();
                }
                pending.extend(components(&target));
                continue;
            }
            above.push(std::mem::replace(&mut here, inode));
            self.check_descent(&above, &here)?;
        }
        Ok(here)
    }

    fn check_descent(&self, above: &[Inode], here: &Inode) -> Result<()> {
        let (size, allowed) = (above.len() as u64, u64::from(self.limits.path_depth));
        if size > allowed {
            return Err(Error::TooLarge {
                limit: "path_depth",
                what: "a path",
                size,
                allowed,
            });
        }
        if above
            .iter()
            .any(|directory| directory.reference == here.reference)
        {
            let at = self
                .superblock
                .inode_table
                .saturating_add(here.reference >> 16);
            return Err(Error::damaged("directory", at, "it is inside itself"));
        }
        Ok(())
    }
}

/// The components of a path, last first.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').rev();
    parts
        .filter(|part| !part.is_empty() && *part != b".")
        .map(<[u8]>::to_vec)
        .collect()
}
