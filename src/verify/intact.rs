//! With `--deep`: whether the files of packages are what their records say.

use super::outcome::{Check, Status};
use crate::provenance::{Integrity, Provenance};

/// Codes of warnings that say that files, or some of them, were not compared with a record.
const NOT_COMPARED: [&str; 5] = [
    "editable-not-checked",
    "files-not-seen",
    "no-record",
    "record-hash-not-checked",
    "record-leaves-image",
];

/// Returns a check for each package that was compared, and one for those that could not be. Anybody
/// who patches a file can also damage the record, so a package that was not compared is never OK.
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

/// Packages of no known publisher. Those whose files are what their records say are counted together.
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
        let field = "integrity.others".to_owned();
        checks.push(Check::new(field, Status::Ok, "files-intact", message));
    }
    checks
}

/// A build may leave out files of a package that it stands on, to make its image smaller. It does not
/// change them.
fn other(found: &Integrity) -> Check {
    if !found.changed.is_empty() {
        return package(found);
    }
    let message = "files of the package's record are missing: the build may have removed them";
    let missing: Vec<&String> = found.missing.iter().collect();
    let field = format!("integrity.{}", found.package);
    Check::new(field, Status::Undecidable, "files-missing", message)
        .expected("files as recorded")
        .actual(Some(named(&missing)))
}

/// The files of one package are what its own record says.
fn package(package: &Integrity) -> Check {
    let field = format!("integrity.{}", package.package);
    let different: Vec<&String> = package.changed.iter().chain(&package.missing).collect();
    if !different.is_empty() {
        let message = "files are missing, or differ from the package's record";
        return Check::new(field, Status::Mismatch, "files-changed", message)
            .expected("files as recorded")
            .actual(Some(named(&different)));
    }
    if !package.extra.is_empty() {
        let message = "no record lists these files, which Python or a shell may run";
        let extra: Vec<&String> = package.extra.iter().collect();
        return Check::new(field, Status::Undecidable, "files-unlisted", message)
            .expected("files as recorded")
            .actual(Some(named(&extra)));
    }
    if package.files == 0 {
        let message = "its record has no hash to compare a file with";
        return Check::new(field, Status::Undecidable, "files-not-compared", message);
    }
    let message = format!("{} files match the package's record", package.files);
    Check::new(field, Status::Ok, "files-intact", message)
}

/// Why files, or all of them, were not compared.
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
    let code = "files-not-compared";
    Some(Check::new("integrity", Status::Undecidable, code, message))
}

/// The first of some files.
fn named(files: &[&String]) -> String {
    let first: Vec<&str> = files.iter().take(3).map(|file| file.as_str()).collect();
    let more = files.len().saturating_sub(first.len());
    match more {
        0 => first.join(", "),
        more => format!("{}, and {more} more", first.join(", ")),
    }
}
