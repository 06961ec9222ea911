//! Whether the content was changed after the import, as far as the times of files say.

use crate::carriers::Facts;

/// What the importer writes, the last one last (enroot, `src/docker.sh`, `docker::configure`).
const WRITTEN: [&str; 3] = ["/etc/fstab", "/etc/environment", "/etc/rc"];
/// Seconds that it takes for them at most, on a slow file system.
const ONE_IMPORT: i64 = 600;
/// What a started container, or somebody who installs packages, writes.
const CHANGED: [&str; 3] = ["/etc/group", "/etc/passwd", "/var/lib/dpkg/status"];

/// What the times say.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Codes that say how it was changed; empty where it was not.
    pub codes: Vec<String>,
    /// Codes that say why a change could not be seen.
    pub doubts: Vec<&'static str>,
}

impl Changes {
    pub(crate) fn any(&self) -> bool {
        !self.codes.is_empty()
    }
}

pub(crate) fn changes(facts: &Facts) -> Changes {
    let mut changes = Changes::default();
    if facts.rc_local_edited == Some(true) {
        changes.codes.push("rc-local-edited".to_owned());
    }
    let Some(import) = Import::of(facts) else {
        return changes;
    };
    let trees = facts.mtimes.iter();
    // A package directory changes when a package is added to it or taken away.
    let trees = trees.filter(|(path, _)| path.ends_with("-packages"));
    let times: Vec<i64> = CHANGED
        .iter()
        .filter_map(|path| facts.mtimes.get(*path))
        .chain(trees.map(|(_, mtime)| mtime))
        .copied()
        .chain(facts.packages.iter().filter_map(|package| package.mtime))
        .collect();
    if import.is_edited || times.iter().any(|mtime| *mtime > import.at) {
        changes.codes.push("files-newer-than-import".to_owned());
    }
    if !changes.any() && times.contains(&import.at) {
        // The packer reset all times (`SOURCE_DATE_EPOCH`, mksquashfs 4.4).
        changes.doubts.push("file-times-put-back");
    }
    changes
}

/// When the image was imported.
struct Import {
    at: i64,
    /// One of the importer's files is later than its time.
    is_edited: bool,
}

impl Import {
    fn of(facts: &Facts) -> Option<Self> {
        facts.import.as_ref()?;
        let last = *facts.mtimes.get("/etc/rc")?;
        let times = WRITTEN.iter().filter_map(|path| facts.mtimes.get(*path));
        let first = times.clone().copied().min().unwrap_or(last);
        // The last one is as late as the import takes, the others are never later.
        let is_late = last > first.saturating_add(ONE_IMPORT);
        Some(Self {
            at: if is_late { first } else { last },
            is_edited: is_late || times.copied().any(|mtime| mtime > last),
        })
    }
}
