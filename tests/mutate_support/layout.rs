//! The positions of the parts of an intact image, for mutations to aim at.

use std::ops::Range;

use super::fields::{SUPERBLOCK, number};

/// A part of an image, by the name that figures are printed under.
#[derive(Clone, Debug)]
pub struct Part {
    pub name: &'static str,
    pub range: Range<usize>,
    /// Offsets of the headers of the metadata blocks in it.
    pub blocks: Vec<usize>,
}

/// A field: its offset in the image and its width in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub at: usize,
    pub width: usize,
}

/// What is where.
#[derive(Clone, Debug)]
pub struct Layout {
    pub parts: Vec<Part>,
    /// The fields of the superblock.
    pub superblock: Vec<Field>,
    /// Fields of inodes and of directory listings, in blocks that are stored raw.
    pub raw_fields: Vec<Field>,
    /// The pointers in the indexes of the lookup tables.
    pub pointers: Vec<Field>,
    pub compressor: u16,
}

/// Offset and width of the fields of a record, and its length.
type Fields = (Vec<(usize, usize)>, usize);

const NOT_SET: u64 = u64::MAX;

impl Layout {
    /// Of an image that is whole and sound.
    pub fn of(image: &[u8]) -> Self {
        let used = number(image, 40, 8) as usize;
        let table = |at| Some(number(image, at, 8)).filter(|&start| start != NOT_SET);
        let (inodes, directories) = (number(image, 64, 8) as usize, number(image, 72, 8) as usize);
        let counts = [
            (
                "fragment table",
                table(80),
                (number(image, 16, 4) as usize).div_ceil(512),
            ),
            (
                "export table",
                table(88),
                (number(image, 4, 4) as usize).div_ceil(1024),
            ),
            (
                "id table",
                table(48),
                (number(image, 26, 2) as usize).div_ceil(2048),
            ),
        ];
        let mut pointers = Vec::new();
        let mut lookups = Vec::new();
        for (name, index, count) in counts {
            let Some(index) = index.map(|index| index as usize).filter(|_| count > 0) else {
                continue;
            };
            pointers.extend((0..count).map(|i| Field {
                at: index + i * 8,
                width: 8,
            }));
            let start = number(image, index, 8) as usize;
            lookups.push(part(image, name, start..index + count * 8, index));
        }
        let first = lookups.iter().map(|part| part.range.start).min();
        let first = first.unwrap_or(used);
        let last = lookups.iter().map(|part| part.range.end).max();
        let last = last.unwrap_or(used);
        let mut parts = vec![
            Part {
                name: "superblock",
                range: 0..96,
                blocks: Vec::new(),
            },
            Part {
                name: "data",
                range: 96..inodes,
                blocks: Vec::new(),
            },
            part(image, "inode table", inodes..directories, directories),
            part(image, "directory table", directories..first, first),
        ];
        parts.extend(lookups);
        parts.push(Part {
            name: "xattr table",
            range: last..used,
            blocks: Vec::new(),
        });
        parts.retain(|part| !part.range.is_empty());
        let raw_fields = (parts.iter())
            .flat_map(|part| match part.name {
                "inode table" => fields(image, part, inode),
                "directory table" => fields(image, part, listing),
                _ => Vec::new(),
            })
            .collect();
        Self {
            parts,
            superblock: (SUPERBLOCK.iter())
                .map(|&(at, width)| Field { at, width })
                .collect(),
            raw_fields,
            pointers,
            compressor: number(image, 20, 2) as u16,
        }
    }
}

/// A part, and the metadata blocks in it up to `end`.
fn part(image: &[u8], name: &'static str, range: Range<usize>, end: usize) -> Part {
    let mut blocks = Vec::new();
    let mut at = range.start;
    while at + 2 < end {
        blocks.push(at);
        at += 2 + (number(image, at, 2) & 0x7fff) as usize;
    }
    Part {
        name,
        range,
        blocks,
    }
}

/// The fields in the raw blocks of a table; what crosses a border of blocks is left out.
fn fields(image: &[u8], part: &Part, one: fn(&[u8], usize) -> Option<Fields>) -> Vec<Field> {
    let mut found = Vec::new();
    // A record that crosses a border hides where the next block's first one starts.
    if let Some(&header) = part.blocks.first() {
        let size = number(image, header, 2);
        if size & 0x8000 == 0 {
            return found;
        }
        let (start, end) = (header + 2, header + 2 + (size & 0x7fff) as usize);
        let mut at = start;
        while let Some((fields, len)) = one(&image[..end], at) {
            found.extend(fields.iter().map(|&(offset, width)| Field {
                at: at + offset,
                width,
            }));
            at += len;
        }
    }
    found
}

/// The fields of an inode, and its length.
fn inode(bytes: &[u8], at: usize) -> Option<Fields> {
    let field = |offset: usize, width: usize| {
        bytes.get(at + offset..at + offset + width)?;
        Some(number(bytes, at + offset, width) as usize)
    };
    let mut fields = vec![(0, 2), (2, 2), (4, 2), (6, 2), (8, 4), (12, 4)];
    let block = number(bytes, 12, 4) as usize;
    let blocks = |size: usize, fragment: usize| match fragment {
        0xffff_ffff => size.div_ceil(block),
        _ => size / block,
    };
    let len = match field(0, 2)? {
        1 => {
            fields.extend([(16, 4), (20, 4), (24, 2), (26, 2), (28, 4)]);
            32
        }
        2 => {
            fields.extend([(16, 4), (20, 4), (24, 4), (28, 4)]);
            let count = blocks(field(28, 4)?, field(20, 4)?);
            fields.extend((0..count.min(4)).map(|i| (32 + i * 4, 4)));
            32 + count * 4
        }
        3 => {
            fields.extend([(16, 4), (20, 4)]);
            24 + field(20, 4)?
        }
        4 | 5 => 24,
        6 | 7 => 20,
        8 => {
            fields.extend([
                (16, 4),
                (20, 4),
                (24, 4),
                (28, 4),
                (32, 2),
                (34, 2),
                (36, 4),
            ]);
            let mut len = 40;
            for _ in 0..field(32, 2)? {
                fields.extend([(len, 4), (len + 4, 4), (len + 8, 4)]);
                len += 12 + field(len + 8, 4)? + 1;
            }
            len
        }
        9 => {
            fields.extend([
                (16, 8),
                (24, 8),
                (32, 8),
                (40, 4),
                (44, 4),
                (48, 4),
                (52, 4),
            ]);
            let count = blocks(field(24, 8)?, field(44, 4)?);
            fields.extend((0..count.min(4)).map(|i| (56 + i * 4, 4)));
            56 + count * 4
        }
        _ => return None,
    };
    bytes.get(at..at + len)?;
    Some((fields, len))
}

/// The fields of a run of directory entries, and its length.
fn listing(bytes: &[u8], at: usize) -> Option<Fields> {
    let mut fields = vec![(0, 4), (4, 4), (8, 4)];
    bytes.get(at..at + 12)?;
    let mut len = 12;
    for _ in 0..=number(bytes, at, 4).min(255) {
        bytes.get(at + len..at + len + 8)?;
        fields.extend([(len, 2), (len + 2, 2), (len + 4, 2), (len + 6, 2)]);
        // The first byte of the name.
        fields.push((len + 8, 1));
        len += 8 + number(bytes, at + len + 6, 2) as usize + 1;
    }
    bytes.get(at..at + len)?;
    Some((fields, len))
}
