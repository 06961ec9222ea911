//! Finds which of many trees was built on which, from their sketches alone.
//!
//! A child keeps the files of its parent, and its newest file is not older than its parent's. So trees
//! are added in the order of their newest files, and each looks for its parent among the earlier ones.
//! A tree that names its base comes after the base, whatever their times are: a patch may keep the times of the
//! files that it changes.
//!
//! The index has each hash of an entry once, for the first tree with it. Later trees find a tree by
//! the entries that its nearest neighbour lacks. Time and memory are therefore proportional to the new
//! entries, not to the pairs of trees.

use std::collections::HashMap;

use super::compare::{Overlap, compare};
use super::known::{BASE, FEWEST_FILES, is_rebuilt};
use super::sketch::{Mark, Sketch};
use crate::provenance::PackageRecord;

/// The most trees that are listed for one hash. Further trees are found by their other hashes.
const MOST_FIRST: usize = 64;
/// The most trees that one tree is fully compared with.
const COMPARED: usize = 24;
/// A tree with fewer hashes of its own may not be found by them. It is compared whenever its
/// neighbour is.
const FEW: usize = 4;
/// The share of a tree's own hashes that a possible child has.
const LEAST_HITS: f64 = 0.6;

/// A tree, with the facts about it.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The sketch of its content.
    pub sketch: Sketch,
    /// Its publishers' packages.
    pub packages: Vec<PackageRecord>,
    /// Publisher and commit, if the image names them: two builds of one publisher are not built on
    /// each other.
    pub own: Option<(String, String)>,
    /// Its own public reference, if nobody changed it.
    pub reference: Option<String>,
    /// The public reference of the base that it names.
    pub built_on: Option<String>,
}

/// The parent of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parent {
    /// Its number.
    pub number: usize,
    /// The comparison of the child with it.
    pub overlap: Overlap,
}

/// A tree that has its place in the family.
struct Placed {
    number: usize,
    /// The paths of its own hashes, sorted.
    own: Vec<u32>,
    /// Its neighbours with few hashes of their own.
    quiet: Vec<usize>,
}

/// The state of the search for parents.
#[derive(Default)]
struct Families {
    /// From a hash to the places of the trees in which it first occurred.
    first: HashMap<u64, Vec<u32>>,
    placed: Vec<Placed>,
}

fn key(mark: Mark) -> u64 {
    u64::from(mark.path) << 16 | u64::from(mark.size) << 8 | u64::from(mark.time)
}

/// Returns the parent of each tree, if it is among the others. Give one tree for each content.
#[must_use]
pub fn parents(members: &[Member]) -> Vec<Option<Parent>> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    // A tree without times of its own may have been built on any other.
    let newest = |sketch: &Sketch| match sketch.timed {
        true => sketch.newest,
        false => i64::MAX,
    };
    let mut bases: HashMap<&str, i64> = HashMap::new();
    for member in members {
        if let Some(reference) = &member.reference {
            let base = bases.entry(reference).or_insert(i64::MIN);
            *base = newest(&member.sketch).max(*base);
        }
    }
    let age = |number: &usize| {
        let member = members.get(*number)?;
        let own = newest(&member.sketch);
        let base = member.built_on.as_deref().and_then(|it| bases.get(it));
        let after = base.map_or(own, |base| own.max(*base));
        let is_changed = member.built_on.is_some();
        Some((after, is_changed, own, member.sketch.files, *number))
    };
    order.sort_unstable_by_key(age);
    let mut families = Families::default();
    let mut found = vec![None; members.len()];
    for number in order {
        let parent = families.place(number, members);
        if let (Some(slot), Some(parent)) = (found.get_mut(number), parent) {
            *slot = Some(parent);
        }
    }
    found
}

impl Families {
    /// Finds the parent of a tree, and adds the tree.
    fn place(&mut self, number: usize, members: &[Member]) -> Option<Parent> {
        let member = members.get(number)?;
        let candidates = self.candidates(&member.sketch, members);
        let mut parent: Option<Parent> = None;
        let mut nearest: Option<(usize, u64)> = None;
        for place in candidates {
            let other = self.placed.get(place).map(|placed| placed.number);
            let known = other.and_then(|other| Some((other, members.get(other)?)));
            let Some((other, known)) = known else {
                continue;
            };
            let overlap = compare(&known.sketch, &member.sketch);
            if nearest.is_none_or(|(_, most)| overlap.unchanged > most) {
                nearest = Some((place, overlap.unchanged));
            }
            let rank = |it: &Overlap| {
                let differing = it
                    .added
                    .saturating_add(it.changed)
                    .saturating_add(it.removed);
                (it.unchanged, u64::MAX - differing)
            };
            let better = parent.is_none_or(|best| rank(&overlap) > rank(&best.overlap));
            if better && is_parent(known, member, &overlap) {
                parent = Some(Parent {
                    number: other,
                    overlap,
                });
            }
        }
        let nearest = nearest.map(|(place, _)| place);
        self.note(number, &member.sketch, nearest, members);
        parent
    }

    /// Returns the trees that may be the parent, or are similar to it.
    fn candidates(&self, sketch: &Sketch, members: &[Member]) -> Vec<usize> {
        let mut hits: HashMap<u32, u32> = HashMap::new();
        for mark in &sketch.sample {
            for place in self.first.get(&key(*mark)).into_iter().flatten() {
                *hits.entry(*place).or_default() += 1;
            }
        }
        let reach = sketch.reach();
        // If most of a tree's own hashes are there, more files mean a closer relative.
        let mut found: Vec<(bool, u64, usize)> = hits
            .into_iter()
            .filter_map(|(place, hits)| {
                let place = usize::try_from(place).ok()?;
                let placed = self.placed.get(place)?;
                let asked = placed.own.partition_point(|path| *path <= reach);
                let asked = u32::try_from(asked.max(1)).ok()?;
                let is_there = f64::from(hits) >= f64::from(asked) * LEAST_HITS;
                let files = members.get(placed.number)?.sketch.files;
                Some((is_there, if is_there { files } else { hits.into() }, place))
            })
            .collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.truncate(COMPARED);
        let mut places: Vec<usize> = found.into_iter().map(|(_, _, place)| place).collect();
        // Add the neighbours with few hashes of each, and the neighbours of these.
        let mut at = 0;
        while let Some(place) = places.get(at).copied() {
            at += 1;
            let quiet = self.placed.get(place).map(|placed| placed.quiet.as_slice());
            for neighbour in quiet.into_iter().flatten().rev() {
                if places.len() >= 2 * COMPARED {
                    return places;
                }
                if !places.contains(neighbour) {
                    places.push(*neighbour);
                }
            }
        }
        places
    }

    /// Adds a tree by the entries that its closest neighbour lacks.
    fn note(&mut self, number: usize, sketch: &Sketch, near: Option<usize>, members: &[Member]) {
        let place = self.placed.len();
        let neighbour = near.and_then(|near| members.get(self.placed.get(near)?.number));
        let known: &[Mark] = neighbour.map_or(&[], |member| &member.sketch.sample);
        let mut own = Vec::new();
        for mark in &sketch.sample {
            if known.binary_search(mark).is_ok() {
                continue;
            }
            // Beyond the reach of the neighbour's sample, the mark may also be the neighbour's.
            if neighbour.is_some_and(|member| mark.path > member.sketch.reach()) {
                continue;
            }
            let first = self.first.entry(key(*mark)).or_default();
            if first.len() < MOST_FIRST {
                first.push(u32::try_from(place).unwrap_or(u32::MAX));
                own.push(mark.path);
            }
        }
        let is_quiet = own.len() < FEW;
        self.placed.push(Placed {
            number,
            own,
            quiet: Vec::new(),
        });
        if let Some(near) = near.and_then(|near| self.placed.get_mut(near))
            && is_quiet
        {
            near.quiet.push(place);
        }
    }
}

/// Returns true if a tree with this overlap can have been built on the other one.
fn is_parent(known: &Member, child: &Member, overlap: &Overlap) -> bool {
    let two_builds = match (&known.own, &child.own) {
        (Some((one, commit)), Some((other, other_commit))) => {
            one == other && commit != other_commit
        }
        _ => false,
    };
    overlap.share >= BASE
        && known.sketch.files >= FEWEST_FILES
        && !two_builds
        && !is_rebuilt(&known.packages, &child.packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u64) -> Mark {
        let hash = xxhash_rust::xxh3::xxh3_64(&number.to_le_bytes());
        Mark {
            path: u32::try_from(hash >> 32).unwrap(),
            size: hash.to_le_bytes()[0],
            time: hash.to_le_bytes()[1],
        }
    }

    fn member(newest: i64, numbers: impl Iterator<Item = u64>) -> Member {
        let mut sample: Vec<Mark> = numbers.map(mark).collect();
        sample.sort_unstable();
        Member {
            sketch: Sketch {
                files: sample.len() as u64,
                newest,
                timed: true,
                digest: format!("{newest}"),
                sample,
                ..Sketch::default()
            },
            ..Member::default()
        }
    }

    fn numbers(members: &[Member]) -> Vec<Option<usize>> {
        let parents = parents(members).into_iter();
        parents
            .map(|parent| parent.map(|parent| parent.number))
            .collect()
    }

    #[test]
    fn a_child_stands_on_the_nearest_of_its_ancestors() {
        let members = [
            member(40, 0..330),
            member(10, 0..300),
            member(20, 0..320),
            member(30, 1000..1300),
            member(21, (0..300).chain(2000..2050)),
            // A file of its parent is removed.
            member(50, (1..320).chain(3000..3001)),
        ];
        let expected = [Some(2), None, Some(1), None, Some(1), Some(2)];
        assert_eq!(numbers(&members), expected);
    }

    #[test]
    fn two_builds_of_one_publisher_are_not_built_on_each_other() {
        let mut members = [member(10, 0..300), member(20, 5..310), member(30, 5..330)];
        let own = |commit: &str| Some(("acme".to_owned(), commit.to_owned()));
        members[0].own = own("1");
        members[1].own = own("2");
        assert_eq!(numbers(&members), [None, None, Some(1)]);
        members[1].own = None;
        let package = |record: &str| PackageRecord {
            name: "acme".to_owned(),
            version: "1".to_owned(),
            record: record.to_owned(),
        };
        members[0].packages = vec![package("a")];
        members[1].packages = vec![package("b")];
        assert_eq!(numbers(&members), [None, None, Some(1)]);
        members[1].packages = vec![package("a")];
        assert_eq!(numbers(&members), [None, Some(0), Some(1)]);
    }

    #[test]
    fn a_patched_image_is_a_child_of_what_it_says_whatever_the_times_are() {
        let mut members = vec![
            member(10, (0..299).chain(9000..9001)),
            member(10, 0..300),
            // A child of the patched one, which says what that says.
            member(15, (0..299).chain(9000..9020)),
        ];
        members[0].built_on = Some("docker.io/a/b:1".to_owned());
        members[1].reference = Some("docker.io/a/b:1".to_owned());
        members[2].built_on = Some("docker.io/a/b:1".to_owned());
        assert_eq!(numbers(&members), [Some(1), None, Some(0)]);
        members[1].sketch.newest = 30;
        assert_eq!(numbers(&members), [Some(1), None, Some(0)]);
    }

    #[test]
    fn a_child_of_a_patched_image_is_not_its_originals() {
        let patched = |number: u64| (0..299).chain(9000 + number..9001 + number);
        let mut members = vec![member(10, 0..300)];
        for number in 0..10 {
            members.push(member(20 + i64::try_from(number).unwrap(), patched(number)));
        }
        members.push(member(50, patched(7).chain(5000..5020)));
        let found = numbers(&members);
        assert_eq!(found.last(), Some(&Some(8)));
        assert!(
            found[1..11].iter().all(|parent| *parent == Some(0)),
            "{found:?}"
        );
    }
}
