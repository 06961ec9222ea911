//! A sketch of a tree, in memory and as it is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::provenance::Fingerprint;

/// How a fingerprint is made. Whoever changes anything of it counts up.
pub const VERSION: u32 = 1;
/// Entries of a sample at most: a share has a standard error of 1.1 % at worst.
pub const SAMPLE: usize = 2048;
/// Bytes of a mark as it is written: four of the path, one each of size and time.
const MARK: usize = 6;
/// Bits of a parity map. Up to a dozen differences between two trees are counted exactly, 400 to within 1 %,
/// 20,000 to within 3 %.
pub(super) const BITS: usize = 32_768;
/// A tree of more files is none: more inodes are not read.
const MOST_FILES: u64 = 8_000_000;

/// One entry of a sample, by its hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The first bits of its path's.
    pub path: u32,
    /// Of its type with its size or target.
    pub size: u8,
    /// Of its time.
    pub time: u8,
}

/// What is kept of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Files and links.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// The latest time of any.
    pub newest: i64,
    /// Whether times say anything.
    pub timed: bool,
    /// Over all entries.
    pub digest: String,
    /// Over all entries without their times.
    pub untimed_digest: String,
    /// Those with the smallest hashes of paths, in order; of a tree that was just read, all.
    pub sample: Vec<Mark>,
    /// Parity maps of paths and of entries; empty where the sample is whole.
    pub paths: Vec<u8>,
    /// See `paths`.
    pub contents: Vec<u8>,
}

/// Why a fingerprint cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// Another program made it.
    #[error("it has version {0}, and this program knows version {VERSION}; make it again")]
    Version(u32),
    /// Its parts do not go together.
    #[error("its field {field} cannot be right: {reason}; make it again")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Sketch {
    /// True where all entries are in the sample, so that counts are exact.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        u64::try_from(self.sample.len()).is_ok_and(|len| len >= self.files)
    }

    /// How far the sample reaches: what has a larger hash of its path is not in it, though the tree may
    /// have it.
    pub(super) fn reach(&self) -> u32 {
        match self.is_whole() {
            true => u32::MAX,
            false => self.sample.last().map_or(0, |mark| mark.path),
        }
    }

    /// As it is written: the sample is cut to what a fingerprint holds.
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
    /// Where it is of another version, or its parts do not match.
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

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:");
    digits.is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
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
