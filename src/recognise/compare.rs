//! Estimates how much of one tree is in another, from their sketches.

use super::sketch::{BITS, Mark, Sketch};

/// The largest standard error of a count that is shown as exact.
const EXACT: f64 = 0.1;

/// The comparison of a tree with a known tree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    /// Files of the known tree that the tree has unchanged.
    pub unchanged: u64,
    /// Files that the known tree lacks.
    pub added: u64,
    /// Files of both that differ.
    pub changed: u64,
    /// Files of the known tree that the tree lacks.
    pub removed: u64,
    /// True if the counts are estimates from samples.
    pub estimated: bool,
    /// The share of the known tree that the tree has unchanged, 0 to 1.
    pub share: f64,
}

impl Overlap {
    /// Returns the share for documents, rounded to four digits. A part is never shown as everything.
    #[must_use]
    pub fn told_share(&self) -> f64 {
        let told = (self.share * 10_000.0).round() / 10_000.0;
        match self.share < 1.0 {
            true => told.min(0.9999),
            false => told,
        }
    }
}

/// Counts of the marks that both samples cover.
#[derive(Default)]
struct Counted {
    of_known: u64,
    changed: u64,
    removed: u64,
}

/// A number, and its standard error.
#[derive(Clone, Copy)]
struct Estimate {
    value: f64,
    error: f64,
}

impl Estimate {
    /// Returns the estimate with the smaller standard error.
    fn or(self, other: Option<Self>) -> Self {
        let better = other.filter(|other| other.error < self.error);
        better.unwrap_or(self)
    }
}

/// Returns true if both have the same content.
#[must_use]
pub fn is_same(one: &Sketch, other: &Sketch) -> bool {
    if one.files == 0 {
        return false;
    }
    match one.timed && other.timed {
        true => one.digest == other.digest,
        false => one.untimed_digest == other.untimed_digest,
    }
}

/// Compares a tree with a known tree.
#[must_use]
pub fn compare(known: &Sketch, tree: &Sketch) -> Overlap {
    if is_same(known, tree) {
        return Overlap {
            unchanged: known.files,
            share: 1.0,
            ..Overlap::default()
        };
    }
    let timed = known.timed && tree.timed;
    let counted = count(known, tree, timed);
    let whole = known.is_whole() && tree.is_whole();
    // The difference of the numbers of files is exact. It is a lower bound for the removed files.
    let more = tree.files.saturating_sub(known.files);
    let fewer = known.files.saturating_sub(tree.files);
    let (removed, changed) = match whole {
        true => (sure(counted.removed), sure(counted.changed)),
        false => {
            let maps = maps(known, tree, timed);
            (
                scaled(counted.removed, &counted, known).or(maps.map(|(removed, _)| removed)),
                scaled(counted.changed, &counted, known).or(maps.and_then(|(_, changed)| changed)),
            )
        }
    };
    let removed_files = number(removed.value).clamp(fewer, known.files);
    let changed_files = number(changed.value).min(known.files - removed_files);
    let unchanged = known.files - removed_files - changed_files;
    Overlap {
        unchanged,
        added: more + removed_files.saturating_sub(fewer),
        changed: changed_files,
        removed: removed_files,
        estimated: removed.error > EXACT || changed.error > EXACT,
        share: ratio(unchanged, known.files),
    }
}

fn sure(count: u64) -> Estimate {
    Estimate {
        value: float(count),
        error: 0.0,
    }
}

/// Counts marks in the range that both samples cover.
fn count(known: &Sketch, tree: &Sketch, timed: bool) -> Counted {
    let reach = known.reach().min(tree.reach());
    let same = |one: &Mark, other: &Mark| {
        one.path == other.path && one.size == other.size && (!timed || one.time == other.time)
    };
    let mut counted = Counted::default();
    let mut rest = tree.sample.as_slice();
    for mark in known.sample.iter().take_while(|mark| mark.path <= reach) {
        counted.of_known += 1;
        let before = marks_before(rest, mark.path);
        rest = rest.get(before..).unwrap_or_default();
        let mut there = rest.iter().take_while(|other| other.path == mark.path);
        match there.next() {
            None => counted.removed += 1,
            Some(first) if same(mark, first) || there.any(|other| same(mark, other)) => {}
            Some(_) => counted.changed += 1,
        }
    }
    counted
}

/// Returns how many of the sorted marks come before a path.
fn marks_before(marks: &[Mark], path: u32) -> usize {
    let is_before = |mark: &Mark| mark.path < path;
    let mut step = 1;
    // The steps double, because a whole tree has many marks between two of a sample.
    while marks.get(step - 1).is_some_and(is_before) {
        step *= 2;
    }
    let from = step / 2;
    let part = marks.get(from..step.min(marks.len())).unwrap_or_default();
    from + part.partition_point(is_before)
}

/// Scales a count in the sample to the whole tree.
fn scaled(count: u64, counted: &Counted, known: &Sketch) -> Estimate {
    let sampled = float(counted.of_known.max(1));
    let files = float(known.files);
    // Never exactly 0 or 1: a file may exist that no sample shows.
    let share = (float(count) + 0.5) / (sampled + 1.0);
    Estimate {
        value: float(count) / sampled * files,
        error: files * (share * (1.0 - share) / sampled).sqrt(),
    }
}

/// Estimates the removed and changed files from the parity maps: the number of different bits
/// depends on the number of different entries (Mitzenmacher, Pagh, Pham: Efficient estimation for
/// high similarities using odd sketches, 2014).
fn maps(known: &Sketch, tree: &Sketch, timed: bool) -> Option<(Estimate, Option<Estimate>)> {
    let paths = differing(&known.paths, &tree.paths)?;
    let grown = float(tree.files) - float(known.files);
    let removed = Estimate {
        value: (paths.value - grown) / 2.0,
        error: paths.error / 2.0,
    };
    let changed = || {
        let contents = differing(&known.contents, &tree.contents).filter(|_| timed)?;
        Some(Estimate {
            value: (contents.value - paths.value) / 2.0,
            error: paths.error.hypot(contents.error) / 2.0,
        })
    };
    Some((removed, changed()))
}

/// Estimates how many elements are in only one of two sets, from their parity maps.
fn differing(one: &[u8], other: &[u8]) -> Option<Estimate> {
    if one.len() != BITS / 8 || other.len() != BITS / 8 {
        return None;
    }
    let pairs = one.iter().zip(other);
    let odd: u32 = pairs.map(|(one, other)| (one ^ other).count_ones()).sum();
    #[allow(clippy::cast_precision_loss, reason = "32,768")]
    let bits = BITS as f64;
    let left = 1.0 - 2.0 * f64::from(odd) / bits;
    if left < 0.05 {
        return None;
    }
    let value = -bits / 2.0 * left.ln();
    let variance = bits * ((4.0 * value / bits).exp() - 1.0) / 4.0 - value;
    Some(Estimate {
        value,
        error: variance.max(0.0).sqrt(),
    })
}

#[allow(
    clippy::cast_precision_loss,
    reason = "files are fewer than 2^52, bytes need not be exact"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and not below 0"
)]
fn number(value: f64) -> u64 {
    value.round().max(0.0) as u64
}

/// Returns a part divided by the whole.
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        whole => float(part) / float(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_all_of_a_tree_is_never_told_as_all_of_it() {
        for (share, told) in [(1.0, 1.0), (0.99997, 0.9999), (0.58576, 0.5858), (0.0, 0.0)] {
            let overlap = Overlap {
                share,
                ..Overlap::default()
            };
            assert!((overlap.told_share() - told).abs() < 1e-9, "{share}");
        }
    }
}
