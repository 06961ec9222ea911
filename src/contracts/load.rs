//! Loads contracts: the built-in ones, then the site's, then those of `--contracts`.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::built_in::{BUILT_IN, BuiltIn};
use super::contract::{Contract, Role};
use super::sound::problems;
use crate::carriers::Wanted;
use crate::carriers::python::normalise;
use crate::given;
use crate::settings::{self, at_line};
use crate::suggestions::{closest, distance};

/// Where a site keeps contracts of its own.
pub const SITE_DIRECTORY: &str = "/etc/sqsh-prov/contracts.d";

/// Longest contract file, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

/// All contracts of one run.
#[derive(Clone, Debug)]
pub struct Contracts {
    all: Vec<Arc<Contract>>,
}

/// Why a contract cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or directory cannot be read.
    #[error("{path}: cannot read the contract: {source}")]
    Read {
        /// The file or directory.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is a file, and not a directory.
    #[error(
        "{path}: it is a file; --contracts takes the directory that holds your contracts (*.toml), and `sqsh-prov contracts check FILE` tries one"
    )]
    NoDirectory {
        /// The file.
        path: String,
    },
    /// A directory without a contract.
    #[error(
        "{path}: no contract is in this directory; the name of a contract ends in .toml, in lower case, and is not TEMPLATE.toml"
    )]
    Empty {
        /// The directory.
        path: String,
    },
    /// The file is not what a contract must be.
    #[error("{path}: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// The problem, its line if known, and what is allowed.
        reason: String,
    },
}

/// Returns true if the contract's name has this word, or the word is the owner of its source.
fn is_of(contract: &Contract, word: &str) -> bool {
    let same = |other: &str| other.eq_ignore_ascii_case(word);
    let mut owners = contract
        .source
        .iter()
        .filter_map(|url| url.split('/').nth(3));
    let named = || contract.name.split(' ').any(same);
    contract.role != Role::Generic && (owners.any(same) || named())
}

/// Returns true if a publisher can have this name: a contract's id, or the owner of a repository.
#[must_use]
pub fn is_publisher(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "*/:@".contains(c))
}

impl Contracts {
    /// Returns the contracts that are compiled in.
    ///
    /// # Errors
    /// None in a build that passes its tests.
    pub fn built_in() -> Result<Self, LoadError> {
        let contracts = BUILT_IN.iter().map(|it| compiled_in(it).map(Arc::new));
        let all = contracts.collect::<Result<_, _>>()?;
        Ok(Self { all })
    }

    /// Returns the built-in contracts, the site's if [`SITE_DIRECTORY`] exists, and those of a directory.
    ///
    /// # Errors
    /// [`LoadError`] names the file, the line and what is wrong.
    pub fn load(directory: Option<&Path>) -> Result<Self, LoadError> {
        let mut contracts = Self::built_in()?;
        let site = Path::new(SITE_DIRECTORY);
        if site.is_dir() {
            contracts.add_directory(site)?;
        }
        if let Some(directory) = directory
            && contracts.add_directory(directory)? == 0
        {
            return Err(LoadError::Empty {
                path: directory.display().to_string(),
            });
        }
        Ok(contracts)
    }

    /// Adds every `*.toml` of a directory, and returns how many; one with a known id replaces that contract.
    ///
    /// # Errors
    /// [`LoadError`] names the file, the line and what is wrong. It is also an error if two files have one id:
    /// one of them would be left out in silence.
    pub fn add_directory(&mut self, directory: &Path) -> Result<usize, LoadError> {
        let read_error = |source| LoadError::Read {
            path: directory.display().to_string(),
            source,
        };
        let mut files: Vec<PathBuf> = fs::read_dir(directory)
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotADirectory => LoadError::NoDirectory {
                    path: directory.display().to_string(),
                },
                _ => read_error(source),
            })?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(read_error)?;
        files.retain(|path| {
            path.extension().is_some_and(|e| e == "toml")
                && path.file_name().is_some_and(|n| n != "TEMPLATE.toml")
        });
        files.sort_unstable();
        let mut added: Vec<Contract> = Vec::new();
        for file in files {
            let contract = check(&file)?;
            if let Some(other) = added.iter().find(|other| other.id == contract.id) {
                let id = &contract.id;
                let reason = format!(
                    "id = \"{id}\" is also the id of {}: give it another, or remove one of the files",
                    other.from
                );
                return Err(LoadError::Invalid {
                    reason: at_line(contract.text(), "id", id, &reason),
                    path: contract.from,
                });
            }
            added.push(contract);
        }
        let count = added.len();
        added.into_iter().for_each(|contract| self.add(contract));
        Ok(count)
    }

    /// Adds one contract; one with a known id replaces that contract.
    pub fn add(&mut self, contract: Contract) {
        let contract = Arc::new(contract);
        match self.all.iter_mut().find(|known| known.id == contract.id) {
            Some(known) => *known = contract,
            None => self.all.push(contract),
        }
    }

    /// Returns all contracts. Their order has no meaning.
    #[must_use]
    pub fn all(&self) -> &[Arc<Contract>] {
        &self.all
    }

    /// Returns the contracts with a package, and its name. Of several contracts with one package, that of its
    /// own project comes first.
    pub(crate) fn with_package(&self) -> impl Iterator<Item = (&Contract, &str)> {
        [true, false].into_iter().flat_map(|own| {
            let all = self.all.iter().filter(move |it| it.owns_package() == own);
            all.filter_map(|it| Some((&**it, it.package.as_deref()?)))
        })
    }

    /// Returns the contract with an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Contract>> {
        self.all.iter().find(|contract| contract.id == id)
    }

    /// Returns a message about a publisher that is no contract's id, but nearly is one, or is a word in a
    /// contract's name or the owner of its source. Any other name may be that of an owner without a contract.
    #[must_use]
    pub fn slip(&self, name: &str) -> Option<String> {
        let ids = || self.all.iter().map(|contract| contract.id.as_str());
        if name.contains('*') || ids().any(|id| id.eq_ignore_ascii_case(name)) {
            return None;
        }
        let near = closest(ids(), name);
        let is_slip = |near: &&str| distance(near, name) <= (name.len() / 4).max(1);
        if let Some(near) = near.filter(is_slip) {
            let said =
                format!("no contract has the id '{name}'; the closest known name is '{near}'");
            return Some(said);
        }
        let named = self.all.iter().filter(|it| is_of(it, name));
        let mut named: Vec<&str> = named.map(|it| it.id.as_str()).collect();
        named.sort_unstable();
        (!named.is_empty()).then(|| {
            let named = named.join(", ");
            format!("no contract has the id '{name}'; the contracts of '{name}' are: {named}")
        })
    }

    /// Returns true if images of `outer` are built on images of `inner`, directly or through others.
    #[must_use]
    pub fn wraps(&self, outer: &str, inner: &str) -> bool {
        let mut seen = vec![outer];
        let mut at = 0;
        while let Some(id) = seen.get(at).copied() {
            at += 1;
            for next in self.get(id).map_or(&[][..], |c| c.wraps.as_slice()) {
                if next == inner {
                    return true;
                }
                if !seen.contains(&next.as_str()) {
                    seen.push(next);
                }
            }
        }
        false
    }

    /// Returns what collecting looks for.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for contract in &self.all {
            wanted.markers.extend(contract.markers.file.iter().cloned());
            let package = contract.package.as_deref();
            wanted.packages.extend(package.map(normalise));
            let held = contract.lines.iter().flat_map(|line| &line.holds);
            wanted.held.extend(held.map(|name| normalise(name)));
            let directories = contract.source_directories.iter().cloned();
            wanted.source_directories.extend(directories);
            let documents = contract.documents.iter();
            let documents = documents.map(|document| (document.path.clone(), document.format));
            wanted.documents.extend(documents);
        }
        wanted
    }
}

/// Reads one contract from a file, and checks it.
///
/// # Errors
/// [`LoadError`] names the file, the line and what is wrong.
pub fn check(path: &Path) -> Result<Contract, LoadError> {
    let name = path.display().to_string();
    let text = given::read_text(path, LONGEST_FILE).map_err(|error| LoadError::Read {
        path: name.clone(),
        source: error.into(),
    })?;
    let contract = parse(&name, &text)?;
    let reason = problems(&contract).join("; ");
    match reason.is_empty() {
        true => Ok(contract),
        false => Err(LoadError::Invalid { path: name, reason }),
    }
}

fn compiled_in(built_in: &BuiltIn) -> Result<Contract, LoadError> {
    let contract =
        serde_json::from_slice(built_in.json.as_bytes()).map_err(|error| LoadError::Invalid {
            path: built_in.name.to_owned(),
            reason: error.to_string(),
        })?;
    Ok(named(contract, "built in", built_in.text.into()))
}

/// Parses a contract; `path` is for errors.
pub(super) fn parse(path: &str, text: &str) -> Result<Contract, LoadError> {
    let contract = settings::read(text).map_err(|reason| LoadError::Invalid {
        path: path.to_owned(),
        reason,
    })?;
    Ok(named(contract, path, text.to_owned().into()))
}

fn named(contract: Contract, from: &str, text: Cow<'static, str>) -> Contract {
    Contract {
        from: from.to_owned(),
        text,
        ..contract
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_contract_is_sound() {
        for contract in Contracts::built_in().unwrap().all() {
            assert_eq!(problems(contract), Vec::<String>::new(), "{}", contract.id);
        }
    }

    #[test]
    fn every_file_in_the_directory_is_compiled_in() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
        let mut files: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml") && name != "TEMPLATE.toml")
            .collect();
        files.sort();
        let built_in: Vec<&str> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
        assert_eq!(files, built_in);
    }

    #[test]
    fn what_is_compiled_in_is_what_the_file_says() {
        for built_in in BUILT_IN {
            let contract = compiled_in(built_in).unwrap();
            let path = format!("{}/contracts/{}", env!("CARGO_MANIFEST_DIR"), built_in.name);
            let text = fs::read_to_string(path).unwrap();
            assert_eq!(contract.text(), text);
            let from_file = Contract {
                text: contract.text.clone(),
                examples: Vec::new(),
                ..parse("built in", &text).unwrap()
            };
            assert_eq!(format!("{contract:?}"), format!("{from_file:?}"));
        }
    }

    #[test]
    fn wrapping_is_followed_through_others() {
        let contracts = Contracts::built_in().unwrap();
        assert!(contracts.wraps("dynamo", "vllm"));
        assert!(contracts.wraps("dynamo", "ngc"));
        assert!(!contracts.wraps("vllm", "dynamo"));
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let error = parse(
            "site.toml",
            "schema = 1\nid = \"x\"\nname = \"X\"\ncolour = 3\n",
        )
        .unwrap_err()
        .to_string();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("colour"), "{error}");
    }
}
