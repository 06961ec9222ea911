//! The publisher's package is installed as its installer leaves it.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::signs::records::differs;
use crate::attribution::text::public_version;
use crate::carriers::PackageFact;

use super::findings::Findings;

/// Checks the package.
pub(super) fn check(found: &mut Findings, case: &Case, family: &Family) {
    let contract = &family.contract;
    let packages = installed(contract, case.facts);
    let expected = contract.package.is_some()
        && case.line(family).is_none_or(|line| !line.no_package)
        && packages.is_empty();
    let known = case.facts.packages_known;
    found.missing(expected && known, "package-missing");
    found.missing(expected && !known, "packages-unknown");
    // The publisher may have patched a package that it builds on; nothing tells it from an edit.
    let patched = case.facts.integrity.iter().any(differs);
    found.missing(patched, "inherited-record-mismatch");
    if contract.build.is_none() {
        return;
    }
    let mut versions: Vec<&str> = packages
        .iter()
        .map(|package| public_version(&package.version))
        .collect();
    versions.dedup();
    found.missing(versions.len() > 1, "several-package-versions");
    let all = |holds: fn(&PackageFact) -> bool| packages.iter().all(|package| holds(package));
    found.missing(!all(|package| package.has_record), "record-absent");
    found.missing(!all(says_its_version), "package-version-unconfirmed");
}

/// METADATA and the version file that the build writes name the version of the directory. vLLM's
/// `setup.py` writes the version file before it adds a local segment (`+cu129`).
fn says_its_version(package: &PackageFact) -> bool {
    let file = package.version_file.as_ref();
    let metadata = package.metadata_version.as_deref();
    metadata == Some(package.version.as_str())
        && file.is_some_and(|pair| public_version(&pair.value) == public_version(&package.version))
}
