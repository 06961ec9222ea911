//! Reads the database of RHEL 9, Fedora and others, `rpmdb.sqlite`: the table `Packages (hnum
//! INTEGER PRIMARY KEY, blob BLOB)` (rpm, `lib/backend/sqlite.cc`) in SQLite's format
//! (<https://sqlite.org/fileformat2.html>; comments name its sections). Numbers are big-endian.

use std::borrow::Cow;

use super::bytes::{Budget, Each, Unreadable, array, big, damaged, piece};

/// 1.3, the header of the database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
const FILE_HEADER: usize = 100;
const PAGE_SIZE_AT: usize = 16;
const RESERVED_AT: usize = 20;
const ENCODING_AT: usize = 56;
/// 1.6, pages of a table's tree.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;
/// The greatest depth of a tree: SQLite's own limit (`BTCURSOR_MAX_DEPTH`).
const MOST_DEPTH: usize = 20;

/// Passes each header, with its offset, to `each`.
///
/// # Errors
/// Damage, and the errors of `each`.
pub(super) fn headers(database: &[u8], each: Each<'_>) -> Result<(), Unreadable> {
    let size = array(database, PAGE_SIZE_AT).map(u16::from_be_bytes);
    let size = match size.map_or(0, usize::from) {
        1 => 65_536,
        size => size,
    };
    let reserved = usize::from(database.get(RESERVED_AT).copied().unwrap_or(0));
    let usable = size.saturating_sub(reserved);
    if usable < 480 || !size.is_power_of_two() {
        return Err(damaged("page size", PAGE_SIZE_AT));
    }
    // UTF-8, the encoding of rpm's texts.
    if !matches!(big(database, ENCODING_AT), Some(0 | 1)) {
        return Err(damaged("text encoding", ENCODING_AT));
    }
    let mut file = File {
        bytes: database,
        size,
        usable,
        pages: Budget::of(database),
        records: Budget::of(database),
    };
    let mut root = None;
    file.tree(1, 0, &mut |record, _| {
        root = root.or_else(|| packages(record));
        Ok(())
    })?;
    let root = root.ok_or_else(|| damaged("no table Packages", FILE_HEADER))?;
    file.pages = Budget::of(database);
    file.tree(root, 0, &mut |record, at| {
        let blob = column(record, 1).ok_or_else(|| damaged("record", at))?;
        each(blob, at)
    })
}

/// Returns the first page of the table, if a row of the schema describes it: type, name, table's
/// name, root page, SQL (2.6).
fn packages(record: &[u8]) -> Option<usize> {
    let is_it =
        column(record, 0)? == b"table" && column(record, 1)?.eq_ignore_ascii_case(b"Packages");
    let root = column(record, 3).filter(|_| is_it)?;
    let root = root.iter().try_fold(0_usize, |sum, &byte| {
        sum.checked_mul(256)?.checked_add(byte.into())
    });
    root.filter(|&root| root > 0)
}

/// Returns the bytes of a column of a record (2.1).
fn column(record: &[u8], number: usize) -> Option<&[u8]> {
    let (length, mut at) = varint(record, 0)?;
    let mut start = length;
    for column in 0..=number {
        let (kind, next) = varint(record.get(..length)?, at)?;
        at = next;
        let bytes = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            12.. => (kind - 12) / 2,
            _ => return None,
        };
        if column == number {
            return piece(record, start, bytes);
        }
        start = start.checked_add(bytes)?;
    }
    None
}

/// Returns a number of variable length, and its end (1.6).
fn varint(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut number = 0_u64;
    for length in 1..=9 {
        let end = at.checked_add(length)?;
        let byte = *bytes.get(end.checked_sub(1)?)?;
        let (bits, more) = match length {
            9 => (8, false),
            _ => (7, byte & 0x80 != 0),
        };
        let low = u64::from(byte) & if bits == 8 { 0xff } else { 0x7f };
        number = number << bits | low;
        if !more {
            return Some((usize::try_from(number).ok()?, end));
        }
    }
    None
}

struct File<'a> {
    bytes: &'a [u8],
    /// The size of a page in bytes, and the part that is not reserved for extensions.
    size: usize,
    usable: usize,
    pages: Budget,
    records: Budget,
}

impl<'a> File<'a> {
    /// Returns a page by its number, which counts from one, and its offset. Each page is read once.
    fn page(&mut self, number: usize) -> Result<(&'a [u8], usize), Unreadable> {
        self.pages.take(self.size)?;
        let at = number.saturating_sub(1).saturating_mul(self.size);
        let page = piece(self.bytes, at, self.usable).filter(|_| number > 0);
        let page = page.ok_or_else(|| damaged("page beyond the end", at))?;
        Ok((page, at))
    }

    /// Passes each record of a table's tree, with its offset, to `row` (1.6).
    fn tree(&mut self, number: usize, depth: usize, row: Each<'_>) -> Result<(), Unreadable> {
        let (page, at) = self.page(number)?;
        let damaged = |what| damaged(what, at);
        if depth >= MOST_DEPTH {
            return Err(damaged("depth of a tree"));
        }
        let start = if number == 1 { FILE_HEADER } else { 0 };
        let header = page.get(start..).unwrap_or_default();
        let kind = header.first().copied().unwrap_or(0);
        let pointers = match kind {
            LEAF => header.get(8..),
            INTERIOR => header.get(12..),
            _ => return Err(damaged("type of a page")),
        };
        let count = array(header, 3).map_or(0, u16::from_be_bytes);
        let mut pointers = pointers.unwrap_or_default().chunks_exact(2);
        for _ in 0..count {
            let cell = pointers.next().and_then(|pointer| array(pointer, 0));
            let cell = cell.map(u16::from_be_bytes).map(usize::from);
            let cell = cell.ok_or_else(|| damaged("number of cells"))?;
            if kind == LEAF {
                let place = at.saturating_add(cell);
                let record = self.record(page, cell, place)?;
                row(&record, place)?;
            } else {
                let child = big(page, cell).ok_or_else(|| damaged("cell"))?;
                self.tree(child, depth.saturating_add(1), row)?;
            }
        }
        if kind == INTERIOR {
            let last = big(header, 8).ok_or_else(|| damaged("cell"))?;
            self.tree(last, depth.saturating_add(1), row)?;
        }
        Ok(())
    }

    /// Returns the record in a leaf's cell. Its end may be on a chain of overflow pages (1.6, 1.7).
    fn record(
        &mut self,
        page: &'a [u8],
        cell: usize,
        at: usize,
    ) -> Result<Cow<'a, [u8]>, Unreadable> {
        let damaged = damaged("cell", at);
        let (length, next) = varint(page, cell).ok_or(damaged)?;
        let (_row, start) = varint(page, next).ok_or(damaged)?;
        let here = self.local(length);
        // In a damaged page, cells may overlap.
        self.records.take(here)?;
        let local = piece(page, start, here).ok_or(damaged)?;
        if here == length {
            return Ok(Cow::Borrowed(local));
        }
        let next = start.checked_add(here).and_then(|end| big(page, end));
        let mut next = next.ok_or(damaged)?;
        let mut bytes = local.to_vec();
        while let Some(left) = length.checked_sub(bytes.len()).filter(|&left| left > 0) {
            let (page, _) = self.page(next)?;
            let (link, data) = page.split_at_checked(4).ok_or(damaged)?;
            next = big(link, 0).ok_or(damaged)?;
            bytes.extend_from_slice(data.get(..left.min(data.len())).ok_or(damaged)?);
        }
        Ok(Cow::Owned(bytes))
    }

    /// Returns how many bytes of a record are in its leaf (1.6).
    fn local(&self, length: usize) -> usize {
        let most = self.usable.saturating_sub(35);
        if length <= most {
            return length;
        }
        let least = self.usable.saturating_sub(12).saturating_mul(32) / 255;
        let least = least.saturating_sub(23);
        let data = self.usable.saturating_sub(4);
        let fitting = length.saturating_sub(least).checked_rem(data);
        let fitting = fitting.map_or(least, |rest| least.saturating_add(rest));
        if fitting <= most { fitting } else { least }
    }
}
