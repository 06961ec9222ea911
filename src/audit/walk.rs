//! Finds files that may be images, with names and one `stat` each. It opens nothing.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::paths;
use super::record::{SCHEMA, Shard, Skipped};

/// The extensions of files that get one small read, whatever their size.
pub const EXTENSIONS: [&str; 5] = ["sqsh", "squashfs", "sqfs", "sif", "simg"];
/// The size from which other files get it too, in bytes.
pub const LARGE: u64 = 64 * 1024 * 1024;

/// The files to look at.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Directories to walk, and files.
    pub roots: Vec<PathBuf>,
    /// These files, in place of a walk.
    pub files: Option<Vec<PathBuf>>,
    /// If true, looks at every file, whatever its name and size.
    pub all_files: bool,
    /// If true, also takes directories as images that look like a container's root.
    pub rootfs: bool,
    /// If true, stays on the file systems of the roots.
    pub one_file_system: bool,
    /// If true, also reads files without blocks on disk.
    pub recall: bool,
    /// Only this part.
    pub shard: Option<Shard>,
}

/// A result of the walk.
#[derive(Debug)]
pub enum Found {
    /// A file, or with `rootfs` a directory, that may be an image.
    Candidate(Box<Candidate>),
    /// A file that was not read, and why.
    Skipped(Skipped),
}

/// A file that may be an image.
#[derive(Debug)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Its metadata.
    pub metadata: Metadata,
    /// True if its name, or the user, says that it is an image.
    pub expected: bool,
}

impl Scope {
    /// Returns the roots in order, without duplicates, and without those below another.
    #[must_use]
    pub fn distinct_roots(&self) -> Vec<PathBuf> {
        let mut roots = self.roots.clone();
        roots.sort_unstable_by(|one, other| order(one, other));
        roots.dedup();
        let mut distinct: Vec<PathBuf> = Vec::new();
        for root in roots {
            if !distinct.iter().any(|above| root.starts_with(above)) {
                distinct.push(root);
            }
        }
        distinct
    }
}

/// Walks in the order of records. `found` returns false to stop.
pub fn walk(scope: &Scope, found: &mut dyn FnMut(Found) -> bool) {
    let roots = scope.distinct_roots();
    let mut walk = Walk {
        scope,
        root: None,
        seen: HashSet::new(),
        found,
    };
    if let Some(files) = &scope.files {
        let mut files = files.clone();
        files.sort_unstable_by(|one, other| order(one, other));
        files.dedup();
        for file in files {
            if !walk.listed(&file) {
                return;
            }
        }
        return;
    }
    for root in &roots {
        if !walk.root(root) {
            return;
        }
    }
}

fn order(one: &Path, other: &Path) -> std::cmp::Ordering {
    paths::order(one.as_os_str().as_bytes(), other.as_os_str().as_bytes())
}

struct Walk<'a> {
    scope: &'a Scope,
    /// The directory that is walked; `None` for files that are given by name.
    root: Option<&'a Path>,
    seen: HashSet<(u64, u64)>,
    found: &'a mut dyn FnMut(Found) -> bool,
}

impl<'a> Walk<'a> {
    /// Takes a file of a list. Anybody may have put it there, so links are not followed.
    fn listed(&mut self, path: &Path) -> bool {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => self.link(path),
            metadata => self.named(path, metadata),
        }
    }

    /// Takes a file that is given by name, with its metadata.
    fn named(&mut self, path: &Path, metadata: io::Result<Metadata>) -> bool {
        match metadata {
            Ok(metadata) if metadata.is_dir() && !self.is_rootfs(path) => {
                let message = "a directory in a list of files; give it as a path to walk";
                self.skip(path, "not-a-file", message)
            }
            Ok(metadata) => self.file(path, metadata, true),
            Err(error) => self.failed(path, &error),
        }
    }

    fn root(&mut self, root: &'a Path) -> bool {
        self.root = Some(root);
        let device = match std::fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => metadata.dev(),
            // A link to it is followed.
            Ok(metadata) => {
                self.root = None;
                return self.named(root, Ok(metadata));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let message = "there is no such file or directory; check the path";
                return self.skip(root, "no-such-path", message);
            }
            Err(error) => return self.failed(root, &error),
        };
        let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(root);
                    let (code, message) = match error.io_error() {
                        Some(error) if error.kind() == io::ErrorKind::NotFound => {
                            ("vanished", "it was gone before it could be read".to_owned())
                        }
                        Some(why) => ("unreadable-directory", format!("cannot be listed: {why}")),
                        None => (
                            "unreadable-directory",
                            "cannot be listed: links form a loop".to_owned(),
                        ),
                    };
                    if !self.skip(path, code, &message) {
                        return false;
                    }
                    continue;
                }
            };
            let path = entry.path();
            let kind = entry.file_type();
            let keep_on = if kind.is_dir() {
                if self.is_rootfs(path) {
                    entries.skip_current_dir();
                    match entry.metadata() {
                        Ok(metadata) => self.file(path, metadata, true),
                        Err(error) => self.failed(path, &error.into()),
                    }
                } else if self.scope.one_file_system
                    && entry.depth() > 0
                    && entry
                        .metadata()
                        .is_ok_and(|metadata| metadata.dev() != device)
                {
                    entries.skip_current_dir();
                    let message = "another file system is mounted here (--one-file-system)";
                    self.skip(path, "mount-border", message)
                } else {
                    true
                }
            } else if kind.is_symlink() {
                // Only links and pipes that look like images get a line.
                !has_extension(path) || self.link(path)
            } else if kind.is_file() {
                match entry.metadata() {
                    Ok(metadata) => self.file(path, metadata, false),
                    Err(error) => self.failed(path, &error.into()),
                }
            } else {
                !has_extension(path) || self.special(path)
            };
            if !keep_on {
                return false;
            }
        }
        true
    }

    fn file(&mut self, path: &Path, metadata: Metadata, named: bool) -> bool {
        let kind = metadata.file_type();
        if kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device() {
            return self.special(path);
        }
        let expected = named || has_extension(path);
        if !expected && !self.scope.all_files && metadata.len() < LARGE {
            return true;
        }
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
            let message = "another name for a file that is counted already";
            return self.skip(path, "same-inode", message);
        }
        let offline = metadata.is_file() && metadata.blocks() == 0 && metadata.len() > 0;
        if offline && !self.scope.recall {
            let message = "it has no blocks on disk, perhaps it is on tape; --recall reads it";
            return self.skip(path, "offline", message);
        }
        if !self.takes(path) {
            return true;
        }
        (self.found)(Found::Candidate(Box::new(Candidate {
            path: path.to_owned(),
            metadata,
            expected,
        })))
    }

    fn link(&mut self, path: &Path) -> bool {
        self.skip(path, "link", "a symbolic link; links are not followed")
    }

    fn special(&mut self, path: &Path) -> bool {
        self.skip(path, "not-a-file", "a device, pipe or socket")
    }

    fn failed(&mut self, path: &Path, error: &io::Error) -> bool {
        match error.kind() {
            io::ErrorKind::NotFound => {
                self.skip(path, "vanished", "there is no such file (any more)")
            }
            io::ErrorKind::PermissionDenied => {
                self.skip(path, "no-permission", "permission denied")
            }
            _ => {
                let message = format!("cannot be read: {error}");
                self.skip(path, "unreadable-directory", &message)
            }
        }
    }

    fn skip(&mut self, path: &Path, code: &str, message: &str) -> bool {
        if !self.takes(path) {
            return true;
        }
        (self.found)(Found::Skipped(skipped(path, code, message)))
    }

    /// Returns true if the file is in this shard, by its path below the root.
    fn takes(&self, path: &Path) -> bool {
        let below = self.root.and_then(|root| path.strip_prefix(root).ok());
        let name = match below {
            Some(below) if below.as_os_str().is_empty() => path.file_name().map(Path::new),
            below => below,
        };
        let shard = self.scope.shard;
        shard.is_none_or(|shard| shard.takes(name.unwrap_or(path)))
    }

    fn is_rootfs(&self, path: &Path) -> bool {
        self.scope.rootfs && is_image_directory(path)
    }
}

/// Returns a line about a file that was not read.
#[must_use]
pub fn skipped(path: &Path, code: &str, message: &str) -> Skipped {
    Skipped {
        schema: SCHEMA.to_owned(),
        path: paths::to_text(path),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// Returns true if the name has the extension of an image.
#[must_use]
pub fn has_extension(path: &Path) -> bool {
    // A file may be called `.sqsh`, which the standard library takes for a name without an extension.
    let name = path.file_name().map_or(&[][..], OsStr::as_bytes);
    let mut parts = name.rsplit(|byte| *byte == b'.');
    let last = parts.next().filter(|_| parts.next().is_some());
    last.is_some_and(|last| {
        let mut all = EXTENSIONS.iter();
        all.any(|known| last.eq_ignore_ascii_case(known.as_bytes()))
    })
}

/// Returns true for a directory that is an image: an OCI layout, or a container's root with the usual
/// directories and a file that names the system. The machine's own root is not an image.
fn is_image_directory(path: &Path) -> bool {
    let is = |name: &str| std::fs::symlink_metadata(path.join(name)).is_ok();
    let layout = is("oci-layout") && is("index.json");
    let root = || {
        is("etc") && is("usr") && (is("etc/os-release") || is("usr/lib/os-release") || is("etc/rc"))
    };
    path.parent().is_some() && (layout || root())
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
