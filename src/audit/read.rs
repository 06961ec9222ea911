//! Reads one candidate. Nothing in it may end the run.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::attested::Attested;
use super::findings::judge;
use super::progress::{Again, Progress};
use super::record::{FileFields, Line, Record};
use super::saved::Resume;
use super::settings::Settings;
use super::walk::{Candidate, skipped};
use super::{keys, paths, tree};
use crate::provenance::{PathText, Provenance};
use crate::squashfs::{AnySource, Squashfs};
use crate::{Begun, Headed, Inspector, attestation, given, noatime};

/// The result of a candidate.
pub(super) enum Outcome {
    /// A line of the report.
    Line(Line),
    /// It is something else, and neither its name nor the user said that it is an image.
    NotAnImage,
}

pub(super) struct Reader<'a> {
    inspector: &'a Inspector,
    settings: &'a Settings,
    resume: Option<&'a Resume>,
    progress: &'a Progress,
    /// The digest of the known images.
    known: Option<String>,
    /// The digest of the rules and the policy.
    judged_by: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        inspector: &'a Inspector,
        settings: &'a Settings,
        resume: Option<&'a Resume>,
        progress: &'a Progress,
    ) -> Self {
        Self {
            known: inspector.known_digest(),
            judged_by: match &settings.policy {
                Some(policy) => format!("{}-{}", inspector.judged_by(), policy.digest),
                None => inspector.judged_by(),
            },
            inspector,
            settings,
            resume,
            progress,
        }
    }

    pub(super) fn read(&self, candidate: &Candidate) -> Outcome {
        let path = paths::to_text(&candidate.path);
        let file = self.file_fields(&candidate.metadata);
        if let Some(resume) = self.resume
            && let Some(mut record) = self.unchanged(resume, &path, &file)
        {
            judge(&mut record, &self.settings.rules);
            return self.line(record);
        }
        let mut record = Record::unread(path, file);
        let answer = catch_unwind(AssertUnwindSafe(|| self.fill(candidate, &mut record)));
        match answer {
            Ok(Filled::Answered) => {}
            Ok(Filled::NotAnImage) => return Outcome::NotAnImage,
            Ok(Filled::Vanished) => {
                let message = "it was gone before it could be read";
                return Outcome::Line(Line::Skipped(skipped(&candidate.path, "vanished", message)));
            }
            Err(_) => {
                let message = "reading it failed inside of this program; please report it";
                record.error = Some(message.to_owned());
            }
        }
        judge(&mut record, &self.settings.rules);
        self.line(record)
    }

    /// Returns the record of an earlier run if it has everything that is requested.
    fn unchanged(&self, resume: &Resume, path: &PathText, file: &FileFields) -> Option<Record> {
        let settings = self.settings;
        let with_fingerprint = settings.fingerprint || settings.lineage;
        let record = resume.unchanged(path, file, settings.tree_id, with_fingerprint)?;
        let Some(why) = self.outdated(&record) else {
            return Some(record);
        };
        self.progress.again.add(why);
        None
    }

    /// Returns why the record of an unchanged image is not reused; `None` if it is.
    fn outdated(&self, record: &Record) -> Option<Again> {
        // Whether a signature is believed depends on statements, on who is trusted, and on the time.
        if self.inspector.looks_for_statements() || is_attested(record) {
            return Some(Again::Statements);
        }
        let keys = &record.keys;
        if keys.judged_by.as_ref() != Some(&self.judged_by) {
            let rules = |judged: &str| judged.split('-').next().map(str::to_owned);
            let earlier = keys.judged_by.as_deref();
            return Some(match earlier.map(rules) == Some(rules(&self.judged_by)) {
                true => Again::Policy,
                false => Again::Rules,
            });
        }
        // What an image is recognised as depends on what was known.
        let known =
            keys.known == self.known && (self.known.is_some() || record.recognised.is_empty());
        (!known).then_some(Again::Known)
    }

    fn line(&self, mut record: Record) -> Outcome {
        if !self.settings.evidence {
            record.evidence = Vec::new();
        }
        Outcome::Line(Line::Image(Box::new(record)))
    }

    fn file_fields(&self, metadata: &Metadata) -> FileFields {
        FileFields {
            size: metadata.len(),
            allocated: metadata.blocks().saturating_mul(512),
            uid: metadata.uid(),
            owner: self.settings.owners.user(metadata.uid()),
            gid: metadata.gid(),
            group: self.settings.owners.group(metadata.gid()),
            mtime: jiff::Timestamp::from_second(metadata.mtime())
                .ok()
                .map(|time| time.to_string()),
            ctime: i32::try_from(metadata.ctime_nsec())
                .ok()
                .and_then(|nanos| jiff::Timestamp::new(metadata.ctime(), nanos).ok())
                .map(|time| time.to_string()),
            inode: metadata.ino(),
            ..FileFields::default()
        }
    }

    fn fill(&self, candidate: &Candidate, record: &mut Record) -> Filled {
        let path = candidate.path.as_path();
        let failed = |error: &io::Error, record: &mut Record| {
            if error.kind() == io::ErrorKind::NotFound {
                return Filled::Vanished;
            }
            // A large file that the user may not read need not be an image.
            let is_denied = error.kind() == io::ErrorKind::PermissionDenied;
            record.error = Some(match is_denied && !candidate.expected {
                true => "permission denied; it may be an image".to_owned(),
                false => given::without_numbers(&error.to_string()),
            });
            Filled::Answered
        };
        let is_directory = candidate.metadata.is_dir();
        let open = match is_directory {
            true => noatime::open_directory,
            false => noatime::open,
        };
        let opened = open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = match opened {
            Ok(opened) => opened,
            Err(error) => return failed(&error, record),
        };
        // A link, a pipe or another file may have taken its place since the walk. The owner of a
        // directory must not choose what another user's audit reads.
        let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        if identity(&metadata) != identity(&candidate.metadata) {
            record.error = Some("something else took its place during the audit".to_owned());
            return Filled::Answered;
        }
        if is_directory {
            self.take(path, self.inspector.inspect_file(path, file), record);
            return Filled::Answered;
        }
        record.file = self.file_fields(&metadata);
        let size = metadata.len();
        let begun = match Begun::of(file, metadata, |head| keys::parts(head, size)) {
            Ok(begun) => begun,
            Err(error) => return failed(&error, record),
        };
        let file = Arc::clone(&begun.file);
        if !candidate.expected && !is_image(file.head()) {
            return Filled::NotAnImage;
        }
        self.take(path, self.inspector.inspect_begun(path, begun), record);
        if record.error.is_some() && is_cut(file.head(), size) {
            record.file.whole = Some(false);
        }
        if file.head().starts_with(b"hsqs") && record.error.is_none() {
            match keys::content(&file, size) {
                Ok(key) => record.keys.content = key,
                Err(error) => record.warnings.push(format!("content-key: {error}")),
            }
            if self.settings.tree_id {
                self.tree_id(&file, record);
            }
        }
        Filled::Answered
    }

    fn take(&self, path: &Path, answer: Result<Provenance, crate::Error>, record: &mut Record) {
        match answer {
            Ok(document) => {
                record.answer(&document);
                record.keys.known.clone_from(&self.known);
                record.keys.judged_by = Some(self.judged_by.clone());
                record.attested = (self.settings.attested).then(|| Attested::of(&document));
                if let Some(policy) = &self.settings.policy {
                    record.findings.extend((policy.find)(&document));
                }
            }
            Err(error) => {
                // The record has the path already.
                let text = given::without_numbers(&error.to_string());
                let start = format!("{}: ", path.display());
                record.error = Some(text.strip_prefix(&start).unwrap_or(&text).to_owned());
            }
        }
    }

    fn tree_id(&self, file: &Headed, record: &mut Record) {
        let source: AnySource = Box::new(file);
        let image = Squashfs::open(source, self.inspector.limits());
        let id = image.and_then(|image| tree::tree_id(&image));
        match id {
            Ok(id) => record.keys.tree_id = Some(id),
            Err(_) => {
                record.partial = true;
                record.warnings.push("tree-unreadable".to_owned());
            }
        }
    }
}

/// Returns true if the record has results of statements about the image.
fn is_attested(record: &Record) -> bool {
    let reasons = record.origin.iter().flat_map(|origin| &origin.reasons);
    let mut codes = reasons.chain(&record.conflicts);
    record.attested.is_some() || codes.any(|code| attestation::CODES.contains(&&**code))
}

enum Filled {
    Answered,
    NotAnImage,
    Vanished,
}

/// Returns true for a squashfs image that is longer than its file. The superblock has its length at offset 40
/// (kernel, fs/squashfs/squashfs_fs.h, `bytes_used`).
fn is_cut(head: &[u8], size: u64) -> bool {
    let used = head.get(40..48).and_then(|bytes| bytes.try_into().ok());
    head.starts_with(b"hsqs") && used.is_some_and(|used| u64::from_le_bytes(used) > size)
}

fn is_image(head: &[u8]) -> bool {
    let behind = head.get(32..).unwrap_or_default();
    head.starts_with(b"hsqs") || behind.starts_with(b"SIF_MAGIC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::audit::Jobs;
    use crate::audit::findings::Rules;
    use crate::audit::walk::Scope;
    use std::fs;
    use std::num::NonZeroUsize;

    #[test]
    fn what_takes_the_place_of_a_file_or_directory_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["walked", "other"] {
            fs::create_dir_all(at(name).join("etc")).unwrap();
            fs::write(at(name).join("etc/os-release"), format!("ID={name}\n")).unwrap();
            fs::write(at(name).join("file"), name).unwrap();
        }
        let inspector = Inspector::new(Options::default()).unwrap();
        let progress = Progress::default();
        let settings = Settings {
            scope: Scope::default(),
            jobs: Jobs::fixed(NonZeroUsize::MIN),
            rules: Rules {
                now: jiff::Timestamp::UNIX_EPOCH,
                nightly_days: 30,
            },
            tree_id: false,
            fingerprint: false,
            lineage: false,
            attested: false,
            evidence: true,
            policy: None,
            owners: Default::default(),
        };
        let reader = Reader::new(&inspector, &settings, None, &progress);
        for (walked, stands) in [
            ("walked", "other"),
            ("walked/file", "other/file"),
            ("walked", "other/file"),
            ("walked/file", "other"),
        ] {
            let candidate = |path| Candidate {
                path: at(path),
                metadata: fs::metadata(at(walked)).unwrap(),
                expected: true,
            };
            let error = |candidate: &Candidate| match reader.read(candidate) {
                Outcome::Line(Line::Image(record)) => (record.error.clone(), format!("{record:?}")),
                _ => (None, String::new()),
            };
            let (error_of_other, record) = error(&candidate(stands));
            assert!(error_of_other.is_some(), "{walked}, {stands}");
            assert!(!record.contains("ID=other"), "{record}");
            let (itself, _) = error(&candidate(walked));
            assert_ne!(itself, error_of_other, "{walked}");
        }
    }
}
