//! A Dockerfile: does each stamp that the build is given reach the image, and do the image's own stamps come
//! from the build?

use std::collections::BTreeSet;

use super::keys::{is_commit, is_own, is_read, is_standard};
use super::mend::{Lacks, hand_over};
use crate::attribution::CommitText;
use crate::finding::Severity;
use crate::lint::case::Case;
use crate::lint::document::{Edit, Finding};
use crate::lint::rules::{
    ARG_NOT_REDECLARED, DOCKERFILE_WITHOUT_STAMP, Rule, SECRET_IN_BUILD_ARG, SECRET_IN_ENV,
    SECRET_IN_LABEL, STAMP_ARG_NOT_IN_ENV, STAMP_ARG_NOT_IN_LABEL, STAMP_ARG_UNUSED,
    STAMP_VALUE_EMPTY, STAMP_VALUE_FIXED,
};
use crate::lint::source::{Built, Dockerfile, Set, Undeclared, is_stamp};
use crate::lint::survey::Level;
use crate::redact;

pub(super) fn check(case: &Case, file: &Dockerfile, out: &mut Vec<Finding>) {
    let images = file.images();
    let stamps = stamps(case, file, &images);
    let Some(last) = images.first() else { return };
    for name in &stamps {
        let line = file.arguments.get(name).map(|(line, _)| *line);
        let reaches = |image: &&&Built| image.in_environment(name) && image.in_labels(name);
        if images.iter().find(reaches).is_none() {
            out.extend(unreached(case, name, last, Path::Given, |rule, message| {
                let mut finding = Finding::new(rule, message);
                finding.line = line;
                finding
            }));
        }
    }
    for used in &file.undeclared {
        if is_stamp(&used.name, case.contracts) || is_own(case.contracts, &used.by) {
            out.push(undeclared(used));
        }
    }
    let globals: BTreeSet<&str> = file.undeclared.iter().map(|it| it.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    for image in &images {
        for (level, key, set) in sets(image) {
            if seen.insert((level, key, set.line)) {
                value(case, level, key, set, &globals, image, out);
            }
        }
    }
    let read = |image: &&Built| sets(image).any(|(_, key, _)| is_read(case.contracts, key));
    if stamps.is_empty() && !images.iter().any(read) {
        let message = "no ARG, ENV or LABEL names the commit or build";
        let mut edit = hand_over(case.contracts, "GIT_COMMIT", last, Lacks::BOTH, None);
        edit.insert.extend(over_the_base(last));
        let finding = Finding::new(&DOCKERFILE_WITHOUT_STAMP, message);
        out.push(finding.line(1).edit(edit));
    }
    secrets(file, out);
}

/// Returns the lines that hide what the base image says about its own build: beside the base's repository and
/// version, the commit of this build would be a commit of the base.
fn over_the_base(image: &Built) -> Vec<String> {
    const KEYS: [&str; 3] = [
        "org.opencontainers.image.source",
        "org.opencontainers.image.url",
        "org.opencontainers.image.version",
    ];
    if KEYS.iter().any(|key| image.labels.contains_key(*key)) {
        return Vec::new();
    }
    let [source, url, version] = KEYS;
    vec![
        "ARG GIT_REPOSITORY_URL".to_owned(),
        format!("LABEL {source}=\"${{GIT_REPOSITORY_URL}}\" {url}=\"\" {version}=\"\""),
    ]
}

/// Checks what a Dockerfile writes into one image, whoever builds it: secrets, and stamps that stay empty.
pub(super) fn written(case: &Case, file: &Dockerfile, image: &Built, out: &mut Vec<Finding>) {
    let globals: BTreeSet<&str> = file.undeclared.iter().map(|it| it.name.as_str()).collect();
    for (level, key, set) in sets(image) {
        missing(case, (level, key, set), &globals, out);
    }
    arguments_with_secrets(file, out);
    for (level, key, set) in sets(image) {
        secret_set(level, key, set, out);
    }
}

/// The variables and labels of an image.
pub(super) fn sets(image: &Built) -> impl Iterator<Item = (Level, &String, &Set)> {
    let variables = image.environment.iter();
    let labels = image.labels.iter();
    (variables.map(|(key, set)| (Level::Env, key, set)))
        .chain(labels.map(|(key, set)| (Level::Label, key, set)))
}

/// Returns the stamp arguments: those with the name of a stamp, and those that a key of the commit uses.
/// Arguments that choose a base do not count.
fn stamps(case: &Case, file: &Dockerfile, images: &[&Built]) -> BTreeSet<String> {
    let named = file.arguments.keys();
    let named = named.filter(|name| is_stamp(name, case.contracts));
    let sets = images.iter().flat_map(|image| sets(image));
    let written = sets
        .filter(|(_, key, _)| is_commit(case.contracts, key))
        .flat_map(|(_, _, set)| &set.arguments);
    let all = named.chain(written);
    let all = all.filter(|name| !file.in_from.contains(*name));
    all.cloned().collect()
}

fn undeclared(used: &Undeclared) -> Finding {
    let Undeclared { name, by, .. } = used;
    let message = format!("{by} uses {name}, which its stage does not declare: it is empty");
    Finding::new(&ARG_NOT_REDECLARED, message)
        .at(Level::BuildArg, name)
        .line(used.line)
        .edit(Edit::before(used.start, vec![format!("ARG {name}")]))
}

/// Reports a variable or label whose value uses names that nothing sets.
fn missing(
    case: &Case,
    (level, key, set): (Level, &str, &Set),
    globals: &BTreeSet<&str>,
    out: &mut Vec<Finding>,
) {
    let own = is_own(case.contracts, key);
    let empty: Vec<&String> = (set.missing.iter())
        .filter(|name| !globals.contains(name.as_str()))
        .filter(|name| own || is_standard(key) || is_stamp(name, case.contracts))
        .collect();
    if !empty.is_empty() && set.arguments.is_empty() {
        let names: Vec<&str> = empty.iter().map(|name| name.as_str()).collect();
        let names = names.join(" and ");
        let message = format!(
            "the {} {key} uses {names}, which nothing in its stage sets: it is empty, its default, or the base image's value",
            level.noun()
        );
        let lines = empty.iter().map(|name| format!("ARG {name}"));
        let mut finding = Finding::new(&STAMP_VALUE_EMPTY, message)
            .at(level, key)
            .line(set.line)
            .edit(Edit::before(set.start, lines.collect()));
        // The base image can have a variable with a version or a title.
        if !own && !empty.iter().any(|name| is_stamp(name, case.contracts)) {
            finding.severity = Severity::Warning;
        }
        out.push(finding);
    }
}

/// Checks the value of a variable or label of the image.
fn value(
    case: &Case,
    level: Level,
    key: &str,
    set: &Set,
    globals: &BTreeSet<&str>,
    image: &Built,
    out: &mut Vec<Finding>,
) {
    missing(case, (level, key, set), globals, out);
    if let Some(word) = set.literal.as_deref().filter(|it| is_word(it))
        && is_commit(case.contracts, key)
    {
        let message = same_word(case, level, key, word);
        let name = if image.environment.contains_key("GIT_COMMIT") {
            "BUILD_COMMIT"
        } else {
            "GIT_COMMIT"
        };
        let mut lines = vec![format!("ARG {name}"), format!("ENV {name}=\"${{{name}}}\"")];
        if level == Level::Label || key != name {
            let instruction = if level == Level::Env { "ENV" } else { "LABEL" };
            lines.push(format!("{instruction} {key}=\"${{{name}}}\""));
        }
        if level == Level::Env && !image.in_labels(name) {
            let label = super::keys::label_for(case.contracts, name, image);
            lines.push(format!("LABEL {label}=\"${{{name}}}\""));
        }
        let finding = Finding::new(&STAMP_VALUE_FIXED, message).at(level, key);
        let edit = Edit::before(image.end.saturating_add(1), lines);
        out.push(finding.line(set.line).edit(edit));
    }
}

/// Says that a word is in place of a commit.
pub(super) fn same_word(case: &Case, level: Level, key: &str, word: &str) -> String {
    let (noun, word) = (level.noun(), case.shown(key, word));
    format!("the {noun} {key} is \"{word}\" in every build, which is not a commit")
}

/// Returns true for a branch or a placeholder: not a commit, not a version, and not the empty value
/// that hides a base's.
pub(super) fn is_word(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && CommitText::parse(value).is_none()
        && !value.contains(|c: char| c.is_ascii_digit())
}

/// Where the Dockerfile is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'p> {
    /// It is the input itself.
    Given,
    /// A file that another one names.
    Other(&'p str),
    /// It is inside another file.
    Unknown,
}

/// Returns the finding for an argument that does not reach both a variable and a label of the image.
pub(super) fn unreached(
    case: &Case,
    name: &str,
    image: &Built,
    path: Path<'_>,
    finding: impl Fn(&Rule, String) -> Finding,
) -> Option<Finding> {
    let (variable, label) = (image.in_environment(name), image.in_labels(name));
    let (rule, message) = match (variable, label) {
        (true, true) => return None,
        (true, false) => {
            let message = format!("{name} reaches a variable of the image, but no label");
            (&STAMP_ARG_NOT_IN_LABEL, message)
        }
        (false, true) => {
            let message = format!("{name} reaches a label of the image, but no variable");
            (&STAMP_ARG_NOT_IN_ENV, message)
        }
        (false, false) => {
            let why = if image.in_commands.contains(name) {
                "only a command uses it, and importers do not keep commands"
            } else if image.hidden.contains(name) {
                "a variable of the same name hides it"
            } else if image.declared.contains(name) {
                "the last stage declares it but does not use it"
            } else {
                "the last stage does not declare it"
            };
            let message = format!("{name} reaches no variable and no label of the image: {why}");
            (&STAMP_ARG_UNUSED, message)
        }
    };
    let lacks = Lacks {
        variable: !variable,
        label: !label,
    };
    let found = finding(rule, message).at(Level::BuildArg, name);
    Some(match path {
        Path::Unknown => found,
        Path::Given => found.edit(hand_over(case.contracts, name, image, lacks, None)),
        Path::Other(path) => found.edit(hand_over(case.contracts, name, image, lacks, Some(path))),
    })
}

/// Reports secrets that the Dockerfile contains.
fn secrets(file: &Dockerfile, out: &mut Vec<Finding>) {
    arguments_with_secrets(file, out);
    let mut seen = BTreeSet::new();
    for (level, key, set) in file.images().into_iter().flat_map(sets) {
        if seen.insert((level, key, set.line)) {
            secret_set(level, key, set, out);
        }
    }
}

fn arguments_with_secrets(file: &Dockerfile, out: &mut Vec<Finding>) {
    for (name, (line, default)) in &file.arguments {
        let place = (Level::BuildArg, name.as_str(), *line);
        secret(&SECRET_IN_BUILD_ARG, place, default.as_ref(), out);
    }
}

fn secret_set(level: Level, key: &str, set: &Set, out: &mut Vec<Finding>) {
    let rule = if level == Level::Env {
        &SECRET_IN_ENV
    } else {
        &SECRET_IN_LABEL
    };
    secret(rule, (level, key, set.line), set.literal.as_ref(), out);
}

fn secret(
    rule: &Rule,
    (level, key, line): (Level, &str, u32),
    value: Option<&String>,
    out: &mut Vec<Finding>,
) {
    if value.is_some_and(|value| redact::is_secret(key, value)) {
        let message = secret_message(level, key);
        out.push(Finding::new(rule, message).at(level, key).line(line));
    }
}

pub(super) fn secret_message(level: Level, key: &str) -> String {
    let noun = level.noun();
    format!("the {noun} {key} is set to what looks like a secret")
}
