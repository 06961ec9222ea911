//! Finds the packages that `pip freeze` lists in a running container, and their spelling.

use std::collections::BTreeMap;

use serde_json::Value;

use super::python::{Packages, Python, file};
use crate::carriers::python;
use crate::image::{Image, json};
use crate::provenance::Package;

/// A package, spelled as in its own metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// Such as `nvidia-nccl-cu13`, if the directory is called `nvidia_nccl_cu13`.
    pub name: String,
    /// The source of the installation, if it is not an index:
    /// `git+https://github.com/acme/acme@0123…`, `file:///acme.whl#sha256=…`.
    pub location: Option<String>,
}

/// The size of the headers of a `METADATA`, before its long description.
const HEADERS: usize = 4096;
/// The limit for a `direct_url.json`, which has a few hundred bytes.
const DIRECT_LIMIT: u64 = 64 * 1024;

/// The virtual environments that a worker tries before the `python3` of `PATH` (`find_python`).
const FIRST: [&str; 2] = ["/opt/dynamo/venv", "/opt/venv"];

/// The packages that `pip freeze` leaves out, but `uv pip freeze` lists.
const TOOLS: [&str; 4] = ["pip", "distribute", "setuptools", "wheel"];

/// Returns the packages that a worker lists, by the path of their metadata; `None` if it is not
/// known which Python it uses.
pub(super) fn installed(
    image: &dyn Image,
    python: Option<&Python>,
    has_uv: bool,
    packages: &[Package],
) -> Option<BTreeMap<String, Spelling>> {
    let python = python?;
    let mut places = places(python);
    for prefix in FIRST {
        let directory = format!("{prefix}/bin");
        if directory != python.directory && file(image, &directory, "python3").is_some() {
            let first = Python::at(image, &directory, &BTreeMap::new(), &Packages::of(b""))?;
            places.extend(self::places(&first));
        }
    }
    let tools: &[&str] = match python.is_before_3_12() {
        true => &TOOLS,
        false => &TOOLS[..1],
    };
    let is_tool = |name: &str| tools.iter().any(|tool| python::is_same_name(tool, name));
    let listed = packages.iter().filter(|package| {
        let place = package.path.rsplit_once('/').map_or("", |(place, _)| place);
        places.iter().any(|known| known == place) && (has_uv || !is_tool(&package.name))
    });
    let listed = listed.map(|package| (package.path.clone(), spelling(image, package)));
    Some(listed.collect())
}

/// Returns the package directories of a Python: one of a virtual environment, or those of Debian too.
fn places(python: &Python) -> Vec<String> {
    let Python {
        directory, minor, ..
    } = python;
    let prefix = directory.rsplit_once('/').map_or("", |(prefix, _)| prefix);
    let own = |prefix: &str, name: &str| format!("{prefix}/lib/python{minor}/{name}");
    if python.is_virtual {
        return vec![own(prefix, "site-packages")];
    }
    vec![
        own(prefix, "site-packages"),
        own("/usr/local", "dist-packages"),
        own("/usr", "dist-packages"),
        "/usr/lib/python3/dist-packages".to_owned(),
    ]
}

fn spelling(image: &dyn Image, package: &Package) -> Spelling {
    let read = |name: &str| {
        let path = format!("{}/{name}", package.path);
        image.read_range(path.as_bytes(), 0, HEADERS).ok()
    };
    let headers = read("METADATA").or_else(|| read("PKG-INFO"));
    let name = headers.and_then(|headers| python::name_and_version(&headers).0);
    let path = format!("{}/direct_url.json", package.path);
    let direct = image.read(path.as_bytes(), DIRECT_LIMIT).ok();
    Spelling {
        name: name.unwrap_or_else(|| package.name.clone()),
        location: direct.and_then(|direct| location(&direct)),
    }
}

/// Returns a `direct_url.json` (PEP 610) as pip writes it after an `@`; `None` for an editable
/// package.
fn location(direct_url: &[u8]) -> Option<String> {
    let known = python::direct_url(direct_url).filter(|known| !known.editable)?;
    let document: Value = json::parse(direct_url).ok()?;
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let mut line = known.url;
    if let (Some(commit), Some(vcs)) = (known.commit, text("/vcs_info/vcs")) {
        line = format!("{vcs}+{line}@{commit}");
    }
    let hashes = document.pointer("/archive_info/hashes");
    let hashes = hashes.and_then(Value::as_object);
    let newer = || {
        let (algorithm, digest) = hashes?.iter().next()?;
        Some(format!("{algorithm}={}", digest.as_str()?))
    };
    let hash = text("/archive_info/hash").map(str::to_owned).or_else(newer);
    let directory = text("/subdirectory");
    let directory = directory.map(|directory| format!("subdirectory={directory}"));
    let fragments: Vec<String> = hash.into_iter().chain(directory).collect();
    if !fragments.is_empty() {
        line = format!("{line}#{}", fragments.join("&"));
    }
    Some(line)
}
