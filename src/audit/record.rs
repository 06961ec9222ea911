//! The lines of an audit report, schema `sqsh-prov-audit/1`.
//!
//! The field names are a promise to scripts: fields are added, never renamed.

use serde::{Deserialize, Serialize};

use super::attested::Attested;
use super::family::FamilyRecord;
pub use super::summary::{Group, Shard, Summary, SummaryRecord};
use crate::finding::{Finding, Severity};
use crate::image::oci::sha256;
use crate::provenance::{
    Confidence, Fingerprint, Format, Kind, PathText, Provenance, Recognised, Source, Status,
};

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-audit/1";

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line {
    /// An image.
    Image(Box<Record>),
    /// A file or directory that was not read, and why.
    Skipped(Skipped),
    /// A finding that needs all images.
    Finding(FindingRecord),
    /// One content in the family tree of all images.
    Family(Box<FamilyRecord>),
    /// The last line.
    #[serde(serialize_with = "super::summary::nested")]
    #[cfg_attr(test, schemars(with = "SummaryRecord"))]
    Summary(Box<Summary>),
}

/// One image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Record {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// Where it is.
    pub path: PathText,
    /// The file.
    pub file: FileFields,
    /// Its origin; null if it could not be read.
    pub origin: Option<OriginSummary>,
    /// The evidence for the origin.
    pub evidence: Vec<EvidenceLine>,
    /// Codes of sources that disagree.
    pub conflicts: Vec<String>,
    /// Codes of what could not be read, and other remarks.
    pub warnings: Vec<String>,
    /// True if part of the image could not be read.
    pub partial: bool,
    /// Why there is no answer.
    pub error: Option<String>,
    /// With `--attested`: the best statement about the image.
    #[serde(default)]
    pub attested: Option<Attested>,
    /// Findings about this image alone.
    pub findings: Vec<Finding>,
    /// Keys to compare it with other images.
    pub keys: Keys,
    /// With `--fingerprint`: the fingerprint of its content.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// With `--known`: known images whose content is in it.
    #[serde(default)]
    pub recognised: Vec<Recognised>,
}

/// The file of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileFields {
    /// The form of the image; null if it could not be read.
    pub format: Option<Format>,
    /// Bytes.
    pub size: u64,
    /// Bytes that are allocated on disk.
    pub allocated: u64,
    /// Owner's number.
    pub uid: u32,
    /// Owner's name, if known.
    pub owner: Option<String>,
    /// Group's number.
    pub gid: u32,
    /// Group's name, if known.
    pub group: Option<String>,
    /// Last change, RFC 3339 UTC.
    pub mtime: Option<String>,
    /// Last change of the content, the owner, the mode or a time, RFC 3339 UTC with nanoseconds: unlike
    /// `mtime`, no program can set it. Null in a report of an earlier version.
    #[serde(default)]
    pub ctime: Option<String>,
    /// Inode number.
    pub inode: u64,
    /// False if the file is shorter than the image in it.
    pub whole: Option<bool>,
    /// Compressor of a squashfs image.
    pub compression: Option<String>,
    /// Inodes in the image.
    pub inodes: Option<u32>,
    /// When the importer or exporter finished packing.
    pub packed_at: Option<String>,
}

/// The origin in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OriginSummary {
    /// The kind that the image declares.
    pub kind: Kind,
    /// True only when a known publisher's contract is met in full.
    pub official: Option<bool>,
    /// The contract's id, or the owner of the source repository.
    pub publisher: Option<String>,
    /// The publisher's name for it.
    pub product: Option<String>,
    /// The product's version.
    pub version: Option<String>,
    /// The commit that was built.
    pub commit: Option<String>,
    /// The repository that the commit is in.
    pub repository: Option<String>,
    /// The page of the pipeline's run.
    pub pipeline: Option<String>,
    /// The canonical public reference.
    pub public_reference: Option<String>,
    /// What to pull to get this image again.
    pub pull: Option<String>,
    /// False if that does not give this image again.
    pub pull_ok: bool,
    /// The reference that it was imported from.
    pub imported: Option<String>,
    /// The digest that it was imported by.
    pub digest: Option<String>,
    /// The image that it was built on.
    pub derived_from: Option<String>,
    /// When the image was built.
    pub created: Option<String>,
    /// True if the imported tag moves to new images.
    pub moving: bool,
    /// True if the content was changed after the import.
    pub modified_after_import: bool,
    /// How well the origin is supported.
    pub confidence: Confidence,
    /// Codes that explain `kind` and `official`.
    pub reasons: Vec<String>,
    /// As `uname -m` says it.
    pub architecture: Option<String>,
    /// The operating system in the image.
    pub os: Option<String>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EvidenceLine {
    /// The field that it supports.
    pub field: String,
    /// The value as read.
    pub value: String,
    /// Its source.
    pub source: String,
    /// How it was used.
    pub status: Status,
}

/// Keys to compare an image with others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Keys {
    /// Digest of superblock, size and tables: equal for copies of one file.
    pub content: Option<String>,
    /// With `--tree-id`: equal for one image imported twice.
    pub tree_id: Option<String>,
    /// A digest of what decides what runs: environment, entry point, arguments and working directory. Null in
    /// a report of an earlier version.
    #[serde(default)]
    pub settings: Option<String>,
    /// The moving reference that it was imported from.
    pub moving: Option<String>,
    /// With `--known`: a digest of the known images.
    #[serde(default)]
    pub known: Option<String>,
    /// Other where the image was judged by another policy, other contracts, mirrors or flags, or by another
    /// version of this program. Null in a report of an earlier version.
    #[serde(default)]
    pub judged_by: Option<String>,
}

/// Something that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Skipped {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// Where it is.
    pub path: PathText,
    /// `link`, `mount-border`, `unreadable-directory`, `vanished`, `offline`, `same-inode`,
    /// `not-a-file`, `no-permission`.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

/// A finding about several images, or one that needs an earlier report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingRecord {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// Stable, kebab-case.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence for a person.
    pub message: String,
    /// The image that the others are copies of or older than.
    pub keep: Option<PathText>,
    /// The images that it is about, without `keep`.
    pub paths: Vec<PathText>,
    /// The path in the earlier report, for an image that was renamed.
    #[serde(default)]
    pub was: Option<PathText>,
    /// Bytes that are freed if `paths` are removed.
    pub reclaimable: u64,
}

impl Line {
    /// Parses a line of a report in the format `ndjson`. Unknown fields are ignored.
    ///
    /// # Errors
    /// If it is not JSON, or lacks what its type needs.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Type {
            Image,
            Skipped,
            Finding,
            Family,
            Summary,
        }
        #[derive(Deserialize)]
        #[serde(expecting = "an object with a type")]
        struct Typed {
            r#type: Type,
        }
        let Typed { r#type } = serde_json::from_slice(text)?;
        Ok(match r#type {
            Type::Image => Self::Image(serde_json::from_slice(text)?),
            Type::Skipped => Self::Skipped(serde_json::from_slice(text)?),
            Type::Finding => Self::Finding(serde_json::from_slice(text)?),
            Type::Family => Self::Family(serde_json::from_slice(text)?),
            Type::Summary => {
                let SummaryRecord {
                    schema,
                    mut summary,
                } = serde_json::from_slice(text)?;
                summary.schema = schema;
                Self::Summary(summary)
            }
        })
    }
}

impl Record {
    /// Returns true for an image that is official.
    #[must_use]
    pub fn is_official(&self) -> bool {
        let origin = self.origin.as_ref();
        origin.is_some_and(|origin| origin.official == Some(true))
    }

    /// Returns a record for a file that is not read yet.
    #[must_use]
    pub fn unread(path: PathText, file: FileFields) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            path,
            file,
            ..Self::default()
        }
    }

    /// Copies the answer about the image into the record.
    pub fn answer(&mut self, document: &Provenance) {
        self.partial = document.is_partial();
        let file = &document.file;
        self.file.format = Some(file.format);
        self.file.whole = file.whole;
        self.file.compression.clone_from(&file.compression);
        self.file.inodes = file.inodes;
        self.file.packed_at.clone_from(&file.packed_at);
        let origin = &document.origin;
        let evidence = document.evidence.iter();
        self.evidence = evidence
            .map(|evidence| EvidenceLine {
                field: evidence.field.clone(),
                value: evidence.value.clone(),
                source: source(&evidence.source),
                status: evidence.status,
            })
            .collect();
        self.conflicts = document.conflicts.iter().map(|c| c.code.clone()).collect();
        self.warnings = document.warnings.iter().map(|w| w.code.clone()).collect();
        self.fingerprint.clone_from(&document.fingerprint);
        self.recognised.clone_from(&document.recognised);
        let imported = origin.imported.as_ref();
        let moving = imported.filter(|_| origin.moving);
        self.keys.settings = settings(document);
        self.keys.moving = moving.and_then(|imported| imported.reference.clone());
        let commit = origin.commit.as_ref();
        self.origin = Some(OriginSummary {
            kind: origin.kind,
            official: origin.official,
            publisher: origin.publisher.clone(),
            product: origin.product.clone(),
            version: origin.version.clone(),
            commit: commit.map(|commit| commit.id.clone()),
            repository: commit.and_then(|commit| commit.repository.clone()),
            pipeline: origin.pipeline.as_ref().and_then(|p| p.url.clone()),
            public_reference: origin.public_reference.clone(),
            pull: origin.pull.reference.clone(),
            pull_ok: origin.pull.ok,
            imported: imported.map(|i| i.reference.clone().unwrap_or_else(|| i.uri.clone())),
            digest: imported.and_then(|imported| imported.digest.clone()),
            derived_from: origin.derived_from.as_ref().and_then(|from| {
                let name = from.reference.as_ref().or(from.product.as_ref());
                name.or(from.publisher.as_ref()).cloned()
            }),
            created: origin.created.clone(),
            moving: origin.moving,
            modified_after_import: origin.modified_after_import,
            confidence: origin.confidence,
            reasons: origin.reasons.clone(),
            architecture: document.os.architecture.clone(),
            os: document.os.pretty_name.clone(),
        });
    }

    /// Returns the worst severity of its own findings.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Returns a source in one piece: `rc /etc/rc:12 KEY`.
fn source(source: &Source) -> String {
    let mut text = source.carrier.clone();
    if let Some(path) = &source.path {
        text.push_str(&format!(" {path}"));
        if let Some(line) = source.line {
            text.push_str(&format!(":{line}"));
        }
    }
    if let Some(key) = &source.key {
        text.push_str(&format!(" {key}"));
    }
    text
}

/// Returns a digest of what decides what runs. The listing does not show a change of it: the files of the
/// importer do not count there.
fn settings(document: &Provenance) -> Option<String> {
    let runtime = &document.runtime;
    let (entrypoint, cmd, workdir) = (&runtime.entrypoint, &runtime.cmd, &runtime.workdir);
    let text = serde_json::to_vec(&(&document.environment, entrypoint, cmd, workdir)).ok()?;
    Some(sha256(&text))
}
