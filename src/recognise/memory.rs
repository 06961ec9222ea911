//! Known images from reports, with an index in memory.

use std::path::Path;

use super::index::Index;
use super::listed::{KnownError, Listed, ListedFile};
use super::lookup::{Lookup, Text, hash};
use super::search::{Candidate, MOST_IMAGES};
use super::sketch::Sketch;

/// The place of an image's line.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: u16,
    length: u32,
    offset: u64,
}

/// Known images. Little of each is kept in memory; the rest is read again when it is needed.
#[derive(Debug, Default)]
pub(super) struct Memory {
    files: Vec<ListedFile>,
    places: Vec<Place>,
    index: Index,
    /// Hashes of texts, each with an image.
    tables: [Vec<(u64, u32)>; Text::ALL.len()],
    digests: Vec<u128>,
}

impl Memory {
    /// Reads a file. Call [`Self::finish`] after the last one.
    pub(super) fn file(&mut self, path: &Path) -> Result<(), KnownError> {
        let file = ListedFile::open(path)?;
        let number = u16::try_from(self.files.len()).map_err(|_| KnownError::TooMany {
            path: path.display().to_string(),
            what: "files of known images",
            limit: u64::from(u16::MAX),
        })?;
        let digest = file.each(&mut |listed, offset, length| {
            let image = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
            if image >= MOST_IMAGES {
                return Err(format!("over the limit of {MOST_IMAGES} known images"));
            }
            let sketch = Sketch::read(&listed.fingerprint)
                .map_err(|error| format!("the fingerprint cannot be used: {error}"))?;
            self.places.push(Place {
                file: number,
                length,
                offset,
            });
            self.index.add(&sketch);
            for (table, text) in self.tables.iter_mut().zip(Text::ALL) {
                let hashes = texts(text, &listed, &sketch).into_iter();
                table.extend(hashes.map(|text| (hash(text), image)));
            }
            Ok(())
        })?;
        self.digests.push(digest);
        self.files.push(file);
        Ok(())
    }

    pub(super) fn finish(&mut self) {
        self.index.finish();
        for table in &mut self.tables {
            table.sort_unstable();
            table.dedup();
            table.shrink_to_fit();
        }
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Returns the entries of a table, sorted.
    pub(super) fn table(&self, text: Text) -> &[(u64, u32)] {
        text.of::<Vec<_>>(&self.tables)
    }
}

/// Returns the texts of an image.
fn texts<'a>(text: Text, listed: &'a Listed, sketch: &'a Sketch) -> Vec<&'a str> {
    match text {
        Text::Content => vec![&sketch.digest, &sketch.untimed_digest],
        Text::Record => {
            let packages = listed.fingerprint.packages.iter();
            packages.map(|package| &*package.record).collect()
        }
        Text::Reference => {
            let reference = listed.image.public_reference.as_deref();
            reference.into_iter().collect()
        }
    }
}

impl Lookup for Memory {
    fn images(&self) -> usize {
        self.places.len()
    }

    fn each(&self) -> usize {
        self.index.each()
    }

    fn bytes(&self) -> usize {
        let entries = self.tables.iter().map(Vec::capacity);
        let tables = entries.sum::<usize>() * size_of::<(u64, u32)>();
        self.index.bytes() + tables + self.places.capacity() * size_of::<Place>()
    }

    fn digest(&self) -> u128 {
        let digests = self.digests.iter();
        let bytes: Vec<u8> = digests.flat_map(|it| it.to_le_bytes()).collect();
        xxhash_rust::xxh3::xxh3_128(&bytes)
    }

    fn candidates(&self, tree: &Sketch, least: f32, most: usize) -> Vec<Candidate> {
        self.index.candidates(tree, least, most)
    }

    fn with(&self, text: Text, value: &str, most: usize) -> Vec<u32> {
        let (entries, wanted) = (self.table(text), hash(value));
        let at = entries.partition_point(|(hash, _)| *hash < wanted);
        let rest = entries.get(at..).unwrap_or_default().iter();
        let found = rest.take_while(|(hash, _)| *hash == wanted);
        found.take(most).map(|(_, image)| *image).collect()
    }

    fn read(&self, image: u32) -> Option<(Listed, Sketch)> {
        let place = self.places.get(usize::try_from(image).ok()?)?;
        let file = self.files.get(usize::from(place.file))?;
        let listed = file.again(place.offset, place.length)?;
        let sketch = Sketch::read(&listed.fingerprint).ok()?;
        Some((listed, sketch))
    }
}
