//! Reads the database of SUSE, `Packages.db`: pages of slots. Each slot has the place of a
//! package's header (rpm, `lib/backend/ndb/rpmpkg.c`). Numbers are little-endian.

use super::bytes::{Budget, Each, Unreadable, damaged, little, piece};

pub(super) const MAGIC: &[u8] = b"RpmP";
/// The offset of the first slot, after the file's header.
const FIRST: usize = 32;
const SLOT: usize = 16;
const PAGE: usize = 4096;
/// The unit of a slot's offsets, in bytes.
const BLOCK: usize = 16;
/// The size of the fields before a package's bytes: magic, package, generation, length.
const BLOB_HEAD: usize = 16;

/// Passes each header, with its offset, to `each`.
///
/// # Errors
/// Damage, and the errors of `each`.
pub(super) fn headers(database: &[u8], each: Each<'_>) -> Result<(), Unreadable> {
    if little(database, 4) != Some(0) {
        return Err(damaged("version", 4));
    }
    let pages = little(database, 12).and_then(|pages| pages.checked_mul(PAGE));
    let slots = pages.and_then(|end| database.get(FIRST..end));
    let slots = slots.ok_or_else(|| damaged("number of slot pages", 12))?;
    let mut budget = Budget::of(database);
    for (number, slot) in slots.chunks_exact(SLOT).enumerate() {
        let here = number.saturating_mul(SLOT).saturating_add(FIRST);
        if !slot.starts_with(b"Slot") {
            return Err(damaged("magic of a slot", here));
        }
        // An empty slot.
        if little(slot, 8) == Some(0) {
            continue;
        }
        let start = little(slot, 8).and_then(|block| block.checked_mul(BLOCK));
        let start = start.ok_or_else(|| damaged("offset of a slot", here))?;
        let blob = blob(database, start, little(slot, 4));
        let blob = blob.ok_or_else(|| damaged("blob", start))?;
        budget.take(blob.len())?;
        each(blob, start)?;
    }
    Ok(())
}

/// Returns the bytes of a package. They repeat its number, which must match.
fn blob(database: &[u8], start: usize, package: Option<usize>) -> Option<&[u8]> {
    let head = piece(database, start, BLOB_HEAD)?;
    let is_it = head.starts_with(b"BlbS") && little(head, 4) == package;
    is_it.then(|| piece(database, start.checked_add(BLOB_HEAD)?, little(head, 12)?))?
}
