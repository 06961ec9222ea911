//! The columns of the formats that have a row for each image.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::{Report, shown_path, what};
use crate::audit::attested::Attested;
use crate::audit::family::FamilyRecord;
use crate::audit::findings::age;
use crate::audit::record::{FileFields, OriginSummary, Record};
use crate::audit::select::{UNKNOWN, UNREADABLE, kind_of};
use crate::audit::totals::owner;
use crate::finding::{Finding, Severity};
use crate::provenance::{Level, PathText, Recognised};
use crate::recognise;
use crate::report::words;

/// One image and its findings.
pub(super) struct Row<'a> {
    pub(super) record: &'a Record,
    /// The findings about this image, and those about several images that name it.
    pub(super) findings: Vec<Finding>,
    pub(super) now: Timestamp,
    /// Its entry in the family tree, and its parent's.
    family: Option<(&'a FamilyRecord, Option<&'a FamilyRecord>)>,
}

impl<'a> Row<'a> {
    /// The rows of a report, in its order.
    pub(super) fn all(report: &'a Report) -> Vec<Self> {
        let now = report.summary.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let of_several = report.of_several();
        let families = families(report);
        let rows = report.images.iter().map(|record| {
            let mut findings = record.findings.clone();
            findings.extend(of_several.get(&record.path).into_iter().flatten().cloned());
            Self {
                record,
                findings,
                now,
                family: families.get(&record.path).copied(),
            }
        });
        rows.collect()
    }

    /// The codes of the findings, the worst first.
    pub(super) fn codes(&self) -> Vec<(&str, Severity)> {
        let all = self.findings.iter();
        let mut codes: Vec<(&str, Severity)> = all.map(|f| (f.code.as_str(), f.severity)).collect();
        codes.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        codes.dedup();
        codes
    }

    pub(super) fn official(&self) -> Option<bool> {
        self.record.origin.as_ref()?.official
    }

    fn file(&self, value: fn(&FileFields) -> String) -> String {
        value(&self.record.file)
    }

    fn origin(&self, value: fn(&OriginSummary) -> String) -> String {
        self.record.origin.as_ref().map(value).unwrap_or_default()
    }

    fn family<T: ToString>(&self, value: impl Fn(&FamilyRecord) -> Option<T>) -> String {
        text(self.family.and_then(|(family, _)| value(family)))
    }
}

/// Returns the entry of each image in the family tree, and its parent's.
fn families(report: &Report) -> HashMap<&PathText, (&FamilyRecord, Option<&FamilyRecord>)> {
    let mut all = HashMap::new();
    for family in &report.families {
        // A parent's index is its number minus one.
        let parent = family.parent.and_then(|id| usize::try_from(id).ok());
        let parent = parent.and_then(|id| report.families.get(id.checked_sub(1)?));
        for path in family.copies.iter().chain([&family.path]) {
            all.insert(path, (family, parent));
        }
    }
    all
}

/// A column: its name, what it says, and how a row fills it.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) value: fn(&Row<'_>) -> String,
}

const fn column(name: &'static str, help: &'static str, value: fn(&Row<'_>) -> String) -> Column {
    Column { name, help, value }
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A column for a field that may be missing. It has the field's name.
macro_rules! optional {
    ($part:ident.$name:ident, $help:literal) => {
        column(stringify!($name), $help, |row| {
            row.$part(|part| text(part.$name.as_ref()))
        })
    };
}

/// All columns, those of a spreadsheet first and in its order.
pub(super) const COLUMNS: [Column; 44] = [
    column("path", "the file", |row| shown_path(&row.record.path)),
    column("size", "bytes", |row| row.record.file.size.to_string()),
    column("allocated", "bytes on disk", |row| {
        row.record.file.allocated.to_string()
    }),
    optional!(file.mtime, "last change of the file"),
    column("uid", "the owner's number", |row| {
        row.record.file.uid.to_string()
    }),
    column("owner", "the owner's name, or number", |row| {
        owner(row.record)
    }),
    column("gid", "the group's number", |row| {
        row.record.file.gid.to_string()
    }),
    column("group", "the group's name, or number", |row| {
        let file = &row.record.file;
        file.group.clone().unwrap_or_else(|| file.gid.to_string())
    }),
    optional!(file.compression, "the compressor"),
    optional!(file.inodes, "files and directories in the image"),
    optional!(file.packed_at, "when the file was packed"),
    column("kind", "release, nightly, local …", |row| {
        kind_of(row.record).to_owned()
    }),
    optional!(origin.official, "true, false, or empty for unknown"),
    column("publisher", "who published it", |row| {
        let origin = row.record.origin.as_ref();
        let publisher = origin.and_then(|origin| origin.publisher.clone());
        publisher.unwrap_or_else(|| UNKNOWN.to_owned())
    }),
    optional!(origin.product, "what the publisher calls it"),
    optional!(origin.version, "the product's version"),
    optional!(origin.commit, "the commit that was built"),
    optional!(origin.repository, "the repository of the commit"),
    optional!(origin.pipeline, "the page of the pipeline's run"),
    optional!(origin.public_reference, "the canonical public reference"),
    optional!(origin.pull, "what to pull"),
    column(
        "pull_ok",
        "false if pulling may give another image",
        |row| row.origin(|origin| origin.pull_ok.to_string()),
    ),
    optional!(origin.imported, "what it was imported from"),
    optional!(origin.digest, "the digest it was imported by"),
    optional!(origin.derived_from, "the image it was built on"),
    optional!(origin.created, "when it was built"),
    column("moving", "true where the tag moves", |row| {
        row.origin(|origin| origin.moving.to_string())
    }),
    column(
        "modified_after_import",
        "true where it was changed",
        |row| row.origin(|origin| origin.modified_after_import.to_string()),
    ),
    column("confidence", "how well the origin is supported", |row| {
        row.origin(|origin| words::confidence_word(origin.confidence).to_owned())
    }),
    optional!(origin.architecture, "as `uname -m` says it"),
    column("severity", "of the worst finding", |row| {
        let worst = row.findings.iter().map(|finding| finding.severity).max();
        text(worst.map(Severity::as_str))
    }),
    column("findings", "the codes of the findings", |row| {
        let codes = row.findings.iter().map(|finding| finding.code.as_str());
        Vec::from_iter(BTreeSet::from_iter(codes)).join(" ")
    }),
    column("error", "why there is no answer", |row| {
        text(row.record.error.as_ref())
    }),
    column("content", "equal for copies of one file", |row| {
        text(row.record.keys.content.as_ref())
    }),
    column("tree_id", "equal for one image imported twice", |row| {
        text(row.record.keys.tree_id.as_ref())
    }),
    column("what", "product and version, or the base image", |row| {
        what(row.record)
    }),
    column("age", "days since it was built, or packed", |row| {
        text(age(row.record, row.now).map(|(days, _)| days))
    }),
    column(
        "same_as",
        "the image that represents the same content",
        |row| {
            row.family(|family| (family.path != row.record.path).then(|| shown_path(&family.path)))
        },
    ),
    column(
        "parent",
        "the image that it was built on, by content",
        |row| {
            let parent = row.family.and_then(|(_, parent)| parent);
            text(parent.map(|parent| shown_path(&parent.path)))
        },
    ),
    column("share", "how much of the parent is in it, 0 to 1", |row| {
        row.family(|family| family.share)
    }),
    column("added_files", "files that the parent lacks", |row| {
        row.family(|family| family.added)
    }),
    column("added_bytes", "bytes more than the parent has", |row| {
        row.family(|family| family.added_bytes)
    }),
    column(
        "attested",
        "who signed a statement about it, and its level",
        |row| text(row.record.attested.as_ref().map(Attested::cell)),
    ),
    column(
        RECOGNISED,
        "the known image that it contains, and how much of it",
        |row| text(row.record.recognised.first().map(recognised)),
    ),
];

/// The column of known images. A table and a spreadsheet have it by default if one was recognised.
pub(super) const RECOGNISED: &str = "recognised";

/// Returns the known image, and how much of it is in this one.
fn recognised(found: &Recognised) -> String {
    let name = recognise::name(&found.image);
    match (found.level, &found.package, found.share) {
        (Level::SameContent, ..) => format!("same content as {name}"),
        (_, Some(package), _) => format!("{package} of {name}"),
        (_, None, share) => {
            let percent = recognise::percent(share.unwrap_or_default());
            format!("{percent} of {name}")
        }
    }
}

/// Returns true if an image of the report was recognised.
pub(super) fn has_recognised(report: &Report) -> bool {
    let mut images = report.images.iter();
    images.any(|record| !record.recognised.is_empty())
}

/// The columns of the family tree. A spreadsheet has them by default if there is a tree.
pub(super) const OF_A_FAMILY: [&str; 5] =
    ["same_as", "parent", "share", "added_files", "added_bytes"];

/// The number of columns of a spreadsheet by default.
pub(super) const OF_A_SPREADSHEET: usize = 35;

/// The columns of a table by default.
pub(super) const OF_A_TABLE: [&str; 8] = [
    "path", "kind", "what", "commit", "owner", "size", "age", "findings",
];

pub(super) fn named(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The name of each column, and what it says.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.iter().map(|column| (column.name, column.help))
}

/// Returns what a table shows in a cell: a size with its unit, the first digits of a commit.
pub(super) fn shown(column: &Column, row: &Row<'_>) -> String {
    match column.name {
        "size" => super::size(row.record.file.size),
        "allocated" => super::size(row.record.file.allocated),
        "age" => age(row.record, row.now).map_or_else(String::new, |(days, exact)| {
            let least = if exact { "" } else { ">" };
            format!("{least}{days} d")
        }),
        "kind" => {
            let kind = kind_of(row.record);
            if kind == UNREADABLE {
                return kind.to_owned();
            }
            format!("{} {kind}", mark(row.official()))
        }
        "official" => match row.official() {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => "?".to_owned(),
        },
        "commit" => {
            let commit = (column.value)(row);
            commit.get(..12).map(str::to_owned).unwrap_or(commit)
        }
        _ => (column.value)(row),
    }
}

/// Returns the mark for official, not official, and not known.
pub(super) const fn mark(official: Option<bool>) -> char {
    match official {
        Some(true) => '✓',
        Some(false) => '✗',
        None => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_name_and_is_found_by_it() {
        for (place, column) in COLUMNS.iter().enumerate() {
            let first = COLUMNS.iter().position(|other| other.name == column.name);
            assert_eq!(first, Some(place), "{}", column.name);
            assert!(!column.help.is_empty());
        }
        for name in OF_A_TABLE {
            assert!(named(name).is_some(), "{name}");
        }
        assert!(OF_A_SPREADSHEET < COLUMNS.len());
    }
}
