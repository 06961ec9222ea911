//! An inverted index in memory, from the hashes of entries to images.

use super::search::{Candidate, Held, Key, Keys, candidates, key, path_of};
use super::sketch::{SAMPLE, Sketch};

/// The most hashes in the index, 8 bytes each: 128 MB. The more images, the fewer hashes of each: 2,048 for up to
/// 8,192 images, 128 for 100,000.
pub(super) const MOST_KEYS: usize = 16 * 1024 * 1024;
/// The least number of keys of each image.
const FEWEST: usize = 16;

/// An inverted index. Images are numbered in the order of their addition.
#[derive(Debug)]
pub(super) struct Index {
    keys: Vec<Key>,
    held: Vec<Held>,
    /// The most keys of an image.
    each: usize,
    most: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self::of_size(MOST_KEYS)
    }
}

impl Index {
    fn of_size(most: usize) -> Self {
        Self {
            keys: Vec::new(),
            held: Vec::new(),
            each: SAMPLE,
            most,
        }
    }

    /// Adds an image. Call [`Self::finish`] after the last one.
    pub(super) fn add(&mut self, sketch: &Sketch) {
        let number = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        let marks = sketch.sample.iter().take(self.each);
        let before = self.keys.len();
        self.keys.extend(marks.map(|mark| key(*mark, number)));
        let kept = self.keys.len() - before;
        let all = u64::try_from(kept).is_ok_and(|kept| kept >= sketch.files);
        let last = self.keys.last().filter(|_| kept > 0);
        self.held.push(Held {
            keys: u16::try_from(kept).unwrap_or(u16::MAX),
            reach: match last {
                Some(last) if !all => path_of(*last),
                _ => u32::MAX,
            },
            files: u32::try_from(sketch.files).unwrap_or(u32::MAX),
        });
        while self.keys.len() > self.most && self.each > FEWEST {
            self.halve();
        }
    }

    /// Halves the number of keys of each image. They stay grouped by image, in order.
    fn halve(&mut self) {
        self.each /= 2;
        let (mut from, mut to) = (0, 0);
        for held in &mut self.held {
            let had = usize::from(held.keys);
            let keep = had.min(self.each);
            self.keys.copy_within(from..from + keep, to);
            from += had;
            to += keep;
            if keep < had {
                held.keys = u16::try_from(keep).unwrap_or(u16::MAX);
                let last = to.checked_sub(1).and_then(|last| self.keys.get(last));
                held.reach = last.map_or(0, |last| path_of(*last));
            }
        }
        self.keys.truncate(to);
    }

    pub(super) fn finish(&mut self) {
        self.keys.shrink_to_fit();
        self.keys.sort_unstable();
    }

    /// Returns the most keys of an image.
    pub(super) fn each(&self) -> usize {
        self.each
    }

    /// Returns its size in memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<Key>() + self.held.capacity() * size_of::<Held>()
    }

    /// Returns at most `most` images that share most with a tree, the best first. The tree has at
    /// least the share `least` of their sampled files.
    pub(super) fn candidates(&self, tree: &Sketch, least: f32, most: usize) -> Vec<Candidate> {
        candidates(&mut Rest(&self.keys), &self.held, tree, least, most)
    }

    /// Returns the sorted keys.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(super) fn held(&self) -> &[Held] {
        &self.held
    }
}

/// The keys that were not yet read.
struct Rest<'a>(&'a [Key]);

impl Keys for Rest<'_> {
    fn each(&mut self, from: Key, until: Key, each: &mut dyn FnMut(Key)) {
        let at = self.0.partition_point(|key| *key < from);
        self.0 = self.0.get(at..).unwrap_or_default();
        let found = self.0.iter().take_while(|key| **key <= until);
        found.for_each(|key| each(*key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::sketch::Mark;

    /// A sketch of an image with `files` files, of which it has every one in `0..files` of a seed.
    fn sketch(seed: u64, files: u64) -> Sketch {
        let hash = |number: u64| {
            xxhash_rust::xxh3::xxh3_64(&[seed.to_le_bytes(), number.to_le_bytes()].concat())
        };
        let mut sample: Vec<Mark> = (0..files)
            .map(|number| Mark {
                path: u32::try_from(hash(number) >> 32).unwrap(),
                size: 1,
                time: 2,
            })
            .collect();
        sample.sort_unstable();
        Sketch {
            files,
            timed: true,
            sample,
            ..Sketch::default()
        }
    }

    #[test]
    fn what_is_contained_is_found_and_the_largest_is_first() {
        let mut index = Index::of_size(100_000);
        for (seed, files) in [(1, 100), (1, 5000), (2, 5000), (1, 9000), (1, 40_000)] {
            index.add(&sketch(seed, files));
        }
        index.finish();
        let found = index.candidates(&sketch(1, 10_000), 0.9, 10);
        let numbers: Vec<u32> = found.iter().map(|found| found.image).collect();
        assert_eq!(numbers, [3, 1, 0]);
        let found = index.candidates(&sketch(1, 10_000), 0.9, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().unwrap().image, 3);
    }

    #[test]
    fn of_many_images_less_is_kept_and_they_are_found_all_the_same() {
        let mut index = Index::of_size(40 * 64);
        for seed in 0..40 {
            index.add(&sketch(seed, 3000));
        }
        index.finish();
        assert_eq!(index.each(), 64);
        assert!(index.bytes() < 40 * 64 * 8 + 4096);
        for seed in 0..40 {
            let found = index.candidates(&sketch(seed, 3100), 0.5, 10);
            assert_eq!(found.len(), 1, "{seed}: {found:?}");
            assert_eq!(u64::from(found.first().unwrap().image), seed);
        }
    }
}
