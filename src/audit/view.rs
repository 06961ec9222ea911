//! Selects and sorts a part of a report.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::findings::age;
use super::paths;
use super::record::Record;
use super::select::{Condition, kind_of};
use super::totals::{directory, owner};
use crate::finding::Severity;
use crate::provenance::Level;
use crate::recognise;

/// The order of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The path, component by component.
    Path,
    /// The kind.
    Kind,
    /// Official images first, then images that are not, then those that may be.
    Official,
    /// The publisher.
    Publisher,
    /// The owner.
    Owner,
    /// The commit.
    Commit,
    /// The size, largest first.
    Size,
    /// The age, oldest first; what has none is last.
    Age,
    /// The worst finding, errors first.
    Findings,
}

impl Sort {
    /// All orders, with their words and meanings.
    pub const ALL: [(&'static str, Self, &'static str); 9] = [
        ("path", Self::Path, "The path"),
        ("kind", Self::Kind, "The kind"),
        (
            "official",
            Self::Official,
            "Official images first, then images that are not, then those that may be",
        ),
        ("publisher", Self::Publisher, "The publisher"),
        ("owner", Self::Owner, "The owner of the file"),
        ("commit", Self::Commit, "The commit"),
        ("size", Self::Size, "The size, largest first"),
        ("age", Self::Age, "The age, oldest first"),
        (
            "findings",
            Self::Findings,
            "The worst finding, errors first",
        ),
    ];
}

/// The property by which images are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The owner of the file.
    Owner,
    /// The publisher.
    Publisher,
    /// The directory.
    Directory,
    /// The known image that it contains.
    Recognised,
}

impl GroupBy {
    /// All groups, with their words and meanings.
    pub const ALL: [(&'static str, Self, &'static str); 4] = [
        ("owner", Self::Owner, "The owner of the file"),
        ("publisher", Self::Publisher, "The publisher"),
        ("directory", Self::Directory, "The directory"),
        (
            "recognised",
            Self::Recognised,
            "The known image that it contains",
        ),
    ];

    /// Returns its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let row = Self::ALL.iter().find(|(_, group, _)| *group == self);
        row.map_or("", |(word, ..)| word)
    }

    /// Returns the group of an image.
    #[must_use]
    pub fn of(self, record: &Record) -> String {
        match self {
            Self::Owner => owner(record),
            Self::Directory => directory(record),
            Self::Publisher => publisher(record)
                .unwrap_or(super::select::UNKNOWN)
                .to_owned(),
            Self::Recognised => {
                let first = record.recognised.first();
                match first.map(|it| (it.level, &it.image)) {
                    None => "not recognised".to_owned(),
                    Some((Level::SamePackage, _)) => "a package of a known image only".to_owned(),
                    Some((_, image)) => recognise::name(image),
                }
            }
        }
    }
}

fn publisher(record: &Record) -> Option<&str> {
    record.origin.as_ref()?.publisher.as_deref()
}

/// The selection and order of images.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The conditions that an image must meet; empty for all images.
    pub conditions: Vec<Condition>,
    /// The order; `None` for the order of paths.
    pub sort: Option<Sort>,
    /// If true, reverses the order.
    pub reverse: bool,
    /// Groups images by this key.
    pub group: Option<GroupBy>,
}

impl View {
    /// Returns true if the report is passed on unchanged.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && !self.is_ordered()
    }

    pub(super) fn is_ordered(&self) -> bool {
        self.sort.is_some() || self.group.is_some() || self.reverse
    }

    /// Returns true if findings about several images must wait: they come after the images.
    pub(super) fn waits(&self) -> bool {
        let finding = |condition: &Condition| matches!(condition, Condition::Finding(_));
        self.is_ordered() || self.conditions.iter().any(finding)
    }

    pub(super) fn order(&self, one: &Held, other: &Held, now: Timestamp) -> Ordering {
        let (a, b) = (&one.record, &other.record);
        let paths = || paths::order(&paths::to_bytes(&a.path), &paths::to_bytes(&b.path));
        let text = |value: fn(&Record) -> Option<&str>| {
            // Images without a value come last.
            let key = |record| value(record).map_or((true, ""), |text| (false, text));
            key(a).cmp(&key(b))
        };
        let sorted = match self.sort.unwrap_or(Sort::Path) {
            Sort::Path => Ordering::Equal,
            Sort::Kind => kind_of(a).cmp(kind_of(b)),
            // `None` is the least.
            Sort::Official => official(b).cmp(&official(a)),
            Sort::Publisher => text(publisher),
            Sort::Commit => text(|record| record.origin.as_ref()?.commit.as_deref()),
            Sort::Owner => owner(a).cmp(&owner(b)),
            Sort::Size => b.file.size.cmp(&a.file.size),
            Sort::Age => {
                let days = |record| age(record, now).map(|(days, _)| days);
                days(b).cmp(&days(a))
            }
            Sort::Findings => other.severity.cmp(&one.severity),
        };
        let sorted = match sorted.then_with(paths) {
            sorted if self.reverse => sorted.reverse(),
            sorted => sorted,
        };
        let group = |group: GroupBy| group.of(a).cmp(&group.of(b));
        self.group.map_or(Ordering::Equal, group).then(sorted)
    }
}

fn official(record: &Record) -> Option<bool> {
    record.origin.as_ref()?.official
}

/// An image, and the worst severity of its findings, including those about several images.
pub(super) struct Held {
    pub(super) record: Record,
    pub(super) severity: Option<Severity>,
}
