//! Which files will be read, as far as directories say it: each read that waits for another is what a slow file
//! system costs. A wrong guess costs bytes only.

use super::packages::METADATA_START;
use super::paths::{BASE_LABELS, PROGRAMS, join};
use super::reader::Reader;
use super::trees::{self, Tree, is_metadata};
use crate::carriers::{Wanted, elf, python};
use crate::image::Start;

/// Bytes of a file that are asked for at once; longer ones are read on when they are needed.
const ONE_FILE: u64 = 256 * 1024;
/// The most packages to read files of at once.
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
        let module = normal.replace('-', "_");
        let names = [Some(module.as_str()), module.strip_suffix("_python")];
        let mut names = names.into_iter().flatten().map(str::as_bytes);
        if let Some(name) = names.find(|name| tree.entries.find(name).is_some()) {
            let module = join(&tree.path, name);
            let told = ["_version.py", "version.py"].map(|file| join(&module, file.as_bytes()));
            files.push(start(&told, ONE_FILE));
        }
    }
    if tree.entries.find(b"torch").is_some() {
        let module = join(&tree.path, b"torch");
        files.push(start(&[join(&module, b"version.py")], ONE_FILE));
    }
}
