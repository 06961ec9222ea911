//! Values at the borders: of integers, of tables, of links.

use std::collections::BTreeSet;

use super::draft::{Draft, listing, put};
use super::*;

/// Where a sign, a width or a count overflows.
const BORDERS: [u64; 14] = [
    0,
    1,
    0x7f,
    0xff,
    0x1fff,
    0x2000,
    0x7fff,
    0x8000,
    0xffff,
    1 << 31,
    u32::MAX as u64,
    1 << 32,
    1 << 63,
    u64::MAX,
];

/// Reads everything in every way.
fn everything(image: Vec<u8>) {
    let limits = Limits {
        file_bytes: 1 << 20,
        listing_entries: 100,
        ..Limits::default()
    };
    let Ok(image) = Squashfs::open(image, &limits) else {
        return;
    };
    let _ = (image.damage(), image.truncated(), image.check_whole());
    let _ = (image.times(7), image.later_paths(7, 10));
    for path in ["fifo", "link", "sub/file", "tail", "sub/../none"] {
        let Ok(inode) = image.lookup(path.as_bytes()) else {
            continue;
        };
        let _ = (image.stat(&inode), image.read_link(&inode));
        let _ = image.read(&inode, 1 << 20);
        let _ = image.read_range(&inode, u64::MAX - 1, u64::MAX);
        let _ = image.read_range(&inode, inode.size() / 2, 10);
    }
    if let Ok(root) = image.root() {
        for entry in image.list(&root).unwrap_or_default() {
            let _ = image.inode(&entry).map(|inode| image.list(&inode).is_ok());
        }
    }
}

#[test]
fn no_field_at_a_border_makes_it_panic_or_hang() {
    let mut far = Draft::sample();
    far.far_data = true;
    for image in [Draft::sample().finish(), far.finish()] {
        // Behind this there is only data.
        let end = image.len().min(900);
        for at in 4..end {
            for width in [1, 2, 4, 8]
                .into_iter()
                .filter(|width| at + width <= image.len())
            {
                let values = BORDERS.map(|value| value.to_le_bytes()[..width].to_vec());
                for value in BTreeSet::from(values) {
                    let mut image = image.clone();
                    put(&mut image, at, &value);
                    everything(image);
                }
            }
        }
    }
}

#[test]
fn tables_in_one_place_are_noted_and_nothing_is_read_twice() {
    // All lookup tables at the place of one of them, then everything at the inode table.
    let image = Draft::sample().finish();
    let table = |field: usize| u64::from_le_bytes(image[field..field + 8].try_into().unwrap());
    for (place, essential) in [(table(80), false), (table(64), true)] {
        let mut image = image.clone();
        for field in [48, 56, 80, 88] {
            put(&mut image, field, &place.to_le_bytes());
        }
        if essential {
            put(&mut image, 72, &place.to_le_bytes());
        }
        let opened = open(image.clone()).unwrap();
        assert!(!opened.damage().is_empty());
        match essential {
            true => assert!(opened.root().is_err()),
            false => assert_eq!(read(image, "sub/file").unwrap(), b"in a block"),
        }
    }
}

#[test]
fn an_index_one_past_the_end_is_refused() {
    let mut draft = Draft::new();
    let fragment = draft.raw(b"only");
    draft.fragments.push(fragment);
    let (last, past) = (draft.file(0, 0, 0, 4, &[]), draft.file(0, 1, 0, 4, &[]));
    draft.directory(&[("last", 2, last), ("past", 2, past)]);
    // The second inode also has the first id behind the last one.
    let at = usize::from(past) + 4;
    draft.inodes[at..at + 2].copy_from_slice(&1u16.to_le_bytes());
    let image = draft.finish();
    assert_eq!(read(image.clone(), "last").unwrap(), b"only");
    assert_damaged(read(image, "past"), "fragment 1 of 1");

    let mut draft = Draft::sample();
    draft.inodes[6..8].copy_from_slice(&1u16.to_le_bytes());
    let image = open(draft.finish()).unwrap();
    assert_damaged(image.stat(&image.lookup(b"sub/file").unwrap()), "id 1 of 1");
}

#[test]
fn an_offset_behind_the_end_of_its_block_does_not_wrap() {
    // squashfuse #158: the offset in a metadata block was added to before it was compared.
    for offset in [8191u64, 8192, 0xfff8, 0xffff] {
        let mut draft = Draft::sample();
        draft.root = Some(offset);
        assert!(
            open(draft.finish()).map_or(true, |image| image.root().is_err()),
            "{offset}"
        );
        let mut draft = Draft::new();
        draft.file(0, u32::MAX, 0, 0, &[]);
        draft.listings = listing(&[("a", 2, offset as u16)]);
        let size = draft.listings.len() as u16 + 3;
        draft.directory_at(0, size);
        assert!(
            open(draft.finish()).unwrap().lookup(b"a").is_err(),
            "{offset}"
        );
        let mut draft = Draft::new();
        draft.listings = listing(&[("a", 2, 0)]);
        draft.directory_at(offset as u16, 30);
        let image = open(draft.finish()).unwrap();
        assert!(
            image.root().and_then(|root| image.list(&root)).is_err(),
            "{offset}"
        );
    }
}

#[test]
fn directories_inside_each_other_are_refused() {
    let mut draft = Draft::new();
    let (one, two) = (listing(&[("two", 1, 32)]), listing(&[("one", 1, 0)]));
    draft.directory_at(0, one.len() as u16 + 3);
    draft.directory_at(one.len() as u16, two.len() as u16 + 3);
    draft.listings = [one, two].concat();
    let image = open(draft.finish()).unwrap();
    assert!(image.lookup(b"one").is_ok());
    assert_damaged(image.lookup(b"one/two"), "inside itself");
}

#[test]
fn forty_links_in_a_row_are_followed_and_one_more_is_not() {
    let mut draft = Draft::new();
    let (start, size) = draft.raw(b"reached");
    let file = draft.file(start as u32, u32::MAX, 0, 7, &[size]);
    let names: Vec<String> = (0..=41).map(|i| format!("l{i:02}")).collect();
    let mut entries = vec![(names[0].as_str(), 2, file)];
    for pair in names.windows(2) {
        let link = draft.link(pair[0].as_bytes());
        entries.push((pair[1].as_str(), 3, link));
    }
    draft.directory(&entries);
    let image = open(draft.finish()).unwrap();
    let inode = image.lookup(b"l40").unwrap();
    assert_eq!(image.read(&inode, 9).unwrap(), b"reached");
    assert!(matches!(
        image.lookup(b"l41"),
        Err(Error::LinkLoop { hops: 40, .. })
    ));
}

#[test]
fn a_sparse_file_of_a_terabyte_costs_nothing_until_it_is_read() {
    let size = 1u64 << 40;
    let mut body = Vec::new();
    body.extend(0u64.to_le_bytes());
    body.extend(size.to_le_bytes());
    body.extend(size.to_le_bytes());
    for field in [1, u32::MAX, 0, u32::MAX] {
        body.extend(field.to_le_bytes());
    }
    // Of its block list, which would have 8 million entries, there are 1800.
    body.extend([0; 4 * 1800]);
    let image = open(Draft::with_inode(9, &body).finish()).unwrap();
    let inode = image.lookup(b"it").unwrap();
    assert_eq!(inode.size(), size);
    assert!(matches!(
        image.read(&inode, u64::MAX),
        Err(Error::TooLarge {
            limit: "file_bytes",
            ..
        })
    ));
    assert_eq!(image.read_range(&inode, 1 << 20, 9).unwrap(), [0; 9]);
    assert!(image.read_range(&inode, size - 9, 9).is_err());
}

#[test]
fn a_path_of_any_length_is_only_not_there() {
    // CVE-2012-4024: a component was copied into a buffer of fixed length.
    let image = open(Draft::sample().finish()).unwrap();
    for path in [
        vec![b'x'; 100_000],
        b"x/".repeat(100_000),
        vec![b'/'; 100_000],
    ] {
        match image.lookup(&path) {
            Ok(inode) => assert_eq!(inode.number(), image.root().unwrap().number()),
            Err(error) => assert!(matches!(error, Error::NotFound { .. }), "{error}"),
        }
    }
}
