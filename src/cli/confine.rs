//! Confines the program to its own arguments with Landlock, before it reads an image: whatever an
//! image could make of it, it opens nothing else, writes nothing else and reaches no network.
//!
//! <https://docs.kernel.org/userspace-api/landlock.html>; Linux 5.13 and newer. An older kernel does
//! without, and `--verbose` says so.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use rustix::fs::{Mode, OFlags};

use sqsh_prov::Sidecars;

use super::output;

/// More files than this are not listed one by one; reading then stays as it was.
const MOST_RULES: usize = 1000;
/// The names of users and groups.
const ACCOUNTS: [&str; 2] = ["/etc/group", "/etc/passwd"];
/// What the standard library reads to count the processors that it may use.
const PROCESSORS: [&str; 3] = [
    "/proc/self/cgroup",
    "/proc/self/mountinfo",
    "/sys/fs/cgroup",
];

/// What may still be opened. Files that are open already stay so.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed {
    read: Vec<PathBuf>,
    /// The directory in which a file may be put in its place.
    replace: Option<PathBuf>,
}

impl Allowed {
    /// To read these files, and what is beneath these directories.
    pub(super) fn reading<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let read = paths.into_iter().map(|path| path.as_ref().to_owned());
        Self {
            read: read.collect(),
            replace: None,
        }
    }

    /// Also these files, but for links: those of a list are not followed. More than are listed one by
    /// one are not looked at.
    pub(super) fn with_listed(mut self, files: &[PathBuf]) -> Self {
        let files = files.iter().filter(|file| !file.is_symlink());
        self.read.extend(files.take(MOST_RULES + 1).cloned());
        self
    }

    /// Also the metadata file of a build: the one that is given, or those beside the images.
    /// One beside an image may be anybody's, and is no way to another file.
    pub(super) fn with_sidecars(mut self, given: Option<&Path>) -> Self {
        let beside = |image: &PathBuf| {
            let path = Sidecars::beside(image);
            let metadata = path.symlink_metadata().ok()?;
            metadata.is_file().then_some(path)
        };
        let found: Vec<PathBuf> = match given {
            Some(file) => vec![file.to_owned()],
            None => self.read.iter().filter_map(beside).collect(),
        };
        self.read.extend(found);
        self
    }

    /// Also the names of users and groups.
    pub(super) fn with_accounts(mut self) -> Self {
        self.read.extend(ACCOUNTS.map(PathBuf::from));
        self
    }

    /// Also, where packages are hashed, the number of processors.
    pub(super) fn with_processors(mut self, deep: bool) -> Self {
        if deep {
            self.read.extend(PROCESSORS.map(PathBuf::from));
        }
        self
    }

    /// Also to put a file, which is open already, in its place.
    pub(super) fn replacing(mut self, file: Option<&Path>) -> Self {
        self.replace = file.map(|file| {
            // A link's target is replaced, and not the link.
            let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
            match file.parent() {
                Some(parent) if parent != Path::new("") => parent.to_owned(),
                _ => PathBuf::from("."),
            }
        });
        self
    }

    /// Confines the calling thread, and those that it starts from now on.
    pub(super) fn confine(&self, verbose: bool) {
        let told = match self.restrict() {
            Ok(RulesetStatus::FullyEnforced) => return,
            Ok(RulesetStatus::PartiallyEnforced) => {
                "confined by Landlock as far as this kernel can"
            }
            Ok(RulesetStatus::NotEnforced) => "not confined: this kernel has no Landlock",
            Err(_) => "not confined: Landlock could not be set up",
        };
        if verbose {
            output::complain(told);
        }
    }

    fn restrict(&self) -> Result<RulesetStatus, RulesetError> {
        let rules = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let rules = if self.read.len() > MOST_RULES {
            allow(rules, Path::new("/"), read)?
        } else {
            let mut paths = self.read.iter();
            paths.try_fold(rules, |rules, path| allow(rules, path, read))?
        };
        let replace = AccessFs::MakeReg | AccessFs::RemoveFile;
        let mut directory = self.replace.iter();
        let rules = directory.try_fold(rules, |rules, path| allow(rules, path, replace))?;
        Ok(rules.restrict_self()?.ruleset)
    }
}

/// What is not there, or may not be opened, needs no rule: opening it fails as it would.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    // Not landlock's PathFd: the standard library takes O_PATH out of its flags on musl, and opens a pipe.
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    match rustix::fs::openat(rustix::fs::CWD, path, flags, Mode::empty()) {
        Ok(file) => rules.add_rule(PathBeneath::new(file, access)),
        Err(_) => Ok(rules),
    }
}
