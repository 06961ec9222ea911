//! The library's face: open an image, get its provenance.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::attribution::{Attribution, attribute, packages_to_check};
use crate::carriers::{Facts, Loss, PackageFact, collect};
use crate::contracts::{Contracts, LoadError};
use crate::image::Image;
use crate::integrity::{self, Progress};
use crate::limits::Limits;
use crate::provenance::{
    self, Format, Integrity, Os, Package, PathText, Provenance, Runtime, SCHEMA,
};
use crate::squashfs::{self, Counted, Squashfs};

/// Where importers keep the URI of a file, as an extended attribute.
const IMAGE_URI: &str = "user.image_uri";
/// Longest URI that is taken from there, in bytes.
const LONGEST_URI: usize = 4096;

/// How images are read and judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What may be read from one image.
    pub limits: Limits,
    /// True to leave values that look like secrets as they are.
    pub reveal: bool,
    /// Pairs of a mirror's prefix and the registry that it mirrors.
    pub mirrors: Vec<(String, String)>,
    /// A directory with contracts of the site's own.
    pub contracts_dir: Option<PathBuf>,
    /// True to hash the files of the publisher's packages against their `RECORD`. This
    /// reads them all: see [`Limits::deep`] for limits that leave time for it.
    pub deep: bool,
}

/// Reads images and says where they come from.
#[derive(Debug)]
pub struct Inspector {
    options: Options,
    contracts: Contracts,
    progress: Option<Box<dyn Progress>>,
}

/// What an inspection cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Positional reads of the image file.
    pub count: u64,
    /// Bytes that they returned.
    pub bytes: u64,
}

/// Why an image has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("{path}: there is no such file; check the path")]
    NotFound {
        /// The path as given.
        path: String,
    },
    /// The file may not be read.
    #[error(
        "{path}: permission denied; it may well be an image: ask its owner, or run as a user who may read it"
    )]
    PermissionDenied {
        /// The path as given.
        path: String,
    },
    /// The path names something that is not read.
    #[error("{path}: it is {found}; give an image file")]
    NotAFile {
        /// The path as given.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// The system cannot read it.
    #[error("{path}: cannot be read: {source}")]
    Io {
        /// The path as given.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is not an image, or one that is damaged where everything starts.
    #[error("{path}: {source}")]
    Image {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        source: squashfs::Error,
    },
}

impl Inspector {
    /// An inspector with these options and all contracts.
    ///
    /// # Errors
    /// Where a contract file of the site's or in `contracts_dir` cannot be used.
    pub fn new(options: Options) -> Result<Self, LoadError> {
        let contracts = Contracts::load(options.contracts_dir.as_deref())?;
        Ok(Self {
            options,
            contracts,
            progress: None,
        })
    }

    /// The same, telling somebody how far hashing has come.
    #[must_use]
    pub fn with_progress(mut self, progress: Box<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The contracts that it judges by.
    #[must_use]
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// What it may read from one image.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// The provenance of the image at this path.
    ///
    /// # Errors
    /// When the file cannot be opened, or is no image. A damaged image is answered as
    /// far as it can be read, with a warning for each loss.
    pub fn inspect(&self, path: &Path) -> Result<Provenance, Error> {
        self.inspect_counted(path).map(|(provenance, _)| provenance)
    }

    /// The same, and what it cost in reads of the file.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub fn inspect_counted(&self, path: &Path) -> Result<(Provenance, Reads), Error> {
        let (file, metadata) = open(path)?;
        let image_error = |source| Error::Image {
            path: shown(path),
            source,
        };
        let image_uri = image_uri(&file);
        let source = Counted::new(file);
        let image = Squashfs::open(&source, &self.options.limits).map_err(image_error)?;
        let mut facts = collect(&image, &self.contracts.wanted(), &self.options.limits);
        facts.file_name = path
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned);
        facts.image_uri.clone_from(&image_uri);
        if let Err(truncated) = image.check_whole() {
            facts.losses.insert(
                0,
                Loss {
                    code: "truncated",
                    message: truncated.to_string(),
                    partial: true,
                },
            );
        }
        if self.options.deep {
            self.check_files(&mut facts, |limits| Squashfs::open(&source, limits));
        }
        let superblock = image.superblock();
        let file = provenance::File {
            path: path.into(),
            format: Format::Squashfs,
            size: Some(metadata.len()),
            allocated: Some(metadata.blocks().saturating_mul(512)),
            uid: Some(metadata.uid()),
            gid: Some(metadata.gid()),
            mtime: timestamp(metadata.mtime()),
            inode: Some(metadata.ino()),
            whole: Some(image.truncated().is_none()),
            compression: Some(superblock.compressor.name().to_owned()),
            block_size: Some(superblock.block_size),
            inodes: Some(superblock.inode_count),
            packed_at: timestamp(i64::from(superblock.packed_at)),
            xattrs: image_uri
                .into_iter()
                .map(|uri| (IMAGE_URI.to_owned(), uri))
                .collect(),
            tree_id: None,
        };
        let attribution = attribute(&facts, &self.contracts, &self.options.mirrors);
        let mut provenance = document(file, &facts, attribution);
        provenance.integrity = self.options.deep.then(|| checked(&facts));
        if !self.options.reveal {
            crate::redact::redact(&mut provenance);
        }
        let reads = Reads {
            count: source.reads(),
            bytes: source.bytes(),
        };
        Ok((provenance, reads))
    }

    /// Hashes the files of the publishers' packages, which `open` opens the image for again.
    fn check_files<I: Image, E: std::fmt::Display>(
        &self,
        facts: &mut Facts,
        open: impl Fn(&Limits) -> Result<I, E> + Sync,
    ) {
        let packages = packages_to_check(facts, &self.contracts, &self.options.mirrors);
        let started = Instant::now();
        let open = || {
            let mut limits = self.options.limits.deep();
            limits.time = (limits.time).map(|time| time.saturating_sub(started.elapsed()));
            let image = open(&limits).map_err(|error| error.to_string())?;
            Ok(Box::new(image) as Box<dyn Image>)
        };
        let progress = self.progress.as_deref();
        let findings = integrity::check(&open, &packages, &facts.packages, progress);
        facts.integrity = findings.packages;
        facts.losses.extend(findings.losses);
    }
}

/// Opens a regular file; anything else is refused before it could block.
fn open(path: &Path) -> Result<(File, fs::Metadata), Error> {
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound { path: shown(path) },
        io::ErrorKind::PermissionDenied => Error::PermissionDenied { path: shown(path) },
        _ => Error::Io {
            path: shown(path),
            source,
        },
    };
    let check = |metadata: &fs::Metadata| {
        let kind = metadata.file_type();
        if kind.is_file() {
            return Ok(());
        }
        let found = if kind.is_dir() {
            "a directory"
        } else {
            "a device, pipe or socket"
        };
        Err(Error::NotAFile {
            path: shown(path),
            found,
        })
    };
    check(&fs::metadata(path).map_err(fail)?)?;
    let file = crate::quiet::open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    check(&metadata)?;
    Ok((file, metadata))
}

fn image_uri(file: &File) -> Option<String> {
    let mut value = vec![0; LONGEST_URI];
    let length = rustix::fs::fgetxattr(file, IMAGE_URI, &mut value).ok()?;
    value.truncate(length);
    String::from_utf8(value).ok()
}

fn document(file: provenance::File, facts: &Facts, attribution: Attribution) -> Provenance {
    let last_wins = |pairs: &[crate::carriers::Pair]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|pair| (pair.key.clone(), pair.value.clone()))
            .collect()
    };
    let os = |key: &str| facts.os_release.get(key).cloned();
    Provenance {
        schema: SCHEMA.to_owned(),
        file,
        origin: attribution.origin,
        lineage: attribution.lineage,
        conflicts: attribution.conflicts,
        evidence: attribution.evidence,
        environment: last_wins(&facts.environment),
        labels: last_wins(&facts.labels),
        runtime: Runtime {
            entrypoint: facts.entrypoint.clone().unwrap_or_default(),
            cmd: facts.cmd.clone().unwrap_or_default(),
            workdir: facts.workdir.clone(),
            volumes: facts.volumes.clone(),
        },
        packages: facts.packages.iter().map(package).collect(),
        os: Os {
            id: os("ID"),
            version_id: os("VERSION_ID"),
            pretty_name: os("PRETTY_NAME"),
            architecture: facts.machine.as_ref().map(|(machine, _)| machine.clone()),
        },
        integrity: None,
        warnings: attribution.warnings,
    }
}

/// What was found out about each package that could be checked.
fn checked(facts: &Facts) -> Vec<Integrity> {
    let checked = facts.integrity.iter().filter(|fact| fact.has_record);
    checked
        .map(|fact| Integrity {
            package: fact.package.clone(),
            path: fact.path.clone(),
            files: fact.files,
            changed: fact.changed.clone(),
            missing: fact.missing.clone(),
            extra: fact.extra.clone(),
        })
        .collect()
}

fn package(fact: &PackageFact) -> Package {
    let direct = fact.direct_url.as_ref();
    let of_version = crate::carriers::python::commit_of_version(&fact.version);
    Package {
        name: fact.name.clone(),
        version: fact.version.clone(),
        ecosystem: "pypi".to_owned(),
        path: fact.path.clone(),
        commit: direct
            .and_then(|direct| direct.commit.clone())
            .or_else(|| of_version.map(|(commit, _)| commit))
            .or_else(|| fact.commit_id.as_ref().map(|pair| pair.value.clone())),
        url: direct.map(|direct| direct.url.clone()),
        editable: direct.is_some_and(|direct| direct.editable),
    }
}

/// Seconds since 1970 as RFC 3339 in UTC.
fn timestamp(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds)
        .ok()
        .map(|time| time.to_string())
}

impl From<&Path> for PathText {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes {
                bytes: BASE64.encode(path.as_os_str().as_bytes()),
            },
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
