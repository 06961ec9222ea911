//! Finds, from files, the versions that the image's programs would print in a running container, as
//! srt-slurm's workers record them (`fingerprint.py`).

mod installed;
mod python;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::image::Image;
use crate::provenance::Provenance;

pub use self::installed::Spelling;
use self::python::{Packages, Python, file};

/// The versions that programs of the image would print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The version of the first `python3` on the path: `3.12.3`, or `3.12` if no more is known.
    pub python: Option<String>,
    /// The version of `nvcc`: `13.0.88`.
    pub nvcc: Option<String>,
    /// The packages that `pip freeze` lists, by the path of their metadata; `None` if not known.
    pub installed: Option<BTreeMap<String, Spelling>>,
}

/// The `PATH` of an image that sets none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The most directories of `PATH`.
const MOST_DIRECTORIES: usize = 64;
/// Debian's list of packages; in large images it has 2 MB.
const STATUS: &[u8] = b"/var/lib/dpkg/status";
const STATUS_LIMIT: u64 = 16 * 1024 * 1024;

impl Versions {
    /// Returns the versions in the image of this document. An unreadable version is not known.
    pub(super) fn of(image: &dyn Image, document: &Provenance) -> Self {
        let path = document.environment.get("PATH");
        let path = path.map_or(PATH, String::as_str);
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
