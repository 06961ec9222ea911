//! How little is read: counted, never timed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod squashfs_support;
#[path = "squashfs_support/tree.rs"]
mod tree;

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;

use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Counted, Squashfs};
use sqsh_prov::{Inspector, Options};
use squashfs_support::{has, mksquashfs, run, text, to_pack};

type Image = Squashfs<Counted<File>>;

fn open(path: &Path) -> Image {
    Squashfs::open(Counted::new(File::open(path).unwrap()), &Limits::default()).unwrap()
}

fn two_files(image: &Image) {
    for path in ["/etc/environment", "/etc/rc"] {
        let inode = image.lookup(path.as_bytes()).unwrap();
        assert!(!image.read(&inode, 1 << 20).unwrap().is_empty());
    }
}

fn assert_counts(image: &Image, what: &str, reads: u64, bytes: u64) {
    let source = image.source();
    eprintln!("{what}: {} reads, {} bytes", source.reads(), source.bytes());
    assert!(
        source.reads() <= reads,
        "{what}: {} reads, more than {reads}",
        source.reads()
    );
    assert!(
        source.bytes() <= bytes,
        "{what}: {} bytes, more than {bytes}",
        source.bytes()
    );
}

/// A way to pack: its name, and the options of mksquashfs.
type Packing = (&'static str, &'static [&'static str]);

const PACKINGS: [Packing; 5] = [
    ("lzo-noD", &["-comp", "lzo", "-noD"]),
    ("lzo", &["-comp", "lzo"]),
    ("zstd", &["-comp", "zstd", "-Xcompression-level", "3"]),
    ("gzip", &["-comp", "gzip"]),
    ("xz", &["-comp", "xz"]),
];

/// What `show` reads of a release at most, by number of inodes: reads and bytes. The whole inode table is
/// among them, since every inode's time is read. The largest is packed
/// in one way only, since that takes long; `scripts/bench` counts it in all, and a million inodes too.
const SHOW: [(usize, &[Packing], u64, u64); 4] = [
    (1_000, &PACKINGS, 5, 150_000),
    (3_000, &PACKINGS, 7, 160_000),
    (20_000, &PACKINGS, 14, 700_000),
    (200_000, PACKINGS.split_at(1).0, 24, 6_000_000),
];

#[test]
fn reads_stay_few_for_every_compressor() {
    if !has("mksquashfs") {
        return;
    }
    let release =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/classification/01-vllm-release.sqsh");
    let inspector = Inspector::new(Options::default()).unwrap();
    let out = tempfile::tempdir().unwrap();
    for (inodes, packings, reads, bytes) in SHOW {
        let root = out.path().join(inodes.to_string());
        std::fs::create_dir(&root).unwrap();
        tree::fill(&root, inodes);
        let dest = ["-quiet", "-no-progress", "-no-xattrs", "-force", "-dest"].map(OsStr::new);
        run(
            "unsquashfs",
            dest.into_iter()
                .chain([root.as_os_str(), release.as_os_str()]),
        );
        for (name, args) in packings {
            let path = out.path().join("image");
            mksquashfs(&root, &path, args);
            let what = format!("{name}, {inodes} inodes");
            let image = open(&path);
            two_files(&image);
            assert_counts(&image, &format!("{what}, two files"), 5, 120_000);

            let (document, cost) = inspector.inspect_counted(&path).unwrap();
            assert_eq!(document.origin.official, Some(true), "{what}: {document:?}");
            eprintln!("{what}, show: {} reads, {} bytes", cost.count, cost.bytes);
            assert!(cost.count <= reads, "{what}: {} reads", cost.count);
            assert!(cost.bytes <= bytes, "{what}: {} bytes", cost.bytes);
        }
    }
}

/// A file in a block of 1 MiB is read without the rest of the block, and is right for all that.
#[test]
fn of_a_large_fragment_only_the_start_is_read() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    for i in 0..300 {
        std::fs::write(root.join(format!("file-{i:03}")), text(i, 9000)).unwrap();
    }
    for codec in ["lzo", "zstd", "gzip", "xz", "lz4", "lzma"] {
        let path = out.path().join("image");
        mksquashfs(&root, &path, &["-comp", codec, "-b", "1M"]);
        for i in (0..300).step_by(7) {
            let image = open(&path);
            let inode = image.lookup(format!("file-{i:03}").as_bytes()).unwrap();
            let before = image.source().bytes();
            assert_eq!(
                image.read(&inode, 1 << 20).unwrap(),
                text(i, 9000),
                "{codec} {i}"
            );
            let bytes = image.source().bytes() - before;
            if i < 10 && codec != "lz4" {
                assert!(bytes < 180_000, "{codec}, file {i}: {bytes} bytes");
            }
            let last = image
                .lookup(format!("file-{:03}", 299 - i).as_bytes())
                .unwrap();
            assert_eq!(
                image.read(&last, 1 << 20).unwrap(),
                text(299 - i, 9000),
                "{codec} {i}"
            );
        }
    }
}

#[test]
fn a_second_fragment_costs_one_read() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    tree::fill(&root, 3_000);
    for i in 0..8 {
        std::fs::write(root.join(format!("etc/large-{i}")), text(i, 30_000)).unwrap();
    }
    for (name, args) in PACKINGS {
        let path = out.path().join("image");
        mksquashfs(&root, &path, args);
        let image = open(&path);
        two_files(&image);
        assert_counts(&image, &format!("{name}, two fragments"), 6, 170_000);
    }
}

#[test]
fn raw_tables_cost_some_bytes_more() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    tree::fill(&root, 3_000);
    let path = out.path().join("image");
    mksquashfs(&root, &path, &["-noI", "-noD", "-noF", "-noX"]);
    let image = open(&path);
    two_files(&image);
    assert_counts(&image, "raw, two files", 5, 150_000);
}

#[test]
fn one_file_of_a_hundred_thousand_takes_few_reads() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    std::fs::create_dir_all(root.join("data")).unwrap();
    for i in 0..100_000 {
        let path = root.join(format!("data/sample-{i:06}.bin"));
        std::fs::write(
            path,
            if i % 1000 == 0 {
                text(i, 500)
            } else {
                Vec::new()
            },
        )
        .unwrap();
    }
    for codec in ["lzo", "zstd"] {
        let path = out.path().join("image");
        mksquashfs(&root, &path, &["-comp", codec]);
        for number in [0, 31_000, 99_000] {
            let image = open(&path);
            let inode = image
                .lookup(format!("/data/sample-{number:06}.bin").as_bytes())
                .unwrap();
            assert_eq!(image.read(&inode, 1000).unwrap(), text(number, 500));
            assert_counts(&image, &format!("{codec}, entry {number}"), 8, 120_000);
            assert!(image.lookup(b"/data/sample-031000.bim").is_err());
        }
        let image = open(&path);
        let data = image.lookup(b"/data").unwrap();
        assert_eq!(image.list(&data).unwrap().len(), 100_000);
    }
}
