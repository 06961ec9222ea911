//! Writes known images and their index into a file.

use std::io::{self, Write};
use std::path::PathBuf;

use super::format::{MAGIC, PAGE, Part, Trailer};
use super::listed::{self, KnownError};
use super::lookup::{Lookup as _, Text};
use super::memory::Memory;
use super::stored::Stored;

/// The result of building an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// The number of images.
    pub images: usize,
    /// The size of the file, in bytes.
    pub bytes: u64,
}

/// The reason why no index is written.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A list cannot be used.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// The file cannot be written.
    #[error("the index cannot be written: {0}")]
    Io(#[from] io::Error),
    /// A list changed meanwhile.
    #[error("one of the lists was changed meanwhile; try again")]
    Changed,
}

/// Reads lists of known images, and directories of lists, and writes them with an index.
///
/// # Errors
/// If a list cannot be read or is already an index, or the file cannot be written.
pub fn build(paths: &[PathBuf], out: &mut dyn Write) -> Result<Built, BuildError> {
    let mut known = Memory::default();
    for path in paths {
        for file in listed::files(path)? {
            if Stored::open(&file)?.is_some() {
                return Err(KnownError::Index {
                    path: file.display().to_string(),
                    reason: "it is already an index; give the lists that it was made from"
                        .to_owned(),
                }
                .into());
            }
            known.file(&file)?;
        }
    }
    known.finish();
    let mut out = Counting { out, at: 0 };
    out.write_all(&MAGIC)?;
    let trailer = parts(&known, &mut out)?;
    out.write_all(&trailer.write())?;
    out.flush()?;
    Ok(Built {
        images: known.images(),
        bytes: out.at,
    })
}

fn parts(known: &Memory, out: &mut Counting<'_>) -> Result<Trailer, BuildError> {
    let images = u32::try_from(known.images()).unwrap_or(u32::MAX);
    let mut trailer = Trailer {
        each: u32::try_from(known.each()).unwrap_or(u32::MAX),
        images,
        ..Trailer::default()
    };
    let mut places = Vec::new();
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let start = out.at;
    for image in 0..images {
        let (listed, _) = known.read(image).ok_or(BuildError::Changed)?;
        let mut line = listed.line().map_err(io::Error::from)?;
        line.push(b'\n');
        hash.update(&line);
        places.extend(out.at.to_le_bytes());
        places.extend(u32::try_from(line.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.write_all(&line)?;
    }
    trailer.digest = hash.digest128();
    trailer.lines = out.since(start);
    let keys = known.index().keys();
    let start = out.at;
    for key in keys {
        out.write_all(&key.to_le_bytes())?;
    }
    trailer.keys = out.since(start);
    let pages: Vec<u8> = keys
        .chunks(PAGE)
        .filter_map(|page| page.first())
        .flat_map(|key| key.to_le_bytes())
        .collect();
    trailer.pages = out.part(&pages)?;
    let mut held = Vec::new();
    for it in known.index().held() {
        held.extend(it.keys.to_le_bytes());
        held.extend(it.reach.to_le_bytes());
        held.extend(it.files.to_le_bytes());
    }
    trailer.held = out.part(&held)?;
    trailer.places = out.part(&places)?;
    for (part, text) in trailer.tables.iter_mut().zip(Text::ALL) {
        let mut table = Vec::new();
        for (hash, image) in known.table(text) {
            table.extend(hash.to_le_bytes());
            table.extend(image.to_le_bytes());
        }
        *part = out.part(&table)?;
    }
    Ok(trailer)
}

/// A writer that counts its position.
struct Counting<'o> {
    out: &'o mut dyn Write,
    at: u64,
}

impl Counting<'_> {
    fn since(&self, start: u64) -> Part {
        Part {
            offset: start,
            length: self.at.saturating_sub(start),
        }
    }

    fn part(&mut self, bytes: &[u8]) -> io::Result<Part> {
        let start = self.at;
        self.write_all(bytes)?;
        Ok(self.since(start))
    }
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
