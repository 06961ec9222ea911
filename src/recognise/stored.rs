//! Known images in a file with their index. A look-up reads only the parts that it needs.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::format::{ENTRY, HELD, KEY, MAGIC, PAGE, PLACE, Part, TRAILER, Trailer};
use super::listed::{self, KnownError, LONGEST_FILE, LONGEST_LINE, Listed};
use super::lookup::{Lookup, Text, hash};
use super::search::{Candidate, Held, Key, Keys, candidates};
use super::sketch::Sketch;
use crate::given;

/// A file that stays open.
#[derive(Debug)]
pub(super) struct Stored {
    file: File,
    trailer: Trailer,
    /// The first key of each page.
    pages: Vec<Key>,
    held: Vec<Held>,
}

impl Stored {
    /// Opens a file; `None` if it is not an index.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, KnownError> {
        let name = || path.display().to_string();
        let read = |reason| KnownError::Read {
            path: name(),
            reason,
        };
        let file = given::open(path, LONGEST_FILE).map_err(read)?;
        let size = file.metadata().map_err(|error| read(error.into()))?.len();
        let mut magic = MAGIC;
        if file.read_exact_at(&mut magic, 0).is_err() || magic != MAGIC {
            return Ok(None);
        }
        let bad = |reason: String| KnownError::Index {
            path: name(),
            reason,
        };
        let end = u64::try_from(TRAILER).unwrap_or(u64::MAX);
        let trailer = Part {
            offset: size.saturating_sub(end),
            length: end.min(size),
        };
        let trailer = bytes(&file, trailer).map_err(bad)?;
        let trailer = Trailer::parse(&trailer, size).map_err(bad)?;
        let pages = bytes(&file, trailer.pages).map_err(bad)?;
        let held = bytes(&file, trailer.held).map_err(bad)?;
        let (held, _) = held.as_chunks::<HELD>();
        let held = held
            .iter()
            .map(|&[k1, k2, r1, r2, r3, r4, f1, f2, f3, f4]| Held {
                keys: u16::from_le_bytes([k1, k2]),
                reach: u32::from_le_bytes([r1, r2, r3, r4]),
                files: u32::from_le_bytes([f1, f2, f3, f4]),
            });
        Ok(Some(Self {
            pages: keys(&pages),
            held: held.collect(),
            file,
            trailer,
        }))
    }

    /// Returns an entry of a table: its hash and image.
    fn entry(&self, table: Part, number: u64) -> Option<(u64, u32)> {
        let at = number.checked_mul(u64::try_from(ENTRY).ok()?)?;
        let mut entry = [0; ENTRY];
        let at = table.offset.checked_add(at)?;
        self.file.read_exact_at(&mut entry, at).ok()?;
        let (hash, image) = entry.split_at(KEY);
        Some((
            u64::from_le_bytes(hash.try_into().ok()?),
            u32::from_le_bytes(image.try_into().ok()?),
        ))
    }
}

/// Reads a part of a file. Its size was checked.
fn bytes(file: &File, part: Part) -> Result<Vec<u8>, String> {
    let length = usize::try_from(part.length).map_err(|error| error.to_string())?;
    let mut bytes = vec![0; length];
    let read = file.read_exact_at(&mut bytes, part.offset);
    read.map_err(|error| given::without_numbers(&error.to_string()))?;
    Ok(bytes)
}

fn keys(bytes: &[u8]) -> Vec<Key> {
    let (keys, _) = bytes.as_chunks::<KEY>();
    keys.iter().map(|key| u64::from_le_bytes(*key)).collect()
}

/// The keys of a file, with one page in memory.
struct Paged<'s> {
    stored: &'s Stored,
    page: Option<usize>,
    keys: Vec<Key>,
}

impl Paged<'_> {
    /// Reads a page. An unreadable page has no keys.
    fn turn(&mut self, page: usize) -> Option<()> {
        if self.page == Some(page) {
            return Some(());
        }
        self.page = Some(page);
        self.keys.clear();
        let part = self.stored.trailer.keys;
        let size = u64::try_from(PAGE.checked_mul(KEY)?).ok()?;
        let at = u64::try_from(page).ok()?.checked_mul(size)?;
        let page = Part {
            offset: part.offset.checked_add(at)?,
            length: part.length.checked_sub(at)?.min(size),
        };
        self.keys = keys(&bytes(&self.stored.file, page).ok()?);
        Some(())
    }
}

impl Keys for Paged<'_> {
    fn each(&mut self, from: Key, until: Key, each: &mut dyn FnMut(Key)) {
        let pages = &self.stored.pages;
        // A page that starts with this key may follow one that ends with it.
        let first = pages.partition_point(|key| *key < from).saturating_sub(1);
        for page in first..pages.len() {
            if pages.get(page).is_none_or(|key| *key > until) || self.turn(page).is_none() {
                return;
            }
            let at = self.keys.partition_point(|key| *key < from);
            for key in self.keys.get(at..).unwrap_or_default() {
                if *key > until {
                    return;
                }
                each(*key);
            }
        }
    }
}

impl Lookup for Stored {
    fn images(&self) -> usize {
        self.held.len()
    }

    fn each(&self) -> usize {
        usize::try_from(self.trailer.each).unwrap_or(usize::MAX)
    }

    fn bytes(&self) -> usize {
        self.pages.capacity() * size_of::<Key>() + self.held.capacity() * size_of::<Held>()
    }

    fn digest(&self) -> u128 {
        self.trailer.digest
    }

    fn candidates(&self, tree: &Sketch, least: f32, most: usize) -> Vec<Candidate> {
        let mut keys = Paged {
            stored: self,
            page: None,
            keys: Vec::new(),
        };
        candidates(&mut keys, &self.held, tree, least, most)
    }

    fn with(&self, text: Text, value: &str, most: usize) -> Vec<u32> {
        let table = text.of(&self.trailer.tables);
        let wanted = hash(value);
        let all = table.length / u64::try_from(ENTRY).unwrap_or(u64::MAX);
        let (mut low, mut high) = (0, all);
        while low < high {
            let middle = low.midpoint(high);
            match self.entry(*table, middle) {
                Some((hash, _)) if hash < wanted => low = middle.saturating_add(1),
                Some(_) => high = middle,
                None => return Vec::new(),
            }
        }
        let found = (low..all).map_while(|number| self.entry(*table, number));
        let found = found.take_while(|(hash, _)| *hash == wanted);
        found.take(most).map(|(_, image)| image).collect()
    }

    fn read(&self, image: u32) -> Option<(Listed, Sketch)> {
        if image >= self.trailer.images {
            return None;
        }
        let at = u64::from(image).checked_mul(u64::try_from(PLACE).ok()?)?;
        let place = Part {
            offset: self.trailer.places.offset.checked_add(at)?,
            length: u64::try_from(PLACE).ok()?,
        };
        let place = bytes(&self.file, place).ok()?;
        let (offset, length) = place.split_at_checked(KEY)?;
        let line = Part {
            offset: u64::from_le_bytes(offset.try_into().ok()?),
            length: u64::from(u32::from_le_bytes(length.try_into().ok()?)),
        };
        if line.length > LONGEST_LINE {
            return None;
        }
        let listed = listed::parse(&bytes(&self.file, line).ok()?).ok()??;
        let sketch = Sketch::read(&listed.fingerprint).ok()?;
        Some((listed, sketch))
    }
}
