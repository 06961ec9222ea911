//! What was changed after the import: the times of all inodes against the importer's last file.

use super::reader::Reader;
use crate::carriers::{Facts, LaterThanImport};

/// Paths that are named of what is later.
const NAMES: usize = 10;
/// enroot writes `/etc/rc.local` directly after `/etc/rc` (`docker::configure` in src/docker.sh). A
/// slow disk may need some seconds for it. A stub that is newer was not written by enroot.
const STUB_SECONDS: i64 = 10;

/// Asks for what is later than the last file that the importer wrote.
pub(super) fn collect(reader: &mut Reader<'_>, facts: &mut Facts) {
    let Some(&rc) = facts
        .mtimes
        .get("/etc/rc")
        .filter(|_| facts.import.is_some())
    else {
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
