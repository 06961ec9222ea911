//! Versions that programs of the image would say of themselves in a running container, from files:
//! what srt-slurm's workers write down (`fingerprint.py`).

mod installed;
mod python;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::image::Image;
use crate::provenance::Provenance;

pub use self::installed::Spelling;
use self::python::{Packages, Python, file};

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

/// Where programs are looked for when the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// More directories than a `PATH` has.
const MOST_DIRECTORIES: usize = 64;
/// Debian's list of packages; of large images it has 2 MB.
const STATUS: &[u8] = b"/var/lib/dpkg/status";
const STATUS_LIMIT: u64 = 16 * 1024 * 1024;
impl Versions {
    /// The versions in the image of this document; what cannot be read is not known.
    pub(super) fn of(image: &dyn Image, document: &Provenance) -> Self {
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
