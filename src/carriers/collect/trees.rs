//! Finds the directories with Python packages in an image.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::paths::{components, join, resolve};
use super::reader::{Known, Reader, is_directory_like};
use crate::carriers::Pair;
use crate::image::{FileKind, Listing, shown};

/// The most trees of an image.
const MAX_TREES: usize = 64;
/// The most paths of one search path.
const MAX_PATHS: usize = 64;
/// The most directories that are searched for environments in the places of [`SEARCHED`].
const MAX_SEARCHED: usize = 256;
/// The most interpreters (`python3.12`) of one library directory.
const MAX_INTERPRETERS: usize = 32;
/// The most prefixes of environments (`/opt/conda`), and of directories that are searched for
/// modules.
const MAX_PREFIXES: usize = 512;
/// Places where people put environments, under any name up to two levels below.
const SEARCHED: [&str; 3] = ["/home", "/root", "/workspace"];

/// One directory with packages.
pub(super) struct Tree {
    pub path: Vec<u8>,
    pub entries: Rc<Listing>,
    /// True if a listing shows a link in its path.
    is_linked: bool,
}

/// Finds and lists the trees, in the order of their paths.
pub(super) fn find_trees(reader: &mut Reader<'_>, environment: &[Pair]) -> Vec<Tree> {
    let mut candidates = BTreeSet::new();
    system(reader, &mut candidates);
    let mut prefixes = prefixes(reader, environment);
    search(reader, &mut prefixes, &mut candidates);
    for prefix in &prefixes {
        below_prefix(reader, prefix, &mut candidates);
    }
    candidates.extend(python_path(reader, environment));

    let mut trees: Vec<Tree> = Vec::new();
    // A listing is compared only with listings that have the same fingerprint.
    let mut by_fingerprint: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for path in candidates {
        let Some(entries) = reader.list(&path) else {
            continue;
        };
        if !has_metadata(&entries) {
            continue;
        }
        let is_linked = is_linked(reader, &path);
        let same = by_fingerprint.entry(entries.fingerprint()).or_default();
        let known = same.iter().copied().find(|at| {
            let tree = trees.get(*at);
            tree.is_some_and(|tree| tree.entries == entries && (tree.is_linked || is_linked))
        });
        let tree = Tree {
            path,
            entries,
            is_linked,
        };
        if let Some(at) = known {
            // The same directory under two names: the name without a link counts.
            if let Some(known) = trees.get_mut(at).filter(|_| !is_linked) {
                *known = tree;
            }
            continue;
        }
        if trees.len() == MAX_TREES {
            let what = format!("the image has more than {MAX_TREES} Python trees");
            over_limit(reader, &what);
            break;
        }
        same.push(trees.len());
        trees.push(tree);
    }
    trees
}

fn over_limit(reader: &mut Reader<'_>, what: &str) {
    let message = format!("{what}; the rest were not searched for Python packages");
    reader.over_limit(message);
}

fn has_metadata(entries: &Listing) -> bool {
    entries.iter().any(|entry| is_metadata(entry.name))
}

/// Returns true if the listings so far show a link in the path.
fn is_linked(reader: &Reader<'_>, path: &[u8]) -> bool {
    let mut prefix = Vec::new();
    components(path).any(|name| {
        prefix = join(&prefix, name);
        reader.known(&prefix) == Known::Is(FileKind::Link)
    })
}

/// Returns true for the names of metadata directories and files.
pub(super) fn is_metadata(name: &[u8]) -> bool {
    name.ends_with(b".dist-info") || name.ends_with(b".egg-info")
}

/// Adds the distribution's and the local trees below `/usr`.
fn system(reader: &mut Reader<'_>, candidates: &mut BTreeSet<Vec<u8>>) {
    for base in ["/usr", "/usr/local"] {
        let Some(entries) = reader.list(base.as_bytes()) else {
            continue;
        };
        for library in [b"lib".as_slice(), b"lib64"] {
            // `lib64` is often a link to `lib`.
            let kind = entries.find(library);
            if kind != Some(FileKind::Directory) && library != b"lib" {
                continue;
            }
            for interpreter in interpreters(reader, &join(base.as_bytes(), library)) {
                let is_debian = interpreter.ends_with(b"/python3");
                if !is_debian {
                    candidates.insert(join(&interpreter, b"site-packages"));
                }
                if is_debian || base == "/usr/local" {
                    candidates.insert(join(&interpreter, b"dist-packages"));
                }
            }
        }
    }
}

/// Returns `python3` and `python3.12` in a library directory. Those that are not links come first.
fn interpreters(reader: &mut Reader<'_>, library: &[u8]) -> Vec<Vec<u8>> {
    let is_interpreter = |name: &[u8]| {
        let version = name.strip_prefix(b"python3");
        version.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    };
    let entries = reader.list(library).unwrap_or_default();
    let own = |is_link: bool| {
        let entries = entries.iter().filter(|entry| is_interpreter(entry.name));
        entries.filter(move |entry| (entry.kind == FileKind::Link) == is_link)
    };
    let found = own(false)
        .chain(own(true))
        .take(MAX_INTERPRETERS.saturating_add(1));
    let mut found: Vec<_> = found.map(|entry| join(library, entry.name)).collect();
    if found.len() > MAX_INTERPRETERS {
        found.truncate(MAX_INTERPRETERS);
        let library = shown(library);
        let what = format!("{library} has more than {MAX_INTERPRETERS} interpreters");
        over_limit(reader, &what);
    }
    found
}

/// Adds `lib/python3.*/site-packages` below the prefix of an environment.
fn below_prefix(reader: &mut Reader<'_>, prefix: &[u8], candidates: &mut BTreeSet<Vec<u8>>) {
    let interpreters = interpreters(reader, &join(prefix, b"lib"));
    candidates.extend(interpreters.iter().map(|path| join(path, b"site-packages")));
}

/// Finds environments in the places that people use, and packages in directories of their own (`pip
/// install --target`).
fn search(
    reader: &mut Reader<'_>,
    prefixes: &mut BTreeSet<Vec<u8>>,
    candidates: &mut BTreeSet<Vec<u8>>,
) {
    let mut level: Vec<Vec<u8>> = SEARCHED.map(|path| path.as_bytes().to_vec()).into();
    let mut searched = 0_usize;
    // `/home` itself is not an environment; its subdirectories are searched.
    for depth in 0..4 {
        let mut below = Vec::new();
        for directory in level {
            let Some(entries) = reader.list(&directory) else {
                continue;
            };
            let has = |name: &[u8]| entries.find(name).is_some();
            if has(b".local") {
                prefixes.insert(join(&directory, b".local"));
            }
            if has(b"pyvenv.cfg") || has(b"conda-meta") {
                prefixes.insert(directory.clone());
            } else if has_metadata(&entries) {
                candidates.insert(directory.clone());
                continue;
            }
            if depth == 3 || depth == 2 && !directory.starts_with(b"/home/") {
                continue;
            }
            let directories = entries
                .iter()
                .filter(|entry| entry.kind == FileKind::Directory);
            below.extend(directories.map(|entry| join(&directory, entry.name)));
            if below.len().saturating_add(searched) > MAX_SEARCHED {
                break;
            }
        }
        if below.len().saturating_add(searched) > MAX_SEARCHED {
            below.truncate(MAX_SEARCHED.saturating_sub(searched));
            let places = SEARCHED.join(", ");
            let what = format!("{places} have more than {MAX_SEARCHED} directories");
            over_limit(reader, &what);
        }
        searched = searched.saturating_add(below.len());
        level = below;
    }
    // conda keeps its environments beside its own packages.
    for prefix in prefixes.clone() {
        let environments = join(&prefix, b"envs");
        if reader.has(&prefix, b"envs") {
            prefixes.extend(neighbours(reader, &environments));
        }
    }
}

/// Returns the prefixes of virtual and conda environments.
fn prefixes(reader: &mut Reader<'_>, environment: &[Pair]) -> BTreeSet<Vec<u8>> {
    let usual = [
        "/venv",
        "/.venv",
        "/app/.venv",
        "/workspace/.venv",
        "/root/.venv",
        "/root/.local",
    ];
    let mut prefixes: BTreeSet<_> = usual.map(|path| path.as_bytes().to_vec()).into();
    for directory in neighbours(reader, b"/opt") {
        let Some(entries) = reader.list(&directory) else {
            continue;
        };
        for name in [b"venv".as_slice(), b".venv"] {
            if entries.find(name).is_some_and(is_directory_like) {
                prefixes.insert(join(&directory, name));
            }
        }
        prefixes.insert(directory);
    }
    for buildpack in neighbours(reader, b"/layers") {
        prefixes.extend(neighbours(reader, &buildpack));
    }
    let mut named = BTreeSet::new();
    for pair in environment {
        match pair.key.as_str() {
            "VIRTUAL_ENV" | "CONDA_PREFIX" | "CONDA_DEFAULT_ENV" | "PYTHONHOME" => {
                named.extend(absolute_paths(&pair.value));
            }
            "PATH" => {
                let paths = absolute_paths(&pair.value);
                let prefixes =
                    paths.filter_map(|path| path.strip_suffix(b"/bin").map(<[u8]>::to_vec));
                named.extend(prefixes.filter(|prefix| !prefix.is_empty()));
            }
            _ => {}
        }
        if named.len() > MAX_PREFIXES {
            break;
        }
    }
    prefixes.extend(few(reader, named));
    // Their trees belong to the distribution.
    prefixes.retain(|prefix| prefix != b"/usr" && prefix != b"/usr/local" && prefix != b"/");
    prefixes
}

/// Returns the first of many paths that an environment names.
fn few(reader: &mut Reader<'_>, mut paths: BTreeSet<Vec<u8>>) -> BTreeSet<Vec<u8>> {
    if paths.len() > MAX_PREFIXES {
        let what = format!("the environment names more than {MAX_PREFIXES} directories");
        over_limit(reader, &what);
        paths = paths.into_iter().take(MAX_PREFIXES).collect();
    }
    paths
}

fn neighbours(reader: &mut Reader<'_>, path: &[u8]) -> Vec<Vec<u8>> {
    reader.neighbours(path, "Python packages")
}

fn python_path(reader: &mut Reader<'_>, environment: &[Pair]) -> BTreeSet<Vec<u8>> {
    let pairs = environment.iter().filter(|pair| pair.key == "PYTHONPATH");
    let paths = pairs.flat_map(|pair| absolute_paths(&pair.value));
    let paths = paths.filter(|path| path != b"/");
    let paths = paths.take(MAX_PREFIXES.saturating_mul(2)).collect();
    few(reader, paths)
}

/// Returns the absolute parts of a search path, without those that contain a variable.
fn absolute_paths(value: &str) -> impl Iterator<Item = Vec<u8>> {
    let parts = value.split(':').map(str::trim);
    parts
        .filter(|part| part.starts_with('/') && !part.contains(['$', '\0']))
        .take(MAX_PATHS)
        .map(|part| resolve(b"/", part.as_bytes()))
}
