//! Reads lists of known images: reports of `audit --fingerprint --format ndjson`. They come from outside, so it
//! checks their sizes and forms.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::given::{self, GivenError};
use crate::provenance::{ATTESTED, Fingerprint, Kind, KnownImage, PathText};
use crate::redact;

/// The longest line, in bytes. A record with its evidence and a fingerprint has 60 kB.
pub(super) const LONGEST_LINE: u64 = 4 * 1024 * 1024;
/// The longest file, in bytes: more than a million images.
pub(super) const LONGEST_FILE: u64 = 64 * 1024 * 1024 * 1024;
/// The most files in a directory.
const MOST_FILES: usize = 1000;
/// The endings of files with known images: reports and indexes.
const ENDINGS: [&str; 2] = ["ndjson", "idx"];
const SCHEMA: &str = "sqsh-prov-audit/1";

/// The reason why known images cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// The file or directory cannot be read.
    #[error("{path}: cannot read the known images: {reason}")]
    Read {
        /// The path.
        path: String,
        /// The error of the system.
        reason: GivenError,
    },
    /// A line is not a record of a report.
    #[error(
        "{path}, line {line}: {reason}; known images are what audit --fingerprint --format ndjson wrote"
    )]
    Line {
        /// The file.
        path: String,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// An index cannot be used.
    #[error("{path}: the index of known images cannot be used: {reason}")]
    Index {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No image in it has a fingerprint.
    #[error(
        "{path}: no image in it has a fingerprint; list the images with audit --fingerprint --format ndjson"
    )]
    NoFingerprint {
        /// The file.
        path: String,
    },
    /// Something is over a limit.
    #[error("{path}: over the limit of {limit} {what}; give fewer")]
    TooMany {
        /// The file or directory.
        path: String,
        /// What is over the limit.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

/// The fields of a report's line that are used here.
#[derive(Serialize, Deserialize)]
struct Row {
    r#type: Option<String>,
    schema: Option<String>,
    path: Option<PathText>,
    origin: Option<OriginRow>,
    fingerprint: Option<Fingerprint>,
    /// In an index: the file that lists it.
    #[serde(default)]
    listed_in: Option<String>,
    /// In an index: the time of that file.
    #[serde(default)]
    listed: Option<String>,
}

/// The fields of a record's origin that are used here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct OriginRow {
    kind: Kind,
    official: Option<bool>,
    publisher: Option<String>,
    product: Option<String>,
    version: Option<String>,
    commit: Option<String>,
    public_reference: Option<String>,
    imported: Option<String>,
    digest: Option<String>,
    architecture: Option<String>,
    moving: bool,
    modified_after_import: bool,
    reasons: Vec<String>,
}

/// A known image in a list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub image: KnownImage,
    pub fingerprint: Fingerprint,
    /// Its architecture.
    pub architecture: Option<String>,
    /// True if its reference moves to other images.
    pub moving: bool,
}

/// A file of known images, which stays open: its lines are read again when they are needed.
#[derive(Debug)]
pub(super) struct ListedFile {
    name: String,
    written: Option<String>,
    file: File,
}

impl ListedFile {
    pub(super) fn open(path: &Path) -> Result<Self, KnownError> {
        let name = path.display().to_string();
        let file = given::open(path, LONGEST_FILE).map_err(|reason| KnownError::Read {
            path: name.clone(),
            reason,
        })?;
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        let written = modified.ok().and_then(|time| {
            let time = jiff::Timestamp::try_from(time).ok()?;
            let time = jiff::Timestamp::from_second(time.as_second()).ok()?;
            Some(time.to_string())
        });
        Ok(Self {
            name,
            written,
            file,
        })
    }

    /// Passes each image with a fingerprint, and the place of its line, to a function. Returns a hash of all
    /// lines.
    pub(super) fn each(
        &self,
        each: &mut dyn FnMut(Listed, u64, u32) -> Result<(), String>,
    ) -> Result<u128, KnownError> {
        let mut reader = BufReader::with_capacity(1024 * 1024, &self.file);
        let (mut offset, mut number, mut found) = (0_u64, 0_u64, false);
        let mut text = Vec::new();
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        hash.update(self.name.as_bytes());
        loop {
            text.clear();
            let most = LONGEST_LINE + 1;
            let read = (&mut reader).take(most).read_until(b'\n', &mut text);
            let length = read.map_err(|reason| KnownError::Read {
                path: self.name.clone(),
                reason: reason.into(),
            })?;
            if length == 0 {
                break;
            }
            number += 1;
            hash.update(&text);
            let bad = |reason: String| KnownError::Line {
                path: self.name.clone(),
                line: number,
                reason,
            };
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            if u64::from(length) > LONGEST_LINE {
                let reason = format!("it is longer than the limit of {LONGEST_LINE} bytes");
                return Err(bad(reason));
            }
            if let Some(listed) = self.parse(&text).map_err(bad)? {
                found = true;
                each(listed, offset, length).map_err(bad)?;
            }
            offset += u64::from(length);
        }
        match found {
            true => Ok(hash.digest128()),
            false => Err(KnownError::NoFingerprint {
                path: self.name.clone(),
            }),
        }
    }

    /// Reads the image of a line again; `None` if the file was changed since.
    pub(super) fn again(&self, offset: u64, length: u32) -> Option<Listed> {
        let mut text = vec![0; usize::try_from(length).ok()?];
        self.file.read_exact_at(&mut text, offset).ok()?;
        self.parse(&text).ok()?
    }

    fn parse(&self, text: &[u8]) -> Result<Option<Listed>, String> {
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err("it is no line of a report".to_owned());
        }
        let mut listed = parse(text)?;
        if let Some(listed) = &mut listed {
            listed.image.listed_in.clone_from(&self.name);
            listed.image.listed.clone_from(&self.written);
        }
        Ok(listed)
    }
}

impl Listed {
    /// Returns the image as a line of an index, without the line break.
    pub(super) fn line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let image = self.image.clone();
        let attested = image.attested.then(|| ATTESTED.to_owned());
        serde_json::to_vec(&Row {
            r#type: Some("image".to_owned()),
            schema: Some(SCHEMA.to_owned()),
            path: Some(image.path),
            origin: Some(OriginRow {
                kind: image.kind,
                official: image.official,
                publisher: image.publisher,
                product: image.product,
                version: image.version,
                commit: image.commit,
                public_reference: image.public_reference,
                imported: image.imported,
                digest: image.digest,
                architecture: self.architecture.clone(),
                moving: self.moving,
                modified_after_import: false,
                reasons: attested.into_iter().collect(),
            }),
            fingerprint: Some(self.fingerprint.clone()),
            listed_in: Some(image.listed_in),
            listed: image.listed,
        })
    }
}

/// Parses the image of a line; `None` for another type of line, or one without a fingerprint.
pub(super) fn parse(text: &[u8]) -> Result<Option<Listed>, String> {
    let row: Row = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if row.schema.as_deref() != Some(SCHEMA) {
        let schema = row.schema.unwrap_or_else(|| "none".to_owned());
        return Err(format!("its schema is {schema}, not {SCHEMA}"));
    }
    let (Some("image"), Some(fingerprint)) = (row.r#type.as_deref(), row.fingerprint) else {
        return Ok(None);
    };
    let origin = row.origin.unwrap_or_default();
    // If the image was changed after the import, its names do not describe its content.
    let own = |text: Option<String>| text.filter(|_| !origin.modified_after_import);
    let mut image = KnownImage {
        path: row.path.unwrap_or_default(),
        kind: origin.kind,
        official: origin.official,
        attested: origin.reasons.iter().any(|reason| reason == ATTESTED),
        publisher: origin.publisher,
        product: origin.product,
        version: origin.version,
        commit: origin.commit,
        public_reference: own(origin.public_reference),
        imported: origin.imported,
        digest: own(origin.digest),
        listed_in: row.listed_in.unwrap_or_default(),
        listed: row.listed,
    };
    image.texts().for_each(redact::plain);
    Ok(Some(Listed {
        image,
        fingerprint,
        architecture: origin.architecture,
        moving: origin.moving,
    }))
}

/// Returns the files of a path: itself, or those of a directory whose names end in `.ndjson` or
/// `.idx`, sorted.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, KnownError> {
    let name = || path.display().to_string();
    let read = |reason: std::io::Error| KnownError::Read {
        path: name(),
        reason: reason.into(),
    };
    if !fs::metadata(path).map_err(read)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let extension = path.extension().unwrap_or_default();
        if ENDINGS.iter().any(|known| extension == *known) {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            return Err(KnownError::TooMany {
                path: name(),
                what: "files",
                limit: MOST_FILES as u64,
            });
        }
    }
    files.sort_unstable();
    Ok(files)
}
