//! What else a reader should know: conflicts that decide nothing, and warnings.

use crate::attribution::case::Case;
use crate::attribution::readings::import::Import;
use crate::attribution::signs::changes::Changes;
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;

use crate::provenance::Warning;
use crate::reference::Reference;

/// What should be known beside the verdict.
pub(crate) fn warnings(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    changes: &Changes,
) -> Vec<Warning> {
    let facts = case.facts;
    let mut all: Vec<Warning> = facts
        .losses
        .iter()
        .map(|loss| Warning {
            code: loss.code.to_owned(),
            message: loss.message.clone(),
        })
        .collect();
    let mut warn = |code: &str, message: String| {
        all.push(Warning {
            code: code.to_owned(),
            message,
        })
    };
    if changes.doubts.contains(&"file-times-put-back") {
        warn(
            "file-times-put-back",
            "files have the very time of the import, as with SOURCE_DATE_EPOCH: what was changed after it cannot be seen".to_owned(),
        );
    }
    if let Some(mirrored) = unmapped_mirror(case, ownership) {
        warn(
            "unmapped-mirror",
            format!(
                "{mirrored} may be a mirror; if it is, say --mirror FROM=TO so that it counts as the original"
            ),
        );
    }
    for family in &case.reused {
        warn(
            "reused-namespace",
            format!(
                "keys of {} stand in the image, but its package is not installed: they are somebody else's",
                family.contract.name
            ),
        );
    }
    if let Some(import) = &facts.import
        && !import.spilled_lines.is_empty()
    {
        warn(
            "spilled-label-lines",
            format!(
                "/etc/rc has {} lines that are the rest of a label with newlines (first: line {}); such a label can forge others",
                import.spilled_lines.len(),
                import.spilled_lines.first().copied().unwrap_or_default()
            ),
        );
    }
    if let Some(first) = facts.stray_environment_lines.first() {
        let count = facts.stray_environment_lines.len();
        warn(
            "spilled-environment-lines",
            format!(
                "/etc/environment has {count} lines that are no variable (first: line {first}): the rest of a value with newlines, which can forge variables"
            ),
        );
    }
    if verdict
        .reasons
        .iter()
        .any(|reason| reason == "unlisted-pipeline")
    {
        warn(
            "unlisted-pipeline",
            "the build page is the publisher's, the pipeline's id is not a known one".to_owned(),
        );
    }
    if let Some(message) = file_name(case) {
        warn("file-name-differs", message);
    }
    all
}

/// An official path under another host or prefix, which no map explains.
fn unmapped_mirror(case: &Case, ownership: &Ownership) -> Option<String> {
    let family = ownership.family.filter(|family| family.class.is_none())?;
    let imported = case.import()?.effective.as_ref()?;
    let stamped = family.stamp_reference().map(|(_, reference)| reference);
    let official = family
        .contract
        .official_repositories()
        .filter_map(|name| Reference::parse(name).ok());
    stamped
        .into_iter()
        .chain(official)
        .any(|original| imported.may_mirror(&original))
        .then(|| imported.name())
}

/// The file is named after another tag of the repository that it was imported from.
fn file_name(case: &Case) -> Option<String> {
    let name = case.facts.file_name.as_deref()?;
    let import = case.import().filter(|import| import.is_registry())?;
    let reference = import.reference.as_ref()?;
    let tag = Import::tag(import)?;
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
