//! Hashes all files of an image into one digest; see [`crate::image::content`].

use std::sync::atomic::{AtomicUsize, Ordering};

use super::parallel::{self, BUFFER, Hashing, Open, Progress, on_cores};
use super::room::Room;
use crate::image::content::{Entry, Tree};
use crate::image::{Error, FileKind, Image};
use crate::limits::Limits;

/// The reason why there is no content digest.
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
    let hashing = Hashing {
        open,
        room: &Room::new(*limits),
        progress,
    };
    hashing.start(tree.entries().iter().map(|entry| entry.size));
    let hashed = all(hashing, &tree);
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

fn all(hashing: Hashing<'_, '_>, tree: &Tree) -> Result<Hashed, ContentError> {
    let batches = batches(tree);
    let next = AtomicUsize::new(0);
    let work = || worker(hashing, &batches, &next);
    let mut hashed = Vec::new();
    for finished in on_cores(batches.len(), &work) {
        hashed.extend(finished.unwrap_or(Err(ContentError::Thread))?);
    }
    Ok(hashed)
}

/// Groups files into batches, large files first.
fn batches(tree: &Tree) -> Vec<Vec<Job<'_>>> {
    let entries = tree.entries().iter().enumerate();
    let files = entries.filter(|(_, entry)| entry.kind == FileKind::File);
    let mut batches = parallel::batches(files, |(_, entry)| entry.size);
    batches.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    batches.into_iter().map(|(_, batch)| batch).collect()
}

/// Takes batches until none is left, or one fails.
fn worker(
    hashing: Hashing<'_, '_>,
    batches: &[Vec<Job<'_>>],
    next: &AtomicUsize,
) -> Result<Hashed, ContentError> {
    let image = (hashing.open)().map_err(ContentError::Open)?;
    let mut buffer = vec![0; BUFFER];
    let mut hashed = Vec::new();
    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
        for &(at, entry) in batch {
            match hash(hashing, image.as_ref(), entry, &mut buffer) {
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
    hashing: Hashing<'_, '_>,
    image: &dyn Image,
    entry: &Entry,
    buffer: &mut [u8],
) -> Result<[u8; 32], Error> {
    let (sha256, size) = hashing.digest(image, &entry.path, buffer)?;
    if size != entry.size {
        let reason = format!(
            "it has {size} bytes, not {} as before; another program may be writing to it",
            entry.size
        );
        return Err(Error::damaged(&entry.path, reason));
    }
    Ok(sha256)
}
