//! Checks packages of no known publisher, on which the publishers' packages depend. It compares only the
//! files in their records.

use std::collections::BTreeMap;

use crate::carriers::{IntegrityFact, Loss, PackageFact, record};
use crate::image::Image;

use super::hash;
use super::losses::lose;
use super::parallel::{BUFFER, Hashing, Open, Progress};
use super::plan::{self, Outcome, Plan, has_hashes, join, parent, resolve};
use super::room::Room;

/// The most bytes of records that are kept at once: memory does not grow with the number of
/// packages.
const GROUP: u64 = 8 * 1024 * 1024;
/// The most changed files that are searched for in the records of other packages. A package that
/// overwrites more files of another does so on purpose.
const MAX_SHARED: usize = 1_000;

/// The state that the checks of all these packages share.
pub(super) struct Others<'c, 'i> {
    pub open: &'c Open<'i>,
    pub image: &'c (dyn Image + 'i),
    pub progress: Option<&'c dyn Progress>,
}

impl Others<'_, '_> {
    /// Compares the files of these packages with their records. `all` are the packages of the
    /// image: a file that two packages list must match one of them.
    pub(super) fn check(
        &self,
        packages: &[&PackageFact],
        all: &[PackageFact],
        room: &mut Room,
        losses: &mut Vec<Loss>,
    ) -> Vec<IntegrityFact> {
        let (mut facts, mut group) = (Vec::new(), Vec::new());
        let mut left = room.neighbours;
        let packages = packages.iter().filter(|package| has_hashes(package));
        for package in packages.filter(|package| !self.is_relocated(package)) {
            if !self.takes_room(package, room, losses) {
                break;
            }
            let mut said = Vec::new();
            match plan::plan(self.image, package, room, &mut said) {
                Outcome::Plan(plan) => {
                    group.push(plan);
                    said.retain(|loss| loss.partial);
                }
                Outcome::NoRecord if self.writes_records(package) => {
                    facts.push(plan::without_record(package));
                }
                Outcome::NoRecord | Outcome::Nothing => said.retain(|loss| loss.partial),
            }
            let full = said.iter().any(|loss| loss.code == "over-limit");
            losses.extend(said);
            if full {
                break;
            }
            if left.saturating_sub(room.neighbours) >= GROUP {
                facts.extend(self.hash(&group, room, losses));
                (left, group) = (room.neighbours, Vec::new());
            }
        }
        facts.extend(self.hash(&group, room, losses));
        self.excuse(&mut facts, all, room, losses);
        for fact in &mut facts {
            fact.listed_only = true;
            room.keep(fact, losses);
        }
        facts
    }

    fn hash(&self, group: &[Plan], room: &Room, losses: &mut Vec<Loss>) -> Vec<IntegrityFact> {
        let hashing = Hashing {
            open: self.open,
            room,
            progress: self.progress,
        };
        let mut facts = hash::all(hashing, group, losses);
        for fact in &mut facts {
            // A missing hash is no sign of a change: whoever changes a file can also invent its hash.
            fact.unhashed = false;
            // A build may rename a package: TensorRT-LLM's docker/Dockerfile.multi makes pytorch_triton
            // triton. METADATA is not run.
            let is_code = |name: &String| !name.ends_with(".dist-info/METADATA");
            fact.changed.retain(is_code);
        }
        facts
    }

    /// Counts the bytes of a record before it is read. If there are too many, adds a loss and returns
    /// false.
    fn takes_room(&self, package: &PackageFact, room: &mut Room, losses: &mut Vec<Loss>) -> bool {
        let record = join(package.path.as_bytes(), b"RECORD");
        let size = self.image.stat(&record).map_or(0, |stat| stat.size);
        if let Some(left) = room.neighbours.checked_sub(size) {
            room.neighbours = left;
            return true;
        }
        let message = format!(
            "the records of packages are over the limit neighbour_bytes of {}; the files of {} and of those after it were not checked",
            room.limits.neighbour_bytes, package.name
        );
        losses.push(Loss::partial("over-limit", message));
        false
    }

    /// Returns true if the installer writes a RECORD. pip and uv do; a distribution's package
    /// manager does not (PEP 627).
    fn writes_records(&self, package: &PackageFact) -> bool {
        let installer = self.installer(package);
        [b"pip".as_slice(), b"uv"].contains(&installer.trim_ascii())
    }

    /// Returns true for a package from conda, which writes its prefix into files after their hashes
    /// were taken (docs.conda.io, "Making packages relocatable").
    fn is_relocated(&self, package: &PackageFact) -> bool {
        self.installer(package).trim_ascii() == b"conda"
    }

    fn installer(&self, package: &PackageFact) -> Vec<u8> {
        let path = join(package.path.as_bytes(), b"INSTALLER");
        self.image.read(&path, 4096).unwrap_or_default()
    }

    /// Removes changed files that match the record of another package. Wheels share files
    /// (`tests/__init__.py`, the `cv2` of opencv's four packages): the last one that is installed
    /// overwrites those of the others.
    fn excuse(
        &self,
        facts: &mut [IntegrityFact],
        all: &[PackageFact],
        room: &mut Room,
        losses: &mut Vec<Loss>,
    ) {
        let mut shared: BTreeMap<Vec<u8>, Option<[u8; 32]>> = BTreeMap::new();
        let mut buffer = vec![0; BUFFER];
        let hashing = Hashing {
            open: self.open,
            room,
            progress: None,
        };
        let changed = |fact: &IntegrityFact| {
            let places = fact.changed.iter().map(|name| place(fact, name));
            places.collect::<Vec<_>>()
        };
        for place in facts.iter().flat_map(changed).take(MAX_SHARED) {
            match hashing.digest(self.image, &place, &mut buffer) {
                Ok((digest, _)) => drop(shared.insert(place, Some(digest))),
                Err(error) => lose(losses, &error),
            }
        }
        for package in all.iter().filter(|package| has_hashes(package)) {
            let is_done = shared.values().all(Option::is_none);
            if is_done || !self.takes_room(package, room, losses) {
                break;
            }
            let path = join(package.path.as_bytes(), b"RECORD");
            let bytes = self.image.read(&path, room.limits.record_bytes);
            let rows = record::parse(&bytes.unwrap_or_default(), room.limits.record_rows);
            let tree = parent(package.path.as_bytes());
            for row in rows.unwrap_or_default() {
                let place = resolve(tree, &row.path).unwrap_or_default();
                if let (Some(actual), record::Hash::Sha256(listed)) =
                    (shared.get_mut(&place), row.hash)
                {
                    // `None` marks a file that another record explains.
                    actual.take_if(|actual| *actual == listed);
                }
            }
        }
        for fact in facts {
            let mut changed = std::mem::take(&mut fact.changed);
            changed.retain(|name| shared.get(&place(fact, name)) != Some(&None));
            fact.changed = changed;
        }
    }
}

/// Returns the path in the image of a file that a package's record names.
fn place(fact: &IntegrityFact, name: &str) -> Vec<u8> {
    let place = resolve(parent(fact.path.as_bytes()), name.as_bytes());
    place.unwrap_or_default()
}
