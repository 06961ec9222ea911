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

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sqsh_prov::carriers::{LaterThanImport, Wanted, collect};
use sqsh_prov::image::{self, Error, Later, Listing, Stat};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Counted, Part, ReadAt, Squashfs};
use sqsh_prov::{Inspector, Options};
use squashfs_support::{
    fixtures, has, mksquashfs, no_time_limit, open_fixture, run, text, to_pack,
};

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

#[test]
fn a_metadata_file_is_read_once_for_all_of_its_targets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("metadata.json");
    let name = |n: usize| format!("acme/{n}:{}", "x".repeat(100));
    let targets = (0..100).map(|n| (format!("t{n}"), serde_json::json!({"image.name": name(n)})));
    let targets: serde_json::Map<_, _> = targets.collect();
    let text = serde_json::to_string_pretty(&targets).unwrap();
    // The first reads of it do not give all of a larger file.
    let text = format!("{text}{}", " ".repeat(100_000));
    std::fs::write(&path, &text).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let answers = inspector.inspect_each(&path, false).unwrap();
    assert_eq!(answers.len(), 100);
    let (_, reads) = answers.last().unwrap();
    let size = text.len() as u64;
    assert!(reads.count <= 2, "{reads:?}");
    assert!(reads.bytes < size * 2, "{reads:?}, {size}");
}

/// A file on remote storage; counts the waits for it.
struct Far {
    file: File,
    trips: Cell<u64>,
    reads: Cell<u64>,
}

impl Far {
    fn trip(&self, reads: usize) {
        self.trips.set(self.trips.get() + 1);
        self.reads.set(self.reads.get() + reads as u64);
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl ReadAt for Far {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.trip(1);
        ReadAt::read_at(&self.file, offset, buf)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_parts(&self, parts: &mut [Part]) {
        self.trip(parts.len());
        self.file.read_parts(parts);
    }
}

/// How often all facts of an image wait for the storage, and the reads.
fn trips(path: &Path) -> (u64, u64) {
    let far = Far {
        file: File::open(path).unwrap(),
        trips: Cell::new(0),
        reads: Cell::new(0),
    };
    let wanted = Wanted {
        packages: ["vllm", "torch"].map(str::to_owned).into(),
        ..Wanted::default()
    };
    let image = Squashfs::open(far, &Limits::default()).unwrap();
    let facts = collect(&image, &wanted, &Limits::default());
    assert!(matches!(facts.later, LaterThanImport::Read(_)), "{facts:?}");
    assert!(!facts.packages.is_empty());
    (image.source().trips.get(), image.source().reads.get())
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

/// What `show` reads of a release of so many inodes at most: reads and bytes. Every inode's time is read, so
/// the whole inode table is among them; and bytes are spent on fewer reads, since a storage that is far away
/// takes as long for a megabyte as for 8 KiB.
fn assert_show_reads(inodes: usize, packings: &[Packing], reads: u64, bytes: u64) {
    if !has("mksquashfs") {
        return;
    }
    let release =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/classification/01-vllm-release.sqsh");
    let inspector = Inspector::new(Options::default()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let root = out.path().join(inodes.to_string());
    std::fs::create_dir(&root).unwrap();
    tree::fill(&root, inodes);
    let dest = ["-quiet", "-no-progress", "-no-xattrs", "-force", "-dest"].map(OsStr::new);
    run(
        "unsquashfs",
        dest.into_iter()
            .chain([root.as_os_str(), release.as_os_str()]),
    );
    // As in an import: nothing is later than its last file.
    let rc = root.join("etc/rc");
    let mut words: Vec<&OsStr> = vec![root.as_os_str(), OsStr::new("-newer"), rc.as_os_str()];
    words.extend(["-exec", "touch", "-h", "-r"].map(OsStr::new));
    words.extend([rc.as_os_str(), OsStr::new("{}"), OsStr::new("+")]);
    run("find", words);
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

        let (trips, reads) = trips(&path);
        eprintln!("{what}, far away: {trips} round trips, {reads} reads");
        assert!(trips <= 3, "{what}: {trips} round trips for {reads} reads");
    }
}

#[test]
fn reads_of_a_thousand_inodes_stay_few_for_every_compressor() {
    assert_show_reads(1_000, &PACKINGS, 3, 400_000);
}

#[test]
fn reads_of_three_thousand_inodes_stay_few_for_every_compressor() {
    assert_show_reads(3_000, &PACKINGS, 4, 900_000);
}

#[test]
fn reads_of_twenty_thousand_inodes_stay_few_for_every_compressor() {
    assert_show_reads(20_000, &PACKINGS, 4, 2_000_000);
}

/// Packed in one way only, since that takes long; `scripts/bench` counts it in all, and a million inodes too.
#[test]
fn reads_of_two_hundred_thousand_inodes_stay_few() {
    assert_show_reads(200_000, PACKINGS.split_at(1).0, 6, 6_000_000);
}

/// Made of wheels that pip downloads: their files are as large, and lie as far apart, as in a published image.
#[test]
fn reads_of_real_wheels_stay_few() {
    if !has("mksquashfs") || !has("python3") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("small.sqsh");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/make-real-image");
    let made = Command::new(script)
        .arg("small")
        .arg(&path)
        .output()
        .unwrap();
    if !made.status.success() {
        let why = String::from_utf8_lossy(&made.stderr);
        assert!(
            std::env::var("CI").is_err(),
            "scripts/make-real-image: {why}"
        );
        eprintln!("skipped, since pip cannot download wheels: {why}");
        return;
    }
    let inspector = Inspector::new(Options::default()).unwrap();
    let (document, cost) = inspector.inspect_counted(&path).unwrap();
    assert_eq!(document.origin.official, Some(true), "{document:?}");
    let (trips, _) = trips(&path);
    eprintln!(
        "real wheels: {} reads, {} bytes, {trips} round trips",
        cost.count, cost.bytes
    );
    assert!(cost.count <= 6, "{} reads", cost.count);
    assert!(cost.bytes <= 2_000_000, "{} bytes", cost.bytes);
    assert!(trips <= 3, "{trips} round trips");
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

/// An image that is told nothing ahead.
struct Plain<'a>(&'a dyn sqsh_prov::image::Image);

impl sqsh_prov::image::Image for Plain<'_> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        self.0.read(path, limit)
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        self.0.read_range(path, offset, length)
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        self.0.list(path)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        self.0.stat(path)
    }

    fn later_than(&self, since: i64, names: usize) -> Result<Option<Later>, Error> {
        self.0.later_than(since, names)
    }

    fn packing(&self) -> Option<image::Packing> {
        self.0.packing()
    }
}

#[test]
fn reading_ahead_changes_no_fact() {
    let wanted = Wanted {
        packages: ["vllm", "torch", "sglang"].map(str::to_owned).into(),
        ..Wanted::default()
    };
    let limits = no_time_limit();
    for (path, offset) in fixtures() {
        let ahead = open_fixture(&path, offset, &limits);
        let plain = open_fixture(&path, offset, &limits);
        assert_eq!(
            collect(&ahead, &wanted, &limits),
            collect(&Plain(&plain), &wanted, &limits),
            "{}",
            path.display()
        );
    }
}
