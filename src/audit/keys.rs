//! Computes keys that find copies of one file without reading it whole.

use std::io;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::image::oci::hex;
use crate::squashfs::ReadAt;

/// Images up to this size are hashed whole.
const WHOLE: u64 = 64 * 1024;
/// Bytes that are hashed at each end of the tables of larger images. More bytes would not help: two images
/// rarely have one superblock, which has the second of packing and the place of each table. Without an
/// instruction for SHA-256 in the processor, hashing takes longer than everything else.
const WINDOW: u64 = 16 * 1024;
/// Bytes of the superblock.
const SUPERBLOCK: usize = 96;

/// Returns the parts of a file that go into its key beside the superblock, from the first bytes of the file.
/// `None` without a superblock.
pub fn parts(head: &[u8], size: u64) -> Option<[Range<u64>; 2]> {
    let head = head.get(..SUPERBLOCK)?;
    let field = |at: usize| {
        let bytes = head.get(at..at + 8)?;
        bytes.try_into().ok().map(u64::from_le_bytes)
    };
    let end = field(40)?.min(size);
    let start = field(64)?.min(end);
    Some(if end <= WHOLE {
        [0..end, end..end]
    } else if end - start <= 2 * WINDOW {
        [start..end, end..end]
    } else {
        [start..start + WINDOW, end - WINDOW..end]
    })
}

/// Returns a digest over superblock, file size and tables. The tables have the position, the stored
/// size and the time of every file. So images with equal keys are copies, unless somebody forged one.
///
/// # Errors
/// If the file cannot be read.
pub fn content(file: &impl ReadAt, size: u64) -> io::Result<Option<String>> {
    let head = file.read_up_to(0, SUPERBLOCK)?;
    let Some(parts) = parts(&head, size) else {
        return Ok(None);
    };
    let mut hash = Sha256::new();
    hash.update(b"sqsh-prov content 2\n");
    hash.update(size.to_le_bytes());
    hash.update(&head);
    for part in parts {
        let length = usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(0);
        hash.update(file.read_up_to(part.start, length)?);
    }
    Ok(Some(hex(&hash.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(size: usize, inode_table: u64) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        bytes[40..48].copy_from_slice(&(size as u64).to_le_bytes());
        bytes[64..72].copy_from_slice(&inode_table.to_le_bytes());
        bytes
    }

    fn key(bytes: &Vec<u8>) -> Option<String> {
        content(bytes, bytes.len() as u64).unwrap()
    }

    #[test]
    fn a_changed_table_changes_the_key() {
        let one = image(600_000, 500_000);
        let mut other = one.clone();
        assert_eq!(key(&one), key(&other));
        for at in [505_000, 595_000] {
            other[at] ^= 1;
            assert_ne!(key(&one), key(&other), "{at}");
            other[at] ^= 1;
        }
    }

    #[test]
    fn a_small_image_is_hashed_whole() {
        let one = image(1000, 900);
        let mut other = one.clone();
        other[200] ^= 1;
        assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn a_file_without_a_superblock_has_no_key() {
        assert_eq!(key(&vec![1; 20]), None);
    }

    #[test]
    fn hostile_offsets_are_no_danger() {
        let mut bytes = image(1000, u64::MAX);
        bytes[40..48].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(key(&bytes).is_some());
    }
}
