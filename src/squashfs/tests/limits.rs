//! Every limit is an error that names it.

use std::time::Duration;

use super::draft::{Draft, listing};
use super::*;

fn with(change: impl FnOnce(&mut Limits)) -> Squashfs<Vec<u8>> {
    let mut limits = Limits::default();
    change(&mut limits);
    Squashfs::open(Draft::sample().finish(), &limits).unwrap()
}

#[track_caller]
fn assert_over<T>(result: Result<T>, name: &str) {
    match result {
        Err(error @ Error::TooLarge { .. }) => assert!(error.to_string().contains(name), "{error}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("not over {name}"),
    }
}

#[test]
fn a_file_over_its_limit_is_not_cut() {
    let image = with(|_| ());
    let tail = image.lookup(b"tail").unwrap();
    assert_over(image.read(&tail, 12), "13 bytes is more than 12 bytes");
    assert_eq!(image.read(&tail, 13).unwrap().len(), 13);
}

#[test]
fn all_files_together_have_a_limit() {
    let image = with(|limits| limits.file_bytes = 20);
    let tail = image.lookup(b"tail").unwrap();
    image.read(&tail, 99).unwrap();
    assert_over(image.read(&tail, 99), "file_bytes");
    assert_over(image.read_range(&tail, 0, 8), "file_bytes");
    assert!(std::io::copy(&mut image.reader(&tail).unwrap(), &mut std::io::sink()).is_err());
}

#[test]
fn a_listing_has_a_limit() {
    let image = with(|limits| limits.listing_entries = 3);
    assert_over(image.list(&image.root().unwrap()), "listing_entries");
    assert_over(image.lookup(b"zzz"), "listing_entries");
}

#[test]
fn a_path_has_a_limit() {
    let image = with(|limits| limits.path_depth = 1);
    assert!(image.lookup(b"sub").is_ok());
    assert_over(image.lookup(b"sub/file"), "path_depth: 2 components");
}

#[test]
fn decoded_metadata_has_a_limit() {
    let image = with(|limits| limits.metadata_bytes = 100);
    assert_over(image.lookup(b"sub/file"), "metadata_bytes");
}

#[test]
fn a_link_has_a_limit() {
    let image = with(|limits| limits.symlink_bytes = 7);
    assert_over(image.lookup(b"link"), "symlink_bytes");
}

#[test]
fn time_has_a_limit_that_the_error_names() {
    let limits = Limits {
        time: Some(Duration::ZERO),
        ..Limits::default()
    };
    let error = Squashfs::open(Draft::sample().finish(), &limits)
        .err()
        .unwrap();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(error.to_string().contains("limit time"));
}

#[test]
fn a_hole_that_never_ends_is_stopped_by_the_limit() {
    let mut draft = Draft::new();
    let file = draft.file(0, u32::MAX, 0, 4_000_000_000, &[0; 1900]);
    draft.listings = listing(&[("holes", 2, file)]);
    let size = draft.listings.len() as u16;
    draft.directory_at(0, size + 3);
    let limits = Limits {
        file_bytes: 1 << 20,
        ..Limits::default()
    };
    let image = Squashfs::open(draft.finish(), &limits).unwrap();
    let inode = image.lookup(b"holes").unwrap();
    assert_over(image.read(&inode, u64::MAX), "file_bytes");
    let error =
        std::io::copy(&mut image.reader(&inode).unwrap(), &mut std::io::sink()).unwrap_err();
    assert!(error.to_string().contains("file_bytes"), "{error}");
}

#[test]
fn decoders_that_are_kept_are_few() {
    use std::io::Write as _;
    let mut draft = Draft::new();
    let mut names = Vec::new();
    for number in 0..10u32 {
        let bytes: Vec<u8> = (0..100_000)
            .map(|at| (at / 7) as u8 ^ number as u8)
            .collect();
        let mut block = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        block.write_all(&bytes).unwrap();
        let (start, size) = draft.raw(&block.finish().unwrap());
        draft.fragments.push((start, size & !(1 << 24)));
        for offset in [10, 60_000] {
            let inode = draft.file(0, number, offset, 1000, &[]);
            let part = bytes[offset as usize..][..1000].to_vec();
            names.push((format!("{number}-{offset:05}"), inode, part));
        }
    }
    let entries = names
        .iter()
        .map(|(name, inode, _)| (name.as_str(), 2, *inode));
    draft.directory(&entries.collect::<Vec<_>>());
    let image = Squashfs::open(draft.finish(), &Limits::default()).unwrap();
    // All first halves, then all second ones.
    for half in ["-00010", "-60000"] {
        for (name, _, bytes) in names.iter().filter(|(name, ..)| name.ends_with(half)) {
            let inode = image.lookup(name.as_bytes()).unwrap();
            assert_eq!(&image.read(&inode, 1000).unwrap(), bytes, "{name}");
            let kept = image.fragments.borrow();
            let going = kept.iter().filter(|block| block.is_going()).count();
            assert!(
                (1..=super::super::fragment::STREAMS).contains(&going),
                "{name}: {going}"
            );
        }
    }
}
