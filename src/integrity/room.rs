//! Counts what is left of the limits while the packages of one image are checked.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::carriers::{IntegrityFact, Loss};
use crate::image::Error;
use crate::limits::Limits;

/// The rest of the limits.
pub(super) struct Room {
    pub limits: Limits,
    /// Rows of records.
    pub rows: u64,
    /// Bytes of the records of neighbours.
    pub neighbours: u64,
    /// Bytes of names in findings.
    names: u64,
    /// Bytes that all threads hashed.
    hashed: AtomicU64,
    /// Digests of files with several names (hard links). A record may list each name.
    known: Mutex<HashMap<u64, [u8; 32]>>,
}

impl Room {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            rows: limits.record_rows,
            neighbours: limits.neighbour_bytes,
            names: limits.finding_bytes,
            hashed: AtomicU64::new(0),
            known: Mutex::default(),
        }
    }

    /// Returns the digest of a file that was hashed under another name; see [`Stat::shared`](crate::image::Stat).
    pub(super) fn known(&self, file: u64) -> Option<[u8; 32]> {
        self.known.lock().ok()?.get(&file).copied()
    }

    /// Keeps the digest of a file with several names, up to `MAX_KNOWN`.
    pub(super) fn learn(&self, file: u64, digest: [u8; 32]) {
        if let Ok(mut known) = self.known.lock()
            && known.len() < MAX_KNOWN
        {
            known.insert(file, digest);
        }
    }

    /// Counts bytes of one file that were hashed; `before` is the number of its bytes so far.
    ///
    /// # Errors
    /// If one file, or all together, are over a limit.
    pub(super) fn hashed(&self, path: &[u8], before: u64, count: u64) -> Result<(), Error> {
        let all = self.hashed.fetch_add(count, Ordering::Relaxed);
        let limits = &self.limits;
        for (before, limit, limit_name) in [
            (before, limits.hashed_file_bytes, "hashed_file_bytes"),
            (all, limits.hashed_bytes, "hashed_bytes"),
        ] {
            Error::check_limit(path, before.saturating_add(count), limit, limit_name)?;
        }
        Ok(())
    }

    /// Removes names over the limit. It keeps one of each kind, to keep each finding.
    pub(super) fn keep(&mut self, fact: &mut IntegrityFact, losses: &mut Vec<Loss>) {
        let mut left_out = 0_usize;
        for names in [
            &mut fact.changed,
            &mut fact.missing,
            &mut fact.extra,
            &mut fact.beside,
        ] {
            let before = names.len();
            let mut first = true;
            names.retain(|name| {
                let cost = u64::try_from(name.len()).unwrap_or(u64::MAX);
                let left = self.names.checked_sub(cost.saturating_add(NAME_COST));
                let stays = left.is_some() || first;
                first = false;
                self.names = left.unwrap_or(0);
                stays
            });
            names.shrink_to_fit();
            left_out = left_out.saturating_add(before.saturating_sub(names.len()));
        }
        if left_out > 0 {
            let message = format!(
                "{left_out} files of {} that differ are not named: the names are over the limit finding_bytes of {}",
                fact.package, self.limits.finding_bytes
            );
            losses.push(Loss::partial("over-limit", message));
        }
    }
}

/// The most files with several names to keep digests of, 40 bytes each.
const MAX_KNOWN: usize = 100_000;
/// The bytes that a name takes in addition to its text.
const NAME_COST: u64 = 24;
