//! Warnings beside the verdict.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::signs::changes::{Changes, REPACKED, later_files};
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::LaterThanImport;
use crate::provenance::Warning;
use crate::reference::Reference;

pub(crate) fn warnings(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    changes: &Changes,
) -> Vec<Warning> {
    let losses = case.facts.losses.iter();
    let mut all: Vec<Warning> = losses
        .map(|loss| warning(loss.code, loss.message.clone()))
        .collect();
    let later = changes.later.as_ref().map(later_files);
    all.extend(later.map(|message| warning("files-newer-than-import", message)));
    all.extend(reset_times(changes));
    all.extend(repacked(changes));
    all.extend(unread_times(case));
    all.extend(unmapped_mirror(case, ownership));
    all.extend(case.reused.iter().map(reused));
    all.extend(spilled_labels(case));
    all.extend(spilled_variables(case));
    all.extend(unlisted_pipeline(verdict));
    all.extend(file_name(case).map(|message| warning("file-name-differs", message)));
    all
}

fn warning(code: &str, message: impl Into<String>) -> Warning {
    Warning {
        code: code.to_owned(),
        message: message.into(),
    }
}

fn reset_times(changes: &Changes) -> Option<Warning> {
    let code = "file-times-put-back";
    let message = "files have exactly the time of the import, as with SOURCE_DATE_EPOCH: a later change would not show";
    let found = changes.doubts.contains(&code);
    found.then(|| warning(code, message))
}

fn repacked(changes: &Changes) -> Option<Warning> {
    let message = "enroot did not pack this file: another program did, somebody packed it again, its files do not belong to root, or its time is before the import";
    let found = changes.may_be_repacked();
    found.then(|| warning(REPACKED, message))
}

fn unread_times(case: &Case) -> Option<Warning> {
    match &case.facts.later {
        LaterThanImport::Unknown { code, message } => Some(warning(code, message.clone())),
        LaterThanImport::NotAsked | LaterThanImport::Read(_) => None,
    }
}

fn reused(family: &Family) -> Warning {
    let name = &family.contract.name;
    let message = format!(
        "keys of {name} are in the image, but its package is not installed: somebody else uses the same names"
    );
    warning("reused-namespace", message)
}

fn spilled_labels(case: &Case) -> Option<Warning> {
    let spilled = &case.facts.import.as_ref()?.spilled_lines;
    let (first, count) = (spilled.first()?, spilled.len());
    let message = format!(
        "/etc/rc has lines that are the rest of a label with newlines ({count}, from line {first}); such a label can forge other labels"
    );
    Some(warning("spilled-label-lines", message))
}

fn spilled_variables(case: &Case) -> Option<Warning> {
    let stray = &case.facts.stray_environment_lines;
    let (first, count) = (stray.first()?, stray.len());
    let message = format!(
        "/etc/environment has lines that are not variables ({count}, from line {first}): they are the rest of a value with line breaks, which can forge variables"
    );
    Some(warning("spilled-environment-lines", message))
}

fn unlisted_pipeline(verdict: &Verdict) -> Option<Warning> {
    let code = "unlisted-pipeline";
    let message = "the build page is the publisher's, but its contract does not list the pipeline";
    verdict.is_by(code).then(|| warning(code, message))
}

/// Returns a warning for an official path under another host or prefix that no mirror map names.
fn unmapped_mirror(case: &Case, ownership: &Ownership) -> Option<Warning> {
    let family = ownership.family.filter(|family| family.class.is_none())?;
    let imported = case.import()?.effective.as_ref()?;
    let stamped = family.stamp_reference().map(|(_, reference)| reference);
    let official = family
        .contract
        .official_repositories()
        .filter_map(|name| Reference::parse(name).ok());
    let mut originals = stamped.into_iter().chain(official);
    let known = originals.any(|original| imported.may_mirror(&original));
    (known || family.may_be_mirrored(imported)).then(|| {
        let name = imported.name();
        let message =
            format!("{name} may be a mirror; if it is, --mirror FROM=TO names the original");
        warning("unmapped-mirror", message)
    })
}

/// Returns a message if the file is named after another tag of the imported repository.
fn file_name(case: &Case) -> Option<String> {
    let name = case.facts.file_name.as_deref()?;
    let import = case.registry_import()?;
    let reference = import.reference.as_ref()?;
    let tag = import.tag()?;
    let stem = [".sqsh", ".squashfs", ".sqfs"]
        .iter()
        .find_map(|ext| name.strip_suffix(ext))?;
    let path = reference
        .repository
        .strip_prefix("library/")
        .unwrap_or(&reference.repository);
    ['+', '_'].into_iter().find_map(|separator| {
        let prefix = format!("{}{separator}", path.replace('/', &separator.to_string()));
        let at = stem.find(prefix.as_str())?;
        let named = stem.get(at + prefix.len()..)?;
        let tag = tag.replace(['/', ':', '@', '#'], &separator.to_string());
        let comparable = !named.is_empty() && !named.starts_with("sha256");
        (comparable && named != tag)
            .then(|| format!("the file's name says {named}, but it was imported as {tag}"))
    })
}
