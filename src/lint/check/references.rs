//! Stamped references: can anybody pull what they name?

use crate::attribution::is_moving;
use crate::attribution::reading::{Carrier, Reading};
use crate::contracts::{Field, RepositoryClass, any_glob};
use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    NIGHTLY_NAMES_STAGING, Rule, STAMP_NAMES_MOVING_TAG, STAMP_NAMES_PRIVATE_REGISTRY,
    STAMP_NAMES_STAGING, STAMP_WITHOUT_REPOSITORY,
};
use crate::provenance::Kind;
use crate::reference::Reference;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for subject in &case.subjects {
        let references = subject.stamps.iter().filter(|reading| {
            reading.field == Field::Reference && reading.carrier != Carrier::File
        });
        for reading in references.filter(|reading| !reading.placeholder) {
            let key = reading.source.key.as_deref().unwrap_or_default();
            if let Some((rule, why)) = judge(case, reading) {
                let message = format!("{key} is {}: {why}", case.shown(key, &reading.value));
                let finding = subject.image.finding(rule, message);
                out.push(finding.at(subject.level(reading), key));
            }
        }
    }
}

/// Returns what is wrong with a reference; of several faults, the worst.
fn judge(case: &Case, reading: &Reading) -> Option<(&'static Rule, String)> {
    let no_repository = |why: &str| Some((&STAMP_WITHOUT_REPOSITORY, why.to_owned()));
    let Ok(parsed) = Reference::parse(&reading.value) else {
        return no_repository("it is not an image reference");
    };
    if !reading.value.contains('/') {
        return no_repository("it names no repository");
    }
    let reference = parsed.unmirrored(case.mirrors).unwrap_or(parsed);
    let tag = reference.tag.as_deref().unwrap_or_default();
    if let Some(why) = unpublished(case, &reference, tag) {
        let rule = if tag.contains("nightly") {
            &NIGHTLY_NAMES_STAGING
        } else {
            &STAMP_NAMES_STAGING
        };
        return Some((rule, why));
    }
    if case.registries.is_private(&reference.registry) {
        let why = format!("{} is not public", reference.registry);
        return Some((&STAMP_NAMES_PRIVATE_REGISTRY, why));
    }
    let name = reference.name();
    let own = case.contracts.get(&reading.contract);
    let rule = own.and_then(|contract| contract.tag_rule(&name, tag));
    let moving = reference.digest.is_none() && is_moving(rule, &case.registries, tag);
    let why = || format!("{tag} is moved to new images");
    moving.then(|| (&STAMP_NAMES_MOVING_TAG, why()))
}

/// Returns why the reference names an image that is not published.
fn unpublished(case: &Case, reference: &Reference, tag: &str) -> Option<String> {
    let name = reference.name();
    for contract in case.contracts.all() {
        let class = contract.class_of(&name);
        let kind = match class {
            Some(RepositoryClass::Staging) => "staging",
            Some(RepositoryClass::Ci) => "CI",
            Some(RepositoryClass::PullRequest) => "pull request",
            Some(RepositoryClass::Official | RepositoryClass::Elsewhere) | None => "",
        };
        let publisher = &contract.name;
        if !kind.is_empty() {
            return Some(format!("{name} is a {kind} repository of {publisher}"));
        }
        let staging = |kind| matches!(kind, Kind::Staging | Kind::Ci | Kind::Pr);
        let rule = class.and_then(|_| contract.tag_rule(&name, tag));
        if rule.is_some_and(|rule| staging(rule.kind)) {
            return Some(format!("{publisher} does not publish tags like {tag}"));
        }
    }
    let last = reference.repository.rsplit('/').next().unwrap_or_default();
    let registries = &case.registries;
    if any_glob(&registries.staging, last) || any_glob(&registries.ci, last) {
        return Some(format!("{name} is a staging or CI repository by its name"));
    }
    let mut requests = registries.pull_request.iter();
    let is_request = requests.any(|pattern| pattern.is_match(tag));
    is_request.then(|| format!("{tag} is the tag of a pull or merge request"))
}
