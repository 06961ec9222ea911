//! Finds the Python that a shell in the container finds, and the packages of its distribution.

use std::collections::BTreeMap;

use crate::image::{FileKind, Image, Stat};

/// The limit for a `pyvenv.cfg`, which has a few lines.
const VENV_LIMIT: u64 = 64 * 1024;

/// The first `python3` on the path.
pub(super) struct Python {
    /// Its directory: `/opt/venv/bin`.
    pub(super) directory: String,
    /// The minor version: `3.12`.
    pub(super) minor: String,
    /// The full version: `3.12.3`, or the minor version if no more is known.
    pub(super) version: String,
    pub(super) is_virtual: bool,
}

/// Returns the regular file to which a name in a directory leads.
pub(super) fn file(image: &dyn Image, directory: &str, name: &str) -> Option<Stat> {
    let stat = image.stat(format!("{directory}/{name}").as_bytes()).ok()?;
    (stat.kind == FileKind::File).then_some(stat)
}

impl Python {
    /// Returns the `python3` in a directory.
    pub(super) fn at(
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
        // `python3` is a link to one of these, so both lead to the same file.
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
        // Docker's official Python image sets this variable; elsewhere it may be about another
        // Python.
        let version = if directory == "/usr/local/bin" {
            let declared = environment.get("PYTHON_VERSION").cloned();
            declared.filter(starts)
        } else {
            packages.python(minor).filter(starts)
        };
        let version = version.unwrap_or_else(|| (*minor).to_owned());
        Some(of(minor, version, false))
    }

    pub(super) fn is_before_3_12(&self) -> bool {
        let minor = self.minor.strip_prefix("3.").map(str::parse::<u32>);
        minor.is_some_and(|minor| minor.is_ok_and(|minor| minor < 12))
    }
}

/// Parses `version = 3.12.3`, or `version_info = 3.12.3.final.0` of virtualenv.
pub(super) fn of_venv(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    text.split('\n').find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let version = match key.trim() {
            "version" => value.to_owned(),
            "version_info" => value.split('.').take(3).collect::<Vec<_>>().join("."),
            _ => return None,
        };
        let mut parts = version.split(|c: char| !c.is_ascii_digit() && c != '.');
        is_numbers(parts.next()?, 3).then_some(version)
    })
}

/// Returns true for numbers with dots; `3.12` has a count of two.
fn is_numbers(text: &str, count: usize) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == count && text.split('.').all(number)
}

/// The installed packages of Debian whose versions are used.
pub(super) struct Packages<'s>(Vec<(&'s str, &'s str)>);

impl<'s> Packages<'s> {
    pub(super) fn of(status: &'s [u8]) -> Self {
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

    /// Returns the version of a package, without Debian's suffix.
    fn version(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut found = self.0.iter().filter(|(name, _)| wanted(name));
        let (_, version) = found.next()?;
        let upstream = version.rsplit_once('-').map_or(*version, |(it, _)| it);
        found.next().is_none().then(|| upstream.replace('~', ""))
    }

    fn python(&self, minor: &str) -> Option<String> {
        self.version(|name| name.strip_prefix("python") == Some(&format!("{minor}-minimal")))
    }

    /// Returns the only `nvcc`; `None` for two, since it is not known which one runs.
    pub(super) fn nvcc(&self) -> Option<String> {
        let version = self.version(|name| name.starts_with("cuda-nvcc-"))?;
        is_numbers(&version, 3).then_some(version)
    }
}
