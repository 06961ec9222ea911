//! The library's face: open an image, get its provenance.

mod archive;
mod builds;
mod input;
mod json;
mod layout;
mod rootfs;
mod sif;
mod squashfs;
mod survey;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::attribution::{Attribution, attribute, packages_to_check};
use crate::carriers::inspect_output::InspectError;
use crate::carriers::{BuildError, Facts, Loss, PackageFact, Wanted, oci_config};
use crate::contracts::{Contracts, LoadError};
use crate::image::Image;
use crate::image::detect::Form;
use crate::image::oci::{OciError, Platform};
use crate::image::sif::SifError;
use crate::integrity::{self, Progress};
use crate::limits::Limits;
use crate::provenance::{self, Integrity, Os, Package, PathText, Provenance, Runtime, SCHEMA};

use self::input::{IMAGE_URI, Input};

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
    /// Which of an image's platforms is read; `None` is this host's.
    pub platform: Option<Platform>,
    /// Whether a file from outside the image is compared with it.
    pub sidecar: Sidecars,
    /// True to hash the files of the publisher's packages against their `RECORD`. This
    /// reads them all: see [`Limits::deep`] for limits that leave time for it.
    pub deep: bool,
}

/// Which metadata file of a build is compared with an image.
///
/// It is what `docker buildx build --metadata-file` writes, or a statement of provenance.
/// The image is always believed over it.
#[derive(Clone, Debug, Default)]
pub enum Sidecars {
    /// None.
    #[default]
    None,
    /// One that stands beside the image: `model.sqsh.metadata.json`, where it is there.
    Beside,
    /// This one.
    File(PathBuf),
}

impl Sidecars {
    /// The metadata file beside an image: `model.sqsh.metadata.json`.
    #[must_use]
    pub fn beside(image: &Path) -> PathBuf {
        let mut name = image.as_os_str().to_owned();
        name.push(".metadata.json");
        PathBuf::from(name)
    }
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
    #[error("{path}: cannot be read: {reason}")]
    Io {
        /// The path as given.
        path: String,
        /// What the system said.
        reason: io::Error,
    },
    /// It is not an image, or one that is damaged where everything starts.
    #[error("{path}: {reason}")]
    Image {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: crate::squashfs::Error,
    },
    /// It is of another form, and cannot be what it says it is. What a parser says may
    /// repeat a part of the document, and so a secret.
    #[error("{path}: {}", crate::redact::text(&reason.to_string()))]
    Form {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: FormError,
    },
}

/// What is wrong with an image that is no squashfs image.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// In a SIF file.
    #[error(transparent)]
    Sif(#[from] SifError),
    /// In a layout or archive.
    #[error(transparent)]
    Oci(#[from] OciError),
    /// In JSON.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// In what a build tool wrote about a build.
    #[error("what it says about the build cannot be read: {0}")]
    Build(#[from] BuildError),
    /// Over a limit, or something else altogether.
    #[error("{0}")]
    Other(String),
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
    ///
    /// ```
    /// # let inspector = sqsh_prov::Inspector::new(sqsh_prov::Options::default())?;
    /// # let model = "fixtures/classification/01-vllm-release.sqsh";
    /// let answer = inspector.inspect(model.as_ref())?;
    /// assert_eq!(answer.origin.version.as_deref(), Some("0.29.0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inspect(&self, path: &Path) -> Result<Provenance, Error> {
        self.inspect_counted(path).map(|(provenance, _)| provenance)
    }

    /// The same, and what it cost in reads of the file.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub fn inspect_counted(&self, path: &Path) -> Result<(Provenance, Reads), Error> {
        self.answer(path, Input::open(path, &self.options.limits)?)
    }

    /// The provenance of an image that is open already; the path is what it is called.
    pub(crate) fn inspect_file(&self, path: &Path, file: File) -> Result<Provenance, Error> {
        let answer = self.answer(path, Input::of_file(path, file)?);
        answer.map(|(provenance, _)| provenance)
    }

    fn answer(&self, path: &Path, input: Input) -> Result<(Provenance, Reads), Error> {
        let Opened {
            mut file,
            mut facts,
            reads,
            again,
        } = reader(input.form)(&input, &self.context())?;
        facts.file_name = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|_| !input.is_directory())
            .map(str::to_owned);
        facts.image_uri = input.image_uri();
        let xattr = facts
            .image_uri
            .clone()
            .map(|uri| (IMAGE_URI.to_owned(), uri));
        file.xattrs.extend(xattr);
        builds::of_labels(&mut facts);
        builds::sidecar(&input, &self.options, &mut facts)?;
        match again.filter(|_| self.options.deep) {
            Some(again) => self.check_files(&mut facts, &again),
            None if self.options.deep => facts.losses.push(Loss {
                code: "files-not-seen",
                message: "no file could be checked: in this form they are not unpacked".to_owned(),
                partial: false,
            }),
            None => {}
        }
        if input.is_changed() {
            facts.losses.push(Loss {
                code: "changed-while-read",
                message: "somebody wrote to the file while it was read: this may be of two images; try again".to_owned(),
                partial: true,
            });
        }
        let attribution = attribute(&facts, &self.contracts, &self.options.mirrors);
        let mut provenance = document(file, &facts, attribution);
        provenance.integrity = self.options.deep.then(|| checked(&facts));
        if !self.options.reveal {
            crate::redact::redact(&mut provenance);
        }
        Ok((provenance, input.reads().unwrap_or(reads)))
    }

    fn context(&self) -> Context {
        Context {
            wanted: self.contracts.wanted(),
            limits: self.options.limits,
            platform: self.options.platform.clone(),
        }
    }

    /// Hashes the files of the publishers' packages, which `again` opens the image for.
    fn check_files(&self, facts: &mut Facts, again: &Again<'_>) {
        let packages = packages_to_check(facts, &self.contracts, &self.options.mirrors);
        let started = Instant::now();
        let open = || {
            let mut limits = self.options.limits.deep();
            limits.time = (limits.time).map(|time| time.saturating_sub(started.elapsed()));
            again(&limits)
        };
        let progress = self.progress.as_deref();
        let findings = integrity::check(&open, &packages, &facts.packages, progress);
        facts.integrity = findings.packages;
        facts.losses.extend(findings.losses);
    }
}

/// What a form's reader gives.
struct Opened<'i> {
    file: provenance::File,
    facts: Facts,
    /// What it cost, where the input itself does not know.
    reads: Reads,
    /// Opens the image once more, where its files can be read.
    again: Option<Again<'i>>,
}

type Again<'i> = Box<dyn Fn(&Limits) -> Result<Box<dyn Image + 'i>, String> + Sync + 'i>;

/// What a form's reader needs beside the input.
struct Context {
    wanted: Wanted,
    limits: Limits,
    platform: Option<Platform>,
}

/// The reader of each form. A new form is its file and a line here.
fn reader(form: Form) -> for<'i> fn(&'i Input, &Context) -> Result<Opened<'i>, Error> {
    match form {
        Form::Squashfs => squashfs::open,
        Form::Sif => sif::open,
        Form::Rootfs => rootfs::open,
        Form::OciLayout => layout::open,
        Form::Tar(_) => archive::open,
        Form::Json => json::open,
    }
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
            architecture: architecture(facts),
        },
        integrity: None,
        warnings: attribution.warnings,
    }
}

/// What the programs in the image are for, else what its configuration says.
fn architecture(facts: &Facts) -> Option<String> {
    let machine = facts.machine.as_ref().map(|(machine, _)| machine.clone());
    let declared = facts.architecture.as_ref();
    machine.or_else(|| declared.map(|pair| oci_config::machine(&pair.value).to_owned()))
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
