//! A sketch of a tree, in memory and in a report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::provenance::Fingerprint;
use crate::reference::is_digest;

/// The version of the fingerprint. Increase it with every change.
pub const VERSION: u32 = 1;
/// The most entries of a sample: a share then has a standard error of at most 1.1 %.
pub const SAMPLE: usize = 2048;
/// The size of a written mark, in bytes: four of the path, one each of size and time.
const MARK: usize = 6;
/// The bits of a parity map. Up to a dozen differences between two trees are counted exactly, 400
/// to within 1 %, 20,000 to within 3 %.
pub(super) const BITS: usize = 32_768;
/// The most files of a tree; the reader accepts no more inodes.
const MOST_FILES: u64 = 8_000_000;

/// The hashes of one entry in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The first bits of the path's hash.
    pub path: u32,
    /// The first bits of the hash of its type with its size or target.
    pub size: u8,
    /// The first bits of its time's hash.
    pub time: u8,
}

/// A sketch of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// The number of files and links.
    pub files: u64,
    /// The size of the files, in bytes.
    pub bytes: u64,
    /// The latest time of a file.
    pub newest: i64,
    /// False if all files have the same time.
    pub timed: bool,
    /// The digest of all entries.
    pub digest: String,
    /// The digest of all entries without their times.
    pub untimed_digest: String,
    /// The entries with the smallest path hashes, sorted; all entries if the tree was just read.
    pub sample: Vec<Mark>,
    /// The parity map of paths; empty if the sample has all entries.
    pub paths: Vec<u8>,
    /// The parity map of entries; empty if the sample has all entries.
    pub contents: Vec<u8>,
}

/// The reason why a fingerprint cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// It has another version.
    #[error("it has version {0}, and this program knows version {VERSION}; make it again")]
    Version(u32),
    /// Its parts do not match.
    #[error("its field {field} cannot be right: {reason}; make it again")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Sketch {
    /// Returns true if the sample has all entries: counts are then exact.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        u64::try_from(self.sample.len()).is_ok_and(|len| len >= self.files)
    }

    /// Returns the largest path hash that the sample covers. The tree may have entries with larger
    /// ones.
    pub(super) fn reach(&self) -> u32 {
        match self.is_whole() {
            true => u32::MAX,
            false => self.sample.last().map_or(0, |mark| mark.path),
        }
    }

    /// Returns the fingerprint. Its sample is cut to the maximum.
    #[must_use]
    pub fn write(&self) -> Fingerprint {
        let whole = self.files <= SAMPLE as u64;
        let mut sample = Vec::new();
        for mark in self.sample.iter().take(SAMPLE) {
            sample.extend_from_slice(&mark.path.to_be_bytes());
            sample.extend([mark.size, mark.time]);
        }
        let map = |bytes: &[u8]| (!whole && !bytes.is_empty()).then(|| BASE64.encode(bytes));
        Fingerprint {
            version: VERSION,
            files: self.files,
            bytes: self.bytes,
            newest: jiff::Timestamp::from_second(self.newest)
                .ok()
                .filter(|_| self.files > 0)
                .map(|time| time.to_string()),
            timed: self.timed,
            digest: self.digest.clone(),
            untimed_digest: self.untimed_digest.clone(),
            sample: BASE64.encode(sample),
            paths: map(&self.paths),
            contents: map(&self.contents),
            packages: Vec::new(),
        }
    }

    /// Parses a fingerprint from outside.
    ///
    /// # Errors
    /// If it has another version, or its parts do not match.
    pub fn read(written: &Fingerprint) -> Result<Self, SketchError> {
        if written.version != VERSION {
            return Err(SketchError::Version(written.version));
        }
        let bad = |field, reason| SketchError::Field { field, reason };
        if written.files > MOST_FILES {
            return Err(bad("files", "no image has so many"));
        }
        let sample = sample(written)?;
        let whole = written.files <= SAMPLE as u64;
        let map = |text: &Option<String>, field| match text {
            None => Ok(Vec::new()),
            Some(_) if whole => Err(bad(field, "the sample is whole without it")),
            Some(text) if text.len() > BITS / 4 => Err(bad(field, "it is too long")),
            Some(text) => match BASE64.decode(text) {
                Ok(bytes) if bytes.len() == BITS / 8 => Ok(bytes),
                _ => Err(bad(field, "it is not 4096 bytes in base64")),
            },
        };
        for (field, text) in [
            ("digest", &written.digest),
            ("untimed_digest", &written.untimed_digest),
        ] {
            if !is_digest(text) {
                return Err(bad(field, "it is not sha256: and 64 hex digits"));
            }
        }
        let newest = written.newest.as_deref().map(str::parse::<jiff::Timestamp>);
        let newest = newest.transpose();
        Ok(Self {
            files: written.files,
            bytes: written.bytes,
            newest: newest
                .map_err(|_| bad("newest", "it is not a time"))?
                .map_or(0, jiff::Timestamp::as_second),
            timed: written.timed,
            digest: written.digest.clone(),
            untimed_digest: written.untimed_digest.clone(),
            sample,
            paths: map(&written.paths, "paths")?,
            contents: map(&written.contents, "contents")?,
        })
    }
}

fn sample(written: &Fingerprint) -> Result<Vec<Mark>, SketchError> {
    let bad = |reason| SketchError::Field {
        field: "sample",
        reason,
    };
    if written.sample.len() > SAMPLE * MARK * 2 {
        return Err(bad("it is too long"));
    }
    let bytes = BASE64
        .decode(&written.sample)
        .map_err(|_| bad("it is not base64"))?;
    let (marks, rest) = bytes.as_chunks::<MARK>();
    let wanted = written.files.min(SAMPLE as u64);
    if !rest.is_empty() || u64::try_from(marks.len()) != Ok(wanted) {
        return Err(bad(
            "the number of entries differs from the number of files",
        ));
    }
    let marks: Vec<Mark> = marks
        .iter()
        .map(|&[a, b, c, d, size, time]| Mark {
            path: u32::from_be_bytes([a, b, c, d]),
            size,
            time,
        })
        .collect();
    if !marks.is_sorted() {
        return Err(bad("its entries are not in order"));
    }
    Ok(marks)
}
