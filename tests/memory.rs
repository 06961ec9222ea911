//! How much memory the worst images take in `show`: less than 64 MB, whatever is in them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod squashfs_support;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use squashfs_support::{has, mksquashfs};

/// What a release may take. A debug build has 18 MB more of its own code in memory, whatever it reads (28 MB against 10
/// for `show` of a small fixture), of which 16 are allowed for.
const MOST_KIB: u64 = (64 + if cfg!(debug_assertions) { 16 } else { 0 }) * 1024;
const MIB: usize = 1024 * 1024;

/// Shows an image; the most memory that it took at a time, what it said, and its exit code.
fn show(image: &Path) -> (u64, String, i32) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "json", "--evidence", "--packages"])
        .arg(image)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its answer waits in the pipe while its peak is read; a long one holds it back meanwhile.
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let mut ended = None;
    let mut output = Vec::new();
    for round in 0.. {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if ended.is_some() {
            break;
        }
        ended = child.try_wait().unwrap();
        if text.contains("State:\tS") && round > 5 {
            let mut part = vec![0; 60 * 1024];
            let count = stdout.read(&mut part).unwrap();
            output.extend_from_slice(&part[..count]);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    stdout.read_to_end(&mut output).unwrap();
    let mut text = String::from_utf8_lossy(&output).into_owned();
    stderr.read_to_string(&mut text).unwrap();
    (peak, text, ended.unwrap().code().unwrap())
}

#[track_caller]
fn assert_small(what: &str, image: &Path, code: i32, says: &str) {
    let (peak, text, exit) = show(image);
    assert!(peak > 1000, "{what}: {peak} KiB cannot be");
    assert!(peak < MOST_KIB, "{what}: {peak} KiB");
    let start: String = text.chars().take(600).collect();
    assert_eq!(exit, code, "{what}: {start}");
    assert!(text.contains(says), "{what}: {says} is not said: {start}");
}

/// As many lines as fit.
fn lines(len: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        let next = line(number);
        if text.len() + next.len() > len {
            break;
        }
        text.push_str(&next);
    }
    text
}

/// An image with one large file; `/etc/rc` is there.
fn with_file(directory: &Path, path: &str, text: &str) -> PathBuf {
    let root = directory.join("root");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc/rc"), "# enroot-provenance: docker://a/b:c\n").unwrap();
    fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    fs::write(root.join(path), text).unwrap();
    let image = directory.join("image.sqsh");
    mksquashfs(&root, &image, &["-comp", "gzip"]);
    image
}

/// A path, its text, the exit code, and what is said of it.
type Case<'a> = (&'a str, String, i32, &'a str);

fn assert_all_small<const N: usize>(cases: [Case<'_>; N]) {
    if !has("mksquashfs") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (path, text, code, says) in cases {
        let image = with_file(directory.path(), path, &text);
        assert_small(path, &image, code, says);
    }
}

#[test]
fn lines_as_dense_as_they_can_be_take_little_memory() {
    let rc = |text: String| format!("# enroot-provenance: docker://a/b:c\n{text}");
    let short = || lines(MIB, |n| format!("{n:x}=\n"));
    let long = lines(MIB, |n| format!("{n:05x}={}\n", "v".repeat(110)));
    let comments = rc(lines(MIB - 100, |n| format!("# {n:x} \n")));
    let volumes = lines(MIB, |n| format!("/{n:x}\n"));
    assert_all_small([
        ("etc/environment", short(), 2, "limit lines"),
        ("etc/environment", long, 0, "v"),
        ("etc/rc", comments, 2, "limit lines"),
        ("etc/fstab", volumes, 2, "limit lines"),
        ("etc/os-release", short(), 2, "limit lines"),
    ]);
}

const MOST_JSON: usize = 8 * MIB - 20;

#[test]
fn documents_as_dense_as_they_can_be_take_little_memory() {
    let fields = lines(MOST_JSON, |n| format!("\"{n:x}\":1,"));
    let empty = lines(MOST_JSON, |_| "[],".to_owned());
    let labels = "root/buildinfo/labels.json";
    assert_all_small([
        (labels, format!("{{{fields}\"z\":1}}"), 0, "more than"),
        (labels, format!("{{\"a\":[{empty}1]}}"), 0, "more than"),
    ]);
}

#[test]
fn a_direct_url_as_dense_as_it_can_be_takes_little_memory() {
    let path = "usr/lib/python3/dist-packages/vllm-1.dist-info/direct_url.json";
    let numbers = lines(MOST_JSON, |_| "1,".to_owned());
    assert_all_small([(path, format!("{{\"url\":[{numbers}1]}}"), 0, "PEP 610")]);
}

/// A directory of many entries, each the same empty file: byte by byte, since no disk has room for
/// its files. Nothing is compressed.
fn with_entries(count: usize, name: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut listing = Vec::new();
    for first in (0..count).step_by(256) {
        let run = first..count.min(first + 256);
        for field in [run.len() as u32 - 1, 0, 1] {
            listing.extend(field.to_le_bytes());
        }
        for number in run {
            let name = name(number);
            for field in [0u16, 0, 2, name.len() as u16 - 1] {
                listing.extend(field.to_le_bytes());
            }
            listing.extend(name);
        }
    }
    let mut inodes = Vec::new();
    let head = |kind: u16, number: u32| {
        let mut head: Vec<u8> = [kind, 0o755, 0, 0]
            .iter()
            .flat_map(|f| f.to_le_bytes())
            .collect();
        head.extend(77u32.to_le_bytes());
        head.extend(number.to_le_bytes());
        head
    };
    inodes.extend(head(2, 1));
    inodes.extend(
        [0u32, u32::MAX, 0, 0]
            .iter()
            .flat_map(|field| field.to_le_bytes()),
    );
    let root = inodes.len() as u64;
    inodes.extend(head(8, 2));
    inodes.extend(
        [2u32, listing.len() as u32 + 3, 0, 0]
            .iter()
            .flat_map(|f| f.to_le_bytes()),
    );
    inodes.extend([0u16, 0].iter().flat_map(|field| field.to_le_bytes()));
    inodes.extend(u32::MAX.to_le_bytes());

    let mut image = vec![0; 96];
    let mut table = |bytes: &[u8]| {
        let start = image.len() as u64;
        for block in bytes.chunks(8192) {
            image.extend((block.len() as u16 | 0x8000).to_le_bytes());
            image.extend_from_slice(block);
        }
        start
    };
    let (inode_table, directory_table) = (table(&inodes), table(&listing));
    let ids = table(&0u32.to_le_bytes());
    let id_table = image.len() as u64;
    image.extend(ids.to_le_bytes());
    let mut superblock = b"hsqs".to_vec();
    for field in [2u32, 77, 131_072, 0] {
        superblock.extend(field.to_le_bytes());
    }
    for field in [1u16, 17, 0x1b, 1, 4, 0] {
        superblock.extend(field.to_le_bytes());
    }
    let used = image.len() as u64;
    for field in [
        root,
        used,
        id_table,
        u64::MAX,
        inode_table,
        directory_table,
        u64::MAX,
        u64::MAX,
    ] {
        superblock.extend(field.to_le_bytes());
    }
    image[..96].copy_from_slice(&superblock);
    image
}

/// Shows an image whose root directory has so many entries.
fn assert_entries(
    what: &str,
    count: usize,
    name: impl Fn(usize) -> Vec<u8>,
    code: i32,
    said: &str,
) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.sqsh");
    fs::write(&path, with_entries(count, name)).unwrap();
    assert_small(what, &path, code, said);
}

fn short(number: usize) -> Vec<u8> {
    format!("file-{number:07}").into_bytes()
}

#[test]
fn a_directory_of_a_million_entries_takes_little_memory() {
    assert_entries("a million", 1_000_000, short, 0, "\"kind\": \"unknown\"");
}

#[test]
fn a_directory_of_more_entries_is_over_a_limit() {
    assert_entries("one more", 1_000_001, short, 2, "limit listing_entries");
}

#[test]
fn long_names_and_equal_names_take_little_memory() {
    let long = |number: usize| format!("{number:07}{}", "x".repeat(249)).into_bytes();
    assert_entries("long names", 400_000, long, 2, "limit kept_bytes");
    let pipes = |number: usize| [number.to_be_bytes().map(|b| b | 0x80).to_vec(), vec![1]].concat();
    assert_entries("names twice", 200_000, pipes, 2, "twice");
}

#[test]
fn a_list_of_fragments_as_long_as_it_says_is_not_read_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.sqsh");
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/carriers/a-vllm-release.gzip.sqsh");
    let mut image = fs::read(fixture).unwrap();
    // Of 4 billion fragments the index has 64 MiB, which are there: a hole.
    image[16..20].fill(0xff);
    image[40..48].copy_from_slice(&(1u64 << 32).to_le_bytes());
    fs::write(&path, image).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1 << 32)
        .unwrap();
    let (peak, text, _) = show(&path);
    assert!(peak < MOST_KIB, "{peak} KiB");
    assert!(text.contains("buildkite"), "{text}");
}
