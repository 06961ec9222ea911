//! Reports of earlier runs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::paths;
use super::record::{FileFields, Line, Record, SCHEMA, Summary};
use crate::given;
use crate::provenance::PathText;

/// The longest line, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The longest report, in bytes: 100 million images need less.
const LONGEST_REPORT: u64 = 256 * 1024 * 1024 * 1024;

/// The reason why a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The system cannot read it.
    #[error("{path}: cannot be read: {reason}")]
    Io {
        /// The report.
        path: String,
        /// What the system said.
        reason: io::Error,
    },
    /// Its run was killed or interrupted.
    #[error(
        "{path}: the report is not complete, and may lack images; give the report of a complete run"
    )]
    Incomplete {
        /// The report.
        path: String,
    },
    /// It has only some of the images.
    #[error(
        "{path}: the report was written with --where and lacks images; give one without --where"
    )]
    Selection {
        /// The report.
        path: String,
    },
    /// A report of a part of the images.
    #[error(
        "{path}: the report is a shard and lacks images; join the shards with `sqsh-prov merge`, and give that report"
    )]
    Shard {
        /// The report.
        path: String,
    },
    /// A report of other paths.
    #[error(
        "{path}: the earlier report is about other paths ({before}) than this run ({now}), so it cannot show what is new or gone; give the same paths in the same spelling, or a report about these paths"
    )]
    OtherPaths {
        /// The report.
        path: String,
        /// The paths of the report.
        before: String,
        /// The paths of this run.
        now: String,
    },
    /// It is something else.
    #[error(
        "{path}, line {line}: this is not an audit report; give one written by `sqsh-prov audit --format ndjson` ({reason})"
    )]
    NotAReport {
        /// The report.
        path: String,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

/// The lines of a report, in order.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
    offset: u64,
    /// If true, a truncated last line counts as the end.
    pub forgive_cut: bool,
}

/// A line, and its position in the file.
pub struct Place {
    /// Its offset.
    pub offset: u64,
    /// Its length.
    pub length: usize,
}

impl Lines {
    /// Opens a report.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Self, SavedError> {
        let file = given::open(path, LONGEST_REPORT).map_err(|error| SavedError::Io {
            path: path.display().to_string(),
            reason: error.into(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::new(file),
            number: 0,
            offset: 0,
            forgive_cut: false,
        })
    }

    /// Returns the next line; `None` at the end.
    ///
    /// # Errors
    /// If it is not a line of a report.
    pub fn next_line(&mut self) -> Result<Option<(Line, Place)>, SavedError> {
        let mut text = Vec::new();
        let count = (&mut self.reader)
            .take(LONGEST)
            .read_until(b'\n', &mut text)
            .map_err(|reason| SavedError::Io {
                path: self.path.display().to_string(),
                reason,
            })?;
        if count == 0 {
            return Ok(None);
        }
        self.number += 1;
        let place = Place {
            offset: self.offset,
            length: count,
        };
        self.offset += count as u64;
        match parse(&text) {
            Ok(line) => Ok(Some((line, place))),
            Err(_) if self.forgive_cut && !text.ends_with(b"\n") => Ok(None),
            Err(reason) => Err(SavedError::NotAReport {
                path: self.path.display().to_string(),
                line: self.number,
                reason,
            }),
        }
    }
}

/// Returns the last line of a report if it is a summary; `None` for a run that was killed.
pub(super) fn summary(report: &Path) -> Result<Option<Summary>, SavedError> {
    let mut lines = Lines::open(report)?;
    lines.forgive_cut = true;
    let mut last = None;
    while let Some((line, _)) = lines.next_line()? {
        last = Some(line);
    }
    Ok(match last {
        Some(Line::Summary(summary)) => Some(*summary),
        _ => None,
    })
}

fn parse(text: &[u8]) -> Result<Line, String> {
    let start = text.trim_ascii();
    if !start.is_empty() && !start.starts_with(b"{") {
        return Err("it is no JSON object".to_owned());
    }
    if start == b"{" {
        return Err("it is one document of several lines, as --format json writes it".to_owned());
    }
    let line = Line::parse(text).map_err(|error| crate::wording::of_parser(&error.to_string()))?;
    let schema = match &line {
        Line::Image(record) => &record.schema,
        Line::Skipped(skipped) => &skipped.schema,
        Line::Finding(finding) => &finding.schema,
        Line::Family(family) => &family.schema,
        Line::Summary(summary) => &summary.schema,
    };
    match schema == SCHEMA {
        true => Ok(line),
        false => Err(format!("schema {schema}, not {SCHEMA}")),
    }
}

/// The records of an earlier run. They stay in its report until they are needed, and take no memory.
#[derive(Debug)]
pub struct Resume {
    file: File,
    places: HashMap<PathText, (u64, u32)>,
    /// When the file of the report was created, if the file system knows it.
    begun: Option<Timestamp>,
}

impl Resume {
    /// Opens a report, also of a run that was killed.
    ///
    /// # Errors
    /// If it is not a report.
    pub fn open(path: &Path) -> Result<Self, SavedError> {
        let mut lines = Lines::open(path)?;
        lines.forgive_cut = true;
        let mut places = HashMap::new();
        while let Some((line, place)) = lines.next_line()? {
            if let Line::Image(record) = line
                && record.error.is_none()
                && !record.partial
            {
                let length = u32::try_from(place.length).unwrap_or(u32::MAX);
                places.insert(record.path, (place.offset, length));
            }
        }
        let file = lines.reader.into_inner();
        let begun = file.metadata().and_then(|metadata| metadata.created());
        Ok(Self {
            begun: begun.ok().and_then(|begun| Timestamp::try_from(begun).ok()),
            file,
            places,
        })
    }

    /// Returns true if the file was last touched before the earlier run began. A file that was touched during
    /// that run may have been read before, within the same tick of the file system's clock.
    fn is_before(&self, file: &FileFields) -> bool {
        let touched = file.ctime.as_ref();
        let touched = touched.and_then(|time| time.parse::<Timestamp>().ok());
        touched.is_some_and(|touched| self.begun.is_none_or(|begun| touched < begun))
    }

    /// Returns the record of this file if size, times of change and inode did not change.
    #[must_use]
    pub fn unchanged(
        &self,
        path: &PathText,
        file: &FileFields,
        with_tree_id: bool,
        with_fingerprint: bool,
    ) -> Option<Record> {
        let (offset, length) = self.places.get(path)?;
        let mut text = vec![0; usize::try_from(*length).ok()?];
        self.file.read_exact_at(&mut text, *offset).ok()?;
        let Ok(Line::Image(mut record)) = parse(&text) else {
            return None;
        };
        let old = &record.file;
        let same = (old.size, &old.mtime, old.inode) == (file.size, &file.mtime, file.inode);
        // Whoever changes a file in place can reset its mtime, but not its ctime.
        let untouched = file.ctime.is_some() && old.ctime == file.ctime && self.is_before(file);
        let lacks = (with_tree_id && record.keys.tree_id.is_none())
            || (with_fingerprint && record.fingerprint.is_none());
        if !same || !untouched || lacks {
            return None;
        }
        if !with_fingerprint {
            record.fingerprint = None;
        }
        if !with_tree_id {
            record.keys.tree_id = None;
        }
        // Its owner may have changed without any of these.
        record.file = FileFields {
            format: old.format,
            whole: old.whole,
            compression: old.compression.clone(),
            inodes: old.inodes,
            packed_at: old.packed_at.clone(),
            ..file.clone()
        };
        record.redact();
        Some(*record)
    }
}

/// Returns the record of one path in a report; without a path, that of the only image.
///
/// # Errors
/// If it is not a report.
pub fn find(report: &Path, path: Option<&Path>) -> Result<Option<Record>, SavedError> {
    let mut lines = Lines::open(report)?;
    let mut found = None;
    while let Some((line, _)) = lines.next_line()? {
        let Line::Image(mut record) = line else {
            continue;
        };
        record.redact();
        match path {
            Some(path) if paths::to_path(&record.path) == path => return Ok(Some(*record)),
            Some(_) => {}
            None if found.is_some() => return Ok(None),
            None => found = Some(*record),
        }
    }
    Ok(found)
}
