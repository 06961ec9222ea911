//! Fields of the superblock, for every test that changes one.

/// The number at an offset, 0 where the image ends before it; `width` is at most 8.
pub fn number(image: &[u8], at: usize, width: usize) -> u64 {
    let mut bytes = [0; 8];
    if let Some(field) = at.checked_add(width).and_then(|end| image.get(at..end)) {
        bytes[..width].copy_from_slice(field);
    }
    u64::from_le_bytes(bytes)
}

/// Offset and width of each field; the magic is the first.
pub const SUPERBLOCK: [(usize, usize); 19] = [
    (0, 4),
    (4, 4),
    (8, 4),
    (12, 4),
    (16, 4),
    (20, 2),
    (22, 2),
    (24, 2),
    (26, 2),
    (28, 2),
    (30, 2),
    (32, 8),
    (40, 8),
    (48, 8),
    (56, 8),
    (64, 8),
    (72, 8),
    (80, 8),
    (88, 8),
];
