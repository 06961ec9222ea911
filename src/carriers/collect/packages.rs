//! Lists the packages in the trees, and reads more about those that contracts name.

use super::paths::{join, parent, resolve};
use super::reader::{Need, Reader, is_directory_like};
use super::trees::{Tree, is_metadata};
use crate::carriers::{
    Facts, Loss, PackageFact, Pair, Wanted, python, python_source, torch_version,
};
use crate::image::{FileKind, Listing, shown};

/// The number of bytes of `METADATA` to read: `Name` is in its first lines.
pub(super) const METADATA_START: usize = 4096;
/// The names for the version in a version file.
const VERSION_NAMES: [&str; 2] = ["__version__", "version"];
/// The most packages of an image.
const MAX_PACKAGES: usize = 20_000;
/// The most packages that are read in detail.
const MAX_DETAILED: usize = 256;
/// The most packages, other than those of known publishers, whose times are read.
const MAX_TIMED: u32 = 16;
/// The longest time between layers of one build, in seconds.
const ONE_BUILD: i64 = 6 * 60 * 60;

/// Reads the trees' packages into the facts.
pub(super) fn collect(reader: &mut Reader<'_>, trees: &[Tree], wanted: &Wanted, facts: &mut Facts) {
    let mut oldest_wanted: Option<i64> = None;
    let mut per_tree = Vec::new();
    let (mut seen, mut detailed, mut timed) = (0_usize, 0_usize, 0_u32);
    for tree in trees {
        let mut packages = Vec::new();
        for entry in tree.entries.iter().filter(|entry| is_metadata(entry.name)) {
            if seen == MAX_PACKAGES {
                over_limit(reader, &format!("more than {MAX_PACKAGES} packages"));
                break;
            }
            let name = shown(entry.name);
            let Some((name, version)) = python::split_name(&name) else {
                continue;
            };
            seen = seen.saturating_add(1);
            let path = join(&tree.path, entry.name);
            let normal = python::normalise(name);
            let mut is_wanted = wanted.packages.contains(&normal);
            if is_wanted && detailed == MAX_DETAILED {
                let what = format!("more than {MAX_DETAILED} packages of known publishers");
                over_limit(reader, &what);
                is_wanted = false;
            }
            detailed = detailed.saturating_add(usize::from(is_wanted));
            let mut package = PackageFact {
                name: name.to_owned(),
                version: version.unwrap_or_default().to_owned(),
                path: shown(&path),
                ..PackageFact::default()
            };
            let is_held = wanted.held.contains(&normal) && timed < MAX_TIMED && !is_wanted;
            timed = timed.saturating_add(u32::from(is_held));
            if is_wanted || is_held {
                package.mtime = reader.mtime(&path);
                oldest_wanted = oldest_wanted.into_iter().chain(package.mtime).min();
            }
            if is_wanted {
                details(reader, tree, is_directory_like(entry.kind), &mut package);
            }
            // `acme.egg-info` contains no version.
            if !package.version.is_empty() {
                packages.push(package);
            }
        }
        torch(reader, tree, wanted, &mut packages, facts);
        per_tree.push(packages);
    }
    for (tree, mut packages) in trees.iter().zip(per_tree) {
        if let Some(mtime) = reader.mtime(&tree.path) {
            facts.mtimes.insert(shown(&tree.path), mtime);
            let imported = facts.mtimes.get("/etc/rc").copied();
            let later_build =
                oldest_wanted.is_some_and(|built| mtime > built.saturating_add(ONE_BUILD));
            if later_build || imported.is_some_and(|imported| mtime > imported) {
                // Each time may cost a read. A few are enough for names; the directory's time covers the
                // rest.
                let without = packages
                    .iter_mut()
                    .filter(|package| package.mtime.is_none());
                for package in without.take(MAX_TIMED.saturating_sub(timed) as usize) {
                    timed = timed.saturating_add(1);
                    package.mtime = reader.mtime(package.path.as_bytes());
                }
            }
        }
        facts.packages.append(&mut packages);
    }
}

fn over_limit(reader: &mut Reader<'_>, what: &str) {
    reader.over_limit(format!("the image has {what}; the rest were not read"));
}

/// Reads the metadata and the version file of a package that contracts name.
fn details(reader: &mut Reader<'_>, tree: &Tree, is_directory: bool, package: &mut PackageFact) {
    let normal = python::normalise(&package.name);
    if is_directory {
        let path = package.path.clone();
        let entries = reader.list(path.as_bytes()).unwrap_or_default();
        let has = |name: &str| entries.find(name.as_bytes()).is_some();
        let record = match path.ends_with(".egg-info") {
            true => "installed-files.txt",
            false => "RECORD",
        };
        package.has_record = has(record) && !is_empty(reader, &format!("{path}/{record}"));
        if let Some(file) = ["METADATA", "PKG-INFO"].into_iter().find(|file| has(file)) {
            metadata(reader, &format!("{path}/{file}"), &normal, package);
        }
        if has("direct_url.json") {
            direct_url(reader, &format!("{path}/direct_url.json"), package);
        }
    } else {
        metadata(reader, &package.path.clone(), &normal, package);
    }
    // `torch` reads the version file of torch, which has more values.
    if normal != "torch" {
        version_file(reader, tree, &normal, package);
    }
}

fn is_empty(reader: &mut Reader<'_>, path: &str) -> bool {
    let stat = reader.stat(path.as_bytes());
    stat.is_some_and(|stat| stat.kind == FileKind::File && stat.size == 0)
}

fn metadata(reader: &mut Reader<'_>, path: &str, normal: &str, package: &mut PackageFact) {
    let Some(bytes) = reader.start(path, METADATA_START) else {
        return;
    };
    let (name, version) = python::name_and_version(&bytes);
    package.metadata_name.clone_from(&name);
    // The directory decides which package it is; METADATA only decides the spelling.
    if let Some(name) = name.filter(|name| python::normalise(name) == normal) {
        package.name = name;
    }
    if let Some(version) = version.as_ref().filter(|_| package.version.is_empty()) {
        package.version.clone_from(version);
    }
    package.metadata_version = version;
}

fn direct_url(reader: &mut Reader<'_>, path: &str, package: &mut PackageFact) {
    let Some(bytes) = reader.read(path, reader.json_file(), Need::Wanted) else {
        return;
    };
    package.direct_url = python::direct_url(&bytes);
    if package.direct_url.is_none() {
        let message = format!("{path} is not what PEP 610 describes; it was ignored");
        reader.note(Loss::minor("malformed-document", message));
    }
}

/// Reads version and commit from the package's `_version.py`, else its version from `version.py`.
fn version_file(reader: &mut Reader<'_>, tree: &Tree, normal: &str, package: &mut PackageFact) {
    let Some(directory) = code_directory(reader, tree, normal, package) else {
        return;
    };
    for file in ["_version.py", "version.py"] {
        let path = shown(&join(&directory, file.as_bytes()));
        let Some(bytes) = reader.text(&path) else {
            continue;
        };
        let source = String::from_utf8_lossy(&bytes);
        if file == "_version.py" {
            package.commit_id = constant(&source, &["__commit_id__", "commit_id"], &path);
        }
        package.version_file = constant(&source, &VERSION_NAMES, &path);
        if package.version_file.is_some() {
            return;
        }
    }
}

/// Returns the directory of the package's code: in the tree, or in the checkout of an editable
/// package.
fn code_directory(
    reader: &mut Reader<'_>,
    tree: &Tree,
    normal: &str,
    package: &PackageFact,
) -> Option<Vec<u8>> {
    if let Some(name) = import_name(normal, &tree.entries) {
        return Some(join(&tree.path, name.as_bytes()));
    }
    let url = package.direct_url.as_ref().filter(|url| url.editable)?;
    let checkout = resolve(b"/", &python::local_directory(&url.url)?);
    let source = join(&checkout, b"src");
    [checkout, source].iter().find_map(|directory| {
        let name = import_name(normal, &*reader.list(directory)?)?;
        Some(join(directory, name.as_bytes()))
    })
}

/// Returns the name in a directory under which Python imports a package.
pub(super) fn import_name(normal: &str, entries: &Listing) -> Option<String> {
    let name = normal.replace('-', "_");
    let short = name.strip_suffix("_python").map(str::to_owned);
    let mut names = [Some(name), short].into_iter().flatten();
    names.find(|name| entries.find(name.as_bytes()).is_some())
}

fn constant(source: &str, names: &[&str], path: &str) -> Option<Pair> {
    python_source::first_string(source, names)?.pair(path)
}

/// Reads `torch/version.py` in the first tree that has it.
fn torch(
    reader: &mut Reader<'_>,
    tree: &Tree,
    wanted: &Wanted,
    packages: &mut [PackageFact],
    facts: &mut Facts,
) {
    let has_torch = tree.entries.find(b"torch").is_some();
    if !has_torch || !facts.torch.is_empty() {
        return;
    }
    let path = shown(&join(&tree.path, b"torch/version.py"));
    let Some(bytes) = reader.text(&path) else {
        return;
    };
    facts.torch = torch_version::parse(&bytes, &path);
    if wanted.packages.contains("torch") {
        let source = String::from_utf8_lossy(&bytes);
        let own = packages
            .iter_mut()
            .filter(|package| package.name == "torch");
        for package in own {
            package.version_file = constant(&source, &VERSION_NAMES, &path);
        }
    }
}

/// Returns the directories of editable packages, and at most three above each.
pub(super) fn editable_directories(packages: &[PackageFact]) -> Vec<Vec<u8>> {
    let mut directories = Vec::new();
    let urls = packages.iter().filter_map(|it| it.direct_url.as_ref());
    let editable = urls.filter(|url| url.editable);
    for decoded in editable.filter_map(|url| python::local_directory(&url.url)) {
        let mut directory = resolve(b"/", &decoded);
        for _ in 0..4 {
            if directory == b"/" {
                break;
            }
            let above = parent(&directory).to_vec();
            directories.push(directory);
            directory = above;
        }
    }
    directories
}
