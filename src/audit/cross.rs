//! Findings that need all images. Each image takes little memory, whatever its record contains.

use std::collections::HashMap;
use std::iter::once_with;
use std::num::NonZeroU64;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::family::FamilyRecord;
use super::findings::of_several;
use super::lineage::{Lineage, says};
use super::paths;
use super::record::{FindingRecord, Record};
use super::sums::sum;

/// The facts that are kept of one image.
#[derive(Debug)]
struct Image {
    path: Box<[u8]>,
    size: u64,
    allocated: u64,
    content: Option<NonZeroU64>,
    tree: Option<NonZeroU64>,
    moving: Option<u32>,
    packed_at: Option<i64>,
    is_official: bool,
}

/// Collects images, and then compares them with each other.
#[derive(Debug, Default)]
pub struct Cross {
    images: Vec<Image>,
    references: Vec<String>,
    numbers: HashMap<String, u32>,
    lineage: Option<Lineage>,
}

impl Cross {
    /// Starts collecting; `lineage` also finds which image was built on which.
    #[must_use]
    pub fn of(lineage: bool) -> Self {
        Self {
            lineage: lineage.then(Lineage::default),
            ..Self::default()
        }
    }

    /// Returns the family tree, if it is requested.
    pub fn families(&mut self) -> Vec<FamilyRecord> {
        let lineage = self.lineage.take();
        lineage.map(Lineage::records).unwrap_or_default()
    }

    /// Returns true if a family tree is requested, but no image has a fingerprint.
    pub(super) fn lacks_fingerprints(&self) -> bool {
        self.lineage.as_ref().is_some_and(Lineage::is_empty)
    }

    /// Takes note of an image.
    pub fn add(&mut self, record: &Record) {
        if let Some(lineage) = &mut self.lineage {
            lineage.add(record);
        }
        let keys = &record.keys;
        if keys.content.is_none() && keys.tree_id.is_none() && keys.moving.is_none() {
            return;
        }
        let moving = keys.moving.as_ref().map(|reference| self.number(reference));
        let packed_at = record.file.packed_at.as_ref();
        let packed_at = packed_at.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        self.images.push(Image {
            path: paths::to_bytes(&record.path).into_boxed_slice(),
            size: record.file.size,
            allocated: record.file.allocated,
            content: keys.content.as_deref().and_then(short),
            tree: keys.tree_id.as_deref().and_then(|id| tree(id, record)),
            moving,
            packed_at: packed_at.map(jiff::Timestamp::as_second),
            is_official: record.is_official(),
        });
    }

    fn number(&mut self, reference: &str) -> u32 {
        if let Some(number) = self.numbers.get(reference) {
            return *number;
        }
        let number = u32::try_from(self.references.len()).unwrap_or(u32::MAX);
        self.references.push(reference.to_owned());
        self.numbers.insert(reference.to_owned(), number);
        number
    }

    /// Returns the findings, by code, then by the path of the image to keep. Each is made when it is needed:
    /// a hundred thousand images may have many copies.
    pub fn findings(&self) -> impl Iterator<Item = FindingRecord> {
        let copies = once_with(|| self.groups(|image| image.content.map(NonZeroU64::get)));
        let tags = once_with(|| self.groups(|image| image.moving.map(u64::from)));
        let trees = once_with(|| self.groups(|image| image.tree.map(NonZeroU64::get)));
        let duplicates = copies.flatten().filter_map(|group| duplicates(&group));
        let older = tags.flatten().filter_map(|group| self.older(&group));
        let same = trees.flatten().filter_map(same_image);
        duplicates.chain(older).chain(same)
    }

    /// Returns groups of two or more images with equal keys, in the order of their first images.
    fn groups(&self, key: impl Fn(&Image) -> Option<u64>) -> impl Iterator<Item = Vec<&Image>> {
        let mut keyed: Vec<(u64, usize)> = self
            .images
            .iter()
            .enumerate()
            .filter_map(|(number, image)| Some((key(image)?, number)))
            .collect();
        keyed.sort_unstable();
        let mut groups: Vec<Vec<usize>> = keyed
            .chunk_by(|one, other| one.0 == other.0)
            .filter(|run| run.len() > 1)
            .map(|run| run.iter().map(|(_, number)| *number).collect())
            .collect();
        groups.sort_unstable();
        let image = |number| self.images.get(number);
        let groups = groups.into_iter();
        groups.map(move |group| group.into_iter().filter_map(image).collect())
    }

    /// Returns the newest copy of a moving tag, and the older ones. Copies of the newest file are not older.
    fn older(&self, group: &[&Image]) -> Option<FindingRecord> {
        let images = group.iter().copied();
        let newest = images.clone().rev().max_by_key(|image| image.packed_at)?;
        let is_older =
            |it: &&Image| it.packed_at < newest.packed_at && it.content != newest.content;
        let older: Vec<&Image> = images.filter(is_older).collect();
        let number = usize::try_from(newest.moving?).ok()?;
        let reference = self.references.get(number)?;
        let message = format!("older than another copy of {reference}");
        (!older.is_empty()).then(|| FindingRecord {
            reclaimable: 0,
            ..record("older-copy", message, newest, &older)
        })
    }
}

fn duplicates(group: &[&Image]) -> Option<FindingRecord> {
    let (first, copies) = group.split_first()?;
    let (count, size) = (group.len(), first.size);
    let message = format!(
        "{count} copies of one file of {size} bytes: superblock, size and tables are equal"
    );
    Some(record("duplicate-file", message, first, copies))
}

/// Finds one image in several files. Copies of one file count once.
fn same_image(mut group: Vec<&Image>) -> Option<FindingRecord> {
    group.sort_by_key(|image| !image.is_official);
    let keep = *group.first()?;
    let mut seen = vec![keep.content];
    let mut others = Vec::new();
    for image in group.into_iter().skip(1) {
        if image.content.is_none() || !seen.contains(&image.content) {
            seen.push(image.content);
            others.push(image);
        }
    }
    let message = format!(
        "{} files have the same listing, and declare the same origin: one image imported more than once",
        others.len() + 1
    );
    (!others.is_empty()).then(|| record("same-image", message, keep, &others))
}

/// Makes a finding about an image to keep, and others that can be removed.
fn record(code: &str, message: String, keep: &Image, others: &[&Image]) -> FindingRecord {
    let path = |image: &&Image| paths::of_bytes(&image.path);
    FindingRecord {
        keep: Some(path(&keep)),
        paths: others.iter().map(path).collect(),
        reclaimable: sum(others.iter().map(|image| image.allocated)),
        ..of_several(code, message)
    }
}

/// Returns the first digits of a digest, enough to distinguish a million images.
fn short(digest: &str) -> Option<NonZeroU64> {
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    NonZeroU64::new(u64::from_str_radix(digits.get(..16)?, 16).ok()?)
}

/// Returns a number for a listing and for what the image says about itself: a change of the environment alone
/// does not change the listing.
fn tree(id: &str, record: &Record) -> Option<NonZeroU64> {
    let says = says(record);
    NonZeroU64::new(xxh3_64_with_seed(says.as_bytes(), short(id)?.get()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary};
    use crate::provenance::PathText;

    fn add(cross: &mut Cross, path: &str, content: u8, tree: u8, moving: bool, packed: &str) {
        let file = FileFields {
            size: 10,
            allocated: 4096,
            packed_at: Some(packed.to_owned()),
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text(path.to_owned()), file);
        record.keys.content = Some(format!("{content:064x}").chars().rev().collect());
        record.keys.tree_id = (tree > 0).then(|| {
            format!(
                "sha256:{}",
                format!("{tree:064x}").chars().rev().collect::<String>()
            )
        });
        record.keys.moving = moving.then(|| "docker.io/a/b:latest".to_owned());
        cross.add(&record);
    }

    fn told(cross: &Cross) -> Vec<(String, usize, u64)> {
        cross
            .findings()
            .map(|f| (f.code, f.paths.len(), f.reclaimable))
            .collect()
    }

    #[test]
    fn copies_are_counted_without_the_one_that_stays() {
        let mut cross = Cross::default();
        for path in ["/a", "/b", "/c"] {
            add(&mut cross, path, 1, 0, false, "2026-01-01T00:00:00Z");
        }
        add(&mut cross, "/d", 2, 0, false, "2026-01-01T00:00:00Z");
        assert_eq!(told(&cross), [("duplicate-file".to_owned(), 2, 8192)]);
        assert_eq!(
            cross.findings().next().unwrap().keep,
            Some(PathText::Text("/a".to_owned()))
        );
    }

    #[test]
    fn an_official_image_stays_rather_than_another() {
        let mut cross = Cross::default();
        for (path, official) in [("/a", None), ("/b", Some(true))] {
            let mut record = Record::unread(PathText::Text(path.to_owned()), FileFields::default());
            record.keys.content = Some(format!("{:016x}", path.as_bytes()[1]));
            record.keys.tree_id = Some(format!("{:016x}", 9));
            record.origin = Some(OriginSummary {
                official,
                ..OriginSummary::default()
            });
            cross.add(&record);
        }
        let found = cross.findings().next().unwrap();
        let path = |path: &str| PathText::Text(path.to_owned());
        assert_eq!(found.keep, Some(path("/b")));
        assert_eq!(found.paths, [path("/a")]);
    }

    #[test]
    fn the_newest_copy_of_a_moving_tag_stays() {
        let mut cross = Cross::default();
        add(&mut cross, "/a", 1, 0, true, "2026-01-01T00:00:00Z");
        add(&mut cross, "/b", 2, 0, true, "2026-03-01T00:00:00Z");
        add(&mut cross, "/c", 3, 0, true, "2026-02-01T00:00:00Z");
        assert_eq!(told(&cross), [("older-copy".to_owned(), 2, 0)]);
        assert_eq!(
            cross.findings().next().unwrap().keep,
            Some(PathText::Text("/b".to_owned()))
        );
    }

    #[test]
    fn a_copy_of_the_newest_is_a_duplicate_and_not_older() {
        let mut cross = Cross::default();
        add(&mut cross, "/a", 1, 0, true, "2026-01-01T00:00:00Z");
        add(&mut cross, "/b", 1, 0, true, "2026-01-01T00:00:00Z");
        assert_eq!(told(&cross), [("duplicate-file".to_owned(), 1, 4096)]);
    }

    #[test]
    fn one_image_with_two_compressors_is_the_same_image() {
        let mut cross = Cross::default();
        add(&mut cross, "/a", 1, 9, false, "2026-01-01T00:00:00Z");
        add(&mut cross, "/b", 2, 9, false, "2026-01-01T00:00:00Z");
        add(&mut cross, "/c", 2, 9, false, "2026-01-01T00:00:00Z");
        assert_eq!(
            told(&cross),
            [
                ("duplicate-file".to_owned(), 1, 4096),
                ("same-image".to_owned(), 1, 4096)
            ]
        );
    }

    #[test]
    fn images_that_run_other_programs_are_not_one_image() {
        let mut cross = Cross::default();
        for (path, settings) in [("/a", "1"), ("/b", "2"), ("/c", "1")] {
            let file = FileFields::default();
            let mut record = Record::unread(PathText::Text(path.to_owned()), file);
            record.origin = Some(OriginSummary::default());
            record.keys.tree_id = Some(format!("sha256:{}", "5".repeat(64)));
            record.keys.settings = Some(settings.to_owned());
            cross.add(&record);
        }
        assert_eq!(told(&cross), [("same-image".to_owned(), 1, 0)]);
    }
}
