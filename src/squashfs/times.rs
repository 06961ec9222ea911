//! The times of all inodes, in one pass over their table. No directory is needed for it.

use std::ops::Range;

use super::Squashfs;
use super::bytes::Fields;
use super::error::{Error, Result};
use super::inode::{Inode, Kind};
use super::metadata::Table;
use super::read_at::ReadAt;

const WHAT: &str = "inode table";
/// An inode before its times say anything: type, permissions, owner, group, time, number.
const HEAD: usize = 16;
/// An entry of a directory's index, before its name.
const INDEX_ENTRY: usize = 12;
const NO_FRAGMENT: u32 = u32::MAX;

/// What is wrong with a piece of the table; its reader knows where that lies.
type Told<T> = std::result::Result<T, String>;

/// What the times of all inodes say about one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// Inodes in the table.
    pub inodes: u64,
    /// How many of them were last changed after the moment.
    pub later: u64,
    /// How many of them were last changed after the image was packed: no edit leaves such a time.
    pub after_packing: u64,
    /// The earliest time.
    pub earliest: u32,
    /// The latest time.
    pub latest: u32,
}

/// Takes the inode table apart, piece by piece. What is not needed of an inode is skipped.
pub(super) struct Scan {
    block_size: u64,
    since: i64,
    packed_at: u32,
    pub(super) found: Times,
    /// The start of a record whose end comes with the next piece.
    held: Vec<u8>,
    /// Bytes that are passed over before the next record.
    skip: u64,
    /// Entries of a directory's index that come before the next inode.
    index: u16,
}

impl Scan {
    pub(super) fn new(block_size: u32, since: i64, packed_at: u32) -> Self {
        Self {
            block_size: u64::from(block_size),
            since,
            packed_at,
            found: Times {
                inodes: 0,
                later: 0,
                after_packing: 0,
                earliest: u32::MAX,
                latest: 0,
            },
            held: Vec::new(),
            skip: 0,
            index: 0,
        }
    }

    /// Takes the next bytes of the table.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Told<()> {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.skip > 0 {
                let count = usize::try_from(self.skip).map_or(rest.len(), |n| n.min(rest.len()));
                self.skip -= count as u64;
                at += count;
                continue;
            }
            if !self.held.is_empty() {
                self.held.extend(rest.first());
                at += 1;
                if self.record_len(&self.held)? == Some(self.held.len()) {
                    let record = std::mem::take(&mut self.held);
                    self.record(&record)?;
                }
                continue;
            }
            let record = self.record_len(rest)?.and_then(|len| rest.get(..len));
            let Some(record) = record else {
                self.held.extend_from_slice(rest);
                break;
            };
            at += record.len();
            self.record(record)?;
        }
        Ok(())
    }

    /// Bytes of the record that starts here, without what is skipped; `None` where its type is not here yet.
    fn record_len(&self, bytes: &[u8]) -> Told<Option<usize>> {
        if self.index > 0 {
            return Ok(Some(INDEX_ENTRY));
        }
        let Some(kind) = Fields::new(bytes).u16() else {
            return Ok(None);
        };
        Ok(Some(match kind {
            1 | 2 => HEAD + 16,
            3 | 4 | 5 | 10 => HEAD + 8,
            6 | 7 => HEAD + 4,
            8 => HEAD + 24,
            9 => HEAD + 40,
            11 | 12 => HEAD + 12,
            13 | 14 => HEAD + 8,
            other => return Err(format!("an inode of type {other}; known are 1 to 14")),
        }))
    }

    fn record(&mut self, record: &[u8]) -> Told<()> {
        let cut = || "an inode was cut".to_owned();
        if self.index > 0 {
            self.index -= 1;
            let mut fields = Fields::new(record.get(8..).unwrap_or_default());
            self.skip = u64::from(fields.u32().ok_or_else(cut)?) + 1;
            return Ok(());
        }
        let mut fields = Fields::new(record);
        let kind = fields.u16().ok_or_else(cut)?;
        let mut time = Fields::new(record.get(8..).unwrap_or_default());
        let (time, number) = (time.u32().ok_or_else(cut)?, time.u32().ok_or_else(cut)?);
        if number == 0 {
            return Err("inode number 0".to_owned());
        }
        self.count(time);
        let body = Fields::new(record.get(HEAD..).unwrap_or_default());
        self.behind(kind, body).ok_or_else(cut)
    }

    fn count(&mut self, time: u32) {
        let found = &mut self.found;
        found.inodes += 1;
        found.later += u64::from(i64::from(time) > self.since);
        found.after_packing += u64::from(time > self.packed_at);
        found.earliest = found.earliest.min(time);
        found.latest = found.latest.max(time);
    }

    /// Notes what comes behind the fixed part of an inode.
    fn behind(&mut self, kind: u16, mut body: Fields<'_>) -> Option<()> {
        match kind {
            2 => {
                let (_, fragment, _, size) = (body.u32()?, body.u32()?, body.u32()?, body.u32()?);
                self.skip = self.block_list(u64::from(size), fragment);
            }
            9 => {
                let (_, size, _, _) = (body.u64()?, body.u64()?, body.u64()?, body.u32()?);
                self.skip = self.block_list(size, body.u32()?);
            }
            3 => self.skip = u64::from((body.u32()?, body.u32()?).1),
            10 => self.skip = u64::from((body.u32()?, body.u32()?).1) + 4,
            8 => {
                let (_, _, _, _) = (body.u32()?, body.u32()?, body.u32()?, body.u32()?);
                self.index = body.u16()?;
            }
            _ => {}
        }
        Some(())
    }

    /// Bytes of the list of a file's blocks.
    fn block_list(&self, size: u64, fragment: u32) -> u64 {
        let blocks = match fragment {
            NO_FRAGMENT => size.div_ceil(self.block_size),
            _ => size / self.block_size,
        };
        blocks.saturating_mul(4)
    }

    pub(super) fn is_between_inodes(&self) -> bool {
        self.skip == 0 && self.index == 0 && self.held.is_empty()
    }
}

impl<R: ReadAt> Squashfs<R> {
    /// The times of all inodes against a moment, in seconds since 1970; what has just that time is not later.
    ///
    /// What it decodes does not count against what may be decoded for everything else.
    ///
    /// # Errors
    /// `Damaged` where the table cannot be taken apart, or holds more or fewer inodes than the superblock says;
    /// `TooLarge` over the limits `inodes` and `metadata_bytes`.
    pub fn times(&self, since: i64) -> Result<Times> {
        let decoded = self.metadata_decoded.get();
        let times = self.scan_times(since);
        self.metadata_decoded.set(decoded);
        times
    }

    fn scan_times(&self, since: i64) -> Result<Times> {
        let sb = &self.superblock;
        let said = u64::from(sb.inode_count);
        self.allow_inodes(said)?;
        let Range { start, end } = sb.inode_table..sb.directory_table;
        let mut scan = Scan::new(sb.block_size, since, sb.packed_at);
        let mut at = start;
        while at < end {
            let block = self.block(Table::AllInodes, at, 0)?;
            scan.feed(block.data())
                .map_err(|reason| Error::damaged(WHAT, at, reason))?;
            at = block.next();
            if scan.found.inodes > said {
                break;
            }
        }
        let bad = |reason: String| Err(Error::damaged(WHAT, start, reason));
        if scan.found.inodes != said {
            let more = if scan.found.inodes > said {
                "more"
            } else {
                "fewer"
            };
            return bad(format!(
                "it holds {more} inodes than the {said} of the superblock"
            ));
        }
        if !scan.is_between_inodes() || at != end {
            return bad(format!(
                "its last inode does not end with it, at offset {end}"
            ));
        }
        Ok(scan.found)
    }

    fn allow_inodes(&self, size: u64) -> Result<()> {
        let allowed = self.limits.inodes;
        if size <= allowed {
            return Ok(());
        }
        Err(Error::TooLarge {
            limit: "inodes",
            what: "the number of inodes",
            size,
            allowed,
        })
    }

    /// The paths of the first inodes, in the order of the tree, that were last changed after a moment: at
    /// most `most`. Where a part of the tree cannot be read, those of the rest.
    pub fn later_paths(&self, since: i64, most: usize) -> Vec<Vec<u8>> {
        let mut walk = Walk {
            since,
            most,
            found: Vec::new(),
            entries: 0,
            entered: std::collections::HashSet::new(),
        };
        if let Ok(root) = self.root() {
            if walk.is_later(&root) && most > 0 {
                walk.found.push(b"/".to_vec());
            }
            // Out of time or over a limit: how many there are is known, these are examples.
            let _ = walk.directory(self, root);
        }
        walk.found
    }
}

/// Looks for later inodes, directory by directory.
struct Walk {
    since: i64,
    most: usize,
    found: Vec<Vec<u8>>,
    entries: u64,
    /// Directories that were entered: a damaged tree may lead to one twice.
    entered: std::collections::HashSet<u64>,
}

impl Walk {
    fn is_later(&self, inode: &Inode) -> bool {
        i64::from(inode.mtime) > self.since
    }

    /// Goes through everything below the root.
    fn directory<R: ReadAt>(&mut self, fs: &Squashfs<R>, root: Inode) -> Result<()> {
        let mut open = vec![(fs.entries(&root)?, Vec::new())];
        while let Some((entries, path)) = open.last_mut() {
            if self.found.len() >= self.most {
                return Ok(());
            }
            let Some(Ok(entry)) = entries.next() else {
                open.pop();
                continue;
            };
            self.entries += 1;
            fs.allow_inodes(self.entries)?;
            let inode = match fs.inode(&entry) {
                Ok(inode) => inode,
                Err(Error::Damaged { .. }) => continue,
                Err(other) => return Err(other),
            };
            if inode.kind != Kind::Directory && !self.is_later(&inode) {
                continue;
            }
            let path = [path.as_slice(), b"/", entry.name.as_slice()].concat();
            let is_new = inode.kind == Kind::Directory && self.entered.insert(inode.reference);
            if self.is_later(&inode) {
                self.found.push(path.clone());
            }
            if is_new && open.len() < fs.limits.path_depth as usize {
                open.push((fs.entries(&inode)?, path));
            }
        }
        Ok(())
    }
}
