//! Damaged images: any error is fine, a panic or a hang is not.
//!
//! `SQSH_PROV_MUTATIONS=5000` sets the number of mutations per image.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod mutate_support;
mod squashfs_support;

use std::fs;
use std::time::{Duration, Instant};

use mutate_support::layout::Layout;
use mutate_support::run::{Figures, Run};
use mutate_support::{Random, mutate};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Kind, Squashfs};
use squashfs_support::{fixtures, mksquashfs, text, to_pack};

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

fn survive(what: &str, image: &[u8], count: usize) {
    let layout = Layout::of(image);
    for round in 0..count {
        let mut bytes = image.to_vec();
        mutate(&mut bytes, &layout, &mut Random::of(what, round));
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
    let Some((out, root)) = to_pack() else {
        return;
    };
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
        survive(&args.join(" "), &fs::read(&image).unwrap(), mutations(500));
    }
}

/// `scripts/mutate` does the same many times more.
#[test]
fn mutated_images_are_answered_in_time_and_never_become_official() {
    let directory = tempfile::tempdir().unwrap();
    let mut figures = Figures::default();
    for (path, offset) in mutate_support::images(directory.path()) {
        let bytes = fs::read(&path).unwrap();
        let run = Run {
            name: &path.file_name().unwrap().to_string_lossy(),
            intact: &bytes[offset as usize..],
            directory: directory.path(),
            sample: 50,
            gate: 5,
            most_asked: 2,
        };
        run.run(mutations(12), &mut figures);
    }
    let notes: Vec<_> = figures.notes.iter().collect();
    assert!(figures.mutations > 1000 && figures.partial > 100);
    assert_eq!((figures.panics, figures.late), (0, 0), "{notes:#?}");
    assert_eq!(
        (figures.wrong, figures.became_official),
        (0, 0),
        "{notes:#?}"
    );
    assert!(figures.gated > 200, "{}", figures.gated);
    assert_eq!(figures.opened, 0, "{notes:#?}");
    let sample = &figures.sample;
    assert!(sample.ours[0] >= sample.unsquashfs[0], "{notes:#?}");
    assert!(figures.peak_kib < 64 * 1024, "{} KiB", figures.peak_kib);
}
