//! Recognises a tree as known images.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compare::{Overlap, compare, is_same};
use super::listed::{self, KnownError, Listed};
use super::lookup::{Lookup, Text};
use super::memory::Memory;
use super::search;
use super::sketch::Sketch;
use super::stored::Stored;
use crate::provenance::{Level, PackageRecord, Recognised};

/// The directory of a site's lists of known images.
pub const SITE_DIRECTORY: &str = "/etc/sqsh-prov/known.d";
/// The least share of a known image in an image that was built on it: a child keeps its parent's
/// files, except those that it replaces.
pub const BASE: f64 = 0.9;
/// The least share of a known image that is reported: two unrelated images on one system share
/// less.
const TOLD: f64 = 0.5;
/// The least number of files of a known image. A smaller one is in many others.
pub(super) const FEWEST_FILES: u64 = 16;
/// The most images that are fully compared.
const COMPARED: usize = 32;
/// The most images to report of each level.
const MOST_TOLD: usize = 3;

/// Known images: from reports, with an index in memory, and from files with an index.
#[derive(Debug, Default)]
pub struct Known {
    parts: Vec<Box<dyn Lookup>>,
}

/// The facts about the image to recognise.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Its tree.
    pub sketch: &'a Sketch,
    /// Its publishers' packages.
    pub packages: &'a [PackageRecord],
    /// The reference that it claims.
    pub reference: Option<&'a str>,
    /// Its architecture.
    pub architecture: Option<&'a str>,
}

/// The known images in an image.
#[derive(Debug, Default)]
pub struct Found {
    /// The recognised images, best first.
    pub recognised: Vec<Recognised>,
    /// The known image of the claimed reference, if its content differs.
    pub other: Option<Recognised>,
}

impl Known {
    /// Loads files of known images, and directories of them. Of a file with an index, only a small
    /// part is read.
    ///
    /// # Errors
    /// If a file cannot be read, has another format, or is over a limit.
    pub fn load(paths: &[PathBuf]) -> Result<Self, KnownError> {
        let mut known = Self::default();
        let mut memory = Memory::default();
        for path in paths {
            for file in listed::files(path)? {
                match Stored::open(&file)? {
                    Some(stored) => known.parts.push(Box::new(stored)),
                    None => memory.file(&file)?,
                }
            }
        }
        if memory.images() > 0 {
            memory.finish();
            known.parts.insert(0, Box::new(memory));
        }
        Ok(known)
    }

    /// Returns the paths to load: the given ones, else the site's directory if it exists.
    #[must_use]
    pub fn paths(given: &[PathBuf]) -> Vec<PathBuf> {
        let site = Path::new(SITE_DIRECTORY);
        match given {
            [] if site.is_dir() => vec![site.to_owned()],
            given => given.to_vec(),
        }
    }

    /// Returns the number of known images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.images()).sum()
    }

    /// Returns true if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the most entries of each image that are looked up; fewer if there are many images.
    #[must_use]
    pub fn kept_of_each(&self) -> usize {
        let each = self.parts.iter().map(|part| part.each());
        each.min().unwrap_or_default()
    }

    /// Returns its size in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes()).sum()
    }

    /// Returns 32 hex digits that change with the known images, or with their form.
    #[must_use]
    pub fn digest(&self) -> String {
        let digests = self.parts.iter().map(|part| part.digest());
        let bytes: Vec<u8> = digests.flat_map(u128::to_le_bytes).collect();
        format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes))
    }

    /// Returns the images with a text, read again.
    fn with(&self, text: Text, value: &str) -> impl Iterator<Item = (Listed, Sketch)> {
        let parts = self.parts.iter();
        parts.flat_map(move |part| {
            let images = part.with(text, value, COMPARED).into_iter();
            images.filter_map(|image| part.read(image))
        })
    }

    /// Recognises an image.
    #[must_use]
    pub fn recognise(&self, asked: &Asked<'_>) -> Found {
        let mut recognised = self.same(asked.sketch);
        let is_same = !recognised.is_empty();
        let contained = self.contained(asked);
        // For an image with the same content as a known one, its bases are also reported.
        let told = contained.into_iter().filter(|it| !is_same || it.base);
        recognised.extend(told.take(MOST_TOLD));
        if !is_same {
            recognised.extend(self.packages(asked.packages));
        }
        Found {
            other: self.other(asked, &recognised),
            recognised,
        }
    }

    /// Returns the known images with the same content, the most informative first.
    fn same(&self, sketch: &Sketch) -> Vec<Recognised> {
        if sketch.files == 0 {
            return Vec::new();
        }
        let digest = match sketch.timed {
            true => &sketch.digest,
            false => &sketch.untimed_digest,
        };
        // A known image may lack times although this one has them.
        let mut both = vec![digest, &sketch.untimed_digest];
        both.dedup();
        // An image may be found by both digests, and is read once.
        let mut seen = BTreeSet::new();
        let images = both.into_iter().flat_map(|text| {
            self.parts.iter().enumerate().flat_map(move |(at, part)| {
                let images = part.with(Text::Content, text, COMPARED).into_iter();
                images.map(move |image| (at, image))
            })
        });
        let images = images
            .filter(|it| seen.insert(*it))
            .filter_map(|(at, image)| self.parts.get(at)?.read(image));
        let mut found: Vec<Listed> = images
            .take(2 * COMPARED)
            .filter(|(_, known)| is_same(known, sketch))
            .map(|(listed, _)| listed)
            .collect();
        found.sort_by_cached_key(worth);
        // Some images are listed twice.
        found.dedup_by(|one, other| one.image == other.image);
        found.truncate(MOST_TOLD);
        let whole = Overlap {
            unchanged: sketch.files,
            share: 1.0,
            ..Overlap::default()
        };
        let found = found.iter().map(|listed| Recognised {
            level: Level::SameContent,
            ..told(listed, &whole)
        });
        found.collect()
    }

    /// Returns known images that this one contains in large part, one per content: bases first, then
    /// by number of files.
    fn contained(&self, asked: &Asked<'_>) -> Vec<Recognised> {
        let sketch = asked.sketch;
        #[allow(clippy::cast_possible_truncation, reason = "a bound for an estimate")]
        let least = TOLD as f32 * 0.7;
        let parts = self.parts.iter();
        let mut candidates: Vec<_> = parts
            .flat_map(|part| {
                let found = part.candidates(sketch, least, COMPARED).into_iter();
                found.map(move |it| (part, it))
            })
            .collect();
        // Each list is sorted. The best of all lists are compared.
        let worth = |(_, it): &(_, _)| search::worth(it);
        candidates.sort_by(|one, other| worth(other).total_cmp(&worth(one)));
        let candidates = candidates.into_iter().take(COMPARED);
        let candidates = candidates.filter_map(|(part, it)| part.read(it.image));
        let mut seen: Vec<String> = Vec::new();
        let mut found: Vec<(u64, Recognised)> = Vec::new();
        for (listed, known) in candidates {
            let is_told = known.files < FEWEST_FILES || seen.contains(&known.digest);
            if is_told || is_same(&known, sketch) {
                continue;
            }
            let overlap = compare(&known, sketch);
            if overlap.share < TOLD {
                continue;
            }
            seen.push(known.digest);
            let base = overlap.share >= BASE
                && sketch.files >= known.files.saturating_sub(overlap.removed)
                && !is_rebuilt(&listed.fingerprint.packages, asked.packages);
            let recognised = Recognised {
                base,
                ..told(&listed, &overlap)
            };
            found.push((overlap.unchanged, recognised));
        }
        let share = |it: &Recognised| it.share.unwrap_or(0.0);
        found.sort_by(|(one_files, one), (other_files, other)| {
            let order = (other.base, other_files).cmp(&(one.base, one_files));
            order.then(share(other).total_cmp(&share(one)))
        });
        found.into_iter().map(|(_, it)| it).collect()
    }

    /// Returns known images with a package with the same record; one for each package.
    fn packages(&self, packages: &[PackageRecord]) -> Vec<Recognised> {
        let known = packages.iter().filter_map(|package| {
            let has_it = |listed: &Listed| {
                let mut packages = listed.fingerprint.packages.iter();
                packages.any(|it| (&it.name, &it.record) == (&package.name, &package.record))
            };
            let images = self.with(Text::Record, &package.record).take(COMPARED);
            let images = images.map(|(listed, _)| listed).filter(has_it);
            let listed = images.min_by_key(worth)?;
            Some(Recognised {
                level: Level::SamePackage,
                package: Some(format!("{} {}", package.name, package.version)),
                image: listed.image,
                ..Recognised::default()
            })
        });
        known.collect()
    }

    /// Returns the known image of the claimed reference, if the reference never moves, both are for
    /// the same architecture, and no known image of that reference has this content.
    fn other(&self, asked: &Asked<'_>, recognised: &[Recognised]) -> Option<Recognised> {
        let reference = asked.reference?;
        let is_it =
            |found: &&Recognised| found.image.public_reference.as_deref() == Some(reference);
        let mut of_reference = recognised.iter().filter(is_it);
        if of_reference.any(|found| found.share.is_some_and(|share| share >= BASE)) {
            return None;
        }
        let mut best: Option<(Listed, Overlap)> = None;
        for (listed, known) in self.with(Text::Reference, reference).take(COMPARED) {
            let sure = listed.image.official == Some(true) || listed.image.digest.is_some();
            let machine = listed.architecture.as_deref();
            if listed.image.public_reference.as_deref() != Some(reference)
                || listed.moving
                || !sure
                || machine.is_none()
                || machine != asked.architecture
            {
                continue;
            }
            let overlap = compare(&known, asked.sketch);
            if overlap.share >= BASE {
                return None;
            }
            if best.as_ref().is_none_or(|(_, it)| it.share < overlap.share) {
                best = Some((listed, overlap));
            }
        }
        best.map(|(listed, overlap)| told(&listed, &overlap))
    }
}

/// Returns a sort key. Better known images come first: attested, official, imported by digest, then
/// by path.
fn worth(listed: &Listed) -> (bool, bool, bool, String) {
    let image = &listed.image;
    (
        !image.attested,
        image.official != Some(true),
        image.digest.is_none(),
        format!("{:?}", image.path),
    )
}

/// Returns true if the image has another build of a known image's package: two builds with one
/// cache share most of their files, and neither was built on the other.
pub(super) fn is_rebuilt(known: &[PackageRecord], here: &[PackageRecord]) -> bool {
    known.iter().any(|known| {
        let same = here.iter().filter(|here| here.name == known.name);
        let mut same = same.peekable();
        same.peek().is_some() && same.all(|here| here.record != known.record)
    })
}

fn told(listed: &Listed, overlap: &Overlap) -> Recognised {
    Recognised {
        level: Level::Contains,
        share: Some(overlap.told_share()),
        added: Some(overlap.added),
        changed: Some(overlap.changed),
        removed: Some(overlap.removed),
        estimated: overlap.estimated,
        base: false,
        package: None,
        image: listed.image.clone(),
    }
}
