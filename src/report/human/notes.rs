//! The notes: reasons for the verdict, sources that disagree, and what could not be read.

use super::page::Page;
use crate::provenance::{Evidence, Format, Kind, Provenance, Source};
use crate::report::terminal::{ASIDE, CARE, PLAIN};
use crate::report::words;
use crate::words::weighing;

/// Codes of notes that repeat the row `pull`, which says why a pull is not possible.
const IN_ITS_ROW: [&str; 5] = [
    "ci",
    "hand-built",
    "modified-after-import",
    "pull-request",
    "staging",
];

pub(super) fn add(page: &mut Page, document: &Provenance) {
    let origin = &document.origin;
    if let Some(why) = why_unknown(document) {
        page.blank();
        page.paragraph("  ", PLAIN, &why);
    }
    // JSON has the reasons why an image is official; a person does not need them. The paragraph above replaces
    // the note `nothing-says`.
    let official = origin.official == Some(true);
    let reasons = weighing(origin).filter(|code| !official && *code != "nothing-says");
    let said = |code: &&String| !origin.pull.ok && IN_ITS_ROW.contains(&code.as_str());
    let codes = reasons.chain(&origin.pull.notes).filter(|code| !said(code));
    let mut notes: Vec<String> = Vec::new();
    for note in codes.map(|code| words::code(code)) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    if !notes.is_empty() {
        page.blank();
        for note in notes {
            page.paragraph("  note: ", PLAIN, &note);
        }
    }
    for conflict in &document.conflicts {
        page.blank();
        page.paragraph("  conflict: ", CARE, &conflict.message);
        for entry in &conflict.values {
            page.paragraph("    ", PLAIN, &entry.value);
            page.paragraph("      ", ASIDE, &place(&entry.source));
        }
    }
    files(page, document);
    if !document.warnings.is_empty() {
        page.blank();
        for warning in &document.warnings {
            page.paragraph("  warning: ", CARE, &warning.message);
        }
    }
}

/// Adds the result of hashing the files of packages.
fn files(page: &mut Page, document: &Provenance) {
    let Some(packages) = &document.integrity else {
        return;
    };
    page.blank();
    let mut warnings = document.warnings.iter();
    let is_unseen = warnings.any(|it| it.code == "files-not-seen");
    if !is_unseen && packages.iter().all(|checked| checked.listed_only) {
        let none = "no package of a known publisher has a RECORD to compare with";
        page.paragraph("  files: ", PLAIN, none);
    }
    let (others, named): (Vec<_>, Vec<_>) = packages
        .iter()
        .partition(|checked| checked.listed_only && checked.is_whole());
    let total = others.iter().map(|checked| checked.files);
    let total = total.fold(0, u64::saturating_add);
    if total > 0 {
        let text = format!("{total} files of other packages match their RECORD");
        page.paragraph("  files: ", PLAIN, &text);
    }
    for checked in named {
        let lists = [
            ("changed", &checked.changed),
            ("missing", &checked.missing),
            ("not listed", &checked.extra),
        ];
        let (package, files) = (&checked.package, checked.files);
        if checked.is_whole() {
            let text = format!("{files} files of {package} match its RECORD");
            page.paragraph("  files: ", PLAIN, &text);
            continue;
        }
        let counts = lists.map(|(word, names)| format!("{} {word}", names.len()));
        let counts = counts.join(", ");
        let text = format!("{files} files of {package} hashed against its RECORD: {counts}");
        page.paragraph("  files: ", CARE, &text);
        for (word, names) in lists {
            for name in names.iter().take(NAMED) {
                page.paragraph(&format!("    {word} "), PLAIN, name);
            }
            if let Some(more) = names.len().checked_sub(NAMED).filter(|more| *more > 0) {
                let text = format!("and {more} more, see --format json");
                page.paragraph(&format!("    {word} "), ASIDE, &text);
            }
        }
    }
}

/// The most files that are named of each kind.
const NAMED: usize = 20;

/// Returns `/etc/environment:19 VLLM_BUILD_COMMIT`, or the carrier if it has no file.
pub(super) fn place(source: &Source) -> String {
    let mut text = source.path.as_ref().unwrap_or(&source.carrier).clone();
    if let Some(line) = source.line {
        text.push_str(&format!(":{line}"));
    }
    if let Some(key) = &source.key {
        text.push(' ');
        text.push_str(key);
    }
    text
}

/// Says what is not known about the image, and why; `None` if the notes say it.
fn why_unknown(document: &Provenance) -> Option<String> {
    let origin = &document.origin;
    let known = words::is_known(origin);
    if origin.kind != Kind::Unknown {
        return None;
    }
    if document.is_partial() {
        let what = if known {
            "Part of the image could not be read, and the rest does not say what kind of build it is"
        } else {
            "Part of the image could not be read, and the rest does not say what built it"
        };
        return Some(format!(
            "{what}: the warnings say what is lost, and --evidence what was read."
        ));
    }
    if known {
        let nothing = origin.reasons.iter().any(|code| code == "nothing-says");
        return nothing.then(|| "It is not known whether this is a release, a nightly build or something else: no tag, channel or build page in it belongs to a known publisher.".to_owned());
    }
    let mut why = vec!["What built this image cannot be known from the file."];
    if origin.publisher.is_none() {
        why.push("Nothing in it matches what a known publisher writes.");
    }
    let took = |it: &Evidence| it.field == "build.sources";
    why.push(match document.evidence.iter().any(took) {
        true => "The inputs of its build are recorded, but not which of them is its own source.",
        false => "No commit and no pipeline is recorded in it.",
    });
    if origin.imported.is_none() && document.file.format == Format::Squashfs {
        why.push(
            "Where it was pulled from is not recorded either: enroot writes that since 4.2, and other tools do not.",
        );
    }
    Some(why.join(" "))
}
