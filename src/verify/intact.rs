//! With `--deep`: whether the files of the publishers' packages are what their records say.

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

/// A check for each package that was compared, and one for what could not be. Whoever patches a file can
/// spoil the record too, so that a comparison that was not made is never an OK.
pub(super) fn checks(document: &Provenance) -> Vec<Check> {
    let Some(packages) = &document.integrity else {
        return Vec::new();
    };
    let mut checks: Vec<Check> = packages.iter().map(package).collect();
    checks.extend(not_compared(document, packages));
    checks
}

/// The files of one package are what its own record says.
fn package(package: &Integrity) -> Check {
    let field = format!("integrity.{}", package.package);
    let different: Vec<&String> = package.changed.iter().chain(&package.missing).collect();
    if !different.is_empty() {
        let message = "files are missing, or not what the package's record says";
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
        let message = "its record has no hash that a file could be compared with";
        return Check::new(field, Status::Undecidable, "files-not-compared", message);
    }
    let message = format!("{} files are what the package's record says", package.files);
    Check::new(field, Status::Ok, "files-intact", message)
}

/// Why files, or all of them, were not compared.
fn not_compared(document: &Provenance, packages: &[Integrity]) -> Option<Check> {
    let mut warnings = document.warnings.iter();
    let said = warnings.find(|warning| NOT_COMPARED.contains(&warning.code.as_str()));
    let message = match said {
        Some(warning) => warning.message.as_str(),
        None if packages.is_empty() => {
            "no package of a publisher with a record is installed, so that no file was compared"
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
