//! Finds the problems of a contract that parses.

use super::build_args;
use super::contract::{Contract, Role};
use super::pattern::Pattern;

/// Returns the problems of a contract, each with its line.
pub(super) fn problems(contract: &Contract) -> Vec<String> {
    let mut problems = Vec::new();
    let text = contract.text();
    let mut note = |needle: &str, reason: String| {
        let line = text.lines().position(|line| line.contains(needle));
        problems.push(match line {
            Some(at) => format!("line {}: {reason}", at + 1),
            None => reason,
        });
    };
    let (schema, id) = (contract.schema, &contract.id);
    if schema != 1 {
        let reason = format!("schema = {schema}: this version knows schema = 1");
        note("schema", reason);
    }
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || !id.bytes().all(allowed) {
        let reason = format!("id = \"{id}\": an id has lower-case letters, digits and '-'");
        note("id", reason);
    }
    for pattern in patterns(contract) {
        if let Some(error) = pattern.error() {
            let text = pattern.as_str();
            note(text, format!("pattern '{text}': {error}"));
        }
    }
    let empty = contract.lines.is_empty() && contract.stamps.is_empty();
    if contract.role == Role::Publisher && empty {
        note(
            "id",
            "a publisher needs a [[line]] with repositories, or a [[stamp]]".to_owned(),
        );
    }
    let bases = contract.lines.iter().flat_map(|line| &line.stands_on);
    for base in bases.filter(|base| contract.line_of(base).is_none()) {
        note(
            base,
            format!("stands-on: no [[line]] has the repository {base}"),
        );
    }
    for (needle, reason) in stamp_problems(contract) {
        note(needle, reason);
    }
    if let Some(section) = &contract.build_args {
        for (needle, reason) in build_args::problems(section, &contract.stamps) {
            note(&needle, reason);
        }
    }
    for repository in contract.official_repositories() {
        if !repository.contains('/') || repository.contains("://") {
            note(
                repository,
                format!(
                    "'{repository}': write a repository with its registry and without a scheme: docker.io/owner/name"
                ),
            );
        }
    }
    problems
}

/// Returns the problems of the stamps: a text that finds the line, and the reason.
fn stamp_problems(contract: &Contract) -> Vec<(&str, String)> {
    let mut problems = Vec::new();
    for stamp in &contract.stamps {
        if stamp.environment.is_empty() && stamp.label.is_empty() && stamp.file.is_none() {
            problems.push((
                "[[stamp]]",
                "a [[stamp]] names an environment variable, a label or a file".to_owned(),
            ));
        }
        if let Some(file) = &stamp.file
            && !contract.documents.iter().any(|d| &d.path == file)
        {
            let reason = format!("file = \"{file}\": add a [[document]] with this path");
            problems.push((file, reason));
        }
        if stamp.word == Some(0) {
            problems.push(("word", "word = 0: words count from 1".to_owned()));
        }
    }
    problems
}

fn patterns(contract: &Contract) -> Vec<&Pattern> {
    let mut all: Vec<&Pattern> = contract.tags.iter().map(|rule| &rule.pattern).collect();
    if let Some(build) = &contract.build {
        all.push(&build.official_url);
        all.extend(&build.official_pipeline);
        all.extend(&build.ci_url);
    }
    all.extend(contract.lines.iter().filter_map(|line| line.tags.as_ref()));
    all.extend(contract.name_rules.iter().map(|rule| &rule.pattern));
    all.extend(contract.mirrors.iter().map(|mirror| &mirror.pattern));
    if let Some(section) = &contract.build_args {
        all.extend(section.tags.iter().filter_map(|tag| tag.variant.as_ref()));
    }
    if let Some(registries) = &contract.registries {
        all.extend(&registries.moving);
        all.extend(&registries.pull_request);
    }
    all
}
