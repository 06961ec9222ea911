//! Symbolic links: where they lead, and where they never lead.

use super::draft::Draft;
use super::*;

/// `/dir/file`, and `/dir/link` with the given target; also `/link` with the same.
fn linked(target: &str) -> Squashfs<Vec<u8>> {
    let mut draft = Draft::new();
    let (start, size) = draft.raw(b"found");
    let file = draft.file(start as u32, u32::MAX, 0, 5, &[size]);
    let link = draft.link(target.as_bytes());
    let dir = draft.directory(&[("file", 2, file), ("link", 3, link)]);
    draft.directory(&[("dir", 1, dir), ("link", 3, link)]);
    open(draft.finish()).unwrap()
}

#[track_caller]
fn assert_found(target: &str, path: &str) {
    let image = linked(target);
    let inode = image.lookup(path.as_bytes()).unwrap();
    assert_eq!(image.read(&inode, 9).unwrap(), b"found");
}

#[test]
fn absolute_link_resolves_inside_the_image() {
    assert_found("/dir/file", "link");
    assert_found("/dir/file", "dir/link");
    assert_found("/dir", "/dir/link/file");
}

#[test]
fn relative_link_starts_at_its_own_directory() {
    assert_found("file", "dir/link");
    assert_found("../dir/./file", "dir/link");
    assert_found("dir", "link/file");
}

#[test]
fn dot_dot_stops_at_the_root() {
    assert_found("../../../../dir/file", "link");
    assert_found("/../dir/file", "../../dir/../dir/link");
    assert_found("..", "/dir/link/dir/file");
}

#[test]
fn dot_dot_leaves_the_directory_that_a_link_led_to() {
    assert_found("dir", "link/../dir/file");
}

#[test]
fn a_link_to_a_directory_above_is_no_loop() {
    assert_found("..", "dir/link/dir/link/dir/file");
    assert_found("/", "dir/link/dir/link/dir/file");
}

#[test]
fn a_link_to_itself_is_a_loop() {
    for (target, path) in [
        ("link", "link"),
        ("/link", "dir/link"),
        ("link/x", "link"),
        ("/dir/link", "dir/link/file"),
    ] {
        let error = linked(target).lookup(path.as_bytes()).unwrap_err();
        assert!(
            matches!(error, Error::LinkLoop { hops: 40, .. }),
            "{target}: {error}"
        );
    }
}

#[test]
fn a_last_link_is_returned_itself_where_asked_for() {
    let image = linked("/nowhere");
    let link = image.lookup_no_follow(b"dir/link").unwrap();
    assert_eq!(link.kind(), Kind::Symlink);
    assert_eq!(image.read_link(&link).unwrap(), b"/nowhere");
    assert!(matches!(
        image.lookup(b"dir/link"),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn the_empty_path_is_the_root() {
    for path in ["", "/", ".", "/..", "./dir/.."] {
        assert_eq!(
            linked("x").lookup(path.as_bytes()).unwrap().number(),
            linked("x").root().unwrap().number()
        );
    }
}
