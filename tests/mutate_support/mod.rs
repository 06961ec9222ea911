//! Mutations of images that know what they hit, and what may come of them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it stops where a sound image is not"
)]

pub mod facts;
pub mod fields;
pub mod gate;
pub mod layout;
pub mod others;
pub mod run;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::squashfs_support::{fixtures, has, mksquashfs, run};

use layout::{Field, Layout};

/// xorshift64*, with a fixed seed.
pub struct Random(pub u64);

impl Random {
    /// One for the `round`-th mutation of the image `name`, whatever came before it.
    pub fn of(name: &str, round: usize) -> Self {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |seed, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut random = Self(seed ^ (round as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 33) as usize) % bound.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// Values that readers have stumbled over.
const ODD: [u64; 24] = [
    0,
    1,
    2,
    3,
    7,
    8,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x1fff,
    0x2000,
    0x2001,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

/// Changes an image, and says which part of it.
pub fn mutate(image: &mut Vec<u8>, layout: &Layout, random: &mut Random) -> &'static str {
    let mut hit = "";
    // One change shows more than many: what else is in the image must still be answered.
    let changes = if random.below(4) == 0 {
        1 + random.below(4)
    } else {
        1
    };
    for _ in 0..changes {
        hit = one(image, layout, random);
    }
    if random.below(60) == 0 {
        let len = 1 + random.below(image.len() - 1);
        image.truncate(len);
        hit = "truncated";
    }
    hit
}

fn one(image: &mut [u8], layout: &Layout, random: &mut Random) -> &'static str {
    match random.below(8) {
        0 => {
            field(image, &layout.superblock, random);
            "superblock"
        }
        1 if !layout.raw_fields.is_empty() => {
            field(image, &layout.raw_fields, random);
            "inodes and listings"
        }
        2 if !layout.pointers.is_empty() && random.below(4) == 0 => {
            field(image, &layout.pointers, random);
            "pointers of tables"
        }
        3 | 4 => {
            recompressed(image, layout, random).unwrap_or_else(|| bytes(image, layout, random))
        }
        _ => bytes(image, layout, random),
    }
}

/// Gives a field an odd value, a neighbour of its own, or that of another one.
fn field(image: &mut [u8], fields: &[Field], random: &mut Random) {
    let Some(&Field { at, width }) = random.pick(fields) else {
        return;
    };
    let Some(old) = image.get(at..at + width) else {
        return;
    };
    let mut value = [0; 8];
    value[..width].copy_from_slice(old);
    let old = u64::from_le_bytes(value);
    let new = match random.below(6) {
        0 | 1 => ODD[random.below(ODD.len())],
        2 => old.wrapping_add(1 + random.below(16) as u64),
        3 => old.wrapping_sub(1 + random.below(16) as u64),
        4 => old ^ 1 << random.below(width * 8),
        _ => {
            let other = fields[random.below(fields.len())];
            let mut value = [0; 8];
            if let Some(bytes) = image.get(other.at..other.at + other.width) {
                value[..other.width].copy_from_slice(bytes);
            }
            u64::from_le_bytes(value)
        }
    };
    image[at..at + width].copy_from_slice(&new.to_le_bytes()[..width]);
}

/// Changes bytes as they are stored, compressed or not.
fn bytes(image: &mut [u8], layout: &Layout, random: &mut Random) -> &'static str {
    let part = random.pick(&layout.parts).expect("an image has parts");
    let mut at = part.range.start + random.below(part.range.len());
    // The headers of blocks decide more than what is in the blocks.
    if let (0, Some(&header)) = (random.below(6), random.pick(&part.blocks)) {
        at = header + random.below(2);
    }
    let end = (at + 1 + random.below(8)).min(part.range.end);
    let odd = ODD[random.below(8)] as u8;
    match random.below(5) {
        0 | 1 => image[at] ^= 1 << random.below(8),
        2 => image[at] = odd,
        3 => image[at..end].fill(odd),
        _ => {
            let from = random.below(image.len() - (end - at));
            image.copy_within(from..from + (end - at), at);
        }
    }
    part.name
}

/// Changes a metadata block behind its compression: unpacks it, changes it, packs it again.
/// Only where that is possible in the same place: gzip and zstd streams bear what follows.
fn recompressed(image: &mut [u8], layout: &Layout, random: &mut Random) -> Option<&'static str> {
    let with_blocks: Vec<_> = layout
        .parts
        .iter()
        .filter(|part| !part.blocks.is_empty())
        .collect();
    let part = random.pick(&with_blocks)?;
    let &header = random.pick(&part.blocks)?;
    let size = u16::from_le_bytes([*image.get(header)?, *image.get(header + 1)?]);
    let stored = header + 2..header + 2 + usize::from(size & 0x7fff);
    if size & 0x8000 != 0 {
        return None;
    }
    let old = image.get(stored.clone())?.to_vec();
    let mut plain = unpack(layout.compressor, &old)?;
    let at = random.below(plain.len());
    match random.below(3) {
        0 => plain[at] ^= 1 << random.below(8),
        1 => plain[at] = ODD[random.below(8)] as u8,
        _ => {
            let end = (at + [2, 4, 8][random.below(3)]).min(plain.len());
            let odd = ODD[random.below(ODD.len())].to_le_bytes();
            plain[at..end].copy_from_slice(&odd[..end - at]);
        }
    }
    let new = pack(layout.compressor, &plain, old.len())?;
    image[stored].copy_from_slice(&new);
    Some(part.name)
}

fn unpack(compressor: u16, stored: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    match compressor {
        1 => {
            let mut stream = flate2::bufread::ZlibDecoder::new(stored);
            std::io::Read::read_to_end(&mut stream, &mut plain).ok()?;
        }
        6 => plain = zstd::bulk::decompress(stored, 8192).ok()?,
        _ => return None,
    }
    (!plain.is_empty()).then_some(plain)
}

/// Packed into exactly `len` bytes, if that is possible.
fn pack(compressor: u16, plain: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut packed = match compressor {
        1 => {
            let mut stream =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            stream.write_all(plain).ok()?;
            stream.finish().ok()?
        }
        6 => zstd::bulk::compress(plain, 19).ok()?,
        _ => return None,
    };
    let rest = len.checked_sub(packed.len())?;
    match (compressor, rest) {
        (_, 0) => {}
        // Nobody reads behind the end of a zlib stream.
        (1, _) => packed.resize(len, 0),
        // A frame that decoders skip.
        (_, 8..) => {
            packed.extend(0x184d_2a50_u32.to_le_bytes());
            packed.extend((rest as u32 - 8).to_le_bytes());
            packed.resize(len, 0);
        }
        _ => return None,
    }
    Some(packed)
}

/// The images to mutate, with the offset of the squashfs part: every fixture, and one fixture packed
/// so that its tables are stored raw, in small blocks, and without fragments.
pub fn images(directory: &Path) -> Vec<(PathBuf, u64)> {
    let mut images = fixtures();
    if !has("mksquashfs") || !has("unsquashfs") {
        return images;
    }
    let source = images
        .iter()
        .find(|(path, _)| path.ends_with("classification/01-vllm-release.sqsh"))
        .expect("the fixture is there");
    let root = directory.join("root");
    let args = [
        "-no-progress".into(),
        "-d".into(),
        root.as_os_str().to_owned(),
    ];
    run(
        "unsquashfs",
        args.into_iter().chain([source.0.as_os_str().to_owned()]),
    );
    for codec in ["gzip", "lzma", "lzo", "xz", "lz4", "zstd"] {
        for (name, options) in [
            ("raw-tables", &["-noI", "-noF"][..]),
            ("small-blocks", &["-b", "4K"]),
            ("no-fragments", &["-noI", "-no-fragments"]),
        ] {
            let image = directory.join(format!("01-vllm-release.{codec}.{name}.sqsh"));
            mksquashfs(&root, &image, &[&["-comp", codec][..], options].concat());
            images.push((image, 0));
        }
    }
    let _ = fs::remove_dir_all(root);
    images
}
