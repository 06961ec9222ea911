//! Finds what an import would lose or misread, before an image is published: on every level of the image, and
//! in the Dockerfile or bake file that builds it. This module reads no files: [`crate::Inspector::survey`]
//! does.

mod case;
mod check;
pub mod document;
pub mod expect;
mod rules;
pub mod source;
pub mod survey;
pub mod survives;

use std::collections::HashMap;

use crate::attribution::attribute;
use crate::attribution::reading::{Reading, read_stamps};
use crate::carriers::Facts;
use crate::contracts::{Contracts, Role};
use crate::provenance::{Kind, Warning};
use crate::redact::{self, Known};

pub use self::document::{Document, Edit, Finding};
pub use self::expect::Expected;
pub use self::rules::{RULES, Rule};
pub use self::survey::Survey;

use self::case::{Case, Subject};
use self::document::{Input, SCHEMA};
use self::survey::{Image, Level};

/// Judges one input. `mirrors` are `FROM=TO` pairs, see
/// [`crate::reference::Reference::unmirrored`].
#[must_use]
pub fn lint(
    survey: &Survey,
    contracts: &Contracts,
    mirrors: &[(String, String)],
    expected: Option<&Expected>,
) -> Document {
    let registries = contracts.all().iter().find_map(|c| c.registries.clone());
    let case = Case {
        survey,
        contracts,
        registries: registries.unwrap_or_default(),
        mirrors,
        expected,
        subjects: (survey.images.iter())
            .map(|image| subject(image, contracts, mirrors))
            .collect(),
        secrets: secrets(survey),
    };
    let mut findings = Vec::new();
    for check in check::ALL {
        check(&case, &mut findings);
    }
    let mut findings = merged(findings, survey.images.len());
    for finding in &mut findings {
        // A key may contain the rest of a value with line breaks.
        if let Some(key) = finding.key.clone().filter(|key| redact::name(key) != key) {
            finding.message = finding.message.replace(&key, redact::MASK);
            finding.key = Some(redact::MASK.to_owned());
            finding.edits.clear();
        }
        finding.message = case.secrets.mask(&finding.message);
    }
    for finding in &mut findings {
        placed(finding, &survey.files);
    }
    findings.sort_by(|a, b| {
        let order = |finding: &Finding| {
            let severity = std::cmp::Reverse(finding.severity);
            (
                severity,
                finding.path.clone(),
                finding.line,
                finding.code.clone(),
                finding.key.clone(),
            )
        };
        order(a).cmp(&order(b))
    });
    one_edit_a_line(&mut findings);
    let mut document = survives_not(survey);
    document.findings = Some(findings);
    if expected.is_some_and(|expected| !check::compares(&case, expected)) {
        document.input.partial = true;
        document.warnings.push(Warning {
            code: "stamp-not-compared".to_owned(),
            message: "it cannot show any part of the stamp: the stamp was not compared".to_owned(),
        });
    }
    document
}

/// Takes the edits of a finding away if they replace a line that those of an earlier one replace by something else.
fn one_edit_a_line(findings: &mut [Finding]) {
    let mut replaced: HashMap<(Option<String>, u32), Vec<String>> = HashMap::new();
    for finding in findings {
        let place = |edit: &Edit| (edit.path.clone(), edit.line);
        let mut edits = finding.edits.iter().filter(|edit| edit.remove > 0);
        let differs = |edit: &Edit| {
            let other = replaced.get(&place(edit));
            other.is_some_and(|other| *other != edit.insert)
        };
        if edits.any(differs) {
            finding.edits.clear();
        }
        for edit in finding.edits.iter().filter(|edit| edit.remove > 0) {
            replaced.insert(place(edit), edit.insert.clone());
        }
    }
}

/// Replaces a line of the joined text by the file that it belongs to, and the line there.
fn placed(finding: &mut Finding, files: &[(u32, String)]) {
    let place = |line: u32| {
        let (first, path) = files.iter().rfind(|(first, _)| *first <= line)?;
        let line = line.saturating_sub(*first).saturating_add(1);
        Some((line, path.clone()))
    };
    for edit in finding.edits.iter_mut().filter(|edit| edit.path.is_none()) {
        if let Some((line, path)) = place(edit.line) {
            (edit.line, edit.path) = (line, Some(path));
        }
    }
    if finding.path.is_none()
        && let Some((line, path)) = finding.line.and_then(place)
    {
        (finding.line, finding.path) = (Some(line), Some(path));
    }
}

/// Says what an import keeps of each key of an input.
#[must_use]
pub fn survives(survey: &Survey) -> Document {
    let mut document = survives_not(survey);
    document.survives = Some(survives::rows(survey));
    document
}

/// Returns the document without findings and rows.
fn survives_not(survey: &Survey) -> Document {
    Document {
        schema: SCHEMA.to_owned(),
        input: Input {
            path: survey.path.clone(),
            form: survey.form,
            images: (survey.images.iter())
                .filter_map(|image| image.name.clone())
                .collect(),
            partial: survey.partial,
        },
        findings: None,
        survives: None,
        warnings: survey.warnings.clone(),
    }
}

fn subject<'a>(
    image: &'a Image,
    contracts: &Contracts,
    mirrors: &[(String, String)],
) -> Subject<'a> {
    let inherited = check::bases::inherited(&image.facts, contracts);
    // An import loses annotations, so they are no stamp.
    let environment = match image.known.configuration {
        true => &image.facts.environment,
        // An image that is not known has the stamps that its build was given.
        false => &image.arguments,
    };
    let kept = Facts {
        environment: environment.clone(),
        labels: image.facts.labels.clone(),
        documents: image.facts.documents.clone(),
        ..Facts::default()
    };
    let is_inherited = |reading: &Reading| {
        let key = reading.source.key.as_deref().unwrap_or_default();
        inherited.iter().any(|(inherited, _)| inherited == key)
    };
    let stamps = contracts.all().iter();
    let stamps = stamps.filter(|contract| contract.role != Role::Base);
    let attribution = attribute(&image.facts, contracts, mirrors);
    Subject {
        image,
        stamps: stamps
            .flat_map(|contract| read_stamps(contract, &kept))
            .filter(|reading| !is_inherited(reading))
            .collect(),
        inherited,
        derived: attribution.origin.kind == Kind::Derived,
    }
}

/// Returns every secret, with the names that have it.
fn secrets(survey: &Survey) -> Known {
    const NAMED: [Level; 6] = [
        Level::Env,
        Level::Label,
        Level::BuildArg,
        Level::IndexAnnotation,
        Level::ManifestAnnotation,
        Level::DescriptorAnnotation,
    ];
    let mut known = Known::default();
    for image in &survey.images {
        for pair in NAMED.iter().flat_map(|level| image.pairs(*level)) {
            known.learn(&pair.key, &pair.value);
        }
    }
    known
}

/// Merges equal findings about several images. A finding about all images names none.
fn merged(findings: Vec<Finding>, images: usize) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    let mut seen = HashMap::new();
    for finding in findings {
        let same = (
            finding.code.clone(),
            finding.message.clone(),
            finding.key.clone(),
            finding.level,
            finding.line,
            finding.path.clone(),
        );
        let at = *seen.entry(same).or_insert(out.len());
        match out.get_mut(at) {
            Some(other) => {
                let new = finding.images.into_iter();
                let new: Vec<String> = new.filter(|name| !other.images.contains(name)).collect();
                other.images.extend(new);
            }
            None => out.push(finding),
        }
    }
    for finding in &mut out {
        if images > 1 && finding.images.len() == images {
            finding.images.clear();
        }
    }
    out
}
