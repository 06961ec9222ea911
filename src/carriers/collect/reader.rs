//! Reads an image and remembers its listings: each directory is listed once, files that a listing
//! lacks are never opened, and losses are noted.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;

use crate::carriers::Loss;
use crate::image::{Entry, Error, FileKind, Image, Later, Listing, Start, Stat, shown};
use crate::limits::{Limits, unit};

use super::losses::Losses;
use super::paths::{components, join};

/// The most directories in a directory that are searched.
const MAX_NEIGHBOURS: usize = 64;
/// The longest path that Linux opens, in bytes.
pub(super) const MAX_PATH: usize = 4096;

/// An image, and its listings so far.
pub(super) struct Reader<'a> {
    image: &'a dyn Image,
    pub limits: &'a Limits,
    listings: BTreeMap<Vec<u8>, Listed>,
    /// The bytes that the listings take.
    kept: u64,
    losses: Losses,
    out_of_time: bool,
}

enum Listed {
    Entries(Rc<Listing>),
    Absent,
    /// It could not be read: its contents are unknown.
    Lost,
}

/// What the listings say about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Absent,
    Is(FileKind),
    Unknown,
}

/// How important a file is for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// If another type of file is in its place, that is only a note.
    Wanted,
    /// If it exists and cannot be read, the answer is partial.
    Essential,
}

impl<'a> Reader<'a> {
    pub fn new(image: &'a dyn Image, limits: &'a Limits) -> Self {
        Self {
            image,
            limits,
            listings: BTreeMap::new(),
            kept: 0,
            losses: Losses::default(),
            out_of_time: false,
        }
    }

    /// Looks a path up in the listings so far. It reads nothing.
    pub fn known(&self, path: &[u8]) -> Known {
        if path.len() > MAX_PATH {
            return Known::Absent;
        }
        let mut above = b"/".as_slice();
        let mut built;
        // Each directory of such a path is a prefix of it.
        let is_plain = path.starts_with(b"/") && !path.windows(2).any(|pair| pair == b"//");
        let path = if is_plain {
            path
        } else {
            built = Vec::with_capacity(path.len().saturating_add(1));
            for name in components(path) {
                built.push(b'/');
                built.extend_from_slice(name);
            }
            built.as_slice()
        };
        let mut end = 0_usize;
        let mut names = components(path).peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            match self.listings.get(above) {
                Some(Listed::Absent) => return Known::Absent,
                Some(Listed::Entries(entries)) => match entries.find(name) {
                    None => return Known::Absent,
                    Some(kind) if is_last => return Known::Is(kind),
                    // A damaged listing may name a wrong kind, so only reading decides.
                    Some(_) => {}
                },
                Some(Listed::Lost) | None => {}
            }
            end = end.saturating_add(1).saturating_add(name.len());
            above = path.get(..end).unwrap_or(path);
        }
        Known::Unknown
    }

    fn skips(&self, path: &[u8]) -> bool {
        self.out_of_time || self.known(path) == Known::Absent
    }

    /// Says which files will be read.
    pub fn prefetch(&self, files: &[Start]) {
        self.image.prefetch(files);
    }

    /// Returns the entries of a directory; `None` if it does not exist.
    pub fn list(&mut self, path: &[u8]) -> Option<Rc<Listing>> {
        if let Some(listing) = self.listings.get(path) {
            return match listing {
                Listed::Entries(entries) => Some(Rc::clone(entries)),
                Listed::Absent | Listed::Lost => None,
            };
        }
        if self.skips(path) {
            return None;
        }
        let listed = self.image.list(path);
        let listed = listed.and_then(|entries| self.keep(path, &entries).map(|()| entries));
        let (listing, entries) = match listed {
            Ok(entries) => {
                self.check_names(path, &entries);
                let entries = Rc::new(entries);
                (Listed::Entries(Rc::clone(&entries)), Some(entries))
            }
            // Another type of file is not a loss: the path was a guess.
            Err(Error::NotFound { .. } | Error::WrongKind { .. }) => (Listed::Absent, None),
            Err(error) => {
                self.lose(&error, Need::Wanted);
                (Listed::Lost, None)
            }
        };
        self.listings.insert(path.to_vec(), listing);
        entries
    }

    /// Notes a name that no installer would give to a file: it may be the damaged name of a wanted
    /// file.
    fn check_names(&mut self, path: &[u8], entries: &Listing) {
        let mut names = entries.iter().map(|entry| entry.name);
        if let Some(name) = names.find(|name| name.iter().any(u8::is_ascii_control)) {
            let name = shown(name);
            let reason = format!("the name \"{name}\" has a control character");
            self.losses.damaged(&shown(path), &reason);
        }
    }

    /// Counts the bytes of a listing.
    fn keep(&mut self, path: &[u8], listing: &Listing) -> Result<(), Error> {
        let size = self.kept.saturating_add(listing.cost());
        Error::check_limit(path, size, self.limits.kept_bytes, "kept_bytes")?;
        self.kept = size;
        Ok(())
    }

    /// Returns true if the directory has an entry of this name; lists it.
    pub fn has(&mut self, directory: &[u8], name: &[u8]) -> bool {
        self.list(directory)
            .is_some_and(|entries| entries.find(name).is_some())
    }

    /// Returns the directories in a directory, including links.
    pub fn directories(&mut self, path: &[u8]) -> Vec<Vec<u8>> {
        self.entries(path, |entry| is_directory_like(entry.kind))
    }

    /// Returns the first directories in a directory, to search them for `sought`.
    pub fn neighbours(&mut self, path: &[u8], sought: &str) -> Vec<Vec<u8>> {
        let mut directories = self.directories(path);
        if directories.len() > MAX_NEIGHBOURS {
            directories.truncate(MAX_NEIGHBOURS);
            let path = shown(path);
            self.over_limit(format!(
                "{path} has more than {MAX_NEIGHBOURS} directories; the rest were not searched for {sought}"
            ));
        }
        directories
    }

    /// Returns the entries of a directory for which `of` is true.
    pub fn entries(&mut self, path: &[u8], of: impl Fn(&Entry<'_>) -> bool) -> Vec<Vec<u8>> {
        let entries = self.list(path).unwrap_or_default();
        let within = entries.iter().filter(|entry| of(entry));
        within.map(|entry| join(path, entry.name)).collect()
    }

    /// Reads a whole file. The limit has a name.
    pub fn read(
        &mut self,
        path: &str,
        (limit_name, limit): (&'static str, u64),
        need: Need,
    ) -> Option<Vec<u8>> {
        if self.skips(path.as_bytes()) {
            return None;
        }
        match self.image.read(path.as_bytes(), limit) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                if need == Need::Essential && error.is_not_found() {
                    self.dangling(path);
                }
                self.lose(&error.of_limit(limit_name), need);
                None
            }
        }
    }

    /// Returns the limit on a JSON file, with its name.
    pub fn json_file(&self) -> (&'static str, u64) {
        ("json_file", self.limits.json_file)
    }

    fn text_file(&self) -> (&'static str, u64) {
        ("text_file", self.limits.text_file)
    }

    /// Reads and parses a file. A malformed one is ignored. Returns its bytes too.
    pub fn document<T, E: Display>(
        &mut self,
        path: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Option<(T, Vec<u8>)> {
        let bytes = self.read(path, self.json_file(), Need::Wanted)?;
        match parse(&bytes) {
            Ok(found) => Some((found, bytes)),
            Err(error) => {
                let message = format!("{path} was ignored: {error}");
                self.note(Loss::minor("malformed-document", message));
                None
            }
        }
    }

    /// Reads an optional text file.
    pub fn text(&mut self, path: &str) -> Option<Vec<u8>> {
        self.read(path, self.text_file(), Need::Wanted)
    }

    /// Reads a text file with one fact in each line.
    pub fn lines(&mut self, path: &str, need: Need) -> Option<Vec<u8>> {
        let bytes = self.read(path, self.text_file(), need)?;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        let limit = self.limits.lines;
        if lines <= limit {
            return Some(bytes);
        }
        self.over_limit(format!(
            "{path} has {lines} lines, which is over the limit lines of {limit}; it was not parsed"
        ));
        None
    }

    /// Reads the first bytes of a file.
    pub fn start(&mut self, path: &str, length: usize) -> Option<Vec<u8>> {
        if self.skips(path.as_bytes()) {
            return None;
        }
        let read = self.image.read_range(path.as_bytes(), 0, length);
        read.map_err(|error| self.lose(&error, Need::Wanted)).ok()
    }

    /// Returns the metadata of a path; `None` if nothing is there.
    pub fn stat(&mut self, path: &[u8]) -> Option<Stat> {
        if self.skips(path) {
            return None;
        }
        let stat = self.image.stat(path);
        stat.map_err(|error| self.lose(&error, Need::Wanted)).ok()
    }

    pub fn mtime(&mut self, path: &[u8]) -> Option<i64> {
        self.stat(path).map(|stat| stat.mtime)
    }

    /// Returns what changed after a time. The error is a code, and a sentence with the reason why this is
    /// not known. A timeout is no loss: nothing else is missing.
    pub fn later_than(
        &mut self,
        since: i64,
        names: usize,
    ) -> Result<Option<Later>, (&'static str, String)> {
        const NEXT: &str = "whether something was changed after the import is not known";
        let timed_out = || {
            let why =
                "the time limit for one image was over before the times of all inodes were read";
            Err(("timed-out", format!("{why}: {NEXT}")))
        };
        if self.out_of_time {
            return timed_out();
        }
        match self.image.later_than(since, names) {
            Ok(later) => Ok(later),
            Err(Error::TimedOut { .. }) => timed_out(),
            Err(error) => {
                self.lose(&error, Need::Wanted);
                Err(match error {
                    Error::TooLarge {
                        size,
                        limit,
                        limit_name,
                        ..
                    } => (
                        "inode-times-over-limit",
                        format!(
                            "the times of all inodes were not read: the image is over the limit {limit_name} of {limit}{unit} ({size}{unit}): {NEXT}",
                            unit = unit(limit_name).0
                        ),
                    ),
                    _ => ("inode-times-damaged", format!("{error}: {NEXT}")),
                })
            }
        }
    }

    /// Notes a link whose target is not in the image.
    fn dangling(&mut self, path: &str) {
        if self.known(path.as_bytes()) == Known::Is(FileKind::Link) {
            let message = format!("{path} is a link to something that is not in the image");
            self.note(Loss::partial("unreadable-file", message));
        }
    }

    /// Notes that a listed entry is missing: an index is damaged, or the entry was removed meanwhile.
    /// A link's target may be missing without a note.
    fn vanished(&mut self, path: &str) {
        let known = self.known(path.as_bytes());
        if matches!(known, Known::Is(kind) if kind != FileKind::Link) {
            let message = format!("{path} is in its directory's listing, and was not found there");
            self.note(Loss::partial("unreadable-file", message));
        }
    }

    /// Notes an error, unless the path simply does not exist.
    fn lose(&mut self, error: &Error, need: Need) {
        let minor = match need {
            Need::Wanted => Loss::minor,
            Need::Essential => |_, message| Loss::partial("importer-file-unreadable", message),
        };
        let message = || error.to_string();
        let loss = match error {
            Error::NotFound { path } => return self.vanished(path),
            Error::WrongKind { .. } => minor("not-a-regular-file", message()),
            Error::Links { .. } => minor("link-loop", message()),
            Error::TooLarge { .. } => Loss::partial("over-limit", message()),
            Error::Damaged { path, reason } => return self.losses.damaged(path, reason),
            Error::TimedOut { .. } => {
                self.out_of_time = true;
                Loss::partial("timed-out", message())
            }
        };
        self.note(loss);
    }

    /// Returns the losses, damage first.
    pub fn into_losses(self) -> Vec<Loss> {
        self.losses.into_list()
    }

    pub fn over_limit(&mut self, message: String) {
        self.note(Loss::partial("over-limit", message));
    }

    /// Notes a loss once.
    pub fn note(&mut self, loss: Loss) {
        self.losses.note(loss);
    }
}

/// Returns true for everything that may be a directory, which is all but files: a damaged listing
/// may name a wrong kind.
pub(super) fn is_directory_like(kind: FileKind) -> bool {
    kind != FileKind::File
}
