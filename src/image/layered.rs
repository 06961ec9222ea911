//! An image of layers: the names of all files, and the content that was kept while the layers were read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::content::Entry;
use super::listing::Entry as Named;
use super::{Error, FileKind, Image, Listing, Stat, shown};
use crate::limits::{Limits, ONE_FILE};

/// A file of a layer.
#[derive(Clone, Debug)]
pub struct File {
    /// Its metadata.
    pub entry: Entry,
    /// Its first bytes, if the caller asked for them.
    pub content: Option<Arc<Vec<u8>>>,
}

impl File {
    /// Returns the same file with another path.
    #[must_use]
    pub fn at(mut self, path: Vec<u8>) -> Self {
        self.entry.path = path;
        self
    }
}

/// All files, and the directories above them, by absolute path.
pub type Files = BTreeMap<Vec<u8>, File>;

/// An image of layers.
#[derive(Clone, Debug)]
pub struct Layered {
    files: Arc<Files>,
    limits: Limits,
}

impl Layered {
    /// Makes an image of files.
    #[must_use]
    pub fn new(files: Files, limits: &Limits) -> Self {
        Self {
            files: Arc::new(files),
            limits: *limits,
        }
    }

    /// Follows the links of a path. Returns the path without links, and the file; `None` for the root.
    fn find(&self, path: &[u8]) -> Result<(Vec<u8>, Option<&File>), Error> {
        let mut left: Vec<Vec<u8>> = components(path).rev().map(<[u8]>::to_vec).collect();
        let mut at: Vec<u8> = Vec::new();
        let (mut hops, mut depth) = (0_u32, 0_u32);
        let limits = &self.limits;
        let most_parts = limits.path_depth.saturating_mul(limits.symlink_hops);
        while let Some(name) = left.pop() {
            depth = depth.saturating_add(1);
            if depth > most_parts {
                return Err(Error::links(path, "its path has too many parts"));
            }
            if name == b".." {
                at.truncate(at.iter().rposition(|&byte| byte == b'/').unwrap_or(0));
                continue;
            }
            let next = [at.as_slice(), b"/", name.as_slice()].concat();
            let Some(found) = self.files.get(&next) else {
                return Err(Error::NotFound { path: shown(path) });
            };
            if found.entry.kind != FileKind::Link {
                at = next;
                continue;
            }
            hops = hops.saturating_add(1);
            if hops > limits.symlink_hops {
                let reason = "it has more links than the limit symlink_hops";
                return Err(Error::links(path, reason));
            }
            if found.entry.target.starts_with(b"/") {
                at.clear();
            }
            left.extend(components(&found.entry.target).rev().map(<[u8]>::to_vec));
        }
        let found = self.files.get(&at);
        Ok((at, found))
    }

    /// Returns a regular file, and its content. A file whose content was not kept is as if missing.
    fn file(&self, path: &[u8]) -> Result<(&File, &[u8]), Error> {
        let (_, found) = self.find(path)?;
        kind(found).must_be(FileKind::File, path)?;
        let kept = found.and_then(|file| Some((file, file.content.as_ref()?.as_slice())));
        kept.ok_or_else(|| Error::NotFound { path: shown(path) })
    }
}

fn kind(found: Option<&File>) -> FileKind {
    found.map_or(FileKind::Directory, |found| found.entry.kind)
}

/// Returns the components of a path, without `.` and empty ones.
pub(super) fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let parts = path.split(|&byte| byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".")
}

impl Image for Layered {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let (file, kept) = self.file(path)?;
        let (size, length) = (file.entry.size, kept.len() as u64);
        Error::check_limit(path, size, limit, ONE_FILE)?;
        // The layers were read for this much of the file.
        Error::check_limit(path, size, length, ONE_FILE)?;
        Ok(kept.to_vec())
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let (_, kept) = self.file(path)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = kept.get(start..).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest).to_vec())
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let (at, found) = self.find(path)?;
        kind(found).must_be(FileKind::Directory, path)?;
        let prefix = [at.as_slice(), b"/"].concat();
        let mut listing = Listing::default();
        let mut from = prefix.clone();
        while let Some((key, file)) = self.files.range(from.clone()..).next() {
            let Some(name) = key.strip_prefix(prefix.as_slice()) else {
                break;
            };
            match name.iter().position(|&byte| byte == b'/') {
                // `0` is the character after `/`, so this passes over everything below the name.
                Some(end) => {
                    let name = name.get(..end).unwrap_or_default();
                    from = [prefix.as_slice(), name, b"0"].concat();
                }
                None => {
                    let kind = file.entry.kind;
                    listing.push(path, Named { name, kind }, &self.limits)?;
                    from = [key.as_slice(), b"\0"].concat();
                }
            }
        }
        listing.sort();
        Ok(listing)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        let (_, found) = self.find(path)?;
        Ok(Stat {
            kind: kind(found),
            size: found.map_or(0, |found| found.entry.size),
            mtime: 0,
            shared: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(files: &[(&str, &str)]) -> Layered {
        let file = |(path, content): &(&str, &str)| {
            let (kind, target) = match (content.strip_prefix("-> "), path.ends_with('/')) {
                (Some(target), _) => (FileKind::Link, target),
                (None, true) => (FileKind::Directory, ""),
                (None, false) => (FileKind::File, ""),
            };
            let entry = Entry {
                path: path.trim_end_matches('/').as_bytes().to_vec(),
                kind,
                mode: 0o644,
                size: content.len() as u64,
                target: target.as_bytes().to_vec(),
                sha256: None,
            };
            let content = Some(Arc::new(content.as_bytes().to_vec()));
            (entry.path.clone(), File { entry, content })
        };
        Layered::new(files.iter().map(file).collect(), &Limits::default())
    }

    #[test]
    fn links_stay_inside_and_end() {
        let image = image(&[
            ("/a/", ""),
            ("/a/file", "text"),
            ("/abs", "-> /a/file"),
            ("/a/up", "-> ../../../a/./file"),
            ("/loop", "-> loop"),
            ("/dir", "-> a"),
        ]);
        for path in [
            "/a/file",
            "/abs",
            "/a/up",
            "/dir/file",
            "/dir/up",
            "//a//file",
        ] {
            assert_eq!(image.read(path.as_bytes(), 10).unwrap(), b"text", "{path}");
        }
        assert!(matches!(image.read(b"/loop", 10), Err(Error::Links { .. })));
        assert!(image.read(b"/none", 10).unwrap_err().is_not_found());
        assert!(matches!(
            image.read(b"/a", 10),
            Err(Error::WrongKind { .. })
        ));
        let over = image.read(b"/a/file", 3).unwrap_err().to_string();
        assert!(
            over.contains("4 bytes, over the limit of 3 bytes"),
            "{over}"
        );
        assert_eq!(image.read_range(b"/a/file", 1, 2).unwrap(), b"ex");
    }

    #[test]
    fn a_file_whose_end_was_not_kept_is_over_the_limit_of_what_was_kept() {
        let mut files = (*image(&[("/file", "text")]).files).clone();
        files.get_mut(&b"/file"[..]).unwrap().entry.size = 9;
        let image = Layered::new(files, &Limits::default());
        let over = image.read(b"/file", 100).unwrap_err().to_string();
        assert!(
            over.contains("9 bytes, over the limit of 4 bytes"),
            "{over}"
        );
    }

    #[test]
    fn a_listing_has_what_is_in_a_directory_and_no_more() {
        let image = image(&[
            ("/a/", ""),
            ("/a/b/", ""),
            ("/a/b/c", ""),
            ("/a/b-c", ""),
            ("/a/d", ""),
            ("/ab", ""),
        ]);
        let names = |path: &str| -> Vec<String> {
            let listing = image.list(path.as_bytes()).unwrap();
            let names = listing
                .iter()
                .map(|it| String::from_utf8_lossy(it.name).into_owned());
            names.collect()
        };
        assert_eq!(names("/a"), ["b", "b-c", "d"]);
        assert_eq!(names("/"), ["a", "ab"]);
        assert_eq!(names("/a/b"), ["c"]);
    }
}
