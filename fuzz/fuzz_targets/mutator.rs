//! Mutations that know a squashfs image: fields of the superblock, pointers of tables, headers of
//! metadata blocks. Half of the time the fuzzer's own mutations are taken.

#[path = "../../tests/mutate_support/fields.rs"]
mod fields;

use fields::{SUPERBLOCK, number};
use libfuzzer_sys::fuzzer_mutate;

const ODD: [u64; 16] = [
    0,
    1,
    2,
    3,
    0xff,
    0x1fff,
    0x2000,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

fn put(data: &mut [u8], at: usize, width: usize, value: u64) {
    if let Some(end) = at.checked_add(width)
        && let Some(field) = data.get_mut(at..end)
    {
        field.copy_from_slice(&value.to_le_bytes()[..width]);
    }
}

/// The function for `fuzz_mutator!`: changes `data`, which has `size` used bytes, and returns the new
/// size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |bound: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        ((state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % bound.max(1)
    };
    if size < 96 || &data[..4] != b"hsqs" || below(2) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let image = &mut data[..size];
    let (at, width) = match below(4) {
        0 => SUPERBLOCK[1 + below(SUPERBLOCK.len() - 1)],
        1 => {
            // A block of a table: its header, or a field in it.
            let start = number(image, [64, 72][below(2)], 8);
            let mut at = usize::try_from(start).unwrap_or(size).min(size);
            for _ in 0..below(8) {
                at = at
                    .saturating_add(2 + (number(image, at.min(size), 2) & 0x7fff) as usize)
                    .min(size);
            }
            match below(2) {
                0 => (at, 2),
                _ => (
                    at.saturating_add(2 + below(8192)).min(size),
                    [1, 2, 4, 8][below(4)],
                ),
            }
        }
        2 => {
            // An index of a lookup table, or the block that it points to.
            let index = number(image, [48, 80, 88][below(3)], 8);
            let index = usize::try_from(index).unwrap_or(size).min(size);
            match below(3) {
                0 => (index, 8),
                _ => {
                    let block = usize::try_from(number(image, index, 8))
                        .unwrap_or(size)
                        .min(size);
                    (block.saturating_add(below(64)), [2, 4, 8][below(3)])
                }
            }
        }
        _ => (below(size), [1, 2, 4, 8][below(4)]),
    };
    let old = number(image, at.min(size), width);
    let other = SUPERBLOCK[1 + below(SUPERBLOCK.len() - 1)];
    let value = match below(5) {
        0 | 1 => ODD[below(ODD.len())],
        2 => old.wrapping_add(1 + below(8) as u64),
        3 => old.wrapping_sub(1 + below(8) as u64),
        _ => number(image, other.0, other.1),
    };
    put(image, at, width, value);
    size
}
