//! Damaged images: any error is fine, a panic or a hang is not.
//!
//! `SQSH_PROV_MUTATIONS=5000` sets the number of mutations per image.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod squashfs_support;

use std::fs;
use std::time::{Duration, Instant};

use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Kind, Squashfs};
use squashfs_support::{fixtures, has, mksquashfs, text};

/// xorshift64*, with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

fn mutations(default: usize) -> usize {
    std::env::var("SQSH_PROV_MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(default)
}

/// Reads what can be read, at most `budget` inodes of it.
fn walk(bytes: &[u8], budget: usize) {
    let limits = Limits {
        file_bytes: 8 << 20,
        metadata_bytes: 8 << 20,
        listing_entries: 5000,
        time: Some(Duration::from_secs(5)),
        ..Limits::default()
    };
    let Ok(image) = Squashfs::open(bytes, &limits) else {
        return;
    };
    let _ = image
        .lookup(b"/etc/environment")
        .and_then(|inode| image.read(&inode, 1 << 20));
    let _ = image
        .lookup(b"/etc/rc")
        .and_then(|inode| image.read_range(&inode, 100, 1 << 20));
    let Ok(root) = image.root() else { return };
    let mut open = vec![root];
    let mut seen = 0;
    while let Some(directory) = open.pop() {
        for entry in image.list(&directory).unwrap_or_default() {
            seen += 1;
            if seen > budget {
                return;
            }
            let Ok(inode) = image.inode(&entry) else {
                continue;
            };
            let _ = image.stat(&inode);
            match entry.kind {
                Kind::Directory => open.push(inode),
                Kind::File => {
                    drop(image.read(&inode, 1 << 20));
                    // A reader must bear being asked again after an error.
                    if let Ok(mut reader) = image.reader(&inode) {
                        let mut buf = [0; 4096];
                        for _ in 0..8 {
                            let _ = std::io::Read::read(&mut reader, &mut buf);
                        }
                    }
                }
                _ => drop(image.read_link(&inode)),
            }
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const ODD: [u8; 8] = [0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff];
    for _ in 0..=random.below(4) {
        // The superblock and the tables, which lie at the end, decide more than the data does.
        let len = bytes.len();
        let at = match random.below(4) {
            0 => random.below(len.min(96)),
            1 => random.below(len),
            _ => len - 1 - random.below(len.min(16 * 1024)),
        };
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = ODD[random.below(8)],
            2 => {
                let end = (at + 1 + random.below(8)).min(len);
                let odd = ODD[random.below(8)];
                bytes[at..end].fill(odd);
            }
            _ => {
                let (end, from) = ((at + 8).min(len), random.below(len.saturating_sub(8)));
                bytes.copy_within(from..from + (end - at), at);
            }
        }
    }
    if random.below(20) == 0 {
        let len = random.below(bytes.len());
        bytes.truncate(len.max(1));
    }
}

fn survive(what: &str, image: &[u8], count: usize) {
    let mut random = Random(0x5eed_0000_0000_0001 ^ image.len() as u64);
    for round in 0..count {
        let mut bytes = image.to_vec();
        mutate(&mut bytes, &mut random);
        let start = Instant::now();
        let result = std::panic::catch_unwind(|| walk(&bytes, 2000));
        assert!(result.is_ok(), "{what}: mutation {round} made it panic");
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{what}: mutation {round} took {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn damaged_fixtures_never_make_it_panic_or_hang() {
    for (path, offset) in fixtures() {
        let bytes = fs::read(&path).unwrap();
        survive(
            &path.display().to_string(),
            &bytes[offset as usize..],
            mutations(40),
        );
    }
}

#[test]
fn damaged_images_with_raw_tables_never_make_it_panic_or_hang() {
    if !has("mksquashfs") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let root = out.path().join("root");
    fs::create_dir_all(root.join("etc/many")).unwrap();
    fs::write(root.join("etc/environment"), text(1, 9000)).unwrap();
    std::os::unix::fs::symlink("environment", root.join("etc/rc")).unwrap();
    for i in 0..400 {
        fs::write(
            root.join(format!("etc/many/{}{i}", "n".repeat(30))),
            text(i, 3),
        )
        .unwrap();
    }
    let image = out.path().join("image");
    for args in [
        &["-noI", "-noF", "-b", "4K"][..],
        &["-noI", "-comp", "lzo"],
        &["-noI", "-noId", "-comp", "xz", "-no-fragments"],
    ] {
        mksquashfs(&root, &image, args);
        survive(&args.join(" "), &fs::read(&image).unwrap(), mutations(1500));
    }
}
