//! Inodes and data that cannot be right.

use super::draft::{Draft, put};
use super::*;

fn words(fields: &[u32]) -> Vec<u8> {
    fields
        .iter()
        .flat_map(|field| field.to_le_bytes())
        .collect()
}

fn looked_up(kind: u16, body: &[u8]) -> Result<Inode> {
    open(Draft::with_inode(kind, body).finish())?.lookup_no_follow(b"it")
}

#[test]
fn inode_number_zero_is_refused() {
    // CVE-2024-26982.
    let mut draft = Draft::sample();
    draft.inodes[12..16].fill(0);
    assert_damaged(read(draft.finish(), "sub/file"), "inode number 0");
}

#[test]
fn unknown_inode_types_are_refused() {
    for kind in [0u16, 15, 0xffff] {
        let mut draft = Draft::sample();
        draft.inodes[..2].copy_from_slice(&kind.to_le_bytes());
        assert_damaged(read(draft.finish(), "sub/file"), "known are 1 to 14");
    }
}

#[test]
fn a_negative_file_size_is_refused() {
    // CVE-2025-40200.
    let mut body = words(&[0, 0, 0, 0x8000_0000]);
    body.extend(words(&[0, 0, 1, u32::MAX, 0, u32::MAX]));
    assert_damaged(looked_up(9, &body), "file of");
}

#[test]
fn a_symbolic_link_of_no_or_too_many_bytes_is_refused() {
    // CVE-2024-46744.
    assert_damaged(looked_up(3, &words(&[1, 0])), "symbolic link of 0 bytes");
    assert_damaged(looked_up(3, &words(&[1, u32::MAX])), "symbolic link of");
    let image = open(Draft::with_inode(3, &words(&[1, 4097])).finish()).unwrap();
    let link = image.lookup_no_follow(b"it").unwrap();
    assert!(matches!(
        image.read_link(&link),
        Err(Error::TooLarge {
            limit: "symlink_bytes",
            size: 4097,
            ..
        })
    ));
}

#[test]
fn a_fragment_outside_its_table_or_block_is_refused() {
    assert_damaged(looked_up(2, &words(&[0, 0, 0, 5])), "fragment 0 of 0");
    let mut draft = Draft::new();
    let short = draft.raw(b"short");
    draft.fragments.push(short);
    let (past, over) = (
        draft.file(0, 0, 0, 6, &[]),
        draft.file(0, 0, 131_070, 3, &[]),
    );
    let wrap = draft.file(0, 0, u32::MAX, 3, &[]);
    draft.directory(&[("over", 2, over), ("past", 2, past), ("wrap", 2, wrap)]);
    let image = draft.finish();
    assert_damaged(read(image.clone(), "past"), "it holds 5 bytes");
    assert_damaged(read(image.clone(), "over"), "in a fragment block of");
    assert_damaged(read(image, "wrap"), "in a fragment block of");
}

#[test]
fn a_fragment_block_outside_the_image_is_refused() {
    for start in [1 << 40, u64::MAX - 3] {
        let mut draft = Draft::sample();
        draft.fragments[0].0 = start;
        assert_damaged(read(draft.finish(), "tail"), "past the image");
    }
    let mut draft = Draft::sample();
    draft.fragments[0].1 = 0x0200_0005;
    assert_damaged(read(draft.finish(), "tail"), "stored size");
}

#[test]
fn a_data_block_outside_the_image_is_refused() {
    let mut body = words(&[u32::MAX - 1, u32::MAX, 10, 0]);
    body.extend(words(&[0, 0, 1, u32::MAX, 0, u32::MAX, 10]));
    assert_damaged(
        read(Draft::with_inode(9, &body).finish(), "it"),
        "too large",
    );
    assert_damaged(
        read(
            Draft::with_inode(2, &words(&[1 << 30, u32::MAX, 0, 10, 10])).finish(),
            "it",
        ),
        "past the image",
    );
}

#[test]
fn a_stored_size_over_the_block_size_is_refused() {
    for size in [131_073, 0x0100_0000, u32::MAX] {
        let body = words(&[96, u32::MAX, 0, 10, size]);
        assert_damaged(
            read(Draft::with_inode(2, &body).finish(), "it"),
            "stored size",
        );
    }
}

#[test]
fn a_raw_block_of_another_length_is_refused() {
    let body = words(&[96, u32::MAX, 0, 10, 1 << 24 | 9]);
    assert_damaged(
        read(Draft::with_inode(2, &body).finish(), "it"),
        "9 stored bytes for 10",
    );
}

#[test]
fn a_block_that_does_not_decode_is_refused() {
    let body = words(&[96, u32::MAX, 0, 10, 9]);
    assert_damaged(read(Draft::with_inode(2, &body).finish(), "it"), "gzip");
}

#[test]
fn a_file_of_many_blocks_that_its_list_does_not_have_is_refused() {
    let body = words(&[96, u32::MAX, 0, u32::MAX]);
    let image = open(Draft::with_inode(2, &body).finish()).unwrap();
    let inode = image.lookup(b"it").unwrap();
    assert!(image.read_range(&inode, 4_000_000_000, 10).is_err());
    assert!(matches!(
        image.read(&inode, 1 << 20),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn a_hole_reads_as_zeros() {
    let body = words(&[0, u32::MAX, 0, 200_000, 0, 0]);
    assert_eq!(
        read(Draft::with_inode(2, &body).finish(), "it").unwrap(),
        vec![0; 200_000]
    );
}

#[test]
fn a_root_that_is_no_directory_is_refused() {
    let mut draft = Draft::sample();
    draft.root = Some(0);
    assert_damaged(read(draft.finish(), "tail"), "it is a regular file");
}

#[test]
fn references_outside_the_inode_table_are_refused() {
    for root in [8000u64, 1 << 16, 0xffff_ffff << 16] {
        let mut draft = Draft::sample();
        draft.root = Some(root);
        assert!(
            matches!(read(draft.finish(), "tail"), Err(Error::Damaged { .. })),
            "{root:#x}"
        );
    }
}

#[test]
fn a_metadata_block_of_no_or_too_many_bytes_is_refused() {
    let draft = Draft::sample();
    let data = draft.data.len();
    let image = draft.finish();
    for header in [0u16, 0x8000, 0x7fff, 8193, 0x8000 | 4000] {
        let mut image = image.clone();
        put(&mut image, 96 + data, &header.to_le_bytes());
        assert!(
            matches!(read(image, "tail"), Err(Error::Damaged { .. })),
            "{header:#x}"
        );
    }
}

#[test]
fn an_id_outside_its_table_is_refused() {
    let mut draft = Draft::sample();
    draft.inodes[4..6].copy_from_slice(&9u16.to_le_bytes());
    let image = open(draft.finish()).unwrap();
    assert_damaged(image.stat(&image.lookup(b"sub/file").unwrap()), "id 9 of 1");
}

#[test]
fn a_stream_that_failed_goes_on_failing() {
    let mut draft = Draft::new();
    let fragment = draft.raw(b"the end");
    draft.fragments.push(fragment);
    let file = draft.file(96, 0, 0, 131_072 + 7, &[7]);
    draft.directory(&[("it", 2, file)]);
    let image = open(draft.finish()).unwrap();
    let mut reader = image.reader(&image.lookup(b"it").unwrap()).unwrap();
    for _ in 0..3 {
        assert!(std::io::Read::read(&mut reader, &mut [0; 8]).is_err());
    }
}
