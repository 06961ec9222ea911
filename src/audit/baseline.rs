//! Finds changes since an earlier report.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::findings::of_several;
use super::paths;
use super::record::{FindingRecord, Line, Record};
use super::saved::{Lines, SavedError};
use crate::provenance::PathText;

/// The facts about an image that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    size: u64,
    mtime: Option<String>,
    ctime: Option<String>,
    inode: u64,
    content: Option<String>,
    tree: Option<String>,
    imported: Option<String>,
    commit: Option<String>,
    inodes: Option<u32>,
    packed_at: Option<String>,
}

impl Known {
    fn of(record: &Record) -> Self {
        let origin = record.origin.as_ref();
        Self {
            size: record.file.size,
            mtime: record.file.mtime.clone(),
            ctime: record.file.ctime.clone(),
            inode: record.file.inode,
            content: record.keys.content.clone(),
            tree: record.keys.tree_id.clone(),
            imported: origin.and_then(|origin| origin.imported.clone()),
            commit: origin.and_then(|origin| origin.commit.clone()),
            inodes: record.file.inodes,
            packed_at: record.file.packed_at.clone(),
        }
    }

    /// Returns true if the bytes are the same, according to the reports.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Some(one), Some(other)) => one == other,
            _ => (self.size, &self.mtime) == (other.size, &other.mtime),
        }
    }

    /// Returns true for the same file if its owner or mode changed, or its bytes in place.
    fn is_touched(&self, other: &Self) -> bool {
        let times = self.ctime.as_ref().zip(other.ctime.as_ref());
        self.inode == other.inode && times.is_some_and(|(one, other)| one != other)
    }

    /// Returns true for two imports of one image.
    fn is_imported_again(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.tree, &other.tree) {
            return one == other;
        }
        self.packed_at != other.packed_at
            && self.inodes == other.inodes
            && self.commit.is_some()
            && self.commit == other.commit
            && self.imported == other.imported
    }
}

/// An earlier report, and the changes since.
#[derive(Debug, Default)]
pub struct Baseline {
    report: PathBuf,
    roots: Vec<PathText>,
    before: BTreeMap<Vec<u8>, Known>,
    new: Vec<(PathText, Known)>,
    replaced: Vec<PathText>,
    imported_again: Vec<PathText>,
    touched: Vec<PathText>,
}

impl Baseline {
    /// Reads the report.
    ///
    /// # Errors
    /// If it is not a report, or its run was not complete.
    pub fn open(path: &Path) -> Result<Self, SavedError> {
        let name = || path.display().to_string();
        let mut lines = Lines::open(path)?;
        let mut baseline = Self {
            report: path.to_owned(),
            ..Self::default()
        };
        let mut complete = false;
        while let Some((line, _)) = lines.next_line()? {
            match line {
                Line::Image(record) => {
                    let known = Known::of(&record);
                    baseline.before.insert(paths::to_bytes(&record.path), known);
                }
                Line::Summary(summary) if !summary.selection.is_empty() => {
                    return Err(SavedError::Selection { path: name() });
                }
                Line::Summary(summary) if summary.shard.is_some() => {
                    return Err(SavedError::Shard { path: name() });
                }
                Line::Summary(summary) => {
                    complete = summary.complete;
                    baseline.roots = summary.roots;
                }
                Line::Skipped(_) | Line::Finding(_) | Line::Family(_) => {}
            }
        }
        match complete {
            true => Ok(baseline),
            false => Err(SavedError::Incomplete { path: name() }),
        }
    }

    /// Refuses a report of other directories than these: an image that only one of the two runs covers is
    /// neither new nor gone. Files may differ: a pattern of the shell matches other files on another day.
    ///
    /// # Errors
    /// If the directories differ, or their spelling.
    pub fn check(&self, roots: &[PathText]) -> Result<(), SavedError> {
        let directories = |roots: &[PathText]| -> BTreeSet<PathBuf> {
            let roots = roots.iter();
            let roots = roots.filter(|root| !self.before.contains_key(&paths::to_bytes(root)));
            roots.map(paths::to_path).collect()
        };
        let (before, now) = (directories(&self.roots), directories(roots));
        if before == now {
            return Ok(());
        }
        let list = |of: &BTreeSet<PathBuf>| {
            let names: Vec<String> = of.iter().map(|path| path.display().to_string()).collect();
            match names.as_slice() {
                [] => "single files".to_owned(),
                names => names.join(" "),
            }
        };
        Err(SavedError::OtherPaths {
            path: self.report.display().to_string(),
            before: list(&before),
            now: list(&now),
        })
    }

    /// Takes note of an image of this run.
    pub fn see(&mut self, record: &Record) {
        let (path, now) = (|| record.path.clone(), Known::of(record));
        match self.before.remove(&paths::to_bytes(&record.path)) {
            None => self.new.push((path(), now)),
            Some(before) if before.is_same(&now) => {
                if before.is_touched(&now) {
                    self.touched.push(path());
                }
            }
            Some(before) if before.is_imported_again(&now) => self.imported_again.push(path()),
            Some(_) => self.replaced.push(path()),
        }
    }

    /// Returns the changes. An interrupted run does not show which images are gone.
    #[must_use]
    pub fn changes(mut self, complete: bool) -> Vec<FindingRecord> {
        let renamed = if complete { self.renamed() } else { Vec::new() };
        let mut gone: Vec<Vec<u8>> = self.before.into_keys().filter(|_| complete).collect();
        gone.sort_unstable_by(|one, other| paths::order(one, other));
        let gone = gone.iter().map(|path| paths::of_bytes(path)).collect();
        let new = self.new.into_iter().map(|(path, _)| path).collect();
        let changes = [
            ("gone", gone, "not there any more"),
            ("new", new, "not in the earlier report"),
            (
                "re-imported",
                self.imported_again,
                "the same image, imported again",
            ),
            (
                "replaced",
                self.replaced,
                "another image under the same path",
            ),
            (
                "touched",
                self.touched,
                "the superblock and tables are the same, but the file's times changed: its data may have been changed in place",
            ),
        ]
        .into_iter()
        .filter(|(_, paths, _): &(_, Vec<PathText>, _)| !paths.is_empty())
        .map(|(code, paths, message)| FindingRecord {
            paths,
            ..of_several(code, message)
        });
        let mut all: Vec<FindingRecord> = changes.collect();
        // Findings are sorted by their codes.
        let place = all.partition_point(|finding| finding.code.as_str() < RENAMED);
        all.splice(place..place, renamed);
        all
    }

    /// Removes renamed files from the new and the gone ones, and returns findings about them.
    fn renamed(&mut self) -> Vec<FindingRecord> {
        let mut gone: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        for (path, known) in &self.before {
            if let Some(content) = &known.content {
                gone.entry(content.clone()).or_default().push(path.clone());
            }
        }
        let mut renamed = Vec::new();
        for (path, now) in std::mem::take(&mut self.new) {
            let candidates = now.content.as_ref().and_then(|key| gone.get_mut(key));
            // Of several copies, the one with the same inode was renamed.
            let inode = |path: &Vec<u8>| self.before.get(path).map(|known| known.inode);
            let was = candidates.and_then(|paths| {
                let same = paths.iter().position(|old| inode(old) == Some(now.inode));
                let place = same.unwrap_or(0);
                (place < paths.len()).then(|| paths.remove(place))
            });
            let Some(was) = was else {
                self.new.push((path, now));
                continue;
            };
            self.before.remove(&was);
            let message = "the same file as in the earlier report, under another path";
            renamed.push(FindingRecord {
                paths: vec![path],
                was: Some(paths::of_bytes(&was)),
                ..of_several(RENAMED, message)
            });
        }
        renamed
    }
}

/// The code of a file whose path changed since the earlier report.
const RENAMED: &str = "renamed";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary};

    fn record(path: &str, content: &str, commit: &str, packed: &str) -> Record {
        let file = FileFields {
            packed_at: Some(packed.to_owned()),
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text(path.to_owned()), file);
        record.keys.content = Some(content.to_owned());
        record.origin = Some(OriginSummary {
            commit: Some(commit.to_owned()),
            ..OriginSummary::default()
        });
        record
    }

    fn baseline() -> Baseline {
        let mut baseline = Baseline::default();
        for path in ["/same", "/again", "/other", "/gone"] {
            let known = Known::of(&record(path, "1", "c1", "t1"));
            baseline.before.insert(path.as_bytes().to_vec(), known);
        }
        for now in [
            record("/same", "1", "c1", "t1"),
            record("/again", "2", "c1", "t2"),
            record("/other", "2", "c2", "t2"),
            record("/fresh", "3", "c1", "t1"),
        ] {
            baseline.see(&now);
        }
        baseline
    }

    fn told(complete: bool) -> Vec<String> {
        baseline()
            .changes(complete)
            .iter()
            .map(|f| format!("{} {:?}", f.code, paths::to_path(&f.paths[0])))
            .collect()
    }

    #[test]
    fn every_change_has_a_code() {
        let changes = [
            "gone \"/gone\"",
            "new \"/fresh\"",
            "re-imported \"/again\"",
            "replaced \"/other\"",
        ];
        assert_eq!(told(true), changes);
    }

    #[test]
    fn a_rename_is_neither_gone_nor_new() {
        let mut baseline = Baseline::default();
        for (path, content) in [("/kept", "1"), ("/old", "2"), ("/gone", "3")] {
            let known = Known::of(&record(path, content, "c", "t"));
            baseline.before.insert(path.as_bytes().to_vec(), known);
        }
        for (path, content) in [("/kept", "1"), ("/copy", "1"), ("/moved", "2")] {
            baseline.see(&record(path, content, "c", "t"));
        }
        let changes = baseline.changes(true);
        let told: Vec<String> = changes
            .iter()
            .map(|f| format!("{} {:?} {:?}", f.code, f.paths, f.was))
            .collect();
        let expected = [
            r#"gone [Text("/gone")] None"#,
            r#"new [Text("/copy")] None"#,
            r#"renamed [Text("/moved")] Some(Text("/old"))"#,
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_interrupted_run_has_nothing_gone() {
        assert_eq!(told(false).len(), 3);
    }
}
