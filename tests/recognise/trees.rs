//! Small trees, packed by programs that know nothing of this one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use sqsh_prov::limits::Limits;
use sqsh_prov::recognise::{Sketch, sketch};
use sqsh_prov::squashfs::Squashfs;

/// What stands at a path: a file of so many bytes and a time, or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    File(usize, u64),
    Link(String),
}

/// A tree by its paths.
pub type Tree = BTreeMap<String, Entry>;

/// A tree of so many files, all of one seed.
pub fn tree(seed: u64, files: usize) -> Tree {
    let mut tree = Tree::new();
    for number in 0..files as u64 {
        let path = format!("usr/lib/part{}/of{seed}-{number}", number % 17);
        let time = 1_600_000_000 + (number * 7919 + seed * 104_729) % 50_000_000;
        tree.insert(path, Entry::File((number % 97) as usize, time));
    }
    for number in 0..files / 10 {
        let to = Entry::Link(format!("../lib/of{seed}-{number}"));
        tree.insert(format!("usr/bin/{seed}-{number}"), to);
    }
    tree
}

/// What one tree is to a known one, counted file by file: added, changed, removed.
pub fn difference(known: &Tree, other: &Tree) -> (u64, u64, u64) {
    let added = other.keys().filter(|path| !known.contains_key(*path));
    let removed = known.keys().filter(|path| !other.contains_key(*path));
    let differs =
        |(path, entry): &(&String, &Entry)| known.get(*path).is_some_and(|known| known != *entry);
    let changed = other.iter().filter(differs);
    (
        added.count() as u64,
        changed.count() as u64,
        removed.count() as u64,
    )
}

/// Writes a tree below a directory, with what an importer writes at some time.
pub fn write(tree: &Tree, root: &Path, imported: u64) {
    let set = |path: &Path, time: u64| {
        let time = UNIX_EPOCH + Duration::from_secs(time);
        File::open(path).unwrap().set_modified(time).unwrap();
    };
    for (path, entry) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match entry {
            Entry::File(size, time) => {
                fs::write(&path, vec![b'x'; *size]).unwrap();
                set(&path, *time);
            }
            Entry::Link(target) => symlink(target, &path).unwrap(),
        }
    }
    fs::create_dir_all(root.join("etc")).unwrap();
    for name in ["rc", "fstab", "environment", "rc.local"] {
        let path = root.join("etc").join(name);
        fs::write(&path, format!("of {imported}\n")).unwrap();
        set(&path, imported);
    }
    set(root, imported);
}

/// How a tree is packed.
#[derive(Clone, Copy, Debug)]
pub enum Packer {
    Mksquashfs(&'static [&'static str]),
    Tar2sqfs(&'static [&'static str]),
}

/// Packs a tree; `None` where the program is not installed, which with `CI` set is a failure.
pub fn pack(tree: &Tree, packer: Packer, imported: u64, image: &Path) -> Option<PathBuf> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    write(tree, &root, imported);
    let made = match packer {
        Packer::Mksquashfs(options) => Command::new("mksquashfs")
            .arg(&root)
            .arg(image)
            .args(["-noappend", "-no-progress", "-quiet", "-all-root"])
            .args(options)
            .output(),
        Packer::Tar2sqfs(options) => {
            let tar = directory.path().join("root.tar");
            let status = Command::new("tar")
                .arg("-C")
                .arg(&root)
                .arg("-cf")
                .arg(&tar)
                .arg(".")
                .status();
            assert!(status.unwrap().success());
            Command::new("tar2sqfs")
                .args(["-q", "-f"])
                .args(options)
                .arg(image)
                .stdin(File::open(&tar).unwrap())
                .output()
        }
    };
    match made {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{packer:?}: {said}");
            Some(image.to_owned())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{packer:?}: {error}");
            None
        }
    }
}

/// The sketch of an image.
pub fn sketch_of(image: &Path) -> Sketch {
    let image = Squashfs::open(File::open(image).unwrap(), &Limits::default()).unwrap();
    sketch(&image).unwrap().unwrap()
}
