//! Finds statements: beside an image, and in the directories of a site.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::document::{Signed, documents};
use crate::given;
use crate::image::content::ALGORITHM;

/// The directory of a site's statements.
pub const SITE_DIRECTORY: &str = "/etc/sqsh-prov/attestations.d";
/// The endings of files with statements beside an image: `model.sqsh.sigstore.json`.
const BESIDE: [&str; 3] = [".sigstore.json", ".intoto.json", ".intoto.jsonl"];
/// The endings of files with statements in directories.
const ENDINGS: [&str; 3] = [".json", ".jsonl", ".sigstore"];
/// The longest file with statements, in bytes.
pub(crate) const LONGEST: u64 = 4 * 1024 * 1024;
/// The most files in all directories.
const MAX_FILES: usize = 200_000;
/// The greatest depth of directories.
const MAX_DEPTH: usize = 8;

/// A file with statements, and its detached signature, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The path.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The bytes of the file with `.sig` added to its name.
    pub signature: Option<Vec<u8>>,
}

/// The statements in directories, indexed by their subjects.
#[derive(Debug, Default)]
pub struct Index {
    files: Vec<PathBuf>,
    digests: HashMap<String, Vec<u32>>,
    names: HashMap<String, Vec<u32>>,
    /// True if a statement is about a content digest.
    pub has_content: bool,
    /// Sentences about directories and files that could not be used.
    pub lost: Vec<String>,
}

impl Candidate {
    /// Reads a file with statements.
    ///
    /// # Errors
    /// A sentence that says why it cannot be read.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        let bytes = given::read(path, LONGEST).map_err(|error| format!("{shown}: {error}"))?;
        let signature = given::read(&signature_of(path), LONGEST).ok();
        Ok(Self {
            path: shown,
            bytes,
            signature,
        })
    }
}

/// Returns the files with statements beside an image, without links: a link may lead anywhere.
#[must_use]
pub fn beside(image: &Path) -> Vec<PathBuf> {
    let named = BESIDE.iter().map(|ending| with(image, ending));
    named
        .filter(|path| path.symlink_metadata().is_ok_and(|it| it.is_file()))
        .collect()
}

/// Returns the path of the detached signature of a statement's file: `model.sqsh.intoto.json.sig`.
#[must_use]
pub fn signature_of(path: &Path) -> PathBuf {
    with(path, ".sig")
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl Index {
    /// Reads all statements in these directories once.
    #[must_use]
    pub fn build(directories: &[PathBuf]) -> Self {
        let mut index = Self::default();
        for directory in directories {
            index.directory(directory);
        }
        index
    }

    fn directory(&mut self, directory: &Path) {
        let walk = walkdir::WalkDir::new(directory).max_depth(MAX_DEPTH);
        for entry in walk.sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.lose(error.to_string());
                    continue;
                }
            };
            let name = entry.file_name().to_string_lossy();
            let is_one = ENDINGS.iter().any(|ending| name.ends_with(ending));
            if !entry.file_type().is_file() || !is_one {
                continue;
            }
            if self.files.len() >= MAX_FILES {
                self.lose(format!(
                    "there are more than {MAX_FILES} files with statements"
                ));
                return;
            }
            self.file(entry.path(), &name);
        }
    }

    fn lose(&mut self, reason: String) {
        const MOST: usize = 16;
        if self.lost.len() < MOST {
            self.lost.push(reason);
        }
    }

    fn file(&mut self, path: &Path, name: &str) {
        let bytes = match given::read(path, LONGEST) {
            Ok(bytes) => bytes,
            Err(error) => return self.lose(format!("{}: {error}", path.display())),
        };
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let (mut digests, mut names) = (BTreeSet::new(), BTreeSet::new());
        let own = BESIDE.iter().find_map(|ending| name.strip_suffix(ending));
        names.extend(own.map(str::to_owned));
        for document in documents(&bytes).into_iter().flatten() {
            if let Signed::File { sha256, .. } = &document.signed {
                digests.insert(sha256.clone());
            }
            for subject in document.statement.iter().flat_map(|it| &it.subjects) {
                for (algorithm, hex) in &subject.digests {
                    digests.insert(hex.clone());
                    self.has_content |= algorithm == ALGORITHM;
                }
                let last = subject
                    .name
                    .iter()
                    .filter_map(|name| name.rsplit('/').next());
                names.extend(last.map(str::to_owned));
            }
        }
        for digest in digests {
            self.digests.entry(digest).or_default().push(number);
        }
        for name in names {
            self.names.entry(name).or_default().push(number);
        }
        self.files.push(path.to_owned());
    }

    /// Returns true if there are no statements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the files with a statement about one of these digests (`sha256:…` or hex alone), or
    /// about a file with this name.
    #[must_use]
    pub fn about(&self, digests: &[String], name: Option<&str>) -> Vec<&Path> {
        let digests = digests
            .iter()
            .filter_map(|digest| digest.rsplit(':').next());
        let digests = digests.filter_map(|hex| self.digests.get(hex));
        let named = name.and_then(|name| self.names.get(name));
        let numbers: BTreeSet<u32> = digests.chain(named).flatten().copied().collect();
        let numbers = numbers.iter().filter_map(|&it| usize::try_from(it).ok());
        let paths = numbers.filter_map(|number| self.files.get(number));
        paths.map(PathBuf::as_path).collect()
    }
}
