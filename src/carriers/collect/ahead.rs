//! Which files will be read, as far as directories say it: each read that waits for another is what a slow file
//! system costs. A wrong guess costs bytes only.

use super::packages::METADATA_START;
use super::reader::{Reader, join};
use super::trees::{self, Tree, is_metadata};
use super::{BASE_LABELS, PROGRAMS};
use crate::carriers::{Wanted, elf, python};
use crate::image::Start;

/// Bytes of a file that are asked for at once; longer ones are read on when they are needed.
const ONE_FILE: u64 = 256 * 1024;
/// Packages whose files are asked for at once.
const MAX_PACKAGES: usize = 32;

/// Asks for the files that nearly every image is read for.
pub(super) fn prefetch(reader: &mut Reader<'_>, wanted: &Wanted) {
    let mut files: Vec<Start> = [
        &["/etc/environment"][..],
        &["/etc/fstab"],
        &["/etc/rc"],
        &["/etc/rc.local"],
        &["/etc/os-release", "/usr/lib/os-release"],
        &BASE_LABELS,
    ]
    .into_iter()
    .map(|paths| start(paths, ONE_FILE))
    .collect();
    files.push(start(&PROGRAMS, elf::HEADER_BYTES as u64));
    files.extend(wanted.documents.keys().map(|path| start(&[path], ONE_FILE)));
    // Where the environment names further trees, they are read when it is known.
    for tree in trees::find_trees(reader, &[]) {
        packages(&tree, wanted, &mut files);
    }
    reader.prefetch(&files);
}

fn start(paths: &[impl AsRef<[u8]>], length: u64) -> Start {
    Start {
        paths: paths.iter().map(|path| path.as_ref().to_vec()).collect(),
        length,
    }
}

/// What the packages of known publishers say about themselves.
fn packages(tree: &Tree, wanted: &Wanted, files: &mut Vec<Start>) {
    let mut found = 0;
    for entry in tree.entries.iter().filter(|entry| is_metadata(entry.name)) {
        let name = String::from_utf8_lossy(entry.name);
        let Some((name, version)) = python::split_name(&name) else {
            continue;
        };
        let normal = python::normalise(name);
        if !wanted.packages.contains(&normal) {
            continue;
        }
        found += 1;
        if found > MAX_PACKAGES {
            break;
        }
        let metadata = join(&tree.path, entry.name);
        // As it is spelled by its directory, METADATA has nothing to add.
        if normal != name || normal.contains('-') || version.is_none() {
            files.push(start(
                &[join(&metadata, b"METADATA")],
                METADATA_START as u64,
            ));
        }
        files.push(start(&[join(&metadata, b"direct_url.json")], ONE_FILE));
        let module = join(&tree.path, normal.replace('-', "_").as_bytes());
        files.push(start(&[join(&module, b"_version.py")], ONE_FILE));
    }
    if tree.entries.find(b"torch").is_some() {
        let module = join(&tree.path, b"torch");
        files.push(start(&[join(&module, b"version.py")], ONE_FILE));
    }
}
