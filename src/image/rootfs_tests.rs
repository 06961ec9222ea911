//! Whatever is in the directory, nothing outside of it is read, and nothing blocks.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A root with links of every kind that could lead out of it.
fn hostile() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    fs::create_dir_all(root.join("etc/deep")).unwrap();
    fs::write(directory.path().join("outside"), "outside").unwrap();
    fs::write(root.join("etc/inside"), "inside").unwrap();
    fs::write(root.join("outside"), "the root's own").unwrap();
    for (name, target) in [
        ("relative", "inside"),
        ("absolute", "/etc/inside"),
        ("up", "../../../../outside"),
        ("host", "/etc/passwd"),
        ("magic", "/proc/self/root/etc/passwd"),
        ("loop-a", "loop-b"),
        ("loop-b", "loop-a"),
        ("self", "self"),
        ("nothing", "gone"),
        ("through-file", "inside/x"),
        ("directory", "deep/../../etc"),
    ] {
        symlink(target, root.join("etc").join(name)).unwrap();
    }
    symlink(directory.path(), root.join("out")).unwrap();
    rustix::fs::mknodat(
        CWD,
        root.join("etc/pipe"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
    // A device takes root to make; where that is not allowed the rest is tested.
    let device = root.join("etc/device");
    let _ = rustix::fs::mknodat(
        CWD,
        device,
        FileType::CharacterDevice,
        Mode::RUSR,
        rustix::fs::makedev(1, 5),
    );
    directory
}

/// Both ways to resolve, which must not differ.
fn both(directory: &tempfile::TempDir, limits: &Limits) -> [Rootfs; 2] {
    let open = || Rootfs::open(&directory.path().join("root"), limits).unwrap();
    [open(), open().walking()]
}

#[test]
fn links_never_lead_out_of_the_root() {
    let directory = hostile();
    for root in both(&directory, &Limits::default()) {
        let text = |path: &str| {
            let bytes = root.read(path.as_bytes(), 1 << 20)?;
            Ok::<_, Error>(String::from_utf8(bytes).unwrap())
        };
        for (path, expected) in [
            ("/etc/inside", "inside"),
            ("etc//./inside", "inside"),
            ("/etc/relative", "inside"),
            ("/etc/absolute", "inside"),
            ("/etc/directory/inside", "inside"),
            ("/etc/up", "the root's own"),
            ("/../../outside", "the root's own"),
        ] {
            assert_eq!(text(path).as_deref(), Ok(expected), "{path}");
        }
        for path in [
            "/etc/host",
            "/etc/magic",
            "/etc/nothing",
            "/etc/through-file",
            "/etc/inside/x",
            "/out/outside",
            "/gone",
        ] {
            assert!(text(path).unwrap_err().is_not_found(), "{path}");
        }
        for path in ["/etc/loop-a", "/etc/self"] {
            assert!(matches!(text(path), Err(Error::Links { .. })), "{path}");
        }
    }
}

#[test]
fn special_files_are_looked_at_and_never_opened() {
    let directory = hostile();
    for root in both(&directory, &Limits::default()) {
        assert_eq!(root.stat(b"/etc/pipe").unwrap().kind, FileKind::Fifo);
        let error = root.read(b"/etc/pipe", 10).unwrap_err();
        assert!(matches!(
            error,
            Error::WrongKind {
                found: FileKind::Fifo,
                ..
            }
        ));
        assert!(root.read_range(b"/etc/pipe", 0, 1).is_err());
        assert!(root.list(b"/etc/pipe").is_err());
        if root.stat(b"/etc/device").is_ok() {
            assert!(matches!(
                root.read(b"/etc/device", 10),
                Err(Error::WrongKind { .. })
            ));
        }
        assert!(matches!(
            root.read(b"/etc", 10),
            Err(Error::WrongKind { .. })
        ));
        let names = root.list(b"/").unwrap();
        let names: Vec<_> = names.iter().map(|entry| (entry.name, entry.kind)).collect();
        assert_eq!(
            names,
            [
                (b"etc".as_slice(), FileKind::Directory),
                (b"out", FileKind::Link),
                (b"outside", FileKind::File)
            ]
        );
    }
}

#[test]
fn limits_hold() {
    let directory = hostile();
    let limits = Limits {
        listing_entries: 3,
        file_bytes: 10,
        ..Limits::default()
    };
    for root in both(&directory, &limits) {
        let over = |error| matches!(error, Error::TooLarge { .. });
        assert!(over(root.list(b"/etc").unwrap_err()));
        assert!(over(root.read(b"/etc/inside", 3).unwrap_err()));
        assert_eq!(root.read_range(b"/etc/inside", 2, 100).unwrap(), b"side");
        assert!(root.read_range(b"/etc/inside", 99, 1).unwrap().is_empty());
        assert!(root.read(b"/etc/inside", 10).is_ok());
        assert!(over(root.read(b"/etc/inside", 10).unwrap_err()));
    }
    let limits = Limits {
        path_depth: 2,
        ..Limits::default()
    };
    let [_, walking] = both(&directory, &limits);
    assert!(walking.list(b"/etc/deep/../../etc/deep/..").is_ok());
    let limits = Limits {
        path_depth: 1,
        ..Limits::default()
    };
    let [_, walking] = both(&directory, &limits);
    assert!(matches!(
        walking.list(b"/etc/deep"),
        Err(Error::Links { .. })
    ));
}

/// A moment that everything in the tree is set to.
const MOMENT: i64 = 1_800_000_000;

fn set_time(path: &std::path::Path, seconds: i64) {
    use rustix::fs::{AtFlags, Timespec, Timestamps};
    let time = Timespec {
        tv_sec: seconds,
        tv_nsec: 0,
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
}

/// The hostile root, all of it as old as the moment.
fn of_one_moment() -> tempfile::TempDir {
    let directory = hostile();
    for entry in walkdir::WalkDir::new(directory.path().join("root")).contents_first(true) {
        set_time(entry.unwrap().path(), MOMENT);
    }
    directory
}

fn later(directory: &tempfile::TempDir, since: i64, limits: &Limits) -> Result<Later, Error> {
    let root = Rootfs::open(&directory.path().join("root"), limits).unwrap();
    root.later_than(since, 3).map(Option::unwrap)
}

#[test]
fn files_links_and_directories_that_are_later_are_found_and_named_by_name() {
    let directory = of_one_moment();
    let limits = Limits::default();
    let none = later(&directory, MOMENT, &limits).unwrap();
    assert_eq!((none.count, none.paths.len()), (0, 0));
    assert_eq!((none.earliest, none.latest), (MOMENT, MOMENT));

    let root = directory.path().join("root");
    for path in ["etc/pipe", "etc/magic", "etc/deep", "etc/inside"] {
        set_time(&root.join(path), MOMENT + 1);
    }
    let some = later(&directory, MOMENT, &limits).unwrap();
    assert_eq!(some.count, 4);
    assert_eq!(some.latest, MOMENT + 1);
    assert_eq!(some.paths, ["/etc/deep", "/etc/inside", "/etc/magic"]);
    assert_eq!(later(&directory, MOMENT + 1, &limits).unwrap().count, 0);

    let all = later(&directory, MOMENT - 1, &limits).unwrap();
    assert_eq!(all.count, all.inodes);
    assert_eq!(all.paths.first().map(String::as_str), Some("/"));
}

#[test]
fn links_that_lead_out_of_the_root_are_not_followed_for_their_times() {
    let directory = of_one_moment();
    // What /out leads to was made just now, and is later than anything of the moment before.
    fs::write(directory.path().join("outside"), "later").unwrap();
    set_time(&directory.path().join("outside"), MOMENT + 9);
    assert_eq!(
        later(&directory, MOMENT, &Limits::default()).unwrap().count,
        0
    );
}

#[test]
fn the_walk_for_times_ends_at_its_limits() {
    let directory = of_one_moment();
    let limits = Limits {
        inodes: 5,
        ..Limits::default()
    };
    let error = later(&directory, MOMENT, &limits).unwrap_err();
    assert!(error.to_string().contains("limit inodes of 5"), "{error}");
    let limits = Limits {
        path_depth: 1,
        ..Limits::default()
    };
    let error = later(&directory, MOMENT, &limits).unwrap_err();
    assert!(error.to_string().contains("path_depth"), "{error}");
    let limits = Limits {
        time: Some(std::time::Duration::ZERO),
        ..Limits::default()
    };
    let error = later(&directory, MOMENT, &limits).unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
}
