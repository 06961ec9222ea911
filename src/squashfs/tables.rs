//! The lookup tables: fragments, and user and group ids.

use super::Squashfs;
use super::bytes::Fields;
use super::error::{Error, Result};
use super::metadata::{BLOCK, Cursor, Place, Table};
use super::read_at::ReadAt;

/// Read around an entry of an index: the block that it points to is often the one in front of the index.
const BEFORE_INDEX: u64 = 8192 + 1024;

/// The position of a fragment block, and how it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub(super) start: u64,
    pub(super) size: u32,
}

impl<R: ReadAt> Squashfs<R> {
    pub(super) fn fragment(&self, number: u32) -> Result<Fragment> {
        let what = "fragment table";
        let start = self.superblock.fragment_table.unwrap_or(0);
        if start == 0 {
            return Err(Error::damaged(what, 80, "there is none"));
        }
        if number >= self.superblock.fragment_count {
            let reason = format!("fragment {number} of {}", self.superblock.fragment_count);
            return Err(Error::damaged(what, start, reason));
        }
        let entry: [u8; 16] =
            self.table_entry(what, start, self.superblock.fragment_index_len(), number)?;
        let mut fields = Fields::new(&entry);
        let (start, size) = (
            fields.u64().unwrap_or_default(),
            fields.u32().unwrap_or_default(),
        );
        Ok(Fragment { start, size })
    }

    pub(super) fn id(&self, index: u16) -> Result<u32> {
        let what = "id table";
        let start = self.superblock.id_table;
        if index >= self.superblock.id_count {
            let reason = format!("id {index} of {}", self.superblock.id_count);
            return Err(Error::damaged(what, start, reason));
        }
        let index_len = u64::from(self.superblock.id_count).div_ceil(2048) * 8;
        self.table_entry(what, start, index_len, u32::from(index))
            .map(u32::from_le_bytes)
    }

    /// Entry `number` of a table of `N`-byte entries; the index of its blocks is at `start`.
    fn table_entry<const N: usize>(
        &self,
        what: &'static str,
        start: u64,
        index_len: u64,
        number: u32,
    ) -> Result<[u8; N]> {
        let per_block = u32::try_from(BLOCK / N).unwrap_or(1);
        let at = start.saturating_add(u64::from(number / per_block) * 8);
        // The count may make the index very long, so only a part of it is read.
        let wide = at
            .saturating_sub(BEFORE_INDEX)
            .max(self.superblock.directory_table)
            ..start
                .saturating_add(index_len)
                .min(at.saturating_add(BEFORE_INDEX));
        let pointer = self.disk.get(what, at..at.saturating_add(8), wide)?;
        let block = Fields::new(&pointer).u64().unwrap_or_default();
        let offset = (number % per_block) as usize * N;
        Cursor::new(Table::Lookup(start), Place { block, offset }, 0).array(self)
    }
}
