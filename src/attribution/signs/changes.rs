//! Finds changes of the content after the import, by the times of files.

use crate::attribution::make::bare;
use crate::carriers::{Facts, LaterThanImport};
use crate::image::{Later, Packer};
use crate::provenance::{Evidence, Source, Status};

/// The files that the importer writes before `/etc/rc`, in this order (enroot, `src/docker.sh`,
/// `docker::configure`).
const BEFORE: [&str; 2] = ["/etc/fstab", "/etc/environment"];
/// The file that it writes right after it.
const BEHIND: &str = "/etc/rc.local";
/// The most seconds that it needs for these files if the file system stalls. Real imports need one.
const ONE_IMPORT: i64 = 60;
/// More seconds than any import needs.
const NO_IMPORT: i64 = 600;
/// Files that a package manager or the start of a container writes.
const CHANGED: [&str; 3] = ["/etc/group", "/etc/passwd", "/var/lib/dpkg/status"];
/// The doubt about a file that another program may have packed.
pub(crate) const REPACKED: &str = "repacked";
const YEAR: i64 = 365 * 24 * 3600;
/// Seconds by which the clocks of a node and of a file server may differ.
const CLOCKS: i64 = 3600;

/// What the times say.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// How the content was changed; empty if it was not.
    pub codes: Vec<&'static str>,
    /// Why a change might not be seen.
    pub doubts: Vec<&'static str>,
    /// True if another program than an importer packed the file.
    pub repacked: bool,
    /// The files that are later than the import.
    pub later: Option<Later>,
}

impl Changes {
    pub(crate) fn any(&self) -> bool {
        !self.codes.is_empty()
    }

    /// Returns true if another program than an importer packed the file, or may have packed it.
    pub(crate) fn may_be_repacked(&self) -> bool {
        self.repacked || self.doubts.contains(&REPACKED)
    }
}

/// Compares the times. The importer writes `/etc/rc` last, so no file of an untouched import is newer.
pub(crate) fn changes(facts: &Facts) -> Changes {
    let mut changes = Changes::default();
    if facts.rc_local_edited == Some(true) {
        changes.codes.push("rc-local-edited");
    }
    if facts.rc_edited || is_later_than_its_neighbour(facts) {
        changes.codes.push("rc-edited");
    }
    let Some(&imported) = facts
        .mtimes
        .get("/etc/rc")
        .filter(|_| facts.import.is_some())
    else {
        return changes;
    };
    match &facts.later {
        LaterThanImport::Read(later) if are_of_the_future(facts, later, imported) => {
            changes.doubts.push("files-newer-than-packing");
        }
        LaterThanImport::Read(later) if later.count > 0 => {
            changes.codes.push("files-newer-than-import");
            changes.later = Some(later.clone());
        }
        LaterThanImport::Read(_) => {}
        LaterThanImport::Unknown { code, .. } => changes.doubts.push(code),
        LaterThanImport::NotAsked => changes.doubts.push("inode-times-unknown"),
    }
    if facts.rc_local_edited.is_none() {
        changes.doubts.push("importer-file-missing");
    }
    if !changes.any() && are_apart(facts, imported, NO_IMPORT) {
        changes.codes.push("files-newer-than-import");
    }
    if !changes.any() && are_apart(facts, imported, ONE_IMPORT) {
        changes.doubts.push("importer-files-apart");
    }
    if !changes.any() && has_reset_times(facts, imported) {
        changes.doubts.push("file-times-put-back");
    }
    changes.repacked = is_repacked(facts);
    if !changes.repacked && may_be_repacked(facts, imported) {
        changes.doubts.push(REPACKED);
    }
    changes
}

/// Says how many files are later, and names the first.
pub(crate) fn later_files(later: &Later) -> String {
    let more = later.count > u64::try_from(later.paths.len()).unwrap_or(u64::MAX);
    let files = match later.count {
        1 => "1 file is".to_owned(),
        count => format!("{count} files are"),
    };
    let named = later.paths.join(", ");
    let rest = if more { " and more" } else { "" };
    format!("{files} later than the importer's last file, /etc/rc: {named}{rest}")
}

/// Returns the later files as evidence.
pub(crate) fn evidence(later: &Later) -> Vec<Evidence> {
    let paths = later.paths.iter();
    paths
        .map(|path| Evidence {
            field: "origin.modified_after_import".to_owned(),
            value: path.clone(),
            source: Source {
                path: Some(path.clone()),
                ..bare("mtime")
            },
            contract: None,
            strength: 3,
            status: Status::Alone,
        })
        .collect()
}

/// Returns true if every later file is also later than the packing, which follows the import, and the last by years: a
/// layer had files with a time in the future. An edit between the two leaves no such time, unless somebody sets it.
fn are_of_the_future(facts: &Facts, later: &Later, imported: i64) -> bool {
    let packed = facts.packing.as_ref().map(|packing| packing.packed_at);
    packed.is_some_and(|packed| {
        let is_far = later.latest > packed.saturating_add(YEAR);
        packed >= imported && is_far && later.count > 0 && later.after_packing == later.count
    })
}

/// Returns true if `/etc/rc` is newer than the stub that the importer writes after it, or than `/etc`:
/// somebody wrote it again. An import from a registry puts these files into an own layer. There `/etc` is
/// as old as the last of them (`docker::configure "${PWD}/0"`).
fn is_later_than_its_neighbour(facts: &Facts) -> bool {
    let Some((import, rc)) = facts.import.as_ref().zip(facts.mtimes.get("/etc/rc")) else {
        return false;
    };
    let later = |path: &str| facts.mtimes.get(path).is_some_and(|time| rc > time);
    let uri = import.uri.as_ref().map(|uri| uri.value.as_str());
    let layered = uri.is_some_and(|uri| uri.starts_with("docker://"));
    facts.rc_local_edited == Some(false) && (later(BEHIND) || layered && later("/etc"))
}

/// Returns true if one of the importer's files is later than `/etc/rc`, or earlier by more than these seconds.
fn are_apart(facts: &Facts, imported: i64, most: i64) -> bool {
    let mut times = BEFORE.iter().filter_map(|path| facts.mtimes.get(*path));
    times.any(|time| !(0..=most).contains(&imported.saturating_sub(*time)))
}

/// Returns true if files of the image have exactly the time of the import: the packer reset all times, or
/// all later ones (`SOURCE_DATE_EPOCH`, mksquashfs 4.4 and 4.6). Directories do not count: the importer
/// makes some.
fn has_reset_times(facts: &Facts, imported: i64) -> bool {
    let trees = facts.mtimes.iter();
    let trees = trees.filter(|(path, _)| path.ends_with("-packages"));
    let packages = facts.packages.iter().filter_map(|package| package.mtime);
    let mut times = CHANGED
        .iter()
        .filter_map(|path| facts.mtimes.get(*path).copied())
        .chain(trees.map(|(_, time)| *time))
        .chain(packages);
    let reset = match &facts.later {
        LaterThanImport::Read(later) => {
            let all_equal = later.inodes > 1 && later.earliest == later.latest;
            all_equal || later.same > written_at(facts, later.since)
        }
        _ => false,
    };
    reset || times.any(|time| time == imported)
}

/// Returns the number of the importer's own files with this time.
fn written_at(facts: &Facts, time: i64) -> u64 {
    let own = BEFORE.into_iter().chain(["/etc/rc", BEHIND]);
    let same = own.filter(|path| facts.mtimes.get(*path) == Some(&time));
    same.count() as u64
}

/// Returns true for another packer, or for a file that was packed in two runs. enroot runs mksquashfs once;
/// the numbers of links tell both.
fn is_repacked(facts: &Facts) -> bool {
    facts.packing.as_ref().is_some_and(|packing| {
        matches!(
            packing.packer,
            Some(Packer::SquashfsToolsNg | Packer::Other)
        ) || packing.appended == Some(true)
    })
}

/// Returns true if files belong to others than root, or the time of packing is before `/etc/rc`. enroot does
/// neither, but one damaged field can look like it.
fn may_be_repacked(facts: &Facts, imported: i64) -> bool {
    facts.packing.as_ref().is_some_and(|packing| {
        packing.owned_by_root == Some(false) || packing.packed_at < imported.saturating_sub(CLOCKS)
    })
}
