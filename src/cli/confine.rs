//! Confines the program with Landlock before it reads an image. Even if an image took the program over, it
//! could open and write only its own arguments, and reach no network.
//!
//! <https://docs.kernel.org/userspace-api/landlock.html>; Linux 5.13 and newer. An older kernel does
//! without, and `--verbose` says so.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use rustix::fs::{Mode, OFlags};

use sqsh_prov::Sidecars;
use sqsh_prov::attestation::signature_of;

use super::output;

/// The most files that are allowed one by one. Of more files, the directories are allowed.
const MOST_RULES: usize = 1000;
/// The most files that --verbose names.
const MOST_NAMED: usize = 16;
/// The names of users and groups.
const ACCOUNTS: [&str; 2] = ["/etc/group", "/etc/passwd"];
/// What the standard library reads to count the processors that it may use.
const PROCESSORS: [&str; 3] = [
    "/proc/self/cgroup",
    "/proc/self/mountinfo",
    "/sys/fs/cgroup",
];

/// What the program may still open. Open files stay open.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed {
    read: Vec<PathBuf>,
    /// Files of a list. Links among them are not followed.
    listed: Vec<PathBuf>,
    /// Files of the system, which are always allowed one by one.
    system: Vec<PathBuf>,
    /// The directory in which a file may be replaced.
    replace: Option<PathBuf>,
}

impl Allowed {
    /// Allows to read these files, and everything below these directories.
    pub(super) fn reading<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let read = paths.into_iter().map(|path| path.as_ref().to_owned());
        Self {
            read: read.collect(),
            ..Self::default()
        }
    }

    /// Also allows these files, except links: links in a list are not followed. If there are too many
    /// to allow one by one, allows none.
    pub(super) fn with_listed(mut self, files: &[PathBuf]) -> Self {
        let one_by_one = files.len() <= MOST_RULES;
        let files = files.iter();
        let files = files.filter(|file| !one_by_one || !file.is_symlink());
        self.listed.extend(files.cloned());
        self
    }

    /// Also allows the metadata file of a build: the given one, or those beside the images. A link beside an
    /// image can be anybody's, and is not followed.
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

    /// Also allows statements: those beside the images, and `others`. A link beside an image can be anybody's,
    /// and is not followed. Allows nothing if `others` is `None`.
    pub(super) fn with_statements(mut self, others: Option<Vec<PathBuf>>) -> Self {
        let Some(others) = others else {
            return self;
        };
        let beside = |image: &PathBuf| sqsh_prov::attestation::beside(image);
        let mut found: Vec<PathBuf> = self.read.iter().flat_map(beside).collect();
        let signatures = found.iter().map(|path| signature_of(path));
        let signatures: Vec<PathBuf> = signatures.filter(|it| !it.is_symlink()).collect();
        found.extend(signatures);
        self.read.extend(found);
        self.system.extend(others);
        self
    }

    /// Also allows the names of users and groups.
    pub(super) fn with_accounts(mut self) -> Self {
        self.system.extend(ACCOUNTS.map(PathBuf::from));
        self
    }

    /// If packages are hashed, also allows what tells the number of processors.
    pub(super) fn with_processors(mut self, deep: bool) -> Self {
        if deep {
            self.system.extend(PROCESSORS.map(PathBuf::from));
        }
        self
    }

    /// Also allows to replace a file by one that is open already.
    pub(super) fn replacing(mut self, file: Option<&Path>) -> Self {
        self.replace = file.map(|file| {
            // The target of a link is replaced, and not the link.
            let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
            match file.parent() {
                Some(parent) if parent != Path::new("") => parent.to_owned(),
                _ => PathBuf::from("."),
            }
        });
        self
    }

    /// Confines the calling thread, and the threads that it starts from now on.
    pub(super) fn confine(&self, verbose: bool) {
        let places = self.places();
        if verbose {
            self.say(&places);
        }
        let told = match self.restrict(&places) {
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

    /// Returns the files and directories that may still be read.
    fn places(&self) -> BTreeSet<PathBuf> {
        let mut files: Vec<PathBuf> = self.read.clone();
        let many = files.len().saturating_add(self.listed.len()) > MOST_RULES;
        if many {
            // The directory of a link is not the directory of its file.
            for file in files.iter_mut().filter(|file| file.is_symlink()) {
                if let Ok(target) = std::fs::canonicalize(&file) {
                    *file = target;
                }
            }
        }
        files.extend(self.listed.iter().cloned());
        if many {
            files.iter_mut().for_each(|file| *file = whole(file));
        }
        let mut places = beneath(&files, MOST_RULES);
        places.extend(self.system.iter().cloned());
        places
    }

    fn say(&self, places: &BTreeSet<PathBuf>) {
        let mut names: Vec<String> = places
            .iter()
            .take(MOST_NAMED)
            .map(|path| path.display().to_string())
            .collect();
        let more = places.len().saturating_sub(names.len());
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        let mut text = format!("may read: {}", names.join(", "));
        if let Some(directory) = &self.replace {
            text.push_str(&format!("; may write in: {}", directory.display()));
        }
        output::complain(&text);
    }

    fn restrict(&self, places: &BTreeSet<PathBuf>) -> Result<RulesetStatus, RulesetError> {
        let rules = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let mut paths = places.iter();
        let rules = paths.try_fold(rules, |rules, path| allow(rules, path, read))?;
        let replace = AccessFs::MakeReg | AccessFs::RemoveFile;
        let mut directory = self.replace.iter();
        let rules = directory.try_fold(rules, |rules, path| allow(rules, path, replace))?;
        Ok(rules.restrict_self()?.ruleset)
    }
}

/// Returns the absolute path: `.` or `..` may be `/` under another name.
fn whole(file: &Path) -> PathBuf {
    let climbs = file.components().any(|part| part == Component::ParentDir);
    let parent = file.parent().filter(|_| climbs);
    let known = parent.and_then(|parent| std::fs::canonicalize(parent).ok());
    match (known, file.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
    }
}

/// Returns at most `most` places that contain all these files: the files themselves, else their directories,
/// else the directories above. It never returns the root directory, which contains everything.
fn beneath(files: &[PathBuf], most: usize) -> BTreeSet<PathBuf> {
    let mut places: BTreeSet<PathBuf> = files.iter().cloned().collect();
    while places.len() > most {
        let above: BTreeSet<PathBuf> = places.iter().filter_map(|path| above(path)).collect();
        // Files of the root directory have no place above. Leaves some out if there are too many.
        if above == places {
            return above.into_iter().take(most).collect();
        }
        places = above;
    }
    places
}

/// Returns the directory of a path. A path in the root directory stays as it is.
fn above(path: &Path) -> Option<PathBuf> {
    if path.ends_with("..") {
        return Some(path.join(".."));
    }
    if path == Path::new(".") {
        return Some(path.to_owned());
    }
    match path.parent() {
        Some(parent) if parent == Path::new("/") => Some(path.to_owned()),
        Some(parent) if parent == Path::new("") => Some(PathBuf::from(".")),
        Some(parent) => Some(parent.to_owned()),
        None => None,
    }
}

/// Adds a rule for a path. A path that cannot be opened needs none: the program cannot open it later either.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn places(files: &[String], most: usize) -> Vec<String> {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let places = beneath(&files, most);
        places
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn a_directory_that_is_the_root_by_another_name_is_never_allowed() {
        let here = std::env::current_dir().unwrap();
        let climb = "../".repeat(here.components().count());
        let of = |name: &dyn Fn(usize) -> String| {
            let files = (0..=MOST_RULES).map(|number| PathBuf::from(name(number)));
            Allowed::reading(files).places()
        };
        assert_eq!(of(&|n| format!("{n}.sqsh")), BTreeSet::from([here]));
        for places in [
            of(&|n| format!("{climb}{n}.sqsh")),
            of(&|n| format!("/{n}")),
        ] {
            assert_eq!(places.len(), MOST_RULES);
            assert!(
                places
                    .iter()
                    .all(|place| place.parent() == Some(Path::new("/")))
            );
        }
    }

    #[test]
    fn many_files_are_the_directories_that_hold_them_and_never_everything() {
        let list = |many: usize, name: &dyn Fn(usize) -> String| -> Vec<String> {
            (0..many).map(name).collect()
        };
        let few = list(2, &|n| format!("/images/{n}"));
        assert_eq!(places(&few, 2), few);
        let one = list(5000, &|n| format!("/images/{n}"));
        assert_eq!(places(&one, 1000), ["/images"]);
        let users = list(5000, &|n| format!("/home/{n}/images/x"));
        assert!(places(&users, 1000) == ["/home"]);
        let here = list(5000, &|n| format!("{n}"));
        assert_eq!(places(&here, 1000), ["."]);
        let over = list(5000, &|n| format!("../{n}/x"));
        assert!(places(&over, 1000) == [".."]);
        let root = list(5000, &|n| format!("/{n}"));
        let kept = places(&root, 1000);
        assert!(kept.len() == 1000 && !kept.contains(&"/".to_owned()));
        let mixed = list(5000, &|n| format!("/{n}/images/x"));
        assert!(!places(&mixed, 1000).contains(&"/".to_owned()));
    }
}
