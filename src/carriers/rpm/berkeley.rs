//! Reads the database of RHEL 8 and before, `Packages`: a hash of Berkeley DB. Its keys are the
//! numbers of packages, its values their headers (Berkeley DB 5.3, `src/dbinc/db_page.h`; rpm,
//! `lib/backend/bdb_ro.cc`). Numbers have the byte order of the machine that wrote them.

use std::borrow::Cow;

use super::bytes::{Budget, Each, Unreadable, array, damaged, piece};

/// The offset of the magic number, the version and other fields in the first page.
const MAGIC_AT: usize = 12;
const VERSION_AT: usize = 16;
const PAGE_SIZE_AT: usize = 20;
const MOST_BUCKET_AT: usize = 72;
const SPARES_AT: usize = 96;
const SPARES: usize = 32;
const MAGIC: u32 = 0x0006_1561;

/// The size of a page's header.
const PAGE_HEADER: usize = 26;
const NEXT_AT: usize = 16;
/// The number of items of a hash page, or of bytes on an overflow page.
const COUNT_AT: usize = 20;
const USED_AT: usize = 22;
const TYPE_AT: usize = 25;
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH_OLD: u8 = 8;
const HASH: u8 = 13;

/// The first byte of an item: its bytes follow, or the page and length of its bytes.
const ON_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;

/// Returns true for such a database.
pub(super) fn is_one(database: &[u8]) -> bool {
    array(database, MAGIC_AT)
        .is_some_and(|it| u32::from_le_bytes(it) == MAGIC || u32::from_be_bytes(it) == MAGIC)
}

/// Passes each header, with its offset, to `each`.
///
/// # Errors
/// Damage, and the errors of `each`.
pub(super) fn headers(database: &[u8], each: Each<'_>) -> Result<(), Unreadable> {
    let little = array(database, MAGIC_AT).is_some_and(|it| u32::from_le_bytes(it) == MAGIC);
    let mut file = File {
        bytes: database,
        little,
        page: 0,
        budget: Budget::of(database),
    };
    if !matches!(file.u32(VERSION_AT), Some(8..=10)) {
        return Err(damaged("version", VERSION_AT));
    }
    let size = file.u32(PAGE_SIZE_AT);
    let size = size.filter(|size| (512..=65_536).contains(size) && size.is_power_of_two());
    file.page = size.ok_or_else(|| damaged("page size", PAGE_SIZE_AT))?;
    let most = file.u32(MOST_BUCKET_AT);
    let most = most.ok_or_else(|| damaged("number of buckets", MOST_BUCKET_AT))?;
    for bucket in 0..=most {
        let mut next = file.first(bucket);
        if next.is_none() {
            return Err(damaged("number of buckets", MOST_BUCKET_AT));
        }
        while let Some(number) = next {
            next = file.items(number, each)?;
        }
    }
    Ok(())
}

struct File<'a> {
    bytes: &'a [u8],
    little: bool,
    /// The size of a page, in bytes.
    page: usize,
    budget: Budget,
}

impl<'a> File<'a> {
    fn u32(&self, at: usize) -> Option<usize> {
        let bytes = array(self.bytes, at)?;
        let number = match self.little {
            true => u32::from_le_bytes(bytes),
            false => u32::from_be_bytes(bytes),
        };
        usize::try_from(number).ok()
    }

    fn u16(&self, at: usize) -> Option<usize> {
        let bytes = array(self.bytes, at)?;
        Some(usize::from(match self.little {
            true => u16::from_le_bytes(bytes),
            false => u16::from_be_bytes(bytes),
        }))
    }

    /// Returns the first page of a bucket. The buckets of each doubling of the hash are adjacent.
    fn first(&self, bucket: usize) -> Option<usize> {
        let doubling = usize::try_from(usize::BITS - bucket.leading_zeros()).ok()?;
        let spare = SPARES_AT.checked_add(doubling.checked_mul(4)?)?;
        let page = self.u32(spare).filter(|_| doubling < SPARES)?;
        // A number beyond the last page is an error later.
        Some(bucket.saturating_add(page))
    }

    /// Returns the offset of a page. Each page is read once.
    fn start(&mut self, number: usize, types: &[u8]) -> Result<usize, Unreadable> {
        let at = number.saturating_mul(self.page);
        self.budget.take(self.page)?;
        let page = piece(self.bytes, at, self.page);
        let is_it = page
            .and_then(|page| page.get(TYPE_AT))
            .is_some_and(|it| types.contains(it))
            && self.u32(at.saturating_add(8)) == Some(number);
        is_it.then_some(at).ok_or_else(|| damaged("page", at))
    }

    /// Passes the headers on a bucket's page to `each`. Returns the bucket's next page.
    fn items(&mut self, number: usize, each: Each<'_>) -> Result<Option<usize>, Unreadable> {
        let at = self.start(number, &[HASH_UNSORTED, HASH_OLD, HASH])?;
        let damaged = damaged("item", at);
        let count = self.u16(at.saturating_add(COUNT_AT)).unwrap_or(0);
        let mut end = self.page;
        let mut is_number = false;
        for item in 0..count {
            let place = item.saturating_mul(2).saturating_add(PAGE_HEADER);
            let place = at.checked_add(place).filter(|_| place < self.page);
            let start = place.and_then(|place| self.u16(place)).ok_or(damaged)?;
            // Items are stored from the end of the page.
            let length = end.checked_sub(start).ok_or(damaged)?;
            end = start;
            let is_key = item.is_multiple_of(2);
            if !is_key && !is_number {
                continue;
            }
            let start = at.saturating_add(start);
            let bytes = piece(self.bytes, start, length).ok_or(damaged)?;
            if is_key {
                // The value of key zero is the highest number in use.
                is_number = bytes.len() == 5 && bytes.get(1..) != Some(&[0; 4]);
                continue;
            }
            each(&self.value(bytes, start)?, start)?;
        }
        let next = self.u32(at.saturating_add(NEXT_AT));
        Ok(next.filter(|&next| next != 0))
    }

    /// Returns the bytes of an item, which may be on a chain of overflow pages.
    fn value(&mut self, item: &'a [u8], at: usize) -> Result<Cow<'a, [u8]>, Unreadable> {
        match item.split_first() {
            Some((&ON_PAGE, bytes)) => return Ok(Cow::Borrowed(bytes)),
            Some((&OFF_PAGE, rest)) if rest.len() == 11 => {}
            _ => return Err(damaged("item", at)),
        }
        let field = |offset| self.u32(at.saturating_add(offset)).unwrap_or(0);
        let (mut page, length) = (field(4), field(8));
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let at = self.start(page, &[OVERFLOW])?;
            let used = self.u16(at.saturating_add(USED_AT)).unwrap_or(0);
            let start = at.saturating_add(PAGE_HEADER);
            let fits = used > 0 && used <= self.page.saturating_sub(PAGE_HEADER);
            let piece = piece(self.bytes, start, used).filter(|_| fits);
            bytes.extend_from_slice(piece.ok_or_else(|| damaged("length of a page", at))?);
            page = self.u32(at.saturating_add(NEXT_AT)).unwrap_or(0);
        }
        Ok(Cow::Owned(bytes))
    }
}
