//! Directories that cannot be right.

use super::draft::{Draft, listing, put};
use super::*;

/// Both ways into a directory.
#[track_caller]
fn assert_refused(bytes: &[u8], reason: &str) {
    let image = Draft::with_listing(bytes).finish();
    assert_damaged(
        open(image.clone()).and_then(|image| image.list(&image.root()?)),
        reason,
    );
    assert_damaged(open(image).and_then(|image| image.lookup(b"zzz")), reason);
}

#[test]
fn a_header_for_more_than_256_entries_is_refused() {
    for count in [256u32, u32::MAX] {
        let mut bytes = listing(&[("a", 2, 0)]);
        put(&mut bytes, 0, &count.to_le_bytes());
        assert_refused(&bytes, "at most 256");
    }
}

#[test]
fn names_that_no_file_system_has_are_refused() {
    // CVE-2021-40153: a name that leaves its directory.
    for name in [".", "..", "a/b", "/", "../../etc/passwd", "a\0b"] {
        assert_refused(&listing(&[(name, 2, 0)]), "the name");
    }
    let mut bytes = listing(&[("a", 2, 0)]);
    put(&mut bytes, 18, &256u16.to_le_bytes());
    assert_refused(&bytes, "a name of 257 bytes");
}

#[test]
fn a_name_of_256_bytes_is_listed() {
    let name = "n".repeat(256);
    let image = open(Draft::with_listing(&listing(&[(&name, 2, 0)])).finish()).unwrap();
    assert_eq!(
        image.list(&image.root().unwrap()).unwrap()[0].name,
        name.as_bytes()
    );
    assert!(image.lookup(name.as_bytes()).is_ok());
}

#[test]
fn one_name_twice_is_refused() {
    // CVE-2021-41072: a link and a directory of one name.
    let bytes = listing(&[("a", 3, 0), ("b", 2, 0), ("a", 1, 0)]);
    let image = open(Draft::with_listing(&bytes).finish()).unwrap();
    assert_damaged(image.list(&image.root().unwrap()), "\"a\" twice");
}

#[test]
fn entries_in_no_order_are_listed_and_noted() {
    let bytes = listing(&[("b", 2, 0), ("a", 2, 0)]);
    let image = open(Draft::with_listing(&bytes).finish()).unwrap();
    assert_eq!(image.list(&image.root().unwrap()).unwrap().len(), 2);
    assert!(image.lookup(b"a").is_ok());
    let [note] = &image.damage()[..] else {
        panic!("{:?}", image.damage());
    };
    assert!(note.to_string().contains("out of order"), "{note}");
}

#[test]
fn an_entry_whose_inode_has_another_number_is_read_and_noted() {
    let image = open(Draft::sample().finish()).unwrap();
    image.lookup(b"/sub/file").unwrap();
    assert!(image.damage().is_empty(), "{:?}", image.damage());
    // "fifo" says that it is inode 2.
    let mut draft = Draft::sample();
    let at = draft.listings.len()
        - listing(&[
            ("fifo", 6, 0),
            ("link", 3, 0),
            ("sub", 1, 0),
            ("tail", 2, 0),
        ])
        .len();
    draft.listings[at + 14] = 1;
    let image = open(draft.finish()).unwrap();
    image.lookup(b"/fifo").unwrap();
    let [note] = &image.damage()[..] else {
        panic!("{:?}", image.damage());
    };
    assert!(
        note.to_string().contains("\"fifo\" is inode 2, it says 5"),
        "{note}"
    );
}

#[test]
fn an_entry_past_the_size_of_the_listing_is_refused() {
    let whole = listing(&[("abc", 2, 0)]);
    for len in [5, 12, 15, 20, 22] {
        assert_refused(&whole[..len], "past the listing's size");
    }
}

#[test]
fn a_listing_past_its_table_is_refused() {
    let mut draft = Draft::new();
    draft.file(0, u32::MAX, 0, 0, &[]);
    draft.listings = listing(&[("a", 2, 0)]);
    draft.directory_at(0, u16::MAX);
    let image = open(draft.finish()).unwrap();
    assert!(matches!(
        image.list(&image.root().unwrap()),
        Err(Error::Damaged { .. })
    ));
}

#[test]
fn an_entry_of_unknown_or_wrong_type_is_refused() {
    assert_refused(&listing(&[("a", 0, 0)]), "entry of type 0");
    assert_refused(&listing(&[("a", 9, 0)]), "entry of type 9");
    let image = Draft::with_listing(&listing(&[("a", 1, 0)])).finish();
    assert_damaged(
        open(image).unwrap().lookup(b"a"),
        "its directory says directory",
    );
}

#[test]
fn a_directory_inside_itself_is_refused() {
    let mut draft = Draft::new();
    let bytes = listing(&[("loop", 1, 0)]);
    draft.directory_at(0, bytes.len() as u16 + 3);
    draft.listings = bytes;
    assert_damaged(
        open(draft.finish()).unwrap().lookup(b"loop/loop"),
        "inside itself",
    );
}

#[test]
fn a_directory_size_of_zero_to_three_is_empty() {
    for size in 0..=3 {
        let mut draft = Draft::new();
        draft.listings = listing(&[("a", 2, 0)]);
        draft.directory_at(0, size);
        let image = open(draft.finish()).unwrap();
        assert!(image.list(&image.root().unwrap()).unwrap().is_empty());
    }
}

fn extended(size: u32, index: &[u8], count: u16) -> Vec<u8> {
    let mut draft = Draft::new();
    let file = draft.file(0, u32::MAX, 0, 0, &[]);
    draft.listings = listing(&[("a", 2, file), ("b", 2, file)]);
    let mut body: Vec<u8> = [2, size, 0, 0]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    body.extend(count.to_le_bytes());
    body.extend(0u16.to_le_bytes());
    body.extend(u32::MAX.to_le_bytes());
    body.extend_from_slice(index);
    draft.inode(8, &body);
    draft.finish()
}

fn index_entry(passed: u32, block: u32, name_len: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = [passed, block, name_len]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    bytes.push(b'a');
    bytes
}

#[test]
fn an_extended_directory_of_huge_size_is_refused() {
    assert_damaged(
        open(extended(u32::MAX, &[], 0)).unwrap().lookup(b"a"),
        "directory listing of",
    );
}

#[test]
fn an_extended_directory_is_found_with_and_without_index() {
    assert!(
        open(extended(12 + 9 + 9 + 3, &[], 0))
            .unwrap()
            .lookup(b"b")
            .is_ok()
    );
    assert!(
        open(extended(12 + 9 + 9 + 3, &index_entry(0, 0, 0), 1))
            .unwrap()
            .lookup(b"b")
            .is_ok()
    );
}

#[test]
fn an_index_outside_its_listing_is_refused() {
    let size = 12 + 9 + 9 + 3;
    for passed in [30, u32::MAX] {
        assert_damaged(
            open(extended(size, &index_entry(passed, 0, 0), 1))
                .unwrap()
                .lookup(b"b"),
            "of a listing of 30",
        );
    }
    assert_damaged(
        open(extended(size, &index_entry(0, 0, 256), 1))
            .unwrap()
            .lookup(b"b"),
        "a name of 257",
    );
    assert_damaged(
        open(extended(size, &index_entry(0, 1 << 20, 0), 1))
            .unwrap()
            .lookup(b"b"),
        "outside the table",
    );
    assert!(
        open(extended(size, &index_entry(0, 0, 0), u16::MAX))
            .unwrap()
            .lookup(b"zzz")
            .is_err()
    );
}
