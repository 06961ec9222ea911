//! Signs of packages that differ from the stamp, or were installed later.

use crate::attribution::case::Case;
use crate::attribution::make::{python, source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{
    directory, installed, is_another_version, nearest, packages_known, packages_named,
};
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{
    is_among, public_version, repository_url, same_commit, same_version, seconds, version_of_tag,
};
use crate::carriers::python::foreign_parts;
use crate::carriers::{Facts, PackageFact};
use crate::contracts::{Contract, Field, RepositoryClass};
use crate::provenance::{Kind, Source};
use crate::reference::Reference;

/// The most seconds between the contract's own package and a later package of the same build.
const ONE_BUILD: i64 = 6 * 3600;

/// The same if the build begins with the package: NGC builds PyTorch first, and then the rest of the image.
const LONG_BUILD: i64 = 3 * 24 * 3600;

/// The packages of Debian and its children.
const SYSTEM_PACKAGES: &str = "/var/lib/dpkg/status";

/// Returns signs if the installed package has another commit or version than the stamp.
pub(crate) fn package(case: &Case, family: &Family) -> Vec<Signal> {
    let contract = &family.contract;
    let copies = installed(contract, case.facts);
    let mut signals = Vec::new();
    let Some(first) = copies.first() else {
        let expected = contract
            .package
            .as_ref()
            .filter(|_| packages_known(case.facts) && !case.may_lack_package(family));
        signals.extend(expected.map(|name| {
            Signal::new(
                "package-missing",
                1,
                "packages",
                format!(
                    "the package {name}, which images of {} contain, is not installed",
                    contract.name
                ),
                Vec::new(),
            )
        }));
        return signals;
    };
    let shown = |value: &str| sourced(value, python(&first.path));
    let commits = case.package_commits(contract);
    if let Some((reading, commit)) = family.commit(&commits)
        && !reading.internal
        && let Some(other) = commits.iter().find(|id| !same_commit(id, &commit.id))
    {
        signals.push(Signal::new(
            "package-commit-differs",
            2,
            "origin.commit.id",
            "the installed package was built from another commit than the stamp says",
            [reading.sourced(), shown(other)],
        ));
    }
    if contract.owns_package()
        && let Some((version, at)) = declared_version(case, family)
        && is_another_version(&copies, &version)
    {
        signals.push(Signal::new(
            "package-version-differs",
            2,
            "origin.version",
            "the installed package has another version than the stamp says",
            [sourced(version, at), shown(&first.version)],
        ));
    }
    if contract.owns_package() {
        signals.extend(copies.iter().find_map(|copy| rebuilt(copy)));
        let elsewhere = |copy: &&PackageFact| from_elsewhere(case.facts, contract, copy);
        signals.extend(copies.iter().find_map(elsewhere));
    }
    signals
}

/// Returns a sign for a wheel whose local version the publisher does not use: `0.29.0+acme.patch2`.
fn rebuilt(copy: &PackageFact) -> Option<Signal> {
    let parts: Vec<&str> = foreign_parts(&copy.version).collect();
    let first = parts.first()?;
    // vLLM's own CI builds such wheels too, and so does anybody who changes Python files only (vLLM,
    // setup.py).
    let precompiled = parts.iter().all(|part| *part == "precompiled");
    Some(Signal::new(
        "package-rebuilt",
        if precompiled { 1 } else { 2 },
        "packages",
        format!("the publisher did not build the installed package: its version has +{first}"),
        [sourced(&copy.version, python(&copy.path))],
    ))
}

/// Returns a sign for a package that was built from another Git repository than the publisher's, or runs from a
/// checkout of one.
fn from_elsewhere(facts: &Facts, contract: &Contract, copy: &PackageFact) -> Option<Signal> {
    let direct = copy.direct_url.as_ref()?;
    let checkout = directory(direct)
        .filter(|_| direct.editable)
        .and_then(|directory| nearest(facts, &directory)?.remote.as_ref());
    let (url, at) = match checkout {
        Some(remote) => (repository_url(&remote.value)?, remote.source.clone()),
        None => {
            direct.commit.as_ref()?;
            let at = python(&format!("{}/direct_url.json", copy.path));
            (repository_url(&direct.url)?, at)
        }
    };
    if contract.source.is_empty() || is_among(&contract.source, &url) {
        return None;
    }
    Some(Signal::new(
        "package-source-differs",
        3,
        "origin.commit.repository",
        format!(
            "the installed package was built from another repository than {}'s",
            contract.name
        ),
        [sourced(url, at)],
    ))
}

/// Returns the version that a stamp names: in its own variable or label, or in the tag of its reference.
pub(crate) fn stamped_version(family: &Family) -> Option<(String, Source)> {
    if let Some(reading) = family.reading(Field::Version) {
        let version = public_version(reading.value.trim());
        return Some((version.to_owned(), reading.source.clone()));
    }
    let (reading, reference) = family.stamp_reference()?;
    let version = release(family, &reference, reference.tag.as_deref()?)?;
    Some((version, reading.source.clone()))
}

/// Returns the version in a release's tag.
fn release(family: &Family, reference: &Reference, tag: &str) -> Option<String> {
    let rule = family.contract.tag_rule(&reference.name(), tag)?;
    (rule.kind == Kind::Release).then(|| version_of_tag(tag).map(str::to_owned))?
}

/// Returns the version that a release declares: in its stamp, or at the front of its tag.
fn declared_version(case: &Case, family: &Family) -> Option<(String, Source)> {
    if let Some(stamped) = stamped_version(family) {
        return Some(stamped);
    }
    if family.of(Field::Reference).next().is_some()
        || family.class != Some(RepositoryClass::Official)
    {
        return None;
    }
    let import = case.import()?;
    Some((
        release(family, import.effective.as_ref()?, import.tag()?)?,
        import.source.clone(),
    ))
}

/// Returns the latest time at which the build that installed the contract's package ended. Of several
/// copies, the oldest with the stamped version counts: somebody may have installed another one later.
fn built(case: &Case, family: &Family) -> Option<i64> {
    let own = installed(&family.contract, case.facts);
    let stamped = stamped_version(family);
    let is_stamped = |package: &&&PackageFact| {
        let stamped = stamped.as_ref();
        stamped.is_some_and(|(version, _)| same_version(&package.version, version))
    };
    let of = |packages: &mut dyn Iterator<Item = &&PackageFact>| {
        packages.filter_map(|package| package.mtime).min()
    };
    let first = of(&mut own.iter().filter(is_stamped)).or_else(|| of(&mut own.iter()));
    if first.is_some() || family.contract.package.is_some() {
        return first.map(|time| time.saturating_add(ONE_BUILD));
    }
    // A publisher without an own package builds the packages of its line first, and then the rest.
    let line = case.line(family)?;
    let held = line.holds.iter();
    let held = held.flat_map(|name| packages_named(case.facts, name));
    let first = held.filter_map(|package| package.mtime).min();
    // The build of a distribution, or of one with drivers, has a time, or ends with packages of the system.
    let is_system = line.os.is_some() || line.version.is_some();
    let system = || case.facts.mtimes.get(SYSTEM_PACKAGES).copied();
    let ended = || created(family).or_else(|| system().filter(|_| is_system));
    Some(first.or_else(ended)?.saturating_add(LONG_BUILD))
}

/// Returns the time of the build that the stamp names, in seconds since 1970.
fn created(family: &Family) -> Option<i64> {
    seconds(family.value(Field::Created)?.trim())
}

/// Returns signs for files that are later than the build, but not later than the import: packages, and
/// programs in directories of their own.
pub(crate) fn later_files(case: &Case, family: &Family) -> Vec<Signal> {
    let facts = case.facts;
    let Some(built) = built(case, family) else {
        return Vec::new();
    };
    let imported = facts.mtimes.get("/etc/rc").copied().unwrap_or(i64::MAX);
    let later = |mtime: i64| mtime > built && mtime <= imported;
    let packages = facts.packages.iter();
    let packages = packages
        .filter(|package| package.mtime.is_some_and(later))
        .map(|package| package.path.as_str());
    let is_system = |path: &str| path == SYSTEM_PACKAGES;
    let is_tree = |path: &str| {
        // The importer touches the working directory and its parents.
        let workdir = facts.workdir.as_deref();
        let touched = workdir.is_some_and(|directory| directory.starts_with(path));
        (path == "/app" || path.starts_with("/opt/")) && !touched
    };
    let among = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        let times = facts.mtimes.iter();
        times
            .filter(|(path, mtime)| wanted(path) && later(**mtime))
            .map(|(path, _)| path.as_str())
            .collect()
    };
    let installed: Vec<&str> = packages.chain(among(&is_system)).collect();
    [installed, among(&is_tree)]
        .into_iter()
        .filter_map(|names| later_sign(family, &names))
        .collect()
}

fn later_sign(family: &Family, names: &[&str]) -> Option<Signal> {
    let first = *names.first()?;
    Some(Signal::new(
        "later-files",
        1,
        "packages",
        format!(
            "files are later than {}'s own package: {}",
            family.contract.name,
            names.join(", ")
        ),
        [sourced(first, source("mtime", first))],
    ))
}
