//! With `--deep`: checks that the files of packages are what their records say.

use super::outcome::Check;
use crate::provenance::{Integrity, Provenance};

/// Codes of warnings about files that were not compared with a record.
const NOT_COMPARED: [&str; 5] = [
    "editable-not-checked",
    "files-not-seen",
    "no-record",
    "record-hash-not-checked",
    "record-leaves-image",
];

/// Returns a check of each package that was compared, and one of those that could not be compared. Whoever
/// patches a file can also damage the record, so a package that was not compared is never OK.
pub(super) fn checks(document: &Provenance) -> Vec<Check> {
    let Some(packages) = &document.integrity else {
        return Vec::new();
    };
    let own = packages.iter().filter(|package| !package.listed_only);
    let mut checks: Vec<Check> = own.map(package).collect();
    checks.extend(others(packages));
    checks.extend(not_compared(document, packages));
    checks
}

/// Returns the checks of packages of no known publisher. One check counts the files of all that match their records.
fn others(packages: &[Integrity]) -> Vec<Check> {
    let (intact, others): (Vec<_>, Vec<_>) = packages
        .iter()
        .filter(|package| package.listed_only)
        .partition(|package| package.is_whole());
    let mut checks: Vec<Check> = others.into_iter().map(other).collect();
    let files = intact.iter().map(|package| package.files);
    let files = files.fold(0, u64::saturating_add);
    if files > 0 {
        let message = format!("{files} files of other packages match their records");
        checks.push(Check::ok("integrity.others", "files-intact", message));
    }
    checks
}

/// Returns the check of a package of no known publisher with a difference. A build may remove files of such a
/// package, to make its image smaller. It does not change them.
fn other(found: &Integrity) -> Check {
    if !found.changed.is_empty() {
        return package(found);
    }
    let message = "files of the package's record are missing: the build may have removed them";
    let field = format!("integrity.{}", found.package);
    let check = Check::undecidable(field, "files-missing", message);
    with_files(check, found.missing.iter())
}

/// Checks that the files of one package are what its own record says.
fn package(package: &Integrity) -> Check {
    let field = format!("integrity.{}", package.package);
    let different = package.changed.iter().chain(&package.missing);
    if different.clone().next().is_some() {
        let message = "files are missing, or differ from the package's record";
        with_files(Check::mismatch(field, "files-changed", message), different)
    } else if !package.extra.is_empty() {
        let message = "no record lists these files, which Python or a shell may run";
        let check = Check::undecidable(field, "files-unlisted", message);
        with_files(check, package.extra.iter())
    } else if package.files == 0 {
        let message = "its record has no hash to compare a file with";
        Check::undecidable(field, "files-not-compared", message)
    } else {
        let message = format!("{} files match the package's record", package.files);
        Check::ok(field, "files-intact", message)
    }
}

/// Returns the check that says why some or all files were not compared.
fn not_compared(document: &Provenance, packages: &[Integrity]) -> Option<Check> {
    let mut warnings = document.warnings.iter();
    let said = warnings.find(|warning| NOT_COMPARED.contains(&warning.code.as_str()));
    let message = match said {
        Some(warning) => warning.message.as_str(),
        None if packages.iter().all(|package| package.listed_only) => {
            "no package of a known publisher with a record is installed"
        }
        None => return None,
    };
    let check = Check::undecidable("integrity", "files-not-compared", message);
    Some(check)
}

/// Names the first of the files that are not as recorded.
fn with_files<'f>(check: Check, mut files: impl Iterator<Item = &'f String>) -> Check {
    let first: Vec<&str> = files.by_ref().take(3).map(String::as_str).collect();
    let named = match files.count() {
        0 => first.join(", "),
        more => format!("{}, and {more} more", first.join(", ")),
    };
    check.expected("files as recorded").actual(Some(named))
}
