//! Superblocks that cannot be right.

use super::draft::{Draft, put};
use super::*;

fn patched(at: usize, bytes: &[u8]) -> Result<Squashfs<Vec<u8>>> {
    let mut image = Draft::sample().finish();
    put(&mut image, at, bytes);
    open(image)
}

fn looks_like(bytes: &[u8]) -> LooksLike {
    match open(bytes.to_vec()) {
        Err(Error::NotSquashfs { looks_like }) => looks_like,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn an_empty_file_is_its_own_error() {
    assert!(matches!(open(Vec::new()), Err(Error::Empty)));
}

#[test]
fn a_file_that_is_something_else_is_named() {
    let mut sif = b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC\0".to_vec();
    assert_eq!(looks_like(&sif), LooksLike::Sif);
    sif.truncate(31);
    assert_eq!(looks_like(&sif), LooksLike::Script);
    let mut tar = vec![b'x'; 512];
    put(&mut tar, 257, b"ustar");
    assert_eq!(looks_like(&tar), LooksLike::Tar);
    assert_eq!(looks_like(b"\x1f\x8b\x08rest"), LooksLike::Gzip);
    assert_eq!(looks_like(b"\x28\xb5\x2f\xfdrest"), LooksLike::Zstd);
    assert_eq!(looks_like(b"\x7fELFrest"), LooksLike::Elf);
    assert_eq!(looks_like(b"sqshrest"), LooksLike::BigEndian);
    assert_eq!(looks_like(b" {\"schemaVersion\": 2}"), LooksLike::Json);
    assert_eq!(looks_like(&[0; 600]), LooksLike::Zeros);
    assert_eq!(looks_like(b"anything"), LooksLike::Unknown);
}

#[test]
fn an_old_version_is_named() {
    match patched(28, &[3, 0, 1, 0]) {
        Err(Error::NotSquashfs { looks_like }) => {
            assert_eq!(looks_like, LooksLike::OtherVersion { major: 3, minor: 1 });
        }
        _ => panic!("version 3.1 was taken"),
    }
}

#[test]
fn half_a_superblock_is_truncated_and_not_something_else() {
    for len in [1, 3, 4, 50, 95] {
        let mut image = Draft::sample().finish();
        image.truncate(len);
        assert!(matches!(open(image), Err(Error::Truncated { .. })), "{len}");
    }
}

#[test]
fn an_unknown_compressor_is_named() {
    for id in [0u16, 7, 0xffff] {
        assert!(
            matches!(patched(20, &id.to_le_bytes()), Err(Error::UnknownCompressor(found)) if found == id)
        );
    }
}

#[test]
fn a_block_size_that_is_no_power_of_two_or_not_its_log_is_refused() {
    assert_damaged(patched(12, &131_073u32.to_le_bytes()), "block size");
    assert_damaged(patched(12, &2048u32.to_le_bytes()), "block size");
    assert_damaged(patched(22, &16u16.to_le_bytes()), "block size");
    // CVE-2012-4025: a log that overflows a shift.
    assert_damaged(patched(22, &65_535u16.to_le_bytes()), "block size");
}

/// What is wrong with an image that opens all the same, and reads.
#[track_caller]
fn noted(image: Vec<u8>) -> String {
    let image = open(image).unwrap();
    let file = image.lookup(b"sub/file").unwrap();
    assert_eq!(image.read(&file, 99).unwrap(), b"in a block");
    let damage: Vec<String> = image.damage().iter().map(Error::to_string).collect();
    assert!(
        damage
            .iter()
            .all(|text| text.contains("superblock at offset")),
        "{damage:?}"
    );
    damage.join("; ")
}

fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut image = Draft::sample().finish();
    put(&mut image, at, bytes);
    image
}

#[test]
fn an_inode_or_directory_table_that_cannot_be_is_refused() {
    for field in [64, 72] {
        assert_damaged(patched(field, &1u64.to_le_bytes()), "before the end");
        for far in [1u64 << 40, 1 << 63, u64::MAX] {
            assert_damaged(patched(field, &far.to_le_bytes()), "past the image");
        }
    }
}

#[test]
fn a_lookup_table_that_cannot_be_hides_nothing_else() {
    for field in [48, 56, 80, 88] {
        let near = noted(with(field, &2u64.to_le_bytes()));
        assert!(near.contains("before the end"), "{field}: {near}");
        for far in [1u64 << 31, 1 << 32, 1 << 63, u64::MAX - 1] {
            let far = noted(with(field, &far.to_le_bytes()));
            assert!(far.contains("past the image"), "{field}: {far}");
        }
    }
    assert!(noted(with(48, &u64::MAX.to_le_bytes())).contains("id table at"));
}

#[test]
fn a_file_in_a_fragment_is_lost_with_the_fragment_table() {
    for start in [0, 96, 1 << 40, u64::MAX - 1, u64::MAX] {
        let image = with(80, &start.to_le_bytes());
        let error = read(image, "tail").unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{start}: {error}");
    }
}

#[test]
fn a_fragment_table_larger_than_the_image_overflows_nothing() {
    // CVE-2015-4645 and 4646: the count overflows the size of the table.
    for count in [1u32 << 31, u32::MAX] {
        let image = with(16, &count.to_le_bytes());
        assert!(noted(image.clone()).contains("fragment table"));
        // Its first entry is still in its place.
        assert_eq!(read(image, "tail").unwrap(), b"in a fragment");
    }
}

#[test]
fn counts_of_nothing_are_noted() {
    assert!(noted(with(26, &[0, 0])).contains("ids"));
    assert!(noted(with(4, &[0; 4])).contains("no inodes"));
}

#[test]
fn options_of_the_compressor_that_do_not_follow_are_noted() {
    let mut flags = Draft::sample().finish()[24..26].to_vec();
    flags[1] |= 4;
    let mut image = with(24, &flags);
    assert!(noted(image.clone()).contains("options"));
    // gzip's have eight bytes.
    put(&mut image, 96, &[8, 0x80]);
    assert!(open(image).unwrap().damage().is_empty());
}

#[test]
fn a_size_that_ends_before_the_tables_is_noted_and_the_files_own_counts() {
    for size in [0u64, 96, 200, 1 << 63, u64::MAX] {
        assert!(
            noted(with(40, &size.to_le_bytes())).contains("size of"),
            "{size}"
        );
    }
}

#[test]
fn roots_nowhere_are_refused() {
    for root in [8192u64, u64::MAX] {
        assert_damaged(patched(32, &root.to_le_bytes()), "root inode reference");
    }
}

#[test]
fn what_the_kernel_drops_of_the_root_reference_is_dropped() {
    let sample = Draft::sample().finish();
    let mut root = sample[32..40].to_vec();
    root[6..].fill(0xff);
    assert_eq!(noted(with(32, &root)), "");
}

#[test]
fn an_image_that_says_it_is_larger_than_the_file_is_truncated() {
    let mut image = Draft::sample().finish();
    let len = image.len() as u64;
    put(&mut image, 40, &(len + 1000).to_le_bytes());
    assert_eq!(open(image).unwrap().truncated(), Some(1000));
}

#[test]
fn padding_behind_the_image_is_not_part_of_it() {
    let mut image = Draft::sample().finish();
    image.resize(9000, 0);
    assert_eq!(open(image.clone()).unwrap().truncated(), None);
    assert_eq!(read(image, "tail").unwrap(), b"in a fragment");
}
