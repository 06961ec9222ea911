//! Makes the sketch of an image's tree, in one walk over the metadata.

use std::hash::Hasher as _;

use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::sketch::{BITS, Mark, Sketch};
use crate::image::oci::named;
use crate::image::walk::Walked;
use crate::image::{Error, FileKind, Image};

/// Files that importers, packers and runtimes write, which are not the image's content. enroot writes the first
/// five (`docker::configure` in src/docker.sh of NVIDIA/enroot), and leaves out `/dev`. Daemons and runtimes write
/// the next five, Apptainer and Charliecloud the rest.
const WRITTEN: [&[u8]; 18] = [
    b"/etc/environment",
    b"/etc/fstab",
    b"/etc/rc",
    b"/etc/rc.local",
    b"/.dockerenv",
    b"/etc/hostname",
    b"/etc/hosts",
    b"/etc/mtab",
    b"/etc/resolv.conf",
    b"/run/.containerenv",
    b"/environment",
    b"/singularity",
    b"/.exec",
    b"/.run",
    b"/.shell",
    b"/.test",
    b"/.prefetch.landmark",
    b"/.no.prefetch.landmark",
];
/// Directories with content that does not belong to the image.
const DIRECTORIES: [&[u8]; 5] = [b"/dev/", b"/proc/", b"/sys/", b"/.singularity.d/", b"/ch/"];

/// The hashes of one entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    path: u64,
    size: u32,
    time: u32,
}

/// Collects the entries of a tree.
#[derive(Default)]
pub struct Gather {
    points: Vec<Point>,
    bytes: u64,
    times: Option<(i64, i64)>,
}

impl Gather {
    /// Adds an entry. Only files and links count: importers set the times of directories, and
    /// importers without root make no devices.
    pub fn add(&mut self, node: &Walked<'_>) {
        let (letter, time) = match node.kind {
            FileKind::File => (b'f', node.mtime),
            // Not every packer restores the time of a link.
            FileKind::Link => (b'l', 0),
            _ => return,
        };
        if WRITTEN.contains(&node.path) || DIRECTORIES.iter().any(|it| node.path.starts_with(it)) {
            return;
        }
        if node.kind == FileKind::File {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
            self.bytes = self.bytes.saturating_add(node.size);
        }
        let mut size = Xxh3Default::new();
        size.write_u8(letter);
        size.update(&node.size.to_le_bytes());
        size.update(node.target);
        self.points.push(Point {
            path: xxh3_64(node.path),
            size: first_bits(size.digest()),
            time: match node.kind {
                FileKind::Link => 0,
                _ => first_bits(xxh3_64(&time.to_le_bytes())),
            },
        });
    }

    /// Returns the sketch, with all entries in its sample.
    #[must_use]
    pub fn sketch(mut self) -> Sketch {
        self.points.sort_unstable();
        let (mut with, mut without) = (Sha256::new(), Sha256::new());
        let mut sketch = Sketch {
            files: self.points.len() as u64,
            bytes: self.bytes,
            newest: self.times.map_or(0, |(_, last)| last),
            timed: self.times.is_none_or(|(first, last)| first != last),
            paths: vec![0; BITS / 8],
            contents: vec![0; BITS / 8],
            sample: Vec::with_capacity(self.points.len()),
            ..Sketch::default()
        };
        for point in &self.points {
            let mut bytes = [0; 16];
            let (path, rest) = bytes.split_at_mut(8);
            path.copy_from_slice(&point.path.to_be_bytes());
            let (size, time) = rest.split_at_mut(4);
            size.copy_from_slice(&point.size.to_be_bytes());
            without.update([&*path, &*size].concat());
            time.copy_from_slice(&point.time.to_be_bytes());
            with.update(bytes);
            flip(&mut sketch.paths, point.path);
            flip(&mut sketch.contents, xxh3_64(&bytes));
            sketch.sample.push(Mark {
                path: first_bits(point.path),
                size: first_byte(point.size),
                time: first_byte(point.time),
            });
        }
        sketch.sample.sort_unstable();
        sketch.digest = named(&with.finalize());
        sketch.untimed_digest = named(&without.finalize());
        sketch
    }
}

fn first_bits(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

fn first_byte(hash: u32) -> u8 {
    u8::try_from(hash >> 24).unwrap_or(u8::MAX)
}

/// Flips the bit that the last bits of a hash select.
fn flip(map: &mut [u8], hash: u64) {
    let bit = usize::try_from(hash % BITS as u64).unwrap_or_default();
    if let Some(byte) = map.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}

/// Returns the sketch of an image's tree; `None` if its form has no list of entries.
///
/// # Errors
/// If the tree cannot be read completely.
pub fn sketch(image: &dyn Image) -> Result<Option<Sketch>, Error> {
    let mut gather = Gather::default();
    image.read_ahead();
    let known = image.walk(&mut |node| {
        gather.add(node);
        Ok(())
    })?;
    Ok(known.then(|| gather.sketch()))
}
