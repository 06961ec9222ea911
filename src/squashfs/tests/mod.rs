//! Rules that need a whole image: a small one, built byte by byte, with one thing wrong at a time.

mod borders;
mod checks;
mod codecs;
mod draft;
mod hostile_inodes;
mod hostile_listings;
mod hostile_superblock;
mod limits;
mod links;
mod times;

use super::*;
use crate::limits::Limits;
use draft::Draft;

fn open(image: Vec<u8>) -> Result<Squashfs<Vec<u8>>> {
    Squashfs::open(image, &Limits::default())
}

/// Opens, looks one path up and reads it.
fn read(image: Vec<u8>, path: &str) -> Result<Vec<u8>> {
    let image = open(image)?;
    let inode = image.lookup(path.as_bytes())?;
    image.read(&inode, 1 << 20)
}

#[track_caller]
fn assert_damaged<T>(result: Result<T>, reason: &str) {
    match result {
        Err(error @ Error::Damaged { .. }) => {
            let text = error.to_string();
            assert!(text.contains(reason), "{text}");
            assert!(text.contains("at offset"), "{text}");
        }
        Err(error) => panic!("not damaged but: {error}"),
        Ok(_) => panic!("no error"),
    }
}

#[test]
fn an_undamaged_draft_reads() {
    let image = Draft::sample().finish();
    assert_eq!(read(image.clone(), "/sub/file").unwrap(), b"in a block");
    assert_eq!(read(image.clone(), "tail").unwrap(), b"in a fragment");
    let image = open(image).unwrap();
    let names: Vec<_> = image
        .list(&image.root().unwrap())
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, [&b"fifo"[..], b"link", b"sub", b"tail"]);
    let stat = image.stat(&image.lookup(b"tail").unwrap()).unwrap();
    assert_eq!(
        (stat.kind, stat.mode, stat.uid, stat.mtime, stat.size),
        (Kind::File, 0o644, 1000, 77, 13)
    );
}

#[test]
fn an_open_image_may_be_sent_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&open(Draft::sample().finish()).unwrap());
}

#[test]
fn a_pipe_is_never_opened_and_the_error_names_it() {
    let error = read(Draft::sample().finish(), "fifo").unwrap_err();
    assert!(
        matches!(
            error,
            Error::WrongKind {
                kind: Kind::Fifo,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("named pipe"));
}

#[test]
fn a_directory_is_no_file_and_a_file_no_directory() {
    let image = open(Draft::sample().finish()).unwrap();
    let (sub, tail) = (
        image.lookup(b"sub").unwrap(),
        image.lookup(b"tail").unwrap(),
    );
    assert!(matches!(
        image.read(&sub, 9),
        Err(Error::WrongKind {
            kind: Kind::Directory,
            ..
        })
    ));
    assert!(matches!(
        image.list(&tail),
        Err(Error::WrongKind {
            kind: Kind::File,
            ..
        })
    ));
    assert!(matches!(
        image.read_link(&tail),
        Err(Error::WrongKind { .. })
    ));
    assert!(matches!(
        image.lookup(b"tail/more"),
        Err(Error::WrongKind { .. })
    ));
    assert!(matches!(
        image.lookup(b"sub/none"),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn a_truncated_image_opens_and_reads_what_is_there() {
    let mut draft = Draft::sample();
    draft.far_data = true;
    let mut image = draft.finish();
    let len = image.len();
    image.truncate(len - 4);
    let image = open(image).unwrap();
    assert_eq!(image.truncated(), Some(4));
    assert!(matches!(image.check_whole(), Err(Error::Truncated { .. })));
    assert_eq!(
        image.read(&image.lookup(b"tail").unwrap(), 99).unwrap(),
        b"in a fragment"
    );
    let error = image
        .read(&image.lookup(b"sub/file").unwrap(), 99)
        .unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
    assert!(error.to_string().contains("(4 missing)"), "{error}");
}
