//! Hashes all files of an image into one digest; see [`crate::image::content`].

use std::sync::atomic::{AtomicUsize, Ordering};

use super::parallel::{BATCH_BYTES, BATCH_FILES, BUFFER, Open, Progress, digest, on_cores};
use super::room::Room;
use crate::image::content::{Entry, Tree};
use crate::image::{Error, FileKind, Image};
use crate::limits::Limits;

/// Why there is no content digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The image cannot be opened again.
    #[error("{0}")]
    Open(String),
    /// A part of it cannot be read.
    #[error("{0}")]
    Image(#[from] Error),
    /// This form has no files that can be walked.
    #[error("the files of this form cannot be read one by one")]
    Form,
    /// An error of this program.
    #[error("a thread of this program failed, which is an error of this program; please report it")]
    Thread,
}

/// Returns the content digest of an image, `sha256:<64hex>`, using several cores.
///
/// # Errors
/// If any part of the image cannot be read, or is over a limit.
pub fn content(
    open: &Open<'_>,
    limits: &Limits,
    progress: Option<&dyn Progress>,
) -> Result<String, ContentError> {
    let image = open().map_err(ContentError::Open)?;
    let mut tree = Tree::default();
    if !image.walk(&mut |found| tree.add(found, limits))? {
        return Err(ContentError::Form);
    }
    drop(image);
    tree.sort();
    let files = tree.entries().iter();
    let sizes = files.map(|entry| entry.size);
    if let Some(progress) = progress {
        progress.start(sizes.fold(0, u64::saturating_add));
    }
    let hashed = all(open, &tree, &Room::new(*limits), progress);
    if let Some(progress) = progress {
        progress.finish();
    }
    for (at, sha256) in hashed? {
        if let Some(entry) = tree.entries_mut().get_mut(at) {
            entry.sha256 = Some(sha256);
        }
    }
    tree.digest().ok_or(ContentError::Thread)
}

type Job<'t> = (usize, &'t Entry);
type Hashed = Vec<(usize, [u8; 32])>;

fn all(
    open: &Open<'_>,
    tree: &Tree,
    room: &Room,
    progress: Option<&dyn Progress>,
) -> Result<Hashed, ContentError> {
    let batches = batches(tree);
    let next = AtomicUsize::new(0);
    let work = || worker(open, &batches, &next, room, progress);
    let mut hashed = Vec::new();
    let mut failed = None;
    for finished in on_cores(batches.len(), &work) {
        match finished {
            Ok(Ok(part)) => hashed.extend(part),
            Ok(Err(error)) => failed = failed.or(Some(error)),
            Err(_) => failed = failed.or(Some(ContentError::Thread)),
        }
    }
    failed.map_or(Ok(hashed), Err)
}

/// Groups files into batches, large files first.
fn batches(tree: &Tree) -> Vec<Vec<Job<'_>>> {
    let entries = tree.entries().iter().enumerate();
    let files = entries.filter(|(_, entry)| entry.kind == FileKind::File);
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
    for job in files {
        bytes = bytes.saturating_add(job.1.size);
        batch.push(job);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_FILES {
            batches.push((bytes, std::mem::take(&mut batch)));
            bytes = 0;
        }
    }
    batches.push((bytes, batch));
    batches.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    batches.into_iter().map(|(_, batch)| batch).collect()
}

/// Takes batches until none is left, or one fails.
fn worker<'t>(
    open: &Open<'_>,
    batches: &'t [Vec<Job<'t>>],
    next: &AtomicUsize,
    room: &Room,
    progress: Option<&dyn Progress>,
) -> Result<Hashed, ContentError> {
    let image = open().map_err(ContentError::Open)?;
    let mut buffer = vec![0; BUFFER];
    let mut hashed = Vec::new();
    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
        for &(at, entry) in batch {
            match hash(image.as_ref(), entry, &mut buffer, room, progress) {
                Ok(sha256) => hashed.push((at, sha256)),
                Err(error) => {
                    // Tells the other threads to stop.
                    next.store(batches.len(), Ordering::Relaxed);
                    return Err(error.into());
                }
            }
        }
    }
    Ok(hashed)
}

fn hash(
    image: &dyn Image,
    entry: &Entry,
    buffer: &mut [u8],
    room: &Room,
    progress: Option<&dyn Progress>,
) -> Result<[u8; 32], Error> {
    let (sha256, size) = digest(image, &entry.path, buffer, room, progress)?;
    if size != entry.size {
        return Err(Error::Damaged {
            path: String::from_utf8_lossy(&entry.path).into_owned(),
            reason: format!(
                "it has {size} bytes, not {} as before; another program may be writing to it",
                entry.size
            ),
        });
    }
    Ok(sha256)
}
