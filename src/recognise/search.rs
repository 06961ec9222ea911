//! Searches an index for images that may share much with a tree.

use super::sketch::{Mark, SAMPLE, Sketch};

/// The most images: their numbers have 24 bits.
pub(super) const MOST_IMAGES: u32 = 1 << 20;
/// The most marks of a tree that are looked up.
const LOOKED_UP: usize = 2 * SAMPLE;

/// A hash of an entry, and the image that has it: 32 bits of the path, 8 of size and time, 24 of the image.
pub(super) type Key = u64;

pub(super) fn key(mark: Mark, image: u32) -> Key {
    u64::from(mark.path) << 32 | u64::from(mark.size ^ mark.time) << 24 | u64::from(image)
}

fn image_of(key: Key) -> usize {
    usize::try_from(key & 0xff_ffff).unwrap_or(usize::MAX)
}

pub(super) fn path_of(key: Key) -> u32 {
    u32::try_from(key >> 32).unwrap_or(u32::MAX)
}

/// The entry of an image in an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// The number of its keys.
    pub keys: u16,
    /// The hash up to which the index has all of its entries.
    pub reach: u32,
    pub files: u32,
}

/// Sorted keys.
pub(super) trait Keys {
    /// Passes each key of a range to a function. Ranges are requested in order.
    fn each(&mut self, from: Key, until: Key, each: &mut dyn FnMut(Key));
}

/// An image that may share much with a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub image: u32,
    /// The approximate share of it in the tree, 0 to 1.
    pub share: f32,
    /// The approximate number of its files in the tree.
    pub files: f32,
}

/// Returns at most `most` images that share most with a tree, best first. The tree has at least the
/// share `least` of their sampled files.
pub(super) fn candidates(
    keys: &mut dyn Keys,
    held: &[Held],
    tree: &Sketch,
    least: f32,
    most: usize,
) -> Vec<Candidate> {
    let looked_up = tree.sample.get(..LOOKED_UP);
    let (marks, reach) = match looked_up {
        Some(marks) => (marks, marks.last().map_or(0, |mark| mark.path)),
        None => (tree.sample.as_slice(), tree.reach()),
    };
    let mut hits = vec![0_u16; held.len()];
    let mut before = None;
    for mark in marks {
        // Without times, any file with this path may be the same.
        let (from, until) = match tree.timed {
            true => (key(*mark, 0), key(*mark, 0xff_ffff)),
            false => (
                u64::from(mark.path) << 32,
                u64::from(mark.path) << 32 | 0xffff_ffff,
            ),
        };
        // Paths that were made to have the same hash cost only one look-up.
        if before.replace(from) == Some(from) {
            continue;
        }
        keys.each(from, until, &mut |key| {
            if let Some(hit) = hits.get_mut(image_of(key)) {
                *hit = hit.saturating_add(1);
            }
        });
    }
    let found = hits.iter().zip(held).enumerate();
    let found = found.filter(|(_, (hits, _))| **hits > 0);
    let found = found.filter_map(|(number, (hits, held))| {
        let share = share(*hits, *held, reach);
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let files = share * held.files as f32;
        (share >= least).then_some(Candidate {
            image: u32::try_from(number).unwrap_or(u32::MAX),
            share,
            files,
        })
    });
    best(found.collect(), most)
}

/// Returns the approximate number of a candidate's files in the tree.
pub(super) fn worth(it: &Candidate) -> f32 {
    it.files * it.share
}

/// Returns the best candidates, sorted.
fn best(mut found: Vec<Candidate>, most: usize) -> Vec<Candidate> {
    let order = |one: &Candidate, other: &Candidate| {
        worth(other)
            .total_cmp(&worth(one))
            .then(one.image.cmp(&other.image))
    };
    if found.len() > most {
        found.select_nth_unstable_by(most, order);
        found.truncate(most);
    }
    found.sort_unstable_by(order);
    found
}

/// Estimates the share of an image in a tree from the keys that were found. Its keys are evenly
/// spread, and those up to `reach` were looked up.
#[allow(clippy::cast_precision_loss, reason = "an estimate")]
fn share(hits: u16, held: Held, reach: u32) -> f32 {
    let part = match held.reach > reach {
        true => reach as f32 / held.reach as f32,
        false => 1.0,
    };
    (f32::from(hits) / (f32::from(held.keys) * part).max(1.0)).min(1.0)
}
