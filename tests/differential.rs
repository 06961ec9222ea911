//! Our reader against unsquashfs, rdsquashfs and backhand, on every fixture and on generated images.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "squashfs_support/codecs.rs"]
mod codecs;
mod squashfs_support;

use std::fs;
use std::io::{BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use backhand::kind::Kind as BackhandKind;
use backhand::{FilesystemReader, InnerNode};
use codecs::CODECS;
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Error, Squashfs};
use squashfs_support::*;

fn backhand_tree(path: &Path, offset: u64) -> Tree {
    let file = BufReader::new(fs::File::open(path).unwrap());
    let kind = BackhandKind::new_v4(&CODECS);
    let image = FilesystemReader::from_reader_with_offset_and_kind(file, offset, kind).unwrap();
    let mut tree = Tree::new();
    for node in image.files() {
        let name = node
            .fullpath
            .strip_prefix("/")
            .unwrap()
            .as_os_str()
            .as_bytes()
            .to_vec();
        let inner = match &node.inner {
            InnerNode::Dir(_) => Node::Directory,
            InnerNode::File(file) => {
                let mut bytes = Vec::new();
                image.file(file).reader().read_to_end(&mut bytes).unwrap();
                Node::File(bytes)
            }
            InnerNode::Symlink(link) => Node::Link(link.link.as_os_str().as_bytes().to_vec()),
            _ => Node::Other,
        };
        if !name.is_empty() {
            tree.insert(name, inner);
        }
    }
    tree
}

fn unsquashfs_tree(path: &Path, offset: u64) -> Tree {
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join("tree");
    let args = [
        "-no-progress",
        "-no-xattrs",
        "-o",
        &offset.to_string(),
        "-d",
    ]
    .map(str::to_owned);
    let paths = [to.as_os_str().to_owned(), path.as_os_str().to_owned()];
    run("unsquashfs", args.into_iter().map(Into::into).chain(paths));
    tree_of_directory(&to)
}

/// rdsquashfs leaves devices out unless asked for them, and has no offset.
fn rdsquashfs_tree(path: &Path, offset: u64) -> Tree {
    let out = tempfile::tempdir().unwrap();
    let (to, cut) = (out.path().join("tree"), out.path().join("cut"));
    let bytes = fs::read(path).unwrap();
    fs::write(&cut, &bytes[offset as usize..]).unwrap();
    fs::create_dir(&to).unwrap();
    run(
        "rdsquashfs",
        [
            "-D".as_ref(),
            "-q".as_ref(),
            "-p".as_ref(),
            to.as_os_str(),
            "-u".as_ref(),
            "/".as_ref(),
            cut.as_os_str(),
        ],
    );
    tree_of_directory(&to)
}

fn without_others(tree: &Tree) -> Tree {
    tree.iter()
        .filter(|(_, node)| **node != Node::Other)
        .map(|(path, node)| (path.clone(), node.clone()))
        .collect()
}

fn fixture_tree(path: &Path, offset: u64) -> Tree {
    tree_of_image(&open_fixture(path, offset, &no_time_limit()))
}

fn each_fixture(theirs: fn(&Path, u64) -> Tree, cannot: &[&str], devices: bool) {
    for (path, offset) in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if cannot.contains(&name) {
            continue;
        }
        let (ours, theirs) = (fixture_tree(&path, offset), theirs(&path, offset));
        assert!(!ours.is_empty());
        match devices {
            true => assert_same(&ours, &theirs, name),
            false => assert_same(&without_others(&ours), &without_others(&theirs), name),
        }
    }
}

#[test]
fn every_fixture_reads_as_unsquashfs_reads_it() {
    if has("unsquashfs") {
        // Its id block is five bytes for four, which unsquashfs refuses.
        each_fixture(unsquashfs_tree, &["t-tar2sqfs-lz4.sqsh"], false);
    }
}

#[test]
fn every_fixture_reads_as_rdsquashfs_reads_it() {
    if has("rdsquashfs") {
        each_fixture(rdsquashfs_tree, &[], false);
    }
}

#[test]
fn every_fixture_reads_as_backhand_reads_it() {
    each_fixture(backhand_tree, &[], true);
}

/// A tree with what is hard to read: several blocks, holes, a hard link, an empty file, a large directory.
fn hard_tree(root: &Path) {
    fs::create_dir_all(root.join("etc/deep/er")).unwrap();
    fs::create_dir(root.join("many")).unwrap();
    fs::write(root.join("etc/environment"), text(1, 900)).unwrap();
    fs::write(root.join("etc/rc"), text(2, 2_500)).unwrap();
    fs::write(root.join("etc/empty"), b"").unwrap();
    fs::write(root.join("etc/deep/er/one-block"), text(3, 131_072)).unwrap();
    fs::write(root.join("large"), text(4, 2_300_001)).unwrap();
    fs::hard_link(root.join("large"), root.join("etc/hard-link")).unwrap();
    let noise: Vec<u8> = (0..300_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    fs::write(root.join("noise"), noise).unwrap();
    symlink("../large", root.join("etc/link")).unwrap();
    let sparse = fs::File::create(root.join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_at(&sparse, b"middle", 1_500_000).unwrap();
    sparse.set_len(3_000_000).unwrap();
    for i in 0..1200 {
        fs::write(
            root.join(format!("many/file-number-{i:05}")),
            text(i, (i % 50) as usize),
        )
        .unwrap();
    }
}

fn packed(root: &Path, args: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let image = out.path().join("image");
    mksquashfs(root, &image, args);
    assert_same(&our_tree(&image), &tree_of_directory(root), &args.join(" "));
}

#[test]
fn every_compressor_and_block_size_reads_back() {
    if !has("mksquashfs") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    hard_tree(root.path());
    for block in ["4K", "128K", "1M"] {
        for codec in ["gzip", "lzma", "lzo", "xz", "lz4", "zstd"] {
            packed(root.path(), &["-comp", codec, "-b", block]);
        }
    }
}

#[test]
fn every_packing_option_reads_back() {
    if !has("mksquashfs") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    hard_tree(root.path());
    let options: [&[&str]; 10] = [
        &["-comp", "lzo", "-noD"],
        &["-noI", "-noD", "-noF", "-noX"],
        &["-no-fragments"],
        &["-always-use-fragments"],
        &["-nopad"],
        &["-no-exports", "-no-xattrs"],
        &["-comp", "xz", "-Xbcj", "x86"],
        &["-comp", "xz", "-Xbcj", "arm,armthumb,powerpc,sparc,ia64"],
        &["-comp", "lz4", "-Xhc"],
        &["-no-duplicates", "-no-hardlinks", "-no-sparse"],
    ];
    for args in options {
        packed(root.path(), args);
    }
}

#[test]
fn machine_code_behind_a_branch_filter_reads_back() {
    if !has("mksquashfs") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    fs::copy(
        std::env::current_exe().unwrap(),
        root.path().join("program"),
    )
    .unwrap();
    fs::File::options()
        .write(true)
        .open(root.path().join("program"))
        .unwrap()
        .set_len(2_000_000)
        .unwrap();
    packed(root.path(), &["-comp", "xz", "-Xbcj", "x86"]);
    packed(root.path(), &["-comp", "xz", "-Xbcj", "x86", "-b", "1M"]);
}

#[test]
fn every_part_of_a_file_reads_as_the_whole() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    hard_tree(&root);
    for args in [
        &["-comp", "zstd", "-b", "4K"][..],
        &["-comp", "lzo", "-noD"],
        &["-noF", "-noD"],
    ] {
        let path = out.path().join("image");
        mksquashfs(&root, &path, args);
        let image = Squashfs::open(fs::File::open(&path).unwrap(), &no_time_limit()).unwrap();
        for name in ["large", "sparse", "noise", "etc/rc", "etc/empty"] {
            let inode = image.lookup(name.as_bytes()).unwrap();
            let whole = fs::read(root.join(name)).unwrap();
            let mut streamed = Vec::new();
            image
                .reader(&inode)
                .unwrap()
                .read_to_end(&mut streamed)
                .unwrap();
            assert!(streamed == whole, "{args:?} {name}");
            for (offset, len) in [
                (0, 10),
                (4095, 2),
                (131_000, 200),
                (2_499_990, 400_000),
                (3_300_000, 50),
                (9_000_000, 1),
            ] {
                let start = offset.min(whole.len());
                let end = (offset + len).min(whole.len());
                let part = image.read_range(&inode, offset as u64, len as u64).unwrap();
                assert!(part == whole[start..end], "{args:?} {name} {offset}+{len}");
            }
        }
    }
}

#[test]
fn forty_links_are_followed_and_forty_one_are_not() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    fs::write(root.join("link-0"), b"reached").unwrap();
    for i in 1..=41 {
        symlink(format!("link-{}", i - 1), root.join(format!("link-{i}"))).unwrap();
    }
    let path = out.path().join("image");
    mksquashfs(&root, &path, &[]);
    let image = Squashfs::open(fs::File::open(&path).unwrap(), &Limits::default()).unwrap();
    let inode = image.lookup(b"/link-40").unwrap();
    assert_eq!(image.read(&inode, 100).unwrap(), b"reached");
    assert!(matches!(
        image.lookup(b"/link-41"),
        Err(Error::LinkLoop { hops: 40, .. })
    ));
}

#[test]
fn a_hard_link_is_the_same_inode() {
    let Some((out, root)) = to_pack() else {
        return;
    };
    fs::write(root.join("one"), b"same").unwrap();
    fs::hard_link(root.join("one"), root.join("two")).unwrap();
    let path = out.path().join("image");
    mksquashfs(&root, &path, &[]);
    let image = Squashfs::open(fs::File::open(&path).unwrap(), &Limits::default()).unwrap();
    let (one, two) = (image.lookup(b"one").unwrap(), image.lookup(b"two").unwrap());
    assert_eq!(one.number(), two.number());
    assert_eq!(image.stat(&two).unwrap().links, 2);
}
