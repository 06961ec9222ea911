//! Hashes files on several cores. The check of a package and the content digest share this.

use std::fmt;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use sha2::{Digest as _, Sha256};

use super::room::Room;
use crate::image::{Error, Image};

/// Opens the image again; each thread reads through its own.
pub type Open<'a> = dyn Fn() -> Result<Box<dyn Image + 'a>, String> + Sync + 'a;

/// Receives the progress of hashing.
pub trait Progress: fmt::Debug + Send + Sync {
    /// Called with the number of bytes to hash, according to the records.
    fn start(&self, bytes: u64);
    /// Called with the number of bytes that were hashed since.
    fn advance(&self, bytes: u64);
    /// Called when this image is done.
    fn finish(&self);
}

/// The most threads. More would wait for the disk.
const MAX_THREADS: usize = 8;
/// The number of bytes or files for one thread: neighbours share blocks of the image.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
const BATCH_FILES: usize = 256;
/// The number of bytes that are read and hashed at once.
pub(super) const BUFFER: usize = 128 * 1024;

/// Groups neighbours into batches, each with its bytes.
pub(super) fn batches<J>(
    jobs: impl IntoIterator<Item = J>,
    size: impl Fn(&J) -> u64,
) -> Vec<(u64, Vec<J>)> {
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
    for job in jobs {
        bytes = bytes.saturating_add(size(&job));
        batch.push(job);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_FILES {
            batches.push((bytes, std::mem::take(&mut batch)));
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        batches.push((bytes, batch));
    }
    batches
}

/// Runs the same work on this thread and on more threads, if they help and can be started. Returns
/// the result of each; an error is a thread that panicked. `batches` is the number of pieces of
/// work.
pub(super) fn on_cores<T: Send>(
    batches: usize,
    work: &(impl Fn() -> T + Sync),
) -> Vec<thread::Result<T>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Two for each core: one hashes while the other waits for the disk.
    let threads = cores.saturating_mul(2).min(MAX_THREADS).min(batches);
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let workers: Vec<_> = (1..threads).map_while(start).collect();
        // This thread also works; it is the only one if no other can be started.
        let mine = catch_unwind(AssertUnwindSafe(work));
        let others = workers.into_iter().map(|worker| worker.join());
        std::iter::once(mine).chain(others).collect()
    })
}

/// What the threads share.
#[derive(Clone, Copy)]
pub(super) struct Hashing<'h, 'i> {
    pub open: &'h Open<'i>,
    pub room: &'h Room,
    pub progress: Option<&'h dyn Progress>,
}

impl Hashing<'_, '_> {
    /// Tells the display the number of bytes to hash.
    pub(super) fn start(&self, sizes: impl Iterator<Item = u64>) {
        if let Some(progress) = self.progress {
            progress.start(sizes.fold(0, u64::saturating_add));
        }
    }

    /// Returns the SHA-256 of a file, and its size in bytes.
    ///
    /// # Errors
    /// If it cannot be read, or is over a limit.
    pub(super) fn digest(
        &self,
        image: &dyn Image,
        path: &[u8],
        buffer: &mut [u8],
    ) -> Result<([u8; 32], u64), Error> {
        let mut file = image.open(path)?;
        let mut hash = Sha256::new();
        let mut before = 0;
        loop {
            let count = match file.read(buffer) {
                Ok(0) => return Ok((hash.finalize().into(), before)),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::from_read(path, &error)),
            };
            hash.update(buffer.get(..count).unwrap_or_default());
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.room.hashed(path, before, count)?;
            before = before.saturating_add(count);
            if let Some(progress) = self.progress {
                progress.advance(count);
            }
        }
    }
}
