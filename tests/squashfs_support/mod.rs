//! Other squashfs tools, as oracles and as writers of test images.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Kind, Offset, ReadAt, Squashfs};

/// What a tree holds: regular files with their content, links with their target, directories.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    Directory,
    File(Vec<u8>),
    Link(Vec<u8>),
    Other,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory => f.write_str("directory"),
            Self::File(bytes) => write!(f, "file of {} bytes", bytes.len()),
            Self::Link(target) => write!(f, "link to {}", target.escape_ascii()),
            Self::Other => f.write_str("device, pipe or socket"),
        }
    }
}

/// A tree by path below its root.
pub type Tree = BTreeMap<Vec<u8>, Node>;

/// Limits for tests that read everything.
pub fn no_time_limit() -> Limits {
    Limits {
        time: None,
        file_bytes: u64::MAX,
        ..Limits::default()
    }
}

/// Whether a tool is there; in CI a missing tool fails the test.
pub fn has(tool: &str) -> bool {
    let found = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found || !in_ci,
        "{tool} is missing; install squashfs-tools and squashfs-tools-ng"
    );
    if !found {
        eprintln!("skipped: {tool} is not installed");
    }
    found
}

/// Runs a tool to success; its output is shown only where it fails.
pub fn run(tool: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) {
    let output = Command::new(tool).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{tool}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Packs a directory.
pub fn mksquashfs(tree: &Path, image: &Path, args: &[&str]) {
    let fixed = [
        tree.as_os_str(),
        image.as_os_str(),
        OsStr::new("-noappend"),
        OsStr::new("-no-progress"),
    ];
    run(
        "mksquashfs",
        fixed.into_iter().chain(args.iter().map(OsStr::new)),
    );
}

/// Every fixture image with the offset of its squashfs part.
pub fn fixtures() -> Vec<(PathBuf, u64)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found: Vec<(PathBuf, u64)> = ["carriers", "classification"]
        .iter()
        .flat_map(|group| fs::read_dir(root.join(group)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| match path.extension()?.to_str()? {
            "sqsh" | "sqfs" => Some((path, 0)),
            "sif" => Some((path, 36864)),
            _ => None,
        })
        .collect();
    found.sort();
    assert!(found.len() > 60, "only {} fixtures", found.len());
    found
}

/// A fixture, or the image behind the header of one.
pub fn open_fixture(path: &Path, offset: u64, limits: &Limits) -> Squashfs<Offset<fs::File>> {
    let inner = fs::File::open(path).unwrap();
    let len = inner.metadata().unwrap().len() - offset;
    Squashfs::open(Offset { inner, offset, len }, limits).unwrap()
}

/// An empty directory to pack, in one with room for the image; `None` where nothing can be packed.
pub fn to_pack() -> Option<(tempfile::TempDir, PathBuf)> {
    if !has("mksquashfs") {
        return None;
    }
    let out = tempfile::tempdir().unwrap();
    let root = out.path().join("root");
    fs::create_dir(&root).unwrap();
    Some((out, root))
}

/// The tree in a directory on disk.
pub fn tree_of_directory(root: &Path) -> Tree {
    let mut tree = Tree::new();
    for entry in walkdir::WalkDir::new(root).min_depth(1) {
        let entry = entry.unwrap();
        let path = entry
            .path()
            .strip_prefix(root)
            .unwrap()
            .as_os_str()
            .as_bytes()
            .to_vec();
        let kind = entry.file_type();
        let node = if kind.is_dir() {
            Node::Directory
        } else if kind.is_file() {
            Node::File(fs::read(entry.path()).unwrap())
        } else if kind.is_symlink() {
            Node::Link(
                fs::read_link(entry.path())
                    .unwrap()
                    .as_os_str()
                    .as_bytes()
                    .to_vec(),
            )
        } else {
            Node::Other
        };
        tree.insert(path, node);
    }
    tree
}

/// The tree as our reader sees it.
pub fn tree_of_image<R: ReadAt>(image: &Squashfs<R>) -> Tree {
    let mut tree = Tree::new();
    let mut open = vec![(Vec::new(), image.root().unwrap())];
    while let Some((path, directory)) = open.pop() {
        for entry in image.list(&directory).unwrap() {
            let mut path: Vec<u8> = path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&entry.name);
            let inode = image.inode(&entry).unwrap();
            image.stat(&inode).unwrap();
            let node = match entry.kind {
                Kind::Directory => {
                    open.push((path.clone(), inode));
                    Node::Directory
                }
                Kind::File => Node::File(image.read(&inode, u64::MAX).unwrap()),
                Kind::Symlink => Node::Link(image.read_link(&inode).unwrap()),
                _ => Node::Other,
            };
            tree.insert(path, node);
        }
    }
    tree
}

/// The tree of an image file, read by us.
pub fn our_tree(path: &Path) -> Tree {
    tree_of_image(&Squashfs::open(fs::File::open(path).unwrap(), &no_time_limit()).unwrap())
}

/// Fails with the first difference, not with both trees.
pub fn assert_same(ours: &Tree, theirs: &Tree, what: &str) {
    for (path, node) in theirs {
        assert!(
            ours.get(path) == Some(node),
            "{what}: {}: {:?}, not {node:?}",
            path.escape_ascii(),
            ours.get(path)
        );
    }
    for path in ours.keys() {
        assert!(
            theirs.contains_key(path),
            "{what}: {} is ours only",
            path.escape_ascii()
        );
    }
}

/// Bytes that look like text and compress like it, the same for the same seed.
pub fn text(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 16);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(format!("value_{:x} = {}\n", state % 4096, state % 61).as_bytes());
    }
    out.truncate(len);
    out
}
