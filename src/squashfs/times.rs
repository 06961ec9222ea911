//! The times of all inodes, in one pass over their table. No directory is needed for it.

use std::ops::Range;

use super::Squashfs;
use super::error::{Error, Result};
use super::inode::Inode;
use super::kind::Kind;
use super::metadata::Table;
use super::read_at::ReadAt;
use super::touched::Touched;

const WHAT: &str = "inode table";
/// The fixed part of the longest inode.
const RECORD: usize = 56;
/// An entry of a directory's index, before its name.
const INDEX_ENTRY: usize = 12;
const NO_FRAGMENT: u32 = u32::MAX;
/// More seconds than an import takes. A daemon that exports an image adds files before the importer's own
/// (`/.dockerenv`, `/etc/hosts`).
pub(crate) const ONE_IMPORT: i64 = 6 * 3600;

/// A result whose error describes a piece of the table; the caller knows the piece's position.
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
    /// How many of them have just the moment's time and are no directories.
    pub same: u64,
    /// The latest time of one that is no directory, and over six hours before the moment; 0 if there is none.
    pub before: u32,
    /// The earliest time.
    pub earliest: u32,
    /// The latest time.
    pub latest: u32,
}

impl Times {
    /// Those of no inode.
    pub(super) fn none() -> Self {
        Self {
            inodes: 0,
            later: 0,
            after_packing: 0,
            same: 0,
            before: 0,
            earliest: u32::MAX,
            latest: 0,
        }
    }

    /// Adds inodes of an image that was packed at a time, against a moment.
    pub(super) fn add(&mut self, inodes: Touched, since: i64, packed_at: u32) {
        let time = inodes.time;
        let others = u64::from(inodes.others);
        let count = u64::from(inodes.directories) + others;
        self.inodes += count;
        self.same += others * u64::from(i64::from(time) == since);
        self.later += count * u64::from(i64::from(time) > since);
        self.after_packing += count * u64::from(time > packed_at);
        if others > 0 && i64::from(time) < since.saturating_sub(ONE_IMPORT) {
            self.before = self.before.max(time);
        }
        self.earliest = self.earliest.min(time);
        self.latest = self.latest.max(time);
    }
}

/// Takes the inode table apart, piece by piece. What is not needed of an inode is skipped.
pub(super) struct Scan<F> {
    /// A data block has two to the power of this many bytes.
    block_log: u32,
    /// Is given the time of every inode.
    each: F,
    /// Inodes so far.
    inodes: u64,
    /// The start of a record; its end comes with the next piece.
    held: Vec<u8>,
    /// Bytes that are passed over before the next record.
    skip: u64,
    /// Entries of a directory's index that come before the next inode.
    index: u16,
}

impl<F: FnMut(Touched)> Scan<F> {
    pub(super) fn new(block_size: u32, each: F) -> Self {
        Self {
            block_log: block_size.trailing_zeros().min(20),
            each,
            inodes: 0,
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
            match rest.first_chunk::<RECORD>() {
                Some(record) if self.held.is_empty() => at += self.record(record)?,
                _ => {
                    self.held.extend(rest.first());
                    at += 1;
                    self.held_record()?;
                }
            }
        }
        Ok(())
    }

    /// Takes the record that was held, where it is whole by now.
    fn held_record(&mut self) -> Told<()> {
        let len = match (self.index, self.held.first_chunk()) {
            (0, None) => return Ok(()),
            (0, Some(kind)) => inode_len(u16::from_le_bytes(*kind))?,
            _ => INDEX_ENTRY,
        };
        if self.held.len() == len {
            let mut record = [0; RECORD];
            for (to, from) in record.iter_mut().zip(self.held.drain(..)) {
                *to = from;
            }
            self.record(&record)?;
        }
        Ok(())
    }

    /// Takes the record that these bytes start with, and says how many of them are its own. What comes behind it
    /// is noted to be skipped.
    fn record(&mut self, record: &[u8; RECORD]) -> Told<usize> {
        if self.index > 0 {
            self.index -= 1;
            self.skip = u64::from(u32_at(record, 8)) + 1;
            return Ok(INDEX_ENTRY);
        }
        let kind = u16_at(record, 0);
        let len = inode_len(kind)?;
        if u32_at(record, 12) == 0 {
            return Err("inode number 0".to_owned());
        }
        self.inodes += 1;
        let is_directory = matches!(kind, 1 | 8);
        (self.each)(Touched::one(u32_at(record, 8), is_directory));
        match kind {
            2 => self.skip = self.block_list(u64::from(u32_at(record, 28)), u32_at(record, 20)),
            9 => {
                let size = u64::from(u32_at(record, 28)) << 32 | u64::from(u32_at(record, 24));
                self.skip = self.block_list(size, u32_at(record, 44));
            }
            3 => self.skip = u64::from(u32_at(record, 20)),
            10 => self.skip = u64::from(u32_at(record, 20)) + 4,
            8 => self.index = u16_at(record, 32),
            _ => {}
        }
        Ok(len)
    }

    /// Bytes of the list of a file's blocks.
    fn block_list(&self, size: u64, fragment: u32) -> u64 {
        let full = size >> self.block_log;
        let has_rest = full << self.block_log != size;
        let blocks = full.saturating_add(u64::from(has_rest && fragment == NO_FRAGMENT));
        blocks.saturating_mul(4)
    }

    pub(super) fn is_between_inodes(&self) -> bool {
        self.skip == 0 && self.index == 0 && self.held.is_empty()
    }
}

/// Bytes of the fixed part of an inode.
fn inode_len(kind: u16) -> Told<usize> {
    Ok(match kind {
        1 | 2 => 32,
        3 | 4 | 5 | 10 | 13 | 14 => 24,
        6 | 7 => 20,
        8 => 40,
        9 => RECORD,
        11 | 12 => 28,
        other => return Err(format!("an inode of type {other}; known are 1 to 14")),
    })
}

fn u16_at(record: &[u8; RECORD], at: usize) -> u16 {
    let bytes = record.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(record: &[u8; RECORD], at: usize) -> u32 {
    let bytes = record.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
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
        let packed_at = self.superblock.packed_at;
        let mut times = Times::none();
        if let Some(found) = self.found_ahead() {
            for inodes in found {
                times.add(inodes, since, packed_at);
            }
            return Ok(times);
        }
        let decoded = self.metadata_decoded.get();
        let told = self.each_time(|inode| times.add(inode, since, packed_at));
        self.metadata_decoded.set(decoded);
        told.map(|()| times)
    }

    /// Gives the time of every inode to a function.
    pub(super) fn each_time(&self, each: impl FnMut(Touched)) -> Result<()> {
        let sb = &self.superblock;
        let said = u64::from(sb.inode_count);
        self.allow_inodes(said)?;
        let Range { start, end } = sb.inode_table..sb.directory_table;
        let mut scan = Scan::new(sb.block_size, each);
        let mut at = start;
        while at < end {
            let block = self.block(Table::AllInodes, at, 0)?;
            scan.feed(&block.data)
                .map_err(|reason| Error::damaged(WHAT, at, reason))?;
            at = block.next;
            if scan.inodes > said {
                break;
            }
        }
        let bad = |reason: String| Err(Error::damaged(WHAT, start, reason));
        if scan.inodes != said {
            let more = if scan.inodes > said { "more" } else { "fewer" };
            return bad(format!(
                "it holds {more} inodes than the {said} of the superblock"
            ));
        }
        if !scan.is_between_inodes() || at != end {
            return bad(format!(
                "its last inode does not end with it, at offset {end}"
            ));
        }
        Ok(())
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
