//! Every public method of the squashfs reader. Errors are fine; panics and hangs are bugs.
#![no_main]

mod mutator;

use std::io::Read as _;
use std::time::Duration;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use sqsh_prov::image::Image;
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Counted, Kind, Offset, Squashfs};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutator::mutate(data, size, max_size, seed)
});

/// Inodes that are looked at in one image.
const MOST: usize = 300;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        file_bytes: 4 << 20,
        metadata_bytes: 4 << 20,
        listing_entries: 3000,
        time: Some(Duration::from_secs(5)),
        ..Limits::default()
    };
    let part = Offset {
        inner: data,
        offset: 0,
        len: data.len() as u64,
    };
    let Ok(image) = Squashfs::open(Counted::new(part), &limits) else {
        return;
    };
    let superblock = image.superblock();
    let _ = (
        superblock.has_compressor_options(),
        superblock.has_no_xattrs(),
        superblock.has_raw_tables(),
    );
    let _ = (
        image.file_size(),
        image.truncated(),
        image.check_whole().is_ok(),
        image.damage(),
    );
    let _ = format!("{image:?}");
    for path in [
        "/etc/environment",
        "etc/rc",
        "/../etc/./os-release",
        "",
        "/usr/lib/x86_64-linux-gnu",
    ] {
        if let Ok(inode) = image.lookup(path.as_bytes()) {
            let _ = image.read(&inode, 1 << 20);
            let _ = image.read_range(&inode, 7, 1 << 16);
        }
        let _ = image
            .lookup_no_follow(path.as_bytes())
            .map(|inode| image.read_link(&inode).is_ok());
        let _ = Image::read(&image, path.as_bytes(), 1 << 20);
        let _ = Image::stat(&image, path.as_bytes());
        let _ = Image::list(&image, path.as_bytes());
    }
    let Ok(root) = image.root() else { return };
    let mut open = vec![root];
    let mut seen = 0;
    while let Some(directory) = open.pop() {
        for entry in image.list(&directory).unwrap_or_default() {
            assert!(
                !entry.name.is_empty() && !entry.name.contains(&b'/') && !entry.name.contains(&0)
            );
            assert!(entry.name != b"." && entry.name != b"..");
            seen += 1;
            if seen > MOST {
                return;
            }
            let Ok(inode) = image.inode(&entry) else {
                continue;
            };
            let _ = (inode.kind(), inode.size(), inode.mtime(), inode.number());
            let _ = image.stat(&inode);
            match entry.kind {
                Kind::Directory => open.push(inode),
                Kind::File => {
                    if let Ok(bytes) = image.read(&inode, 1 << 18) {
                        assert_eq!(bytes.len() as u64, inode.size());
                    }
                    // A reader bears being asked again after an error.
                    if let Ok(mut reader) = image.reader(&inode) {
                        let mut buf = [0; 3000];
                        for _ in 0..4 {
                            let _ = reader.read(&mut buf);
                        }
                    }
                    let _ = image.read_range(&inode, inode.size() / 2, 5000);
                }
                _ => {
                    if let Ok(target) = image.read_link(&inode) {
                        assert!(target.len() <= 4096);
                    }
                }
            }
        }
    }
});
