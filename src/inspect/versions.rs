//! Versions that programs of the image would say of themselves in a running container, from files:
//! what srt-slurm's workers write down (`fingerprint.py`).

mod installed;

use std::collections::BTreeMap;
use std::path::Path;

use super::error::Error;
use super::input::Input;
use super::{Inspector, reader};
use crate::image::{FileKind, Image, Stat};
use crate::provenance::Provenance;

pub use self::installed::Spelling;

/// What files say of the versions that a running program prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the `python3` that is found first: `3.12.3`, or `3.12` where no more is known.
    pub python: Option<String>,
    /// Of `nvcc`: `13.0.88`.
    pub nvcc: Option<String>,
    /// The packages that `pip freeze` lists, by the path of their metadata; `None` where that is
    /// not known.
    pub installed: Option<BTreeMap<String, Spelling>>,
}

/// The `python3` that is found first.
struct Python {
    /// Where it is: `/opt/venv/bin`.
    directory: String,
    /// `3.12`.
    minor: String,
    /// `3.12.3`, or the minor where no more is known.
    version: String,
    is_virtual: bool,
}

/// Where programs are looked for when the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// More directories than a `PATH` has.
const MOST_DIRECTORIES: usize = 64;
/// Debian's list of packages; of large images it has 2 MB.
const STATUS: &[u8] = b"/var/lib/dpkg/status";
const STATUS_LIMIT: u64 = 16 * 1024 * 1024;
/// A `pyvenv.cfg` has a few lines.
const VENV_LIMIT: u64 = 64 * 1024;

impl Inspector {
    /// The versions in the image of this document; what cannot be read is not known.
    ///
    /// # Errors
    /// When the file cannot be opened, or is no image.
    pub fn versions(&self, path: &Path, document: &Provenance) -> Result<Versions, Error> {
        let input = Input::open(path, &self.options.limits)?;
        let opened = reader(input.form)(&input, &self.context())?;
        let Some(again) = opened.again else {
            return Ok(Versions::default());
        };
        Ok(match again(&self.options.limits) {
            Ok(image) => Versions::of(&*image, document),
            Err(_) => Versions::default(),
        })
    }
}

impl Versions {
    fn of(image: &dyn Image, document: &Provenance) -> Self {
        let path = document
            .environment
            .get("PATH")
            .map_or(PATH, String::as_str);
        let directories: Vec<&str> = path
            .split(':')
            .filter(|directory| directory.starts_with('/'))
            .take(MOST_DIRECTORIES)
            .map(|directory| directory.trim_end_matches('/'))
            .collect();
        let status = image.read(STATUS, STATUS_LIMIT).unwrap_or_default();
        let packages = Packages::of(&status);
        let find = |program: &str| {
            let mut places = directories.iter();
            places.find(|at| file(image, at, program).is_some())
        };
        let python =
            find("python3").and_then(|at| Python::at(image, at, &document.environment, &packages));
        let has_uv = find("uv").is_some();
        Self {
            nvcc: find("nvcc").and_then(|_| packages.nvcc()),
            installed: installed::installed(image, python.as_ref(), has_uv, &document.packages),
            python: python.map(|python| python.version),
        }
    }
}

/// The regular file that a name in a directory leads to.
fn file(image: &dyn Image, directory: &str, name: &str) -> Option<Stat> {
    let stat = image.stat(format!("{directory}/{name}").as_bytes()).ok()?;
    (stat.kind == FileKind::File).then_some(stat)
}

impl Python {
    /// The `python3` in a directory.
    fn at(
        image: &dyn Image,
        directory: &str,
        environment: &BTreeMap<String, String>,
        packages: &Packages<'_>,
    ) -> Option<Self> {
        let (prefix, _) = directory.rsplit_once('/')?;
        let of = |minor: &str, version: String, is_virtual| Self {
            directory: directory.to_owned(),
            minor: minor.to_owned(),
            version,
            is_virtual,
        };
        let venv = image.read(format!("{prefix}/pyvenv.cfg").as_bytes(), VENV_LIMIT);
        if let Some(version) = venv.ok().and_then(|text| of_venv(&text)) {
            let (minor, _) = version.rsplit_once('.')?;
            return Some(of(minor, version.clone(), true));
        }
        // `python3` is a link to one of these, and leads to the same file as it.
        let itself = file(image, directory, "python3")?;
        let listing = image.list(directory.as_bytes()).ok()?;
        let names = listing.iter().filter_map(|entry| {
            let name = std::str::from_utf8(entry.name).ok()?;
            let minor = name.strip_prefix("python")?;
            let same = is_numbers(minor, 2) && file(image, directory, name) == Some(itself);
            same.then_some(minor)
        });
        let names: Vec<&str> = names.collect();
        let [minor] = names.as_slice() else {
            return None;
        };
        let starts = |version: &String| {
            let rest = version.strip_prefix(minor);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        // Docker's own Python says it in a variable; elsewhere such a variable is of another Python.
        let version = if directory == "/usr/local/bin" {
            let declared = environment.get("PYTHON_VERSION").cloned();
            declared.filter(starts)
        } else {
            packages.python(minor).filter(starts)
        };
        let version = version.unwrap_or_else(|| (*minor).to_owned());
        Some(of(minor, version, false))
    }

    fn is_before_3_12(&self) -> bool {
        let minor = self
            .minor
            .strip_prefix("3.")
            .and_then(|minor| minor.parse().ok());
        minor.is_some_and(|minor: u32| minor < 12)
    }
}

/// `version = 3.12.3`, or `version_info = 3.12.3.final.0` as virtualenv writes it.
fn of_venv(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    text.split('\n').find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let version = match key.trim() {
            "version" => value.to_owned(),
            "version_info" => value.split('.').take(3).collect::<Vec<_>>().join("."),
            _ => return None,
        };
        let (release, _) = version.split_at(
            version
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(version.len()),
        );
        is_numbers(release, 3).then_some(version)
    })
}

/// `3.12` has two numbers.
fn is_numbers(text: &str, count: usize) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == count && text.split('.').all(number)
}

/// The installed packages of Debian that have a version of interest.
struct Packages<'s>(Vec<(&'s str, &'s str)>);

impl<'s> Packages<'s> {
    fn of(status: &'s [u8]) -> Self {
        let text = std::str::from_utf8(status).unwrap_or_default();
        let of_interest =
            |name: &str| name.starts_with("python3.") || name.starts_with("cuda-nvcc-");
        let stanzas = text.split("\n\n").filter_map(|stanza| {
            let field = |name: &str| {
                let mut lines = stanza.split('\n');
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            let name = field("Package").filter(|name| of_interest(name))?;
            field("Status")?
                .ends_with(" installed")
                .then_some((name, field("Version")?))
        });
        Self(stanzas.collect())
    }

    /// The version of a package, without Debian's own part of it.
    fn version(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut found = self.0.iter().filter(|(name, _)| wanted(name));
        let (_, version) = found.next()?;
        let upstream = version
            .rsplit_once('-')
            .map_or(*version, |(upstream, _)| upstream);
        found.next().is_none().then(|| upstream.replace('~', ""))
    }

    fn python(&self, minor: &str) -> Option<String> {
        self.version(|name| name.strip_prefix("python") == Some(&format!("{minor}-minimal")))
    }

    /// Two of them are two programs, of which nobody knows here which one `nvcc` is.
    fn nvcc(&self) -> Option<String> {
        let version = self.version(|name| name.starts_with("cuda-nvcc-"))?;
        is_numbers(&version, 3).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::Options;

    const STATUS: &str = "Package: python3.10-minimal\nStatus: install ok installed\nVersion: 3.10.12-1~22.04.11\n\n\
        Package: python3.12-minimal\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.12.3-1ubuntu0.9\n\n\
        Package: python3.13-minimal\nStatus: deinstall ok config-files\nVersion: 3.13.1-1\n\n\
        Package: cuda-nvcc-13-0\nStatus: install ok installed\nVersion: 13.0.88-1\n";

    /// The answer for a root file system with these files; a content `-> X` is a link.
    fn versions(files: &[(&str, &str)], path: &str, python: Option<&str>) -> Versions {
        let root = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let at = root.path().join(name);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            match content.strip_prefix("-> ") {
                Some(target) => symlink(target, at).unwrap(),
                None => fs::write(at, content).unwrap(),
            }
        }
        fs::create_dir_all(root.path().join("etc")).unwrap();
        let inspector = Inspector::new(Options::default()).unwrap();
        let mut document = inspector.inspect(root.path()).unwrap();
        document
            .environment
            .insert("PATH".to_owned(), path.to_owned());
        let python = python.map(|version| ("PYTHON_VERSION".to_owned(), version.to_owned()));
        document.environment.extend(python);
        inspector.versions(root.path(), &document).unwrap()
    }

    #[test]
    fn python_is_the_one_that_path_finds_first() {
        let system = [
            ("usr/bin/python3", "-> python3.12"),
            ("usr/bin/python3.12", "twelve"),
            ("usr/bin/python3.10", "ten"),
            ("var/lib/dpkg/status", STATUS),
        ];
        let venv = ("opt/venv/bin/python3", "-> /usr/bin/python3.12");
        let uv = (
            "opt/venv/pyvenv.cfg",
            "home = /usr/bin\nversion_info = 3.12.11\n",
        );
        let of = |more: &[(&str, &str)], path, python| {
            versions(&[&system[..], more].concat(), path, python).python
        };
        assert_eq!(of(&[], "/usr/bin", None).as_deref(), Some("3.12.3"));
        let both = "/opt/venv/bin:/usr/bin";
        assert_eq!(of(&[venv, uv], both, None).as_deref(), Some("3.12.11"));
        assert_eq!(
            of(&[venv, uv], "/usr/bin:/opt/venv/bin", None).as_deref(),
            Some("3.12.3")
        );
        let own = [
            ("usr/local/bin/python3", "-> python3.13"),
            ("usr/local/bin/python3.13", "thirteen"),
        ];
        let path = "/usr/local/bin:/usr/bin";
        assert_eq!(of(&own, path, Some("3.13.5")).as_deref(), Some("3.13.5"));
        // The variable is of another Python, and the package was removed.
        assert_eq!(of(&own, path, Some("3.12.5")).as_deref(), Some("3.13"));
        assert_eq!(of(&[], "/sbin", None), None);
    }

    #[test]
    fn an_alternative_is_not_taken_for_the_distribution_s_own() {
        let files = [
            ("usr/bin/python3", "-> /etc/alternatives/python3"),
            ("etc/alternatives/python3", "-> /usr/bin/python3.10"),
            ("usr/bin/python3.12", "twelve"),
            ("usr/bin/python3.10", "ten"),
            ("usr/local/cuda/bin/nvcc", "nvcc"),
            ("var/lib/dpkg/status", STATUS),
        ];
        let found = versions(&files, "/usr/local/cuda/bin:/usr/bin", None);
        assert_eq!(found.python.as_deref(), Some("3.10.12"));
        assert_eq!(found.nvcc.as_deref(), Some("13.0.88"));
        assert_eq!(versions(&files, "/usr/bin", None).nvcc, None);
    }

    #[test]
    fn packages_are_those_that_the_worker_s_python_has() {
        const AT: &str = "opt/venv/lib/python3.11/site-packages";
        let metadata =
            |name: &str| format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\nText");
        let path = |at: &str, name: &str| format!("{at}/{name}-1.0.dist-info/METADATA");
        let direct = r#"{"url": "file:///a.whl", "archive_info": {"hashes": {"sha256": "ab"}}}"#;
        let direct_path = path(AT, "a").replace("METADATA", "direct_url.json");
        let files = [
            (path(AT, "nvidia_nccl_cu13"), metadata("nvidia-nccl-cu13")),
            (path(AT, "a"), metadata("a")),
            (direct_path, direct.to_owned()),
            (path(AT, "pip"), metadata("pip")),
            (
                path("usr/lib/python3/dist-packages", "six"),
                metadata("six"),
            ),
            ("usr/bin/python3.11".to_owned(), "eleven".to_owned()),
            (
                "opt/venv/bin/python3".to_owned(),
                "-> /usr/bin/python3.11".to_owned(),
            ),
            (
                "opt/venv/pyvenv.cfg".to_owned(),
                "version = 3.11.2\n".to_owned(),
            ),
        ];
        let mut files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let names = |files: &[(&str, &str)]| -> Vec<(String, Option<String>)> {
            let installed = versions(files, "/opt/venv/bin:/usr/bin", None).installed;
            let spellings = installed.unwrap().into_values();
            spellings
                .map(|spelling| (spelling.name, spelling.location))
                .collect()
        };
        let a = ("a".to_owned(), Some("file:///a.whl#sha256=ab".to_owned()));
        let nccl = ("nvidia-nccl-cu13".to_owned(), None);
        assert_eq!(names(&files), [a.clone(), nccl.clone()]);
        // `uv pip freeze` lists pip too.
        files.push(("usr/bin/uv", "uv"));
        assert_eq!(names(&files), [a, nccl, ("pip".to_owned(), None)]);
    }

    #[test]
    fn a_virtual_environment_says_its_version_in_two_ways() {
        for (text, expected) in [
            ("version = 3.12.3", Some("3.12.3")),
            ("home = /x\nversion_info = 3.11.9.final.0\n", Some("3.11.9")),
            ("version = 3.14.0rc1", Some("3.14.0rc1")),
            ("version = 3.12", None),
            ("version = ${X}", None),
            ("", None),
        ] {
            assert_eq!(of_venv(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
