//! Finds which image was built on which, and which are the same, from their content alone.

use std::collections::HashMap;

use super::family::FamilyRecord;
use super::paths;
use super::record::{Record, SCHEMA};
use super::sums::sum;
use crate::provenance::Kind;
use crate::recognise::{Member, Parent, Sketch, parents};

#[derive(Debug)]
struct File {
    path: Box<[u8]>,
    allocated: u64,
    official: bool,
    name: Option<String>,
}

/// Images of one content that say the same about themselves.
#[derive(Debug)]
struct Content {
    says: String,
    member: Member,
    files: Vec<File>,
}

/// Collects the fingerprints of images, and then finds which was built on which. It keeps 24 kB for
/// each content.
#[derive(Debug, Default)]
pub struct Lineage {
    contents: Vec<Content>,
    numbers: HashMap<String, usize>,
}

impl Lineage {
    /// Adds an image, if it has a fingerprint.
    pub fn add(&mut self, record: &Record) {
        let fingerprint = record.fingerprint.as_ref();
        let Some((fingerprint, sketch)) = fingerprint
            .and_then(|it| Some((it, Sketch::read(it).ok()?)))
            .filter(|(_, sketch)| sketch.files > 0)
        else {
            return;
        };
        let file = File {
            path: paths::to_bytes(&record.path).into_boxed_slice(),
            allocated: record.file.allocated,
            official: record.is_official(),
            name: name(record),
        };
        let says = says(record);
        let key = match sketch.timed {
            true => format!("{} {says}", sketch.digest),
            // `join_untimed` finds images of the same content that have times.
            false => format!("without times {} {says}", sketch.untimed_digest),
        };
        let next = self.contents.len();
        let number = *self.numbers.entry(key).or_insert(next);
        match self.contents.get_mut(number) {
            Some(content) => content.files.push(file),
            None => self.contents.push(Content {
                says,
                member: Member {
                    sketch,
                    packages: fingerprint.packages.clone(),
                    own: own(record),
                    reference: reference(record),
                    built_on: built_on(record),
                },
                files: vec![file],
            }),
        }
    }

    /// Returns true if no image had a fingerprint.
    pub(super) fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// Returns the family tree: contents of several images, and contents that were built on each other.
    #[must_use]
    pub fn records(mut self) -> Vec<FamilyRecord> {
        self.join_untimed();
        let order = |file: &File| (!file.official, file.path.clone());
        for content in &mut self.contents {
            content.files.sort_by_key(order);
        }
        let path = |content: &Content| content.files.first().map(|file| file.path.clone());
        self.contents.sort_by_cached_key(path);
        let contents = self.contents.into_iter();
        let (members, files): (Vec<Member>, Vec<Vec<File>>) = contents
            .map(|content| (content.member, content.files))
            .unzip();
        let parents = parents(&members);
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); members.len()];
        for (number, parent) in parents.iter().enumerate() {
            let parent = parent.and_then(|parent| children.get_mut(parent.number));
            if let Some(children) = parent {
                children.push(number);
            }
        }
        Forest {
            members,
            files,
            parents,
            children,
        }
        .records()
    }

    /// Joins images whose files all have one time with images of the same content that have times.
    fn join_untimed(&mut self) {
        let key = |content: &Content| {
            let digest = content.member.sketch.untimed_digest.clone();
            (digest, content.says.clone())
        };
        let contents = std::mem::take(&mut self.contents).into_iter();
        let (mut timed, untimed): (Vec<Content>, Vec<Content>) =
            contents.partition(|content| content.member.sketch.timed);
        let places: HashMap<(String, String), usize> = timed.iter().map(key).zip(0..).collect();
        let mut rest = Vec::new();
        for mut content in untimed {
            let place = places.get(&key(&content));
            match place.and_then(|place| timed.get_mut(*place)) {
                Some(same) => same.files.append(&mut content.files),
                None => rest.push(content),
            }
        }
        self.contents = timed;
        self.contents.append(&mut rest);
    }
}

/// All contents, with their parents.
struct Forest {
    members: Vec<Member>,
    files: Vec<Vec<File>>,
    parents: Vec<Option<Parent>>,
    children: Vec<Vec<usize>>,
}

impl Forest {
    fn records(&self) -> Vec<FamilyRecord> {
        let mut records: Vec<FamilyRecord> = Vec::new();
        let roots = self.parents.iter().enumerate();
        let roots = roots.filter(|(_, parent)| parent.is_none());
        // Content, the parent's id, depth. The next one is on top.
        let mut open: Vec<(usize, Option<u64>, u64)> =
            roots.rev().map(|(number, _)| (number, None, 0)).collect();
        while let Some((number, parent, depth)) = open.pop() {
            let children = self.children.get(number).map_or(&[][..], Vec::as_slice);
            let copies = self.files.get(number).map_or(0, Vec::len);
            if parent.is_none() && children.is_empty() && copies < 2 {
                continue;
            }
            let id = records.len() as u64 + 1;
            records.extend(self.record(number, id, parent, depth));
            let children = children.iter().rev();
            open.extend(children.map(|child| (*child, Some(id), depth + 1)));
        }
        records
    }

    fn record(
        &self,
        number: usize,
        id: u64,
        parent: Option<u64>,
        depth: u64,
    ) -> Option<FamilyRecord> {
        let member = self.members.get(number)?;
        let (first, copies) = self.files.get(number)?.split_first()?;
        let sketch = &member.sketch;
        let above = self.parents.get(number).copied().flatten();
        let above_sketch = above
            .and_then(|above| self.members.get(above.number))
            .map(|member| &member.sketch);
        let overlap = above.map(|above| above.overlap);
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        Some(FamilyRecord {
            schema: SCHEMA.to_owned(),
            id,
            parent,
            depth,
            path: paths::of_bytes(&first.path),
            copies: copies
                .iter()
                .map(|file| paths::of_bytes(&file.path))
                .collect(),
            name: first.name.clone(),
            files: sketch.files,
            bytes: sketch.bytes,
            share: overlap.map(|overlap| overlap.told_share()),
            added: overlap.map(|overlap| overlap.added),
            changed: overlap.map(|overlap| overlap.changed),
            removed: overlap.map(|overlap| overlap.removed),
            estimated: overlap.is_some_and(|overlap| overlap.estimated),
            added_bytes: above_sketch
                .map(|above| signed(sketch.bytes).saturating_sub(signed(above.bytes))),
            reclaimable: sum(copies.iter().map(|file| file.allocated)),
            shared: match (above_sketch, overlap) {
                (Some(above), Some(overlap)) => shared(
                    first.allocated,
                    above.bytes.min(sketch.bytes),
                    sketch.bytes,
                    overlap.share,
                ),
                _ => 0,
            },
        })
    }
}

/// Returns the share of an image's disk space that its parent's files take.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate, and not below 0"
)]
fn shared(allocated: u64, of_parent: u64, bytes: u64, share: f64) -> u64 {
    match bytes {
        0 => 0,
        bytes => (allocated as f64 * (of_parent as f64 / bytes as f64) * share) as u64,
    }
}

/// Returns the name that an image claims.
fn name(record: &Record) -> Option<String> {
    let origin = record.origin.as_ref()?;
    let reference = origin.public_reference.clone().or(origin.imported.clone());
    reference.or_else(|| {
        let product = origin.product.as_ref().or(origin.publisher.as_ref())?;
        Some(match &origin.version {
            Some(version) => format!("{product} {version}"),
            None => product.clone(),
        })
    })
}

/// Returns what an image says about its origin. If two images have the same files and say different things,
/// they have different settings, which no fingerprint covers: neither is a copy of the other.
pub(super) fn says(record: &Record) -> String {
    let Some(origin) = &record.origin else {
        return String::new();
    };
    format!(
        "{} {:?} {:?} {:?} {:?} {} {:?}",
        origin.kind.as_str(),
        origin.publisher,
        origin.version,
        origin.commit,
        origin.derived_from,
        origin.modified_after_import,
        record.keys.settings
    )
}

/// Returns the public reference of an image that nobody changed.
fn reference(record: &Record) -> Option<String> {
    let origin = record.origin.as_ref()?;
    let is_changed = origin.kind == Kind::Derived || origin.modified_after_import;
    (origin.public_reference.clone()).filter(|_| !is_changed)
}

/// Returns the image that a changed image says it was made of.
fn built_on(record: &Record) -> Option<String> {
    let origin = record.origin.as_ref()?;
    match origin.kind {
        Kind::Derived => origin.derived_from.clone(),
        _ if origin.modified_after_import => origin.public_reference.clone(),
        _ => None,
    }
}

/// Returns publisher and commit of a build, if its record has them.
fn own(record: &Record) -> Option<(String, String)> {
    let origin = record.origin.as_ref()?;
    let is_own = !matches!(origin.kind, Kind::Derived | Kind::Unknown);
    let own = origin.publisher.clone().zip(origin.commit.clone());
    own.filter(|_| is_own)
}
