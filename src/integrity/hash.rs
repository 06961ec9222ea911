//! Compares the files of a package with its record.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::carriers::{IntegrityFact, Loss};
use crate::image::{Error, FileKind, Image};

use super::losses::{lose, text};
use super::parallel::{BATCH_BYTES, BATCH_FILES, BUFFER, Open, Progress, digest, on_cores};
use super::plan::{Listed, Plan};
use super::room::Room;

/// The size from which a file is large: such files are started first.
const LARGE: u64 = 16 * 1024 * 1024;

/// One file to check: the number of its plan, its path, and its row in the record.
type Job<'p> = (usize, &'p Vec<u8>, &'p Listed);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Same,
    /// The file exists, and has no hash to compare with.
    There,
    Changed,
    Missing,
    Unread,
}

/// Returns the findings about each package, in the order of the plans.
pub(super) fn all(
    open: &Open<'_>,
    plans: &[Plan],
    room: &Room,
    progress: Option<&dyn Progress>,
    losses: &mut Vec<Loss>,
) -> Vec<IntegrityFact> {
    let batches = batches(plans);
    let bytes = batches.iter().flatten().map(|(_, _, listed)| listed.size);
    if let Some(progress) = progress {
        progress.start(bytes.fold(0, u64::saturating_add));
    }
    let next = AtomicUsize::new(0);
    let mut found = Vec::new();
    let work = || worker(open, &batches, &next, room, progress);
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
            Err(_) => losses.push(Loss {
                code: "unreadable-file",
                message: "some files were not hashed: a thread of this program failed".to_owned(),
                partial: true,
            }),
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
        let name = || text(&listed.name);
        match state {
            Found::Same => fact.files = fact.files.saturating_add(1),
            Found::Changed => {
                fact.files = fact.files.saturating_add(1);
                fact.changed.push(name());
            }
            Found::Missing => fact.missing.push(name()),
            Found::There | Found::Unread => {}
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
    let (mut large, mut batches) = (Vec::new(), Vec::new());
    let (mut batch, mut bytes) = (Vec::new(), 0_u64);
    let files = |(at, plan): (usize, &'p Plan)| {
        let files = plan.files.iter();
        files.map(move |(path, listed)| (at, path, listed))
    };
    for job in plans.iter().enumerate().flat_map(files) {
        let (_, _, listed) = job;
        if listed.size >= LARGE {
            large.push(vec![job]);
            continue;
        }
        bytes = bytes.saturating_add(listed.size);
        batch.push(job);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_FILES {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    let size = |batch: &Vec<Job<'_>>| batch.first().map_or(0, |(_, _, listed)| listed.size);
    large.sort_unstable_by_key(|batch| std::cmp::Reverse(size(batch)));
    large.extend(batches);
    large
}

/// Takes batches until none is left, or time is over.
fn worker<'p>(
    open: &Open<'_>,
    batches: &'p [Vec<Job<'p>>],
    next: &AtomicUsize,
    room: &Room,
    progress: Option<&dyn Progress>,
) -> (Vec<(Job<'p>, Found)>, Vec<Loss>) {
    let (mut found, mut losses) = (Vec::new(), Vec::new());
    let image = match open() {
        Ok(image) => image,
        Err(message) => {
            losses.push(Loss {
                code: "damaged",
                message,
                partial: true,
            });
            return (found, losses);
        }
    };
    let mut buffer = vec![0; BUFFER];
    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
        for &job in batch {
            match look(image.as_ref(), job, &mut buffer, room, progress) {
                Ok(state) => found.push((job, state)),
                Err(error) => {
                    lose(&mut losses, &error);
                    let over = matches!(
                        error,
                        Error::TooLarge {
                            limit_name: "hashed_bytes",
                            ..
                        }
                    );
                    if over || matches!(error, Error::TimedOut { .. }) {
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
    image: &dyn Image,
    (_, path, listed): Job<'_>,
    buffer: &mut [u8],
    room: &Room,
    progress: Option<&dyn Progress>,
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
    let known = shared.and_then(|file| room.known(file));
    let digest = match known {
        Some(digest) => digest,
        None => digest(image, path, buffer, room, progress)?.0,
    };
    if let (Some(file), None) = (shared, known) {
        room.learn(file, digest);
    }
    let same = listed.digests.iter().all(|wanted| *wanted == digest);
    Ok(if same { Found::Same } else { Found::Changed })
}
