//! The plain facts of carriers: values and their sources, without judgement.

use std::collections::{BTreeMap, BTreeSet};

use super::{Build, Pair, Process};
use crate::image::{Later, Packing};
use crate::provenance::{BuildStep, Source};

/// All that was read from one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The importer's own notes, where the image has them.
    pub import: Option<Import>,
    /// Extended attribute `user.image_uri` of the file.
    pub image_uri: Option<String>,
    /// The last component of the file's path, where it is UTF-8.
    pub file_name: Option<String>,
    /// Environment in the order of the image, duplicates kept.
    pub environment: Vec<Pair>,
    /// Lines of `/etc/environment` that are no variable: the rest of a value with newlines.
    pub stray_environment_lines: Vec<u32>,
    /// True if the order of `environment` is that of the image's build steps.
    pub environment_ordered: bool,
    /// Labels in their order in the file, with duplicates.
    pub labels: Vec<Pair>,
    /// Entrypoint; `None` is unknown, empty is none.
    pub entrypoint: Option<Vec<String>>,
    /// Arguments; `None` is unknown, empty is none.
    pub cmd: Option<Vec<String>>,
    /// Working directory; `None` if the image has none.
    pub workdir: Option<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// What `/etc/os-release` says.
    pub os_release: BTreeMap<String, String>,
    /// Architecture in the ELF header of a system program, as `uname -m` says it.
    pub machine: Option<(String, Source)>,
    /// Installed packages.
    pub packages: Vec<PackageFact>,
    /// True if the root file system was there to look for packages in.
    pub packages_known: bool,
    /// Git checkouts that were left in the image.
    pub checkouts: Vec<Checkout>,
    /// Provenance files that contracts name: path → flat keys.
    pub documents: BTreeMap<String, Vec<Pair>>,
    /// Which of the paths that contracts ask for exist.
    pub present: BTreeSet<String>,
    /// Labels of the base image, frozen in `…/buildinfo/labels.json`.
    pub base_labels: Option<Vec<Pair>>,
    /// `torch/version.py`: `git_version`, `cuda`, `hip`.
    pub torch: Vec<Pair>,
    /// Files that change when a container is used: path → mtime (seconds, UTC).
    pub mtimes: BTreeMap<String, i64>,
    /// What was changed after the importer had written its last file.
    pub later: LaterThanImport,
    /// How the squashfs image was packed; `None` for every other form.
    pub packing: Option<Packing>,
    /// True if `/etc/rc.local` is not the importer's stub; `None` if it is not there.
    pub rc_local_edited: Option<bool>,
    /// True if `/etc/rc` has a script that its importer does not write.
    pub rc_edited: bool,
    /// When the image's own configuration says that it was built.
    pub created: Option<Pair>,
    /// For which platform it was chosen, where the file has images for several.
    pub platform: Option<String>,
    /// The target of a bake file that it is, where the file is about several.
    pub target: Option<String>,
    /// What the image's own configuration says it runs on, as it is spelled there.
    pub architecture: Option<Pair>,
    /// The build steps that the configuration lists, first to last.
    pub history: Vec<Pair>,
    /// The same, with all that is said of each.
    pub steps: Vec<BuildStep>,
    /// User, ports, stop signal and health check, where a configuration says them.
    pub process: Process,
    /// Annotations of an index, descriptor or manifest, outermost first; the carrier says which.
    pub annotations: Vec<Pair>,
    /// Digests that bytes were hashed to: the key is `index`, `manifest` or `config`.
    pub digests: Vec<Pair>,
    /// What a packer wrote about its own packing, in among the labels.
    pub packer_labels: Vec<Pair>,
    /// What the image is called, or was packed from, where no importer's line says it.
    pub named: Option<ImageNames>,
    /// True if another tool also left a record: the importer's record may then be the base's.
    pub import_doubtful: bool,
    /// What build tools wrote about the image's own build.
    pub builds: Vec<Build>,
    /// A metadata file that was found beside the image, or given with it.
    pub sidecar: Option<Sidecar>,
    /// What the files of packages say against their records, where they were hashed.
    pub integrity: Vec<IntegrityFact>,
    /// What was lost, with a stable code, for warnings.
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
    /// A packer says what it pulled.
    #[default]
    Packer,
    /// The name of the image in its layout.
    Layout,
    /// A daemon has it under this name.
    Daemon,
}

/// What a metadata file from outside the image says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    /// What the result of the build is called.
    pub names: Vec<Pair>,
    /// Its digests; the keys are `index`, `manifest` and `config`.
    pub digests: Vec<Pair>,
    /// How it was built.
    pub builds: Vec<Build>,
}

/// What an importer wrote into `/etc/rc`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// The value of the provenance line on line 1, which may be empty.
    pub uri: Option<Pair>,
    /// Why no importer writes such a value, in one sentence; `None` for one that it may write, and
    /// for an empty one.
    pub unreadable: Option<String>,
    /// Further lines that look like one; never trusted.
    pub false_uris: Vec<Pair>,
    /// Lines among the labels that are no label line: the rest of a value with newlines.
    pub spilled_lines: Vec<u32>,
    /// True if all lines between line 1 and the importer's script are label lines, each key once
    /// and in byte order, as builders that are written in Go marshal them (so too without a label).
    pub label_keys_sorted: bool,
    /// True if the key of a label line behind line 1 sorts before `enroot-provenance:`: a builder
    /// that sorts would have put it above a label of that key.
    pub label_before_line: bool,
}

/// What was changed after the import, by the time of every inode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LaterThanImport {
    /// There is no importer's `/etc/rc`, or the form has no times.
    #[default]
    NotAsked,
    /// They were all read; none may be later.
    Read(Later),
    /// They could not be read.
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
    /// As METADATA spells it where that was read, else as the directory is named.
    pub name: String,
    /// Its version, with the local segment.
    pub version: String,
    /// The `.dist-info` or `.egg-info` path.
    pub path: String,
    /// When that directory was last changed, where it was asked for.
    pub mtime: Option<i64>,
    /// `direct_url.json`, credentials removed.
    pub direct_url: Option<DirectUrl>,
    /// `__commit_id__` of `_version.py`, and where it stands.
    pub commit_id: Option<Pair>,
    /// `__version__` or `version` of the package's `_version.py`, else of its `version.py`; asked of
    /// wanted packages only.
    pub version_file: Option<Pair>,
    /// `Version` of `METADATA` or `PKG-INFO`; asked of wanted packages only.
    pub metadata_version: Option<String>,
    /// `Name` of `METADATA` or `PKG-INFO`; asked of wanted packages only.
    pub metadata_name: Option<String>,
    /// True if the installer's list of files is there and not empty: `RECORD` in a `.dist-info`, in an
    /// `.egg-info` the `installed-files.txt` of pip (`SOURCES.txt` lists what was packed, not what
    /// was installed). Asked of wanted packages only.
    pub has_record: bool,
}

/// PEP 610, `direct_url.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectUrl {
    /// Without credentials.
    pub url: String,
    /// Version control commit.
    pub commit: Option<String>,
    /// The branch, tag or ref that was asked for.
    pub requested_revision: Option<String>,
    /// Runs from a source directory.
    pub editable: bool,
}

/// What the files of one installed package say against its `RECORD`. Files are named
/// as the record names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrityFact {
    /// The package.
    pub package: String,
    /// Its `.dist-info` directory.
    pub path: String,
    /// False if there is no record, although the installer writes one.
    pub has_record: bool,
    /// True for a package of no publisher: only the files that its record lists were read.
    pub listed_only: bool,
    /// Number of files that were hashed.
    pub files: u64,
    /// True if the record lists files without a digest that can be checked.
    pub unhashed: bool,
    /// Files with another hash than in the record.
    pub changed: Vec<String>,
    /// Files that are not there.
    pub missing: Vec<String>,
    /// Files in the package's own directories that no record lists.
    pub extra: Vec<String>,
    /// What no record lists and Python imports, or a shell runs, beside the package or in place of it,
    /// by absolute path.
    pub beside: Vec<String>,
}

/// A `.git` that was left in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// The directory that contains `.git`.
    pub path: String,
    /// The directory that `.git` is, or names.
    pub git_directory: String,
    /// HEAD's commit, where it could be resolved.
    pub commit: Option<Pair>,
    /// `refs/heads/main`; `None` when HEAD is detached.
    pub reference: Option<String>,
    /// The first tag that names a detached HEAD's commit: key `refs/tags/v1.0`, value `v1.0`.
    pub tag: Option<Pair>,
    /// The remote's reference that HEAD's commit was fetched by, `refs/pull/12/merge`: what
    /// `FETCH_HEAD` says, else a reference of a pull request that names the commit. The key is the
    /// local name of it.
    pub fetched: Option<Pair>,
    /// URL of the remote `origin`, credentials removed.
    pub remote: Option<Pair>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// True if the image is damaged or over a limit, so the answer is partial (exit 2).
    pub partial: bool,
}

impl Facts {
    /// Returns true if a part of the image could not be read that may have said something.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.losses.iter().any(|loss| loss.partial)
    }

    /// Returns the program that the entrypoint names by its path: `/entrypoint.sh`.
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

/// What collecting should look for, beyond what it always does; contracts say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Paths to look for.
    pub markers: BTreeSet<String>,
    /// Provenance files to parse: path → format.
    pub documents: BTreeMap<String, DocumentFormat>,
    /// Names (normalised, PEP 503) of the packages to read `direct_url.json` and `_version.py` of.
    pub packages: BTreeSet<String>,
    /// Names of packages whose times say when an image was built.
    pub held: BTreeSet<String>,
    /// Directories that may hold a `.git`.
    pub source_directories: BTreeSet<String>,
}

/// How a provenance file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentFormat {
    /// One JSON object; nested keys are joined with dots.
    Json,
    /// `key: value` lines of YAML; nested keys are joined with dots.
    Yaml,
}
