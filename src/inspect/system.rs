//! Finds the databases of package managers in an image.

use super::opened::Again;
use super::options::Options;
use crate::carriers::system_packages::{
    self as databases, Installed, LISTS, LONGEST_LIST, LONGEST_RPM, STATUS_D,
};
use crate::carriers::{Facts, Loss, rpm};
use crate::image::{Error, Image};
use crate::limits::Limits;
use crate::provenance::Package;

/// The usual directories of conda; the variable `CONDA_PREFIX` names another one.
const CONDA: [&str; 6] = [
    "/opt/conda",
    "/opt/miniconda3",
    "/opt/miniforge3",
    "/opt/mambaforge",
    "/root/miniconda3",
    "/usr/local",
];
/// The directories of npm's global packages.
const NPM: [&str; 3] = [
    "/usr/lib/node_modules",
    "/usr/local/lib/node_modules",
    "/opt/node/lib/node_modules",
];
/// The most files that are read for a package manager with one file for each package.
const MOST_FILES: usize = 2000;
/// Databases of rpm, newest form first: after a conversion the old database may remain.
const RPM: [&str; 6] = [
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/var/lib/rpm/Packages.db",
    "/usr/lib/sysimage/rpm/Packages",
    "/var/lib/rpm/Packages",
];
/// The size of a SQLite journal without changes: its header alone
/// (<https://sqlite.org/fileformat2.html#walformat>).
const EMPTY_JOURNAL: u64 = 32;

/// Returns the packages of the system and of other languages, if they are requested.
pub(super) fn packages(
    again: Option<&Again<'_>>,
    options: &Options,
    facts: &mut Facts,
) -> Vec<Package> {
    let Some(again) = again.filter(|_| options.all_packages) else {
        return Vec::new();
    };
    let image = match again(&options.limits) {
        Ok(image) => image,
        Err(message) => {
            facts.losses.push(Loss::partial("unreadable-file", message));
            return Vec::new();
        }
    };
    let mut search = Search {
        image: &*image,
        limits: &options.limits,
        found: Vec::new(),
        losses: &mut facts.losses,
    };
    search.lists();
    search.status_d();
    let mut variables = facts.environment.iter().rev();
    let prefix = variables.find(|pair| pair.key == "CONDA_PREFIX");
    search.conda(prefix.map(|pair| pair.value.as_str()));
    search.npm();
    search.rpm();
    search.found
}

struct Search<'a> {
    image: &'a dyn Image,
    limits: &'a Limits,
    found: Vec<Package>,
    losses: &'a mut Vec<Loss>,
}

impl Search<'_> {
    fn add(&mut self, ecosystem: &str, path: &str, installed: Installed) {
        self.found.push(Package {
            name: installed.name,
            version: installed.version,
            ecosystem: ecosystem.to_owned(),
            path: path.to_owned(),
            ..Package::default()
        });
    }

    /// Reads a file, if it exists and can be read.
    fn read(&mut self, path: &str, limit: u64) -> Option<Vec<u8>> {
        match self.image.read(path.as_bytes(), limit) {
            Ok(bytes) => Some(bytes),
            Err(Error::NotFound { .. } | Error::WrongKind { .. }) => None,
            Err(error) => {
                let code = match error {
                    Error::TooLarge { .. } => "over-limit",
                    Error::TimedOut { .. } => "timed-out",
                    Error::Links { .. } => "link-loop",
                    _ => "damaged",
                };
                self.losses.push(Loss {
                    partial: code != "link-loop",
                    ..Loss::minor(code, error.to_string())
                });
                None
            }
        }
    }

    /// Returns the names in a directory.
    fn names(&mut self, path: &str) -> Vec<Vec<u8>> {
        let listing = self.image.list(path.as_bytes()).unwrap_or_default();
        if listing.len() > MOST_FILES {
            let message = format!(
                "{path} has {} entries; the first {MOST_FILES} were searched for packages",
                listing.len()
            );
            self.losses.push(Loss::partial("over-limit", message));
        }
        let names = listing.iter().take(MOST_FILES);
        names.map(|entry| entry.name.to_vec()).collect()
    }

    fn lists(&mut self) {
        for (ecosystem, path) in LISTS {
            let Some(bytes) = self.read(path, LONGEST_LIST) else {
                continue;
            };
            let parsed = match ecosystem {
                "dpkg" => databases::dpkg(&bytes),
                _ => databases::apk(&bytes),
            };
            match parsed {
                Ok(packages) => packages
                    .into_iter()
                    .for_each(|package| self.add(ecosystem, path, package)),
                Err(error) => {
                    let message = format!("{path} was ignored: {error}");
                    self.losses.push(Loss::partial("over-limit", message));
                }
            }
        }
    }

    fn status_d(&mut self) {
        for name in self.names(STATUS_D) {
            let name = String::from_utf8_lossy(&name).into_owned();
            if name.ends_with(".md5sums") {
                continue;
            }
            let path = format!("{STATUS_D}/{name}");
            let bytes = self.read(&path, self.limits.text_file);
            let packages = bytes.and_then(|bytes| databases::dpkg(&bytes).ok());
            for package in packages.into_iter().flatten() {
                self.add("dpkg", &path, package);
            }
        }
    }

    fn conda(&mut self, prefix: Option<&str>) {
        let prefix = prefix.filter(|prefix| prefix.starts_with('/') && !CONDA.contains(prefix));
        for prefix in CONDA.into_iter().chain(prefix) {
            let directory = format!("{}/conda-meta", prefix.trim_end_matches('/'));
            for name in self.names(&directory) {
                if let Some(package) = databases::conda(&name) {
                    let path = format!("{directory}/{}", String::from_utf8_lossy(&name));
                    self.add("conda", &path, package);
                }
            }
        }
    }

    fn npm(&mut self) {
        for root in NPM {
            let mut directories = Vec::new();
            for name in self.names(root) {
                let path = format!("{root}/{}", String::from_utf8_lossy(&name));
                match name.starts_with(b"@") {
                    // A scope is a directory with packages.
                    true => directories.extend(
                        (self.names(&path).into_iter())
                            .map(|name| format!("{path}/{}", String::from_utf8_lossy(&name))),
                    ),
                    false if name.starts_with(b".") => {}
                    false => directories.push(path),
                }
            }
            for directory in directories.into_iter().take(MOST_FILES) {
                let path = format!("{directory}/package.json");
                let bytes = self.read(&path, self.limits.text_file);
                if let Some(package) = bytes.and_then(|bytes| databases::npm(&bytes)) {
                    self.add("npm", &path, package);
                }
            }
        }
    }

    fn rpm(&mut self) {
        let there = |path: &&str| self.image.stat(path.as_bytes()).is_ok();
        let Some(path) = RPM.iter().copied().find(there) else {
            return;
        };
        let Some(bytes) = self.read(path, LONGEST_RPM) else {
            return;
        };
        let (packages, problem) = rpm::packages(&bytes);
        for package in packages {
            self.add("rpm", path, package);
        }
        let journal = self.image.stat(format!("{path}-wal").as_bytes());
        let problem = problem.map(|problem| problem.to_string()).or_else(|| {
            let changes = journal.is_ok_and(|stat| stat.size > EMPTY_JOURNAL);
            changes.then(|| format!("{path}-wal has newer changes"))
        });
        if let Some(problem) = problem {
            let message =
                format!("{path} was not read to its end, packages may be missing: {problem}");
            self.losses.push(Loss::partial("rpm-not-read", message));
        }
    }
}
