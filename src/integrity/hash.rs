//! Compares the files of a package with its record.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::carriers::{IntegrityFact, Loss};
use crate::image::{Error, FileKind, Image, shown};

use super::losses::lose;
use super::parallel::{self, BUFFER, Hashing, on_cores};
use super::plan::{Listed, Plan};

/// The size from which a file is large: such files are started first.
const LARGE: u64 = 16 * 1024 * 1024;

/// One file to check: the number of its plan, its path, and its row in the record.
type Job<'p> = (usize, &'p Vec<u8>, &'p Listed);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Same,
    /// The file exists. The record has no hash to compare it with.
    There,
    Changed,
    Missing,
    Unread,
}

/// Returns the findings about each package, in the order of the plans.
pub(super) fn all(
    hashing: Hashing<'_, '_>,
    plans: &[Plan],
    losses: &mut Vec<Loss>,
) -> Vec<IntegrityFact> {
    let batches = batches(plans);
    let jobs = batches.iter().flatten();
    hashing.start(jobs.map(|(_, _, listed)| listed.size));
    let next = AtomicUsize::new(0);
    let mut found = Vec::new();
    let work = || worker(hashing, &batches, &next);
    for finished in on_cores(batches.len(), &work) {
        match finished {
            Ok((results, lost)) => {
                found.extend(results);
                for loss in lost {
                    if !losses.contains(&loss) {
                        losses.push(loss);
                    }
                }
            }
            Err(_) => {
                let message = "some files were not hashed: a thread of this program failed";
                losses.push(Loss::partial("unreadable-file", message));
            }
        }
    }
    let fact = |plan: &Plan| IntegrityFact {
        package: plan.name.clone(),
        path: plan.path.clone(),
        has_record: true,
        unhashed: plan.unhashed,
        ..IntegrityFact::default()
    };
    let mut facts: Vec<IntegrityFact> = plans.iter().map(fact).collect();
    for ((plan, _, listed), state) in found {
        let Some(fact) = facts.get_mut(plan) else {
            continue;
        };
        if matches!(state, Found::Same | Found::Changed) {
            fact.files = fact.files.saturating_add(1);
        }
        match state {
            Found::Changed => fact.changed.push(shown(&listed.name)),
            Found::Missing => fact.missing.push(shown(&listed.name)),
            Found::Same | Found::There | Found::Unread => {}
        }
    }
    for fact in &mut facts {
        fact.changed.sort_unstable();
        fact.missing.sort_unstable();
    }
    facts
}

/// Groups the files in the order in which threads take them: large files first, then neighbours
/// together. Packers store files in the order of their paths.
fn batches<'p>(plans: &'p [Plan]) -> Vec<Vec<Job<'p>>> {
    let size = |&(_, _, listed): &Job<'_>| listed.size;
    let jobs = |(at, plan): (usize, &'p Plan)| {
        let files = plan.files.iter();
        files.map(move |(path, listed)| (at, path, listed))
    };
    let jobs = plans.iter().enumerate().flat_map(jobs);
    let (mut large, small): (Vec<_>, Vec<_>) = jobs.partition(|job| size(job) >= LARGE);
    large.sort_unstable_by_key(|job| std::cmp::Reverse(size(job)));
    let large = large.into_iter().map(|job| vec![job]);
    let small = parallel::batches(small, size).into_iter();
    large.chain(small.map(|(_, batch)| batch)).collect()
}

/// Takes batches until none is left, or time is over.
fn worker<'p>(
    hashing: Hashing<'_, '_>,
    batches: &'p [Vec<Job<'p>>],
    next: &AtomicUsize,
) -> (Vec<(Job<'p>, Found)>, Vec<Loss>) {
    let image = match (hashing.open)() {
        Ok(image) => image,
        Err(message) => return (Vec::new(), vec![Loss::partial("damaged", message)]),
    };
    let (mut found, mut losses) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; BUFFER];
    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
        for &job in batch {
            match look(hashing, image.as_ref(), job, &mut buffer) {
                Ok(state) => found.push((job, state)),
                Err(error) => {
                    lose(&mut losses, &error);
                    let is_over = match error {
                        Error::TooLarge { limit_name, .. } => limit_name == "hashed_bytes",
                        error => matches!(error, Error::TimedOut { .. }),
                    };
                    if is_over {
                        return (found, losses);
                    }
                    found.push((job, Found::Unread));
                }
            }
        }
    }
    (found, losses)
}

/// Compares one file with its row in the record.
fn look(
    hashing: Hashing<'_, '_>,
    image: &dyn Image,
    (_, path, listed): Job<'_>,
    buffer: &mut [u8],
) -> Result<Found, Error> {
    let shared = match image.stat(path) {
        Ok(stat) if stat.kind != FileKind::File => return Ok(Found::Changed),
        Ok(stat) => stat.shared,
        // A link to nowhere counts as a missing file.
        Err(Error::NotFound { .. } | Error::Links { .. }) => return Ok(Found::Missing),
        Err(error) => return Err(error),
    };
    if listed.digests.is_empty() {
        return Ok(Found::There);
    }
    let room = hashing.room;
    let digest = match shared.and_then(|file| room.known(file)) {
        Some(digest) => digest,
        None => {
            let (digest, _) = hashing.digest(image, path, buffer)?;
            if let Some(file) = shared {
                room.learn(file, digest);
            }
            digest
        }
    };
    let same = listed.digests.iter().all(|wanted| *wanted == digest);
    Ok(if same { Found::Same } else { Found::Changed })
}
