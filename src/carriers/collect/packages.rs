//! The packages in the trees, and more about those that contracts ask for.

use super::reader::{Need, Reader, is_directory_like, join, parent, text};
use super::trees::{Tree, is_metadata};
use crate::carriers::{
    Facts, Loss, PackageFact, Pair, Wanted, python, python_source, torch_version,
};
use crate::provenance::Source;

/// `Name` stands in the first lines of `METADATA`.
const METADATA_START: usize = 4096;
/// More packages than this are not an image's own.
const MAX_PACKAGES: usize = 20_000;
/// Packages that more is asked about.
const MAX_DETAILED: usize = 256;
/// Packages of one image whose times are asked for beside those of known publishers.
const MAX_TIMED: u32 = 16;
/// Layers of one build are not apart further than this.
const ONE_BUILD: i64 = 6 * 60 * 60;

/// Reads the trees' packages into the facts.
pub(super) fn collect(reader: &mut Reader<'_>, trees: &[Tree], wanted: &Wanted, facts: &mut Facts) {
    let mut oldest_wanted: Option<i64> = None;
    let mut per_tree = Vec::new();
    let (mut seen, mut detailed) = (0_usize, 0_usize);
    for tree in trees {
        let mut packages = Vec::new();
        for entry in tree.entries.iter().filter(|entry| is_metadata(entry.name)) {
            if seen == MAX_PACKAGES {
                over_limit(reader, &format!("more than {MAX_PACKAGES} packages"));
                break;
            }
            let name = text(entry.name);
            let Some((name, version)) = python::split_name(&name) else {
                continue;
            };
            seen = seen.saturating_add(1);
            let path = join(&tree.path, entry.name);
            let mut is_wanted = wanted.packages.contains(&python::normalise(name));
            if is_wanted && detailed == MAX_DETAILED {
                over_limit(
                    reader,
                    &format!("more than {MAX_DETAILED} packages of known publishers"),
                );
                is_wanted = false;
            }
            detailed = detailed.saturating_add(usize::from(is_wanted));
            let mut package = PackageFact {
                name: name.to_owned(),
                version: version.unwrap_or_default().to_owned(),
                path: text(&path),
                ..PackageFact::default()
            };
            if is_wanted {
                package.mtime = reader.mtime(&path);
                oldest_wanted = oldest_wanted.into_iter().chain(package.mtime).min();
                details(reader, tree, is_directory_like(entry.kind), &mut package);
            }
            // `acme.egg-info` says no version.
            if !package.version.is_empty() {
                packages.push(package);
            }
        }
        torch(reader, tree, facts);
        per_tree.push(packages);
    }
    let mut timed = 0;
    for (tree, mut packages) in trees.iter().zip(per_tree) {
        if let Some(mtime) = reader.mtime(&tree.path) {
            facts.mtimes.insert(text(&tree.path), mtime);
            let imported = facts.mtimes.get("/etc/rc").copied();
            let later_build =
                oldest_wanted.is_some_and(|built| mtime > built.saturating_add(ONE_BUILD));
            if later_build || imported.is_some_and(|imported| mtime > imported) {
                // Each may cost a read: enough to name some, the directory's own time says the rest.
                for package in packages
                    .iter_mut()
                    .filter(|package| package.mtime.is_none())
                {
                    if timed == MAX_TIMED {
                        break;
                    }
                    timed = timed.saturating_add(1);
                    package.mtime = reader.mtime(package.path.as_bytes());
                }
            }
        }
        facts.packages.append(&mut packages);
    }
}

fn over_limit(reader: &mut Reader<'_>, what: &str) {
    reader.note(Loss {
        code: "over-limit",
        message: format!("the image has {what}; the rest were not read"),
        partial: true,
    });
}

/// Spelling, origin and commit of a package that contracts ask for.
fn details(reader: &mut Reader<'_>, tree: &Tree, is_directory: bool, package: &mut PackageFact) {
    let normal = python::normalise(&package.name);
    let has_one_spelling = normal == package.name && !normal.contains('-');
    if is_directory {
        let path = package.path.clone();
        let entries = reader.list(path.as_bytes()).unwrap_or_default();
        if !has_one_spelling || package.version.is_empty() {
            let files = ["METADATA", "PKG-INFO"];
            if let Some(file) = files
                .iter()
                .find(|file| entries.find(file.as_bytes()).is_some())
            {
                spelling(reader, &format!("{path}/{file}"), &normal, package);
            }
        }
        if entries.find(b"direct_url.json").is_some() {
            direct_url(reader, &format!("{path}/direct_url.json"), package);
        }
    } else if package.version.is_empty() {
        spelling(reader, &package.path.clone(), &normal, package);
    }
    package.commit_id = commit_id(reader, tree, &normal);
}

fn spelling(reader: &mut Reader<'_>, path: &str, normal: &str, package: &mut PackageFact) {
    let Some(bytes) = reader.start(path, METADATA_START) else {
        return;
    };
    let (name, version) = python::name_and_version(&bytes);
    // Only a spelling: the directory says which package it is.
    if let Some(name) = name.filter(|name| python::normalise(name) == normal) {
        package.name = name;
    }
    if let Some(version) = version.filter(|_| package.version.is_empty()) {
        package.version = version;
    }
}

fn direct_url(reader: &mut Reader<'_>, path: &str, package: &mut PackageFact) {
    let Some(bytes) = reader.read(path, reader.limits.json_file, Need::Wanted) else {
        return;
    };
    package.direct_url = python::direct_url(&bytes);
    if package.direct_url.is_none() {
        reader.note(Loss {
            code: "malformed-document",
            message: format!("{path} is not what PEP 610 describes; it was ignored"),
            partial: false,
        });
    }
}

/// `__commit_id__` in the package's `_version.py`, in the tree or where an
/// editable package stands.
fn commit_id(reader: &mut Reader<'_>, tree: &Tree, normal: &str) -> Option<Pair> {
    // torch says it in a file of its own.
    if normal == "torch" {
        return None;
    }
    let import_name = normal.replace('-', "_");
    let shorter = import_name.strip_suffix("_python");
    let names = [Some(import_name.as_str()), shorter];
    let mut names = names.into_iter().flatten();
    let package = names.find(|name| tree.entries.find(name.as_bytes()).is_some())?;
    let path = text(&join(&join(&tree.path, package.as_bytes()), b"_version.py"));
    let bytes = reader.text(&path)?;
    let source = String::from_utf8_lossy(&bytes);
    let constant = python_source::first_string(&source, &["__commit_id__", "commit_id"])?;
    Some(Pair {
        key: constant.name.to_owned(),
        value: constant.value?.to_owned(),
        source: Source {
            carrier: "python".to_owned(),
            path: Some(path),
            line: Some(constant.line),
            key: Some(constant.name.to_owned()),
        },
    })
}

/// `torch/version.py`; the first tree that has it wins.
fn torch(reader: &mut Reader<'_>, tree: &Tree, facts: &mut Facts) {
    let has_torch = tree.entries.find(b"torch").is_some();
    if !has_torch || !facts.torch.is_empty() {
        return;
    }
    let path = text(&join(&tree.path, b"torch/version.py"));
    if let Some(bytes) = reader.text(&path) {
        facts.torch = torch_version::parse(&bytes, &path);
    }
}

/// The directories of editable packages and those above them, at most three.
pub(super) fn editable_directories(packages: &[PackageFact]) -> Vec<Vec<u8>> {
    let mut directories = Vec::new();
    let editable = packages
        .iter()
        .filter_map(|package| package.direct_url.as_ref());
    for url in editable.filter(|url| url.editable) {
        let Some(decoded) = python::local_directory(&url.url) else {
            continue;
        };
        let mut directory = super::reader::resolve(b"/", &decoded);
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
