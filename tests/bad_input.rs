//! What is no image, or a damaged one: each its own clear message, and the others are answered.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture that is not there fails the test"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use support::{fixture, pack};

fn show(images: &[&Path]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .arg("show")
        .args(images)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn whole() -> Vec<u8> {
    fs::read(fixture("classification", "01-vllm-release.sqsh")).unwrap()
}

fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut image = whole();
    image[at..at + bytes.len()].copy_from_slice(bytes);
    image
}

#[test]
fn each_kind_of_bad_file_has_its_own_message() {
    let directory = tempfile::tempdir().unwrap();
    let mut old = changed(28, &3u16.to_le_bytes());
    old[30..32].copy_from_slice(&1u16.to_le_bytes());
    for (name, bytes, words) in [
        ("empty", Vec::new(), "the file is empty"),
        (
            "text",
            b"just some text, longer than a superblock ".repeat(8),
            "not a squashfs image",
        ),
        (
            "gzip",
            [b"\x1f\x8b\x08".as_slice(), &[0; 200]].concat(),
            "gzip",
        ),
        ("zeros", vec![0; 4096], "zeros only"),
        ("short", whole()[..50].to_vec(), "truncated"),
        (
            "compressor",
            changed(20, &9u16.to_le_bytes()),
            "unknown compressor 9",
        ),
        ("squashfs 3", old, "squashfs 3.1"),
        ("big-endian", changed(0, b"sqsh"), "big-endian"),
        (
            "block size",
            changed(12, &1000u32.to_le_bytes()),
            "block size",
        ),
        ("root", changed(32, &u64::MAX.to_le_bytes()), "damaged"),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (code, stdout, stderr) = show(&[&path]);
        assert_eq!(code, 2, "{name}");
        assert!(
            stderr.contains(words) || stdout.contains(words),
            "{name}: {stderr}{stdout}"
        );
        assert!(
            stderr.contains(name) || stdout.contains(name),
            "{name}: {stderr}"
        );
    }
}

#[test]
fn what_may_not_or_cannot_be_read_is_not_called_a_bad_image() {
    let directory = tempfile::tempdir().unwrap();
    let (code, _, stderr) = show(&[&directory.path().join("nothing.sqsh")]);
    assert_eq!(
        (code, stderr.contains("no such file")),
        (2, true),
        "{stderr}"
    );
    let (code, _, stderr) = show(&[Path::new("/dev/null")]);
    assert_eq!((code, stderr.contains("a device")), (2, true), "{stderr}");

    let secret = directory.path().join("secret.sqsh");
    fs::write(&secret, whole()).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything.
    if fs::File::open(&secret).is_err() {
        let (code, _, stderr) = show(&[&secret]);
        assert_eq!(
            (code, stderr.contains("permission denied")),
            (2, true),
            "{stderr}"
        );
        assert!(!stderr.contains("squashfs"), "{stderr}");
    }
}

#[test]
fn a_truncated_image_says_how_much_is_missing_and_answers_what_it_can() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cut.sqsh");
    let image = fs::read(fixture("carriers", "a-vllm-release.gzip-uncompressed.sqsh")).unwrap();
    fs::write(&path, &image[..150_000]).unwrap();
    let (code, stdout, stderr) = show(&[&path]);
    assert_eq!(code, 2);
    let text = stdout + &stderr;
    assert!(
        text.contains("truncated") && text.contains("50525 missing"),
        "{text}"
    );
}

#[test]
fn the_other_images_are_still_answered() {
    let directory = tempfile::tempdir().unwrap();
    let bad = directory.path().join("bad.sqsh");
    fs::write(&bad, b"nothing").unwrap();
    let good = fixture("classification", "01-vllm-release.sqsh");
    let (code, stdout, stderr) = show(&[&bad, &good]);
    assert_eq!(code, 2);
    assert!(
        stdout.contains("vLLM 0.29.0 · official release"),
        "{stdout}"
    );
    assert!(stderr.contains("bad.sqsh"), "{stderr}");
}

/// An image whose `/etc` holds something odd; `None` without mksquashfs.
fn odd_etc(directory: &Path, make: impl Fn(&Path)) -> Option<PathBuf> {
    let root = directory.join("root");
    let etc = root.join("etc");
    fs::create_dir_all(&etc).unwrap();
    fs::copy(fixture("carriers", "manifest.json"), root.join("some-file")).unwrap();
    make(&etc);
    pack(&root, &directory.join("odd.sqsh"))
}

#[test]
fn odd_things_in_place_of_the_importers_files_are_named() {
    type Make = fn(&Path);
    let cases: [(Make, &str); 3] = [
        (
            |etc| fs::create_dir(etc.join("environment")).unwrap(),
            "a directory",
        ),
        (
            |etc| std::os::unix::fs::symlink("environment", etc.join("environment")).unwrap(),
            "links",
        ),
        (
            |etc| fs::write(etc.join("environment"), vec![b'x'; 2 << 20]).unwrap(),
            "over the limit",
        ),
    ];
    for (make, words) in cases {
        let directory = tempfile::tempdir().unwrap();
        let Some(image) = odd_etc(directory.path(), make) else {
            return;
        };
        let (code, stdout, stderr) = show(&[&image]);
        assert_eq!(code, 2, "{words}: {stderr}");
        assert!(
            stdout.contains(words) && stdout.contains("/etc/environment"),
            "{words}: {stdout}"
        );
    }
}

#[test]
fn a_damaged_table_loses_only_what_stood_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("damaged.sqsh");
    // The fragment index: files in fragments are lost, the tree is not.
    let image = whole();
    let table = u64::from_le_bytes(image[80..88].try_into().unwrap()) as usize;
    fs::write(&path, changed(table, &[0xff; 4])).unwrap();
    let (code, stdout, stderr) = show(&[&path]);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stdout.contains("warning") && stdout.contains("offset"),
        "{stdout}{stderr}"
    );
    assert!(
        stdout.contains("torch 2.13.0"),
        "the packages are named by their directories: {stdout}"
    );
}

/// The same image in every codec, as importers pack it.
const CODECS: [&str; 7] = [
    "default-lzo-noD",
    "gzip",
    "gzip-uncompressed",
    "lz4",
    "lzma",
    "xz",
    "zstd-b1M",
];

#[test]
fn one_bad_table_hides_no_other_in_any_codec() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("damaged.sqsh");
    for codec in CODECS {
        let image = fs::read(fixture("carriers", &format!("a-vllm-release.{codec}.sqsh"))).unwrap();
        let table = |field: usize| u64::from_le_bytes(image[field..field + 8].try_into().unwrap());
        let far = (1u64 << 40).to_le_bytes();
        let near = 100u64.to_le_bytes();
        let garbage = [0xff; 8];
        let fragments = table(80) as usize;
        let block = u64::from_le_bytes(image[fragments..fragments + 8].try_into().unwrap());
        for (what, at, bytes, files) in [
            ("id table", 48, &far[..], true),
            ("id table", 48, &near, true),
            ("xattr table", 56, &far, true),
            ("export table", 88, &far, true),
            ("export table", 88, &near, true),
            ("number of ids", 26, &[0, 0], true),
            ("number of inodes", 4, &[0; 4], true),
            ("number of fragments", 16, &[0xff; 4], true),
            ("size", 40, &near, true),
            ("fragment table", 80, &far, false),
            ("fragment table", 80, &near, false),
            ("index of fragments", fragments, &garbage, false),
            ("fragments", block as usize, &garbage, false),
        ] {
            let mut image = image.clone();
            image[at..at + bytes.len()].copy_from_slice(bytes);
            fs::write(&path, image).unwrap();
            let (code, stdout, stderr) = show(&[&path]);
            let text = format!("{codec}, {what}: {stdout}{stderr}");
            assert_eq!(code, 2, "{text}");
            assert!(
                text.contains("warning") && text.contains("offset"),
                "{text}"
            );
            // Packages are named by directories; the commit stands in files.
            assert!(text.contains("torch "), "{text}");
            assert_eq!(text.contains("buildkite.com"), files, "{text}");
            // What was read is all that the answer needs, or nothing is concluded.
            assert_eq!(text.contains("vLLM 0.23.0 · release"), files, "{text}");
        }
    }
}

#[test]
fn what_is_lost_with_one_table_is_one_warning() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("damaged.sqsh");
    let image = whole();
    let table = u64::from_le_bytes(image[72..80].try_into().unwrap()) as usize;
    fs::write(&path, changed(table, &[0xff; 2])).unwrap();
    let (code, stdout, stderr) = show(&[&path]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stdout.matches("warning:").count() <= 3, "{stdout}");
    assert!(stdout.contains("/etc/rc"), "{stdout}");
    assert!(
        !stdout.contains("is not recorded"),
        "nothing is known of what is lost: {stdout}"
    );
}
