//! Compares the times of everything below a directory with a time.

use std::collections::BTreeSet;

use rustix::fs::Stat;

use super::errors::error;
use super::tree::Root;
use crate::image::later::named;
use crate::image::{Error, FileKind, Later};
use crate::squashfs::ONE_IMPORT;

struct Count<'a> {
    root: &'a Root<'a>,
    /// The most paths that are named.
    most: usize,
    later: Later,
    /// The first paths of later entries.
    found: BTreeSet<Vec<u8>>,
}

pub(super) fn later_than(root: &Root<'_>, since: i64, names: usize) -> Result<Later, Error> {
    let mut count = Count {
        root,
        most: names,
        later: Later {
            since,
            earliest: i64::MAX,
            latest: i64::MIN,
            ..Later::default()
        },
        found: BTreeSet::new(),
    };
    let top = rustix::fs::fstat(root.directory).map_err(|errno| error(b"/", errno))?;
    root.check_time(b"/")?;
    count.add(b"/", FileKind::Directory, &top)?;
    root.each(false, &mut |found| {
        count.add(found.path, found.kind, found.stat)
    })?;
    count.later.paths = named(count.found.into_iter().collect());
    Ok(count.later)
}

impl Count<'_> {
    fn add(&mut self, path: &[u8], kind: FileKind, stat: &Stat) -> Result<(), Error> {
        let later = &mut self.later;
        later.inodes += 1;
        Error::check_limit(path, later.inodes, self.root.limits.inodes, "inodes")?;
        later.earliest = later.earliest.min(stat.st_mtime);
        later.latest = later.latest.max(stat.st_mtime);
        if kind != FileKind::Directory {
            later.same += u64::from(stat.st_mtime == later.since);
            if stat.st_mtime < later.since.saturating_sub(ONE_IMPORT) {
                later.before = later.before.max(stat.st_mtime);
            }
        }
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
