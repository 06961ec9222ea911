//! What was changed after the import, and which program packed: facts of real images.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod squashfs_support;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use sqsh_prov::carriers::{Facts, LaterThanImport, Wanted, collect};
use sqsh_prov::image::packing::{DEDUPLICATED, EXPORTABLE, NO_FRAGMENTS, RAW_DATA};
use sqsh_prov::image::{Later, Packer};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::Squashfs;
use squashfs_support::{fixtures, has, mksquashfs, open_fixture, run, to_pack};

/// Images that were edited after their import, of those among the fixtures.
const EDITED: [&str; 2] = ["n2-start-rw-export.sqsh", "41-container-save.sqsh"];
/// The moment of the import in the trees of these tests.
const IMPORT: u64 = 1_790_000_000;

fn facts(path: &Path) -> Facts {
    let image = Squashfs::open(File::open(path).unwrap(), &Limits::default()).unwrap();
    collect(&image, &Wanted::default(), &Limits::default())
}

fn later(facts: &Facts) -> &Later {
    match &facts.later {
        LaterThanImport::Read(later) => later,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_inode_of_an_import_is_later_and_of_an_edited_one_some_are() {
    let mut edited = 0;
    for (path, offset) in fixtures() {
        let image = open_fixture(&path, offset, &Limits::default());
        let facts = collect(&image, &Wanted::default(), &Limits::default());
        let name = path.file_name().unwrap().to_str().unwrap();
        let LaterThanImport::Read(later) = &facts.later else {
            assert!(facts.import.is_none(), "{name}: {:?}", facts.later);
            continue;
        };
        assert_eq!(later.inodes, u64::from(image.superblock().inode_count));
        if EDITED.contains(&name) {
            edited += 1;
            assert_eq!(later.paths.len(), 10, "{name}: {later:?}");
            assert!(later.paths.contains(&"/etc/group".to_owned()), "{later:?}");
        } else {
            assert_eq!(later.count, 0, "{name}: {later:?}");
        }
    }
    assert_eq!(edited, EDITED.len());
}

#[test]
fn an_import_was_packed_by_mksquashfs_and_a_tar2sqfs_image_was_not() {
    for (path, offset) in fixtures() {
        let image = open_fixture(&path, offset, &Limits::default());
        let facts = collect(&image, &Wanted::default(), &Limits::default());
        let name = path.file_name().unwrap().to_str().unwrap();
        let packing = facts.packing.unwrap();
        let expected = match name.contains("tar2sqfs") {
            true => Packer::SquashfsToolsNg,
            false => Packer::Mksquashfs,
        };
        assert_eq!(packing.packer, Some(expected), "{name}");
        assert_eq!(packing.appended, Some(false), "{name}");
        assert_eq!(packing.owned_by_root, Some(true), "{name}");
    }
}

/// An imported tree, all of it older than its `/etc/rc`.
fn imported(root: &Path) {
    for directory in ["etc/deep", "usr/bin", "opt/app/data"] {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    for (path, text) in [
        (
            "etc/rc",
            "# enroot-provenance: docker://registry-1.docker.io#a/b:c\n\nmkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\nif [ $# -gt 0 ]; then\n    exec \"$@\"\nelse\n    exec '/bin/sh'\nfi\n",
        ),
        ("etc/environment", "PATH=/usr/bin\n"),
        ("etc/deep/file", "deep"),
        ("usr/bin/tool", "tool"),
        ("opt/app/main.py", "print()"),
    ] {
        fs::write(root.join(path), text).unwrap();
    }
    fs::hard_link(root.join("usr/bin/tool"), root.join("usr/bin/again")).unwrap();
    std::os::unix::fs::symlink("usr/bin", root.join("bin")).unwrap();
    run("mkfifo", [root.join("opt/app/pipe")]);
    settle(root);
}

/// Gives everything the time of the import.
fn settle(root: &Path) {
    let paths = walkdir::WalkDir::new(root).contents_first(true);
    for entry in paths {
        set_time(entry.unwrap().path(), IMPORT);
    }
}

fn set_time(path: &Path, seconds: u64) {
    let when = format!("@{seconds}");
    run("touch", ["-h", "-d", &when, path.to_str().unwrap()]);
}

#[test]
fn one_path_of_any_kind_that_is_a_second_later_is_found() {
    let Some((out, root)) = to_pack() else { return };
    imported(&root);
    let image = out.path().join("image");
    mksquashfs(&root, &image, &["-comp", "gzip", "-all-root"]);
    assert_eq!(later(&facts(&image)).count, 0);
    for path in [
        "etc",
        "opt/app/data",
        "bin",
        "opt/app/pipe",
        "etc/deep/file",
        "usr/bin/tool",
    ] {
        set_time(&root.join(path), IMPORT + 1);
        mksquashfs(&root, &image, &["-comp", "gzip", "-all-root"]);
        let facts = facts(&image);
        let later = later(&facts);
        assert_eq!(later.count, 1, "{path}");
        let first = if path == "usr/bin/tool" {
            "usr/bin/again"
        } else {
            path
        };
        assert_eq!(later.paths.first(), Some(&format!("/{first}")), "{path}");
        set_time(&root.join(path), IMPORT);
    }
}

#[test]
fn at_most_ten_are_named_and_all_are_counted() {
    let Some((out, root)) = to_pack() else { return };
    imported(&root);
    fs::create_dir(root.join("many")).unwrap();
    for number in 0..300 {
        fs::write(root.join(format!("many/{number:03}")), "").unwrap();
    }
    settle(&root.join("etc"));
    set_time(&root.join("many"), IMPORT);
    set_time(&root, IMPORT);
    let image = out.path().join("image");
    mksquashfs(&root, &image, &["-comp", "zstd"]);
    let facts = facts(&image);
    let later = later(&facts);
    assert_eq!(later.count, 300);
    let names: Vec<String> = (0..10).map(|number| format!("/many/{number:03}")).collect();
    assert_eq!(later.paths, names);
}

#[test]
fn a_damaged_inode_table_is_said_and_hides_nothing_else() {
    let Some((out, root)) = to_pack() else { return };
    imported(&root);
    let image = out.path().join("image");
    mksquashfs(&root, &image, &["-comp", "gzip", "-noI"]);
    let mut bytes = fs::read(&image).unwrap();
    // One inode more than there are.
    bytes[4] += 1;
    fs::write(&image, &bytes).unwrap();
    let facts = facts(&image);
    let LaterThanImport::Unknown { code, message } = &facts.later else {
        panic!("{:?}", facts.later);
    };
    assert_eq!(*code, "inode-times-damaged");
    assert!(message.contains("fewer inodes"), "{message}");
    assert!(facts.is_partial());
    assert!(facts.import.is_some());
    assert_eq!(facts.environment.len(), 1);
}

/// Ways to pack that a site may choose, all by mksquashfs.
const OPTIONS: [&[&str]; 8] = [
    &["-comp", "lzo", "-noD", "-all-root"],
    &["-comp", "zstd", "-b", "1M", "-all-root"],
    &["-comp", "xz", "-noI", "-noId", "-noX", "-noF"],
    &[
        "-no-fragments",
        "-no-duplicates",
        "-no-exports",
        "-no-xattrs",
    ],
    &["-always-use-fragments", "-nopad", "-no-hardlinks"],
    &["-comp", "lz4", "-mkfs-time", "0", "-all-time", "1790000000"],
    &["-comp", "gzip", "-Xcompression-level", "4", "-b", "4096"],
    &["-no-sparse", "-reproducible", "-nopad"],
];

#[test]
fn no_option_of_mksquashfs_makes_it_look_like_another_packer() {
    let Some((out, root)) = to_pack() else { return };
    imported(&root);
    let image = out.path().join("image");
    for options in OPTIONS {
        mksquashfs(&root, &image, options);
        let facts = facts(&image);
        let packing = facts.packing.as_ref().unwrap();
        assert_eq!(packing.packer, Some(Packer::Mksquashfs), "{options:?}");
        assert_eq!(packing.appended, Some(false), "{options:?}");
        assert_eq!(later(&facts).count, 0, "{options:?}");
        assert_eq!(packing.has(RAW_DATA), options.contains(&"-noD"));
        assert_eq!(
            packing.has(NO_FRAGMENTS),
            options.contains(&"-no-fragments")
        );
        assert_eq!(packing.has(EXPORTABLE), !options.contains(&"-no-exports"));
        assert_eq!(
            packing.has(DEDUPLICATED),
            !options.contains(&"-no-duplicates")
        );
    }
    run(
        "mksquashfs",
        [&root.join("opt"), &image, Path::new("-no-progress")],
    );
    assert_eq!(facts(&image).packing.unwrap().appended, Some(true));
}

#[test]
fn squashfs_tools_ng_is_told_by_its_links_whatever_its_options() {
    let Some((out, root)) = to_pack() else { return };
    if !(has("tar2sqfs") && has("gensquashfs")) {
        return;
    }
    imported(&root);
    let (tar, image) = (out.path().join("tar"), out.path().join("image"));
    run(
        "tar",
        [
            "-cf",
            tar.to_str().unwrap(),
            "-C",
            root.to_str().unwrap(),
            ".",
        ],
    );
    let path = image.to_str().unwrap();
    for options in [
        &["-c", "gzip"][..],
        &["-c", "zstd", "-e"],
        &["-c", "xz", "-b", "1M"],
    ] {
        let status = Command::new("tar2sqfs")
            .args(["-q", "-f"])
            .args(options)
            .arg(path)
            .stdin(File::open(&tar).unwrap())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        let facts = facts(&image);
        assert_eq!(facts.packing.unwrap().packer, Some(Packer::SquashfsToolsNg));
    }
    run(
        "gensquashfs",
        ["-q", "-f", "-D", root.to_str().unwrap(), path],
    );
    assert_eq!(
        facts(&image).packing.unwrap().packer,
        Some(Packer::SquashfsToolsNg)
    );
}

#[test]
fn the_time_of_packing_is_what_the_superblock_says() {
    let Some((out, root)) = to_pack() else { return };
    imported(&root);
    let image = out.path().join("image");
    mksquashfs(&root, &image, &["-mkfs-time", "1790000600"]);
    let packing = facts(&image).packing.unwrap();
    assert_eq!(
        (packing.packed_at, packing.compressor),
        (1_790_000_600, "gzip")
    );
    assert_eq!((packing.block_size, packing.ids), (131_072, 1));
    assert_eq!(
        packing.padding,
        fs::metadata(&image).unwrap().len() - used(&image)
    );
}

fn used(image: &Path) -> u64 {
    let image = Squashfs::open(File::open(image).unwrap(), &Limits::default()).unwrap();
    image.superblock().bytes_used
}
