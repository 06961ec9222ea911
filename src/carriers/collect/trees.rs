//! Where an image keeps its Python packages.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::reader::{Known, Reader, components, is_directory_like, join, resolve, text};
use crate::carriers::{Loss, Pair};
use crate::image::{FileKind, Listing};

/// More trees than this are no longer one image's.
const MAX_TREES: usize = 64;
/// Directories looked into below `/opt` and `/layers`, each.
const MAX_NEIGHBOURS: usize = 64;

/// One directory with packages in it.
pub(super) struct Tree {
    pub path: Vec<u8>,
    pub entries: Rc<Listing>,
    /// True when a link is known to be on the way.
    is_linked: bool,
}

/// Finds and lists the trees, in the order of their paths.
pub(super) fn find_trees(reader: &mut Reader<'_>, environment: &[Pair]) -> Vec<Tree> {
    let mut candidates = BTreeSet::new();
    system(reader, &mut candidates);
    for prefix in prefixes(reader, environment) {
        below_prefix(reader, &prefix, &mut candidates);
    }
    candidates.extend(python_path(environment));

    let mut trees: Vec<Tree> = Vec::new();
    for path in candidates {
        let Some(entries) = reader.list(&path) else {
            continue;
        };
        let is_empty = !entries.iter().any(|entry| is_metadata(entry.name));
        if is_empty {
            continue;
        }
        let is_linked = is_linked(reader, &path);
        let same = |tree: &&mut Tree| tree.entries == entries && (tree.is_linked || is_linked);
        if let Some(tree) = trees.iter_mut().find(same) {
            // One directory by two names: the one without a link is its own.
            if !is_linked {
                *tree = Tree {
                    path,
                    entries,
                    is_linked,
                };
            }
            continue;
        }
        if trees.len() == MAX_TREES {
            reader.note(Loss {
                code: "over-limit",
                message: format!(
                    "the image has more than {MAX_TREES} Python trees; the rest were not read"
                ),
                partial: true,
            });
            break;
        }
        trees.push(Tree {
            path,
            entries,
            is_linked,
        });
    }
    trees
}

/// True when the listings made so far show a link on the way.
fn is_linked(reader: &Reader<'_>, path: &[u8]) -> bool {
    let mut prefix = Vec::new();
    components(path).any(|name| {
        prefix = join(&prefix, name);
        reader.known(&prefix) == Known::Is(FileKind::Link)
    })
}

/// True for the names of metadata directories and files.
pub(super) fn is_metadata(name: &[u8]) -> bool {
    name.ends_with(b".dist-info") || name.ends_with(b".egg-info")
}

/// The distribution's and the local trees below `/usr`.
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

/// `python3` and `python3.12` in a library directory.
fn interpreters(reader: &mut Reader<'_>, library: &[u8]) -> Vec<Vec<u8>> {
    reader.entries(library, |entry| {
        let version = entry.name.strip_prefix(b"python3");
        version.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    })
}

/// `lib/python3.*/site-packages` below the prefix of an environment.
fn below_prefix(reader: &mut Reader<'_>, prefix: &[u8], candidates: &mut BTreeSet<Vec<u8>>) {
    let interpreters = interpreters(reader, &join(prefix, b"lib"));
    candidates.extend(interpreters.iter().map(|path| join(path, b"site-packages")));
}

/// Where virtual and conda environments are put.
fn prefixes(reader: &mut Reader<'_>, environment: &[Pair]) -> BTreeSet<Vec<u8>> {
    let mut prefixes = BTreeSet::new();
    for path in [
        "/venv",
        "/.venv",
        "/app/.venv",
        "/workspace/.venv",
        "/root/.venv",
        "/root/.local",
    ] {
        prefixes.insert(path.as_bytes().to_vec());
    }
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
    for pair in environment {
        match pair.key.as_str() {
            "VIRTUAL_ENV" | "CONDA_PREFIX" | "PYTHONHOME" => {
                prefixes.extend(absolute_paths(&pair.value));
            }
            "PATH" => {
                let paths = absolute_paths(&pair.value);
                prefixes.extend(paths.filter_map(|path| {
                    path.strip_suffix(b"/bin")
                        .filter(|prefix| !prefix.is_empty())
                        .map(<[u8]>::to_vec)
                }));
            }
            _ => {}
        }
    }
    // Their trees are the distribution's own.
    prefixes.retain(|prefix| prefix != b"/usr" && prefix != b"/usr/local" && prefix != b"/");
    prefixes
}

fn neighbours(reader: &mut Reader<'_>, path: &[u8]) -> Vec<Vec<u8>> {
    let mut directories = reader.directories(path);
    if directories.len() > MAX_NEIGHBOURS {
        directories.truncate(MAX_NEIGHBOURS);
        reader.note(Loss {
            code: "over-limit",
            message: format!(
                "{} has more than {MAX_NEIGHBOURS} directories; the rest were not searched for Python packages",
                text(path)
            ),
            partial: true,
        });
    }
    directories
}

fn python_path(environment: &[Pair]) -> Vec<Vec<u8>> {
    let pairs = environment.iter().filter(|pair| pair.key == "PYTHONPATH");
    pairs
        .flat_map(|pair| absolute_paths(&pair.value))
        .filter(|path| path != b"/")
        .collect()
}

/// The absolute parts of a search path, those with a variable left out.
fn absolute_paths(value: &str) -> impl Iterator<Item = Vec<u8>> {
    let parts = value.split(':').map(str::trim);
    parts
        .filter(|part| part.starts_with('/') && !part.contains(['$', '\0']))
        .take(MAX_NEIGHBOURS)
        .map(|part| resolve(b"/", part.as_bytes()))
}
