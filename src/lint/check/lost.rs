//! Facts that no import keeps: build sources and attestations.

use crate::carriers::buildinfo::LABEL;
use crate::carriers::{Build, Pair};
use crate::contracts::Field;
use crate::lint::case::{Case, Subject};
use crate::lint::document::Finding;
use crate::lint::rules::{ATTESTATION_ONLY, BUILDINFO_ONLY};
use crate::lint::survey::Level;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for subject in case.subjects.iter().filter(|s| s.image.known.configuration) {
        let image = subject.image;
        let says_commit = says(subject, Field::Commit);
        let mut fields = image.fields.iter();
        let field = fields.find(|field| field.starts_with("moby.buildkit.buildinfo."));
        if let Some(field) = field
            && image.value(Level::Label, LABEL).is_none()
        {
            let only = facts(&image.buildinfo, says_commit, says(subject, Field::Base));
            if !only.is_empty() {
                let message = format!("only {field} says {}", shown(case, &only));
                let finding = image.finding(&BUILDINFO_ONLY, message);
                out.push(finding.at(Level::Buildinfo, field));
            }
        }
        let mut predicates = image.predicates.iter();
        let provenance = predicates.find(|predicate| predicate.contains("provenance"));
        if let Some(predicate) = provenance
            && !says_commit
        {
            let only = facts(&image.attested, false, true);
            let what = match only.is_empty() {
                true => "how it was built".to_owned(),
                false => shown(case, &only),
            };
            let message = format!("only its attestation says {what}");
            let finding = image.finding(&ATTESTATION_ONLY, message);
            out.push(finding.at(Level::Attestation, predicate));
        }
    }
}

/// Returns true if the image's own variables or labels have the value.
fn says(subject: &Subject, field: Field) -> bool {
    let mut stamps = subject.stamps.iter();
    stamps.any(|reading| reading.field == field && !reading.placeholder)
}

/// Returns the commits, repositories and bases that the builds name.
fn facts(builds: &[Build], says_commit: bool, says_base: bool) -> Vec<(&'static str, &Pair)> {
    let mut found = Vec::new();
    for build in builds {
        if !says_commit {
            let repository = build.repositories.first();
            found.extend(build.commits.first().map(|pair| ("the commit", pair)));
            found.extend(repository.map(|pair| ("the repository", pair)));
        }
        if !says_base {
            found.extend(build.images.iter().map(|pair| ("the image", pair)));
        }
    }
    found.dedup_by(|a, b| a.1.value == b.1.value);
    found
}

fn shown(case: &Case, facts: &[(&str, &Pair)]) -> String {
    const MOST: usize = 3;
    let mut texts: Vec<String> = (facts.iter().take(MOST))
        .map(|(what, pair)| format!("{what} {}", case.shown("", &pair.value)))
        .collect();
    if let Some(more) = facts.len().checked_sub(MOST).filter(|more| *more > 0) {
        texts.push(format!("{more} more"));
    }
    texts.join(", ")
}
