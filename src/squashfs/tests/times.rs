//! The times of all inodes.

use super::draft::Draft;
use super::*;
use proptest::prelude::*;

/// What every draft's inodes have.
const TIME: i64 = 77;

fn words(fields: &[u32]) -> Vec<u8> {
    let bytes = fields.iter().flat_map(|field| field.to_le_bytes());
    bytes.collect()
}

/// The rest of an inode of each type, as a packer writes it.
fn bodies() -> Vec<(u16, Vec<u8>)> {
    let index = [&words(&[0, 0, 2])[..], b"abc"].concat();
    let target = |extended: bool| {
        let xattr = if extended { words(&[u32::MAX]) } else { vec![] };
        [&words(&[1, 6])[..], b"target", &xattr].concat()
    };
    let mut extended_directory = words(&[2, 3, 0, 1]);
    extended_directory.extend([2, 0, 0, 0]);
    extended_directory.extend(words(&[u32::MAX]));
    extended_directory.extend([index.clone(), index].concat());
    // Two blocks and a fragment; three blocks.
    let file = words(&[96, 0, 0, 300_000, 5, 5]);
    let mut extended_file = words(&[96, 0, 300_000, 0, 0, 0, 1, u32::MAX, 0, u32::MAX]);
    extended_file.extend(words(&[5, 5, 5]));
    vec![
        (1, words(&[0, 2, 3, 1])),
        (2, file),
        (3, target(false)),
        (4, words(&[1, 0])),
        (5, words(&[1, 0])),
        (6, words(&[1])),
        (7, words(&[1])),
        (8, extended_directory),
        (9, extended_file),
        (10, target(true)),
        (11, words(&[1, 0, u32::MAX])),
        (12, words(&[1, 0, u32::MAX])),
        (13, words(&[1, u32::MAX])),
        (14, words(&[1, u32::MAX])),
    ]
}

fn with_all_types() -> Draft {
    let mut draft = Draft::new();
    for (kind, body) in bodies() {
        draft.inode(kind, &body);
    }
    draft.directory(&[]);
    draft
}

fn times(image: Vec<u8>, since: i64) -> Result<Times> {
    open(image)?.times(since)
}

#[test]
fn inodes_of_every_type_are_counted() {
    let found = times(with_all_types().finish(), TIME).unwrap();
    assert_eq!((found.inodes, found.later), (15, 0));
    assert_eq!((found.earliest, found.latest), (77, 77));
}

#[test]
fn a_second_later_is_later_and_the_same_second_is_not() {
    let image = Draft::sample().finish();
    for (since, later) in [
        (TIME - 1, 6),
        (TIME, 0),
        (TIME + 1, 0),
        (-1, 6),
        (i64::MAX, 0),
    ] {
        assert_eq!(times(image.clone(), since).unwrap().later, later, "{since}");
    }
}

#[test]
fn one_later_inode_of_every_type_is_found() {
    let (mut at, whole) = (0, with_all_types());
    for (kind, body) in bodies() {
        let mut inodes = whole.inodes.clone();
        inodes[at + 8..at + 12].copy_from_slice(&78_u32.to_le_bytes());
        at += 16 + body.len();
        let mut draft = with_all_types();
        draft.inodes = inodes;
        let found = times(draft.finish(), TIME).unwrap();
        assert_eq!(
            (found.inodes, found.later, found.latest),
            (15, 1, 78),
            "{kind}"
        );
    }
}

#[test]
fn what_is_later_than_the_packing_is_counted_apart() {
    // Drafts are packed at 88.
    let mut draft = Draft::sample();
    for (at, time) in [(8, 88_u32), (16 + 16 + 4 + 8, 89)] {
        draft.inodes[at..at + 4].copy_from_slice(&time.to_le_bytes());
    }
    let found = times(draft.finish(), TIME).unwrap();
    assert_eq!((found.later, found.after_packing), (2, 1));
}

#[test]
fn the_last_file_before_an_import_is_six_hours_older() {
    let image = Draft::sample().finish();
    for (since, before) in [(TIME + 6 * 3600, 0), (TIME + 6 * 3600 + 1, 77)] {
        let found = times(image.clone(), since).unwrap();
        assert_eq!(found.before, before, "{since}");
    }
}

#[test]
fn a_table_with_more_or_fewer_inodes_than_the_superblock_says_is_damaged() {
    for (count, reason) in [(5_u32, "more"), (7, "fewer"), (1 << 20, "fewer")] {
        let mut image = Draft::sample().finish();
        image[4..8].copy_from_slice(&count.to_le_bytes());
        let reason = format!("holds {reason} inodes than the {count}");
        assert_damaged(times(image, TIME), &reason);
    }
}

#[test]
fn a_table_that_cannot_be_taken_apart_is_damaged() {
    for kind in [0_u16, 15, 0xffff] {
        let mut draft = Draft::sample();
        draft.inodes[..2].copy_from_slice(&kind.to_le_bytes());
        assert_damaged(times(draft.finish(), TIME), "known are 1 to 14");
    }
    let mut draft = Draft::sample();
    draft.inodes[12..16].fill(0);
    assert_damaged(times(draft.finish(), TIME), "inode number 0");
    // The last inode is cut. Then the block list or the index of one reaches past the table.
    let mut draft = Draft::sample();
    draft.inodes.pop();
    assert_damaged(times(draft.finish(), TIME), "fewer inodes");
    for body in [
        words(&[96, 0, 0, u32::MAX]),
        words(&[96, u32::MAX, 0, u32::MAX]),
    ] {
        let mut draft = Draft::sample();
        draft.inode(2, &body);
        assert_damaged(times(draft.finish(), TIME), "its last inode");
    }
    let mut draft = Draft::sample();
    draft.inode(8, &words(&[2, 3, 0, 1, 0xffff, u32::MAX]));
    assert_damaged(times(draft.finish(), TIME), "its last inode");
    let mut draft = Draft::sample();
    draft.inode(3, &words(&[1, u32::MAX]));
    assert_damaged(times(draft.finish(), TIME), "its last inode");
}

#[test]
fn more_inodes_than_the_limit_are_an_error_that_names_it() {
    let limits = Limits {
        inodes: 4,
        ..Limits::default()
    };
    let image = Squashfs::open(Draft::sample().finish(), &limits).unwrap();
    let error = image.times(TIME).unwrap_err();
    assert!(
        error.to_string().contains("limit inodes: 6 is more than 4"),
        "{error}"
    );
    let limits = Limits {
        metadata_bytes: 100,
        ..Limits::default()
    };
    let image = Squashfs::open(Draft::sample().finish(), &limits).unwrap();
    let error = image.times(TIME).unwrap_err();
    assert!(
        error.to_string().contains("limit metadata_bytes"),
        "{error}"
    );
}

#[test]
fn what_is_decoded_for_it_is_not_counted_against_the_rest() {
    let draft = Draft::sample();
    let limits = Limits {
        metadata_bytes: (draft.inodes.len() + draft.listings.len() + 16) as u64,
        ..Limits::default()
    };
    let image = Squashfs::open(draft.finish(), &limits).unwrap();
    for _ in 0..100 {
        image.times(TIME).unwrap();
    }
    assert_eq!(
        image.read(&image.lookup(b"tail").unwrap(), 99).unwrap(),
        b"in a fragment"
    );
}

/// As many inodes as are read in a thread of their own, every seventh of them later.
fn many() -> Vec<u8> {
    let mut draft = Draft::new();
    for number in 0..6000_u32 {
        let at = draft.inodes.len();
        draft.link(b"target");
        if number % 7 == 0 {
            draft.inodes[at + 8..at + 12].copy_from_slice(&(78 + number).to_le_bytes());
        }
    }
    draft.root = Some(0);
    draft.finish()
}

/// The times with and without a thread of their own, and whether the thread found them.
fn both(image: &[u8], limits: &Limits) -> ([Result<Times>; 2], bool) {
    let open = || Squashfs::open(image.to_vec(), limits).unwrap();
    let (alone, ahead) = (open(), open());
    ahead.read_ahead();
    ahead.times_ahead();
    let times = [alone.times(TIME), ahead.times(TIME)];
    ahead.times_ahead();
    (times, ahead.found_ahead().is_some())
}

#[test]
fn a_thread_of_its_own_changes_no_answer() {
    let whole = many();
    let ([alone, ahead], found) = both(&whole, &Limits::default());
    let (alone, ahead) = (alone.unwrap(), ahead.unwrap());
    assert!(found && alone.later > 500, "{alone:?}");
    assert_eq!(alone, ahead);

    let table = Superblock::parse(&whole, whole.len() as u64).unwrap();
    let table = table.inode_table as usize;
    // The type of an inode, the number of another, the length of a block, the count of inodes.
    for (at, byte) in [
        (table + 2 + 30 * 10, 0),
        (table + 2 + 30 * 9 + 12, 0),
        (table + 8194, 0),
        (4, 1),
    ] {
        let mut image = whole.clone();
        image[at..at + 2].fill(byte);
        let ([alone, ahead], found) = both(&image, &Limits::default());
        let (alone, ahead) = (alone.unwrap_err(), ahead.unwrap_err());
        assert_eq!(alone.to_string(), ahead.to_string(), "{at}");
        assert!(!found, "{at}");
    }
    for limits in [
        Limits {
            metadata_bytes: 100_000,
            ..Limits::default()
        },
        Limits {
            inodes: 5999,
            ..Limits::default()
        },
    ] {
        let ([alone, ahead], found) = both(&whole, &limits);
        let (alone, ahead) = (alone.unwrap_err(), ahead.unwrap_err());
        assert_eq!(alone.to_string(), ahead.to_string());
        assert!(!found);
    }
}

#[test]
fn the_later_ones_are_named_in_the_order_of_the_tree() {
    let image = open(Draft::sample().finish()).unwrap();
    let all: Vec<Vec<u8>> = ["/", "/fifo", "/link", "/sub", "/sub/file", "/tail"]
        .map(|path| path.as_bytes().to_vec())
        .to_vec();
    assert_eq!(image.later_paths(TIME - 1, 10), all);
    assert_eq!(image.later_paths(TIME - 1, 3), all[..3]);
    assert!(image.later_paths(TIME - 1, 0).is_empty());
    assert!(image.later_paths(TIME, 10).is_empty());
}

#[test]
fn a_directory_inside_of_itself_is_walked_once() {
    let mut draft = Draft::new();
    let here = draft.inodes.len() as u16;
    draft.directory(&[("again", 1, here), ("more", 1, here)]);
    let image = open(draft.finish()).unwrap();
    let paths = image.later_paths(TIME - 1, 1000);
    assert!(paths.len() <= 8, "{} paths", paths.len());
}

/// An inode of one of the types, its time, and the bytes behind it.
fn inode() -> impl Strategy<Value = (usize, u32)> {
    (
        0..bodies().len(),
        prop_oneof![Just(77), Just(78), any::<u32>()],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a table is cut into blocks, it says the same.
    #[test]
    fn borders_of_blocks_change_nothing(inodes in prop::collection::vec(inode(), 1..60), size in 1_usize..200) {
        let bodies = bodies();
        let mut table = Vec::new();
        for (number, (which, time)) in (1_u32..).zip(&inodes) {
            let (kind, body) = &bodies[*which];
            table.extend([*kind, 0o644, 0, 0].iter().flat_map(|field| field.to_le_bytes()));
            table.extend(words(&[*time, number]));
            table.extend(body);
        }
        let mut found = Vec::new();
        let mut scan = crate::squashfs::times::Scan::new(131_072, |inode| found.push((inode.time, inode.directories == 1)));
        for piece in table.chunks(size) {
            scan.feed(piece).unwrap();
        }
        prop_assert!(scan.is_between_inodes());
        let expected = inodes.iter().map(|(which, time)| (*time, matches!(bodies[*which].0, 1 | 8)));
        prop_assert_eq!(found, expected.collect::<Vec<_>>());
    }

    /// Bytes that are no table are an error or a number, never a panic.
    #[test]
    fn bytes_of_any_kind_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400), size in 1_usize..64) {
        let mut scan = crate::squashfs::times::Scan::new(4096, |_| {});
        let _ = bytes.chunks(size).try_for_each(|piece| scan.feed(piece));
    }
}
