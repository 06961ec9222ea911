//! Predicts, from directory listings, which files will be read. On a slow file system, each read
//! that waits for another costs time. A wrong guess only costs bytes.

use super::packages::{METADATA_START, import_name};
use super::paths::{BASE_LABELS, PROGRAMS, join};
use super::reader::Reader;
use super::trees::{self, Tree, is_metadata};
use crate::carriers::{Wanted, elf, python};
use crate::image::Start;

/// The most bytes of a file to read ahead. The rest of a longer file is read when it is needed.
const ONE_FILE: u64 = 256 * 1024;
/// The most packages whose files are read ahead.
const MAX_PACKAGES: usize = 32;

/// Reads ahead the files that are needed for nearly every image.
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
    // If the environment names further trees, they are read once it is known.
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

/// Adds the metadata files of known publishers' packages.
fn packages(tree: &Tree, wanted: &Wanted, files: &mut Vec<Start>) {
    let mut found = 0;
    for entry in tree.entries.iter().filter(|entry| is_metadata(entry.name)) {
        let name = String::from_utf8_lossy(entry.name);
        let Some((name, _)) = python::split_name(&name) else {
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
        let told = [
            join(&metadata, b"METADATA"),
            join(&metadata, b"PKG-INFO"),
            metadata.clone(),
        ];
        files.push(start(&told, METADATA_START as u64));
        files.push(start(&[join(&metadata, b"direct_url.json")], ONE_FILE));
        if let Some(module) = import_name(&normal, &tree.entries) {
            let module = join(&tree.path, module.as_bytes());
            let told = ["_version.py", "version.py"].map(|file| join(&module, file.as_bytes()));
            files.push(start(&told, ONE_FILE));
        }
    }
    if tree.entries.find(b"torch").is_some() {
        let version = join(&tree.path, b"torch/version.py");
        files.push(start(&[version], ONE_FILE));
    }
}
