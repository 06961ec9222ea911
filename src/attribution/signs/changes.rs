//! Whether the content was changed after the import, as far as the times of files say.

use crate::carriers::{Facts, LaterThanImport};
use crate::image::{Later, Packer};
use crate::provenance::{Evidence, Source, Status};

/// What the importer writes, the last one last (enroot, `src/docker.sh`, `docker::configure`).
const WRITTEN: [&str; 3] = ["/etc/fstab", "/etc/environment", "/etc/rc"];
/// Seconds that it takes for them at most, on a slow file system.
const ONE_IMPORT: i64 = 600;
/// Files that a package manager or the start of a container writes.
const CHANGED: [&str; 3] = ["/etc/group", "/etc/passwd", "/var/lib/dpkg/status"];
/// Seconds by which the clocks of a node and of a file server may differ.
const CLOCKS: i64 = 3600;

/// What the times say.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Codes that say how it was changed; empty where it was not.
    pub codes: Vec<&'static str>,
    /// Codes that say why a change could not be seen.
    pub doubts: Vec<&'static str>,
    /// Another program than an importer's packed the file.
    pub repacked: bool,
    /// The files that are later than the import.
    pub later: Option<Later>,
}

impl Changes {
    /// Returns true when something was changed.
    pub(crate) fn any(&self) -> bool {
        !self.codes.is_empty()
    }
}

/// Compares the times. `/etc/rc` is the last file that the importer writes, so that nothing in an
/// untouched import is later (rules.md, section 11).
pub(crate) fn changes(facts: &Facts) -> Changes {
    let mut changes = Changes::default();
    if facts.rc_local_edited == Some(true) {
        changes.codes.push("rc-local-edited");
    }
    let Some(&imported) = facts
        .mtimes
        .get("/etc/rc")
        .filter(|_| facts.import.is_some())
    else {
        return changes;
    };
    match &facts.later {
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
    if !changes.any() && is_written_in_pieces(facts, imported) {
        changes.codes.push("files-newer-than-import");
    }
    if !changes.any() && has_reset_times(facts, imported) {
        changes.doubts.push("file-times-put-back");
    }
    changes.repacked = is_repacked(facts);
    if !changes.repacked && may_be_repacked(facts, imported) {
        changes.doubts.push("repacked");
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

/// The files that are later, as evidence.
pub(crate) fn evidence(later: &Later) -> Vec<Evidence> {
    let paths = later.paths.iter();
    paths
        .map(|path| Evidence {
            field: "origin.modified_after_import".to_owned(),
            value: path.clone(),
            source: Source {
                carrier: "mtime".to_owned(),
                path: Some(path.clone()),
                ..Source::default()
            },
            contract: None,
            strength: 3,
            status: Status::Alone,
        })
        .collect()
}

/// The importer's own files are further apart than an import takes: one of them was edited later.
fn is_written_in_pieces(facts: &Facts, imported: i64) -> bool {
    let times = WRITTEN.iter().filter_map(|path| facts.mtimes.get(*path));
    times
        .copied()
        .any(|time| time > imported || imported > time.saturating_add(ONE_IMPORT))
}

/// Files of the image have the very time of the import: the packer reset all times
/// (`SOURCE_DATE_EPOCH`, mksquashfs 4.4).
fn has_reset_times(facts: &Facts, imported: i64) -> bool {
    let trees = facts.mtimes.iter();
    let trees = trees.filter(|(path, _)| path.ends_with("-packages"));
    let packages = facts.packages.iter().filter_map(|package| package.mtime);
    let mut times = CHANGED
        .iter()
        .filter_map(|path| facts.mtimes.get(*path).copied())
        .chain(trees.map(|(_, time)| *time))
        .chain(packages);
    let all_equal = match &facts.later {
        LaterThanImport::Read(later) => later.inodes > 1 && later.earliest == later.latest,
        _ => false,
    };
    all_equal || times.any(|time| time == imported)
}

/// enroot packs with mksquashfs, and in one go: how the packer counts links says so.
fn is_repacked(facts: &Facts) -> bool {
    facts.packing.as_ref().is_some_and(|packing| {
        matches!(
            packing.packer,
            Some(Packer::SquashfsToolsNg | Packer::Other)
        ) || packing.appended == Some(true)
    })
}

/// enroot packs everything as owned by root, after it wrote `/etc/rc`. One damaged field says
/// otherwise too.
fn may_be_repacked(facts: &Facts, imported: i64) -> bool {
    facts.packing.as_ref().is_some_and(|packing| {
        packing.owned_by_root == Some(false) || packing.packed_at < imported.saturating_sub(CLOCKS)
    })
}
