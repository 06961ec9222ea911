//! Hashes files on several cores: what the check of a package and the content digest share.

use std::fmt;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use sha2::{Digest as _, Sha256};

use super::room::Room;
use crate::image::{Error, Image};

/// Opens the image once more; each thread reads through one of its own.
pub type Open<'a> = dyn Fn() -> Result<Box<dyn Image + 'a>, String> + Sync + 'a;

/// Who wants to know how far hashing has come.
pub trait Progress: fmt::Debug + Send + Sync {
    /// So many bytes are about to be hashed, as far as the records say.
    fn start(&self, bytes: u64);
    /// So many more bytes were hashed.
    fn advance(&self, bytes: u64);
    /// Nothing more is to be done for this image.
    fn finish(&self);
}

/// More threads would wait for the disk.
const MAX_THREADS: usize = 8;
/// Neighbours share blocks of the image, so one thread takes so many bytes or files.
pub(super) const BATCH_BYTES: u64 = 8 * 1024 * 1024;
pub(super) const BATCH_FILES: usize = 256;
/// Read and hashed at once.
pub(super) const BUFFER: usize = 128 * 1024;

/// Runs the same work on this thread and on as many more as help and are to be had, and gives what each
/// of them returned; an error is a thread that panicked. `batches` is how many pieces of work there are.
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
        // This thread is one of them, and the only one where no other is to be had.
        let mine = catch_unwind(AssertUnwindSafe(work));
        let others = workers.into_iter().map(|worker| worker.join());
        std::iter::once(mine).chain(others).collect()
    })
}

/// Returns the SHA-256 of a file, and how many bytes it has.
///
/// # Errors
/// If it cannot be read, or is over a limit.
pub(super) fn digest(
    image: &dyn Image,
    path: &[u8],
    buffer: &mut [u8],
    room: &Room,
    progress: Option<&dyn Progress>,
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
        room.hashed(path, before, count)?;
        before = before.saturating_add(count);
        if let Some(progress) = progress {
            progress.advance(count);
        }
    }
}
