//! Finds files that changed after the import: it compares the times of all inodes with the
//! importer's last file.

use super::reader::Reader;
use crate::carriers::{Facts, LaterThanImport};

/// The most paths of later files that are named.
const NAMES: usize = 10;
/// The most seconds between `/etc/rc` and `/etc/rc.local`. enroot writes the second directly after
/// the first (`docker::configure` in src/docker.sh); a slow disk may need some seconds. enroot did
/// not write a newer stub.
const STUB_SECONDS: i64 = 10;

/// Reads which files are newer than the importer's last file.
pub(super) fn collect(reader: &mut Reader<'_>, facts: &mut Facts) {
    let rc = facts.mtimes.get("/etc/rc");
    let Some(&rc) = rc.filter(|_| facts.import.is_some()) else {
        return;
    };
    let stub = facts.mtimes.get("/etc/rc.local").copied();
    let stub = stub.filter(|_| facts.rc_local_edited == Some(false));
    let stub = stub.filter(|stub| (rc..=rc.saturating_add(STUB_SECONDS)).contains(stub));
    let last = stub.unwrap_or(rc);
    facts.later = match reader.later_than(last, NAMES) {
        Ok(Some(later)) => LaterThanImport::Read(later),
        Ok(None) => LaterThanImport::NotAsked,
        Err((code, message)) => LaterThanImport::Unknown { code, message },
    };
}
