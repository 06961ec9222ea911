//! Checks that the publisher's package is as its installer left it.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{directory, installed, packages_named};
use crate::attribution::signs::records::differs;
use crate::attribution::text::public_version;
use crate::carriers::PackageFact;
use crate::carriers::python::normalise;
use crate::contracts::Contract;
use std::path::Path;

use super::findings::Findings;

pub(super) fn check(found: &mut Findings, case: &Case, family: &Family) {
    let contract = &family.contract;
    let packages = installed(contract, case.facts);
    let expected =
        contract.package.is_some() && !case.may_lack_package(family) && packages.is_empty();
    let known = case.facts.packages_known;
    found.missing(expected && known, "package-missing");
    found.missing(expected && !known, "packages-unknown");
    // The publisher may have patched a package of a base; nothing distinguishes it from an edit.
    let patched = case.facts.integrity.iter().any(differs);
    found.missing(patched, "inherited-record-mismatch");
    let unrecorded = case.facts.integrity.iter().any(|fact| !fact.has_record);
    found.missing(unrecorded, "record-absent");
    // The publisher may have copied the module there; nothing distinguishes it from somebody else's.
    let mut integrity = case.facts.integrity.iter();
    let unlisted = integrity.any(|fact| !fact.beside.is_empty());
    found.missing(unlisted, "unlisted-code");
    let held = case.line(family).is_none_or(|line| {
        let holds = |name: &String| !packages_named(case.facts, name).is_empty();
        line.holds.iter().all(holds)
    });
    found.missing(!held && known, "package-missing");
    found.missing(!held_with_records(case, family), "record-absent");
    found.missing(!has_its_entrypoint(case), "entrypoint-missing");
    found.missing(
        case.facts.integrity.iter().any(|fact| fact.unhashed),
        "record-hash-not-checked",
    );
    // Without a build page, the publisher's own files count too.
    let markers = &contract.markers.file;
    let unmarked = contract.build.is_none()
        && !markers.is_empty()
        && !markers.iter().any(|path| case.facts.present.contains(path));
    found.missing(unmarked, "marker-missing");
    let elsewhere = packages.iter().any(|it| runs_elsewhere(contract, it));
    found.missing(elsewhere, "runs-from-unknown-source");
    let all = |holds: fn(&PackageFact) -> bool| packages.iter().all(|package| holds(package));
    // An installer leaves a list of files, and the version that was requested.
    found.missing(!all(|package| package.has_record), "record-absent");
    found.missing(!all(is_described), "package-version-unconfirmed");
    if contract.build.is_none() {
        return;
    }
    let mut versions: Vec<&str> = packages
        .iter()
        .map(|package| public_version(&package.version))
        .collect();
    versions.dedup();
    found.missing(versions.len() > 1, "several-package-versions");
    found.missing(
        all(is_described) && !all(has_version_file),
        "package-version-unconfirmed",
    );
}

/// Returns true if the packages of other publishers in this line have their records. Packages without a
/// contract need none.
fn held_with_records(case: &Case, family: &Family) -> bool {
    let held = case.line(family).into_iter().flat_map(|line| &line.holds);
    let asked = held.filter(|name| {
        let mut contracts = case.contracts.all().iter();
        contracts
            .any(|contract| contract.package.as_deref().map(normalise) == Some(normalise(name)))
    });
    asked
        .flat_map(|name| packages_named(case.facts, name))
        .all(|package| package.has_record)
}

/// Returns true for an editable package in a directory that the publisher's build does not use: no RECORD
/// lists the files that run.
fn runs_elsewhere(contract: &Contract, package: &PackageFact) -> bool {
    let direct = package.direct_url.as_ref().filter(|direct| direct.editable);
    direct.is_some_and(|direct| {
        let directory = directory(direct).unwrap_or_default();
        let mut own = contract.source_directories.iter();
        !own.any(|own| Path::new(&directory).starts_with(own.trim_end_matches("/*")))
    })
}

/// Returns true if the image has the program that the entrypoint names by its path.
fn has_its_entrypoint(case: &Case) -> bool {
    let program = case.facts.program();
    program.is_none_or(|program| case.facts.present.contains(program))
}

/// Returns true if METADATA has the name and the version of the directory.
fn is_described(package: &PackageFact) -> bool {
    let name = package.metadata_name.as_deref().map(normalise);
    package.metadata_version.as_deref() == Some(package.version.as_str())
        && name == Some(normalise(&package.name))
}

/// Returns true if the version file of the build has the version too. vLLM's `setup.py` writes it before it
/// adds a local segment (`+cu129`).
fn has_version_file(package: &PackageFact) -> bool {
    let file = package.version_file.as_ref();
    file.is_some_and(|pair| public_version(&pair.value) == public_version(&package.version))
}
