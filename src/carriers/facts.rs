//! The plain facts of carriers: values and their sources, without judgement.

use std::collections::{BTreeMap, BTreeSet};

use super::{Build, Pair, Process};
use crate::image::{Later, Packing};
use crate::provenance::{BuildStep, Source};

/// All facts that were read from one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The importer's own record, if the image has one.
    pub import: Option<Import>,
    /// Extended attribute `user.image_uri` of the file.
    pub image_uri: Option<String>,
    /// The last component of the file's path, if it is UTF-8.
    pub file_name: Option<String>,
    /// The environment in the order of the image, with duplicates.
    pub environment: Vec<Pair>,
    /// Lines of `/etc/environment` that are not variables: the rest of a value with line breaks.
    pub stray_environment_lines: Vec<u32>,
    /// True if the order of `environment` is that of the image's build steps.
    pub environment_ordered: bool,
    /// Labels in their order in the file, with duplicates.
    pub labels: Vec<Pair>,
    /// The entrypoint; `None` is unknown, empty is none.
    pub entrypoint: Option<Vec<String>>,
    /// The arguments; `None` is unknown, empty is none.
    pub cmd: Option<Vec<String>>,
    /// The working directory; `None` if the image has none.
    pub workdir: Option<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// The keys of `/etc/os-release`.
    pub os_release: BTreeMap<String, String>,
    /// The architecture in the ELF header of a system program, in the spelling of `uname -m`.
    pub machine: Option<(String, Source)>,
    /// Installed packages.
    pub packages: Vec<PackageFact>,
    /// True if a root file system was searched for packages.
    pub packages_known: bool,
    /// Git checkouts that were left in the image.
    pub checkouts: Vec<Checkout>,
    /// Provenance files that contracts name: path → flat keys.
    pub documents: BTreeMap<String, Vec<Pair>>,
    /// The existing paths among those that contracts name.
    pub present: BTreeSet<String>,
    /// Labels of the base image, frozen in `…/buildinfo/labels.json`.
    pub base_labels: Option<Vec<Pair>>,
    /// `torch/version.py`: `git_version`, `cuda`, `hip`.
    pub torch: Vec<Pair>,
    /// Times of places that a change touches: path → seconds since 1970.
    pub mtimes: BTreeMap<String, i64>,
    /// The files that changed after the importer wrote its last file.
    pub later: LaterThanImport,
    /// How the squashfs image was packed; `None` for every other form.
    pub packing: Option<Packing>,
    /// True if `/etc/rc.local` is not the importer's stub; `None` if it is not there.
    pub rc_local_edited: Option<bool>,
    /// True if the script in `/etc/rc` differs from that of the importer.
    pub rc_edited: bool,
    /// The build time in the image's own configuration.
    pub created: Option<Pair>,
    /// The platform for which the image was chosen, if the file has images for several.
    pub platform: Option<String>,
    /// The target of a bake file, if the file has several.
    pub target: Option<String>,
    /// The platform in the image's own configuration, in its spelling.
    pub architecture: Option<Pair>,
    /// The build steps that the configuration lists, first to last.
    pub history: Vec<Pair>,
    /// The build steps with all their fields.
    pub steps: Vec<BuildStep>,
    /// User, ports, stop signal and health check, if a configuration has them.
    pub process: Process,
    /// Annotations of an index, descriptor or manifest, outermost first; the carrier says which.
    pub annotations: Vec<Pair>,
    /// Digests that were computed; the key is `index`, `manifest` or `config`.
    pub digests: Vec<Pair>,
    /// A packer's records about its own packing, from among the labels.
    pub packer_labels: Vec<Pair>,
    /// Names of the image, or of the image that it was packed from, if no importer's line has one.
    pub named: Option<ImageNames>,
    /// True if another tool also left a record: the importer's record may then belong to the base.
    pub import_doubtful: bool,
    /// Records of build tools about the image's own build.
    pub builds: Vec<Build>,
    /// A metadata file that was found beside the image, or given with it.
    pub sidecar: Option<Sidecar>,
    /// The comparison of packages' files with their records, if it was made.
    pub integrity: Vec<IntegrityFact>,
    /// Losses, with a stable code, for warnings.
    pub losses: Vec<Loss>,
}

/// The names that a packer, an archive or a daemon has for an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageNames {
    /// References, as written; the first one counts.
    pub names: Vec<Pair>,
    /// `sha256:…` of the index or manifest that the names belong to.
    pub digest: Option<Pair>,
    /// `repository@sha256:…`: digests that belong only to names in the same repository.
    pub pinned: Vec<Pair>,
    /// Who gave the name.
    pub by: NamedBy,
    /// Steps that the packer ran in the image.
    pub steps: Vec<Pair>,
}

/// The source of an image's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NamedBy {
    /// A packer, which names the image that it pulled.
    #[default]
    Packer,
    /// The layout of the image.
    Layout,
    /// A daemon that has the image.
    Daemon,
}

/// A metadata file from outside the image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    /// The names of the build's result.
    pub names: Vec<Pair>,
    /// Its digests; the keys are `index`, `manifest` and `config`.
    pub digests: Vec<Pair>,
    /// The records of the build.
    pub builds: Vec<Build>,
}

/// An importer's record in `/etc/rc`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// The value of the provenance line on line 1, which may be empty.
    pub uri: Option<Pair>,
    /// Why no importer writes such a value, in one sentence; `None` for a possible or an empty
    /// value.
    pub unreadable: Option<String>,
    /// Further lines that look like one; never trusted.
    pub false_uris: Vec<Pair>,
    /// Lines among the labels that are not labels: the rest of a value with line breaks.
    pub spilled_lines: Vec<u32>,
    /// True if all lines between line 1 and the importer's script are labels, each key once and in
    /// byte order, as builders written in Go marshal them; also true without labels.
    pub label_keys_sorted: bool,
    /// True if a label below line 1 has a key that sorts before `enroot-provenance:`. A builder
    /// that sorts would have put it above a label with that key.
    pub label_before_line: bool,
}

/// The changes after the import, from the time of every inode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LaterThanImport {
    /// There is no importer's `/etc/rc`, or the form keeps no times.
    #[default]
    NotAsked,
    /// All times were read; there may be no later one.
    Read(Later),
    /// The times could not be read.
    Unknown {
        /// `inode-times-over-limit`, `inode-times-damaged` or `timed-out`.
        code: &'static str,
        /// One sentence for a person.
        message: String,
    },
}

/// One installed Python package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageFact {
    /// The name as METADATA spells it, if METADATA was read; otherwise the directory's name.
    pub name: String,
    /// The version, with the local segment.
    pub version: String,
    /// The `.dist-info` or `.egg-info` path.
    pub path: String,
    /// The time of that directory's last change, if it was read.
    pub mtime: Option<i64>,
    /// `direct_url.json`, credentials removed.
    pub direct_url: Option<DirectUrl>,
    /// `__commit_id__` of `_version.py`, and its place.
    pub commit_id: Option<Pair>,
    /// `__version__` or `version` of the package's `_version.py`, else of its `version.py`; read
    /// for wanted packages only.
    pub version_file: Option<Pair>,
    /// `Version` of `METADATA` or `PKG-INFO`; read for wanted packages only.
    pub metadata_version: Option<String>,
    /// `Name` of `METADATA` or `PKG-INFO`; read for wanted packages only.
    pub metadata_name: Option<String>,
    /// True if the installer's list of files exists and is not empty: `RECORD` in a `.dist-info`,
    /// or pip's `installed-files.txt` in an `.egg-info` (`SOURCES.txt` lists what was packed, not
    /// what was installed). Read for wanted packages only.
    pub has_record: bool,
}

/// PEP 610, `direct_url.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectUrl {
    /// Without credentials.
    pub url: String,
    /// Version control commit.
    pub commit: Option<String>,
    /// The requested branch, tag or ref.
    pub requested_revision: Option<String>,
    /// True if the package runs from a source directory.
    pub editable: bool,
}

/// The comparison of one package's files with its `RECORD`. Files are named as in the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrityFact {
    /// The package.
    pub package: String,
    /// Its `.dist-info` directory.
    pub path: String,
    /// False if there is no record, although the installer writes one.
    pub has_record: bool,
    /// True for a package of no known publisher: only the files in its record were read.
    pub listed_only: bool,
    /// Number of files that were hashed.
    pub files: u64,
    /// True if the record lists files without a usable digest.
    pub unhashed: bool,
    /// Files with another hash than in the record.
    pub changed: Vec<String>,
    /// Files that are missing.
    pub missing: Vec<String>,
    /// Files in the package's own directories that no record lists.
    pub extra: Vec<String>,
    /// Files that no record lists, and that Python imports or a shell runs, beside the package or
    /// in its place, by absolute path.
    pub beside: Vec<String>,
}

/// A `.git` in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// The directory that contains `.git`.
    pub path: String,
    /// The Git directory: `.git` itself, or the directory that this file names.
    pub git_directory: String,
    /// HEAD's commit, if it could be resolved.
    pub commit: Option<Pair>,
    /// `refs/heads/main`; `None` when HEAD is detached.
    pub reference: Option<String>,
    /// The first tag that names a detached HEAD's commit: key `refs/tags/v1.0`, value `v1.0`.
    pub tag: Option<Pair>,
    /// The remote's reference by which HEAD's commit was fetched, `refs/pull/12/merge`: from
    /// `FETCH_HEAD`, else a pull request's reference to the commit. The key is its local name.
    pub fetched: Option<Pair>,
    /// URL of the remote `origin`, credentials removed.
    pub remote: Option<Pair>,
    /// True if the references are in a reftable, which is not read. HEAD then has no name of a branch.
    pub has_reftable: bool,
}

/// A part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// A stable code in kebab case.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// True if the answer is partial (exit 2): the image is damaged or over a limit.
    pub partial: bool,
}

impl Loss {
    /// Makes a loss after which the answer is partial.
    pub(crate) fn partial(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            partial: true,
            ..Self::minor(code, message)
        }
    }

    /// Makes a loss after which the answer is still complete.
    pub(crate) fn minor(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            partial: false,
        }
    }
}

impl Facts {
    /// Returns true if an unreadable part of the image may have contained facts.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.losses.iter().any(|loss| loss.partial)
    }

    /// Returns the program in the entrypoint, if it has a path: `/entrypoint.sh`.
    #[must_use]
    pub fn program(&self) -> Option<&String> {
        let first = self.entrypoint.iter().flatten().next();
        first.filter(|program| program.starts_with('/'))
    }

    /// Returns the absolute directories of the image's `PATH`, first to last.
    #[must_use]
    pub fn search_path(&self) -> Vec<&str> {
        let mut pairs = self.environment.iter().rev();
        let path = pairs.find(|pair| pair.key == "PATH");
        let parts = path.iter().flat_map(|pair| pair.value.split(':'));
        parts.filter(|part| part.starts_with('/')).collect()
    }
}

/// The files and packages that contracts name. Collecting reads them in addition to its fixed paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Paths whose existence is checked.
    pub markers: BTreeSet<String>,
    /// Provenance files to parse: path → format.
    pub documents: BTreeMap<String, DocumentFormat>,
    /// Names (normalised, PEP 503) of the packages to read `direct_url.json` and `_version.py` of.
    pub packages: BTreeSet<String>,
    /// Names of packages whose times show when an image was built.
    pub held: BTreeSet<String>,
    /// Directories that may contain a `.git`.
    pub source_directories: BTreeSet<String>,
}

/// The format of a provenance file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentFormat {
    /// One JSON object; nested keys are joined with dots.
    Json,
    /// `key: value` lines of YAML; nested keys are joined with dots.
    Yaml,
}
