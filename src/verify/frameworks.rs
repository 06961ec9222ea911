//! Versions of packages: by PEP 440, with the local part or without it, or as text for srt-slurm's recipes.

use pep440_rs::Version;

use crate::carriers::python::normalise;
use crate::provenance::{Package, Provenance};
use crate::suggestions::{SLIPS, closest, distance};

use super::expectations::ExpectedFramework;
use super::outcome::{Check, Level, Status};

/// Frameworks, and their packages where those have other names.
const PACKAGES: [(&str, &str); 3] = [
    ("dynamo", "ai-dynamo"),
    ("trt-llm", "tensorrt-llm"),
    ("trtllm", "tensorrt-llm"),
];

/// Returns the normalised name of a framework's package.
pub(crate) fn package_of(framework: &str) -> String {
    let name = normalise(framework);
    PACKAGES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, package)| (*package).to_owned())
}

/// Returns the copies of a framework's package that are installed in the image.
pub(crate) fn installed<'d>(document: &'d Provenance, framework: &str) -> Vec<&'d Package> {
    let name = package_of(framework);
    document
        .packages
        .iter()
        .filter(|package| normalise(&package.name) == name)
        .collect()
}

/// Checks that every installed copy of the framework has this version.
pub(super) fn check(
    document: &Provenance,
    expected: &ExpectedFramework,
    compatible: bool,
) -> Check {
    let field = match &expected.recorded_by {
        Some(worker) => format!("lock.fingerprints.{worker}.{}", expected.name),
        None => format!("frameworks.{}", expected.name),
    };
    let copies = installed(document, &expected.name).into_iter();
    let mut versions: Vec<&str> = copies.map(|package| package.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    let fits = |version: &&&str| same(version, expected, compatible);
    let matching = versions.iter().filter(fits).count();
    let all = !versions.is_empty() && matching == versions.len();
    let check = if let Some(by) = &expected.installed_by {
        let what = if all {
            "the image has this version, and"
        } else {
            "the image does not decide it:"
        };
        let message = format!("{what} {by} when the job starts (declared, not verifiable before)");
        Check::new(field, Status::Declared, "installed-at-start", message)
    } else if all {
        let message = if compatible {
            "a compatible version is installed"
        } else {
            "this version is installed"
        };
        Check::ok(field, "framework", message).level(Level::Framework)
    } else if versions.is_empty() {
        missing(document, field, &package_of(&expected.name))
    } else if matching > 0 {
        let message = "several versions are installed, and which one runs is not known";
        Check::undecidable(field, "several-versions", message)
    } else {
        Check::mismatch(field, "framework-differs", differs(&versions, expected))
    };
    let actual = (!versions.is_empty()).then(|| versions.join(", "));
    check.expected(&expected.version).actual(actual)
}

/// Returns the check of packages that are not known.
pub(super) fn unlisted(field: impl Into<String>) -> Check {
    let message = "the image's packages could not be listed";
    Check::undecidable(field, "packages-unknown", message)
}

/// Returns the check of a package that was not found.
fn missing(document: &Provenance, field: String, package: &str) -> Check {
    if document.is_partial() || document.packages.is_empty() {
        return unlisted(field);
    }
    let names = document.packages.iter().map(|it| it.name.as_str());
    let near = closest(names, package).filter(|near| distance(near, package) <= SLIPS);
    let near = near.map(|near| format!("; {near} is"));
    let near = near.unwrap_or_default();
    let message = format!("no package {package} is installed{near}");
    Check::mismatch(field, "framework-missing", message)
}

/// Returns why none of the versions is the expected one.
fn differs(versions: &[&str], expected: &ExpectedFramework) -> String {
    let close = versions.iter().any(|version| same(version, expected, true));
    let by_pep_440 = ExpectedFramework {
        as_text: false,
        ..expected.clone()
    };
    let equal = |version: &&str| same(version, &by_pep_440, false);
    if expected.as_text && versions.iter().any(equal) {
        let says = match expected.recorded_by {
            Some(_) => "a worker recorded",
            None => "the recipe says",
        };
        format!(
            "{says} '{}', and srt-slurm compares as text: write the version that is installed, or give --framework-compatible",
            expected.version
        )
    } else if close {
        "another build of this version is installed; --framework-compatible takes it".to_owned()
    } else {
        "another version is installed".to_owned()
    }
}

/// Returns true for the same version: by PEP 440 (0.29 is 0.29.0), or as text where srt-slurm compares
/// text. With `compatible`, the local part may differ.
fn same(actual: &str, expected: &ExpectedFramework, compatible: bool) -> bool {
    if actual == expected.version {
        return true;
    }
    let version = |text: &str| text.parse::<Version>().ok();
    let (Some(actual), Some(wanted)) = (version(actual), version(&expected.version)) else {
        return false;
    };
    if compatible {
        actual.without_local() == wanted.without_local()
    } else {
        !expected.as_text && actual == wanted
    }
}
