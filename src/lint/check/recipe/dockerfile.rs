//! A Dockerfile: does each stamp that the build is given reach the image, and do the image's own stamps come
//! from the build?

use std::collections::BTreeSet;

use super::keys::{is_commit, is_own, is_standard, is_word, sets};
use super::mend::{Lacks, at_end, hand_over, text_of};
use super::told;
use crate::finding::Severity;
use crate::lint::case::Case;
use crate::lint::document::{Edit, Finding};
use crate::lint::rules::{
    ARG_NOT_REDECLARED, Rule, SECRET_IN_BUILD_ARG, SECRET_IN_ENV, SECRET_IN_LABEL,
    STAMP_ARG_NOT_IN_ENV, STAMP_ARG_NOT_IN_LABEL, STAMP_ARG_UNUSED, STAMP_VALUE_EMPTY,
    STAMP_VALUE_FIXED, STAMP_VALUE_WITH_EQUALS_SIGN,
};
use crate::lint::source::{Built, Dockerfile, Set, Undeclared, is_stamp};
use crate::lint::survey::Level;
use crate::redact;

pub(super) fn check(case: &Case, file: &Dockerfile, out: &mut Vec<Finding>) {
    let images = file.images();
    let before = out.len();
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
    // Their lines bring a stamp.
    let mut has_findings = out.len() > before;
    for used in &file.undeclared {
        if is_stamp(&used.name, case.contracts) || is_own(case.contracts, &used.by) {
            out.push(undeclared(used));
            has_findings = true;
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
    if !has_findings {
        told::dockerfile(case, &stamps, &images, out);
    }
    secrets(file, out);
}

/// Checks what a Dockerfile writes into one image, whoever builds it: secrets, and stamps that stay empty.
pub(super) fn written(case: &Case, file: &Dockerfile, image: &Built, out: &mut Vec<Finding>) {
    let globals: BTreeSet<&str> = file.undeclared.iter().map(|it| it.name.as_str()).collect();
    for (level, key, set) in sets(image) {
        missing(case, (level, key, set), &globals, out);
        out.extend(with_equals_sign(case, key, set));
    }
    arguments_with_secrets(file, out);
    for (level, key, set) in sets(image) {
        secret_set(level, key, set, out);
    }
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
    if let Some(finding) = with_equals_sign(case, key, set) {
        out.push(finding.edits(without_spaces(case, key, set)));
    }
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
        let edit = at_end(image, lines, None);
        out.push(finding.line(set.line).edit(edit));
    }
}

/// Reports `ENV NAME = VALUE`: without a sign of equality in the first word, everything behind it is the value.
fn with_equals_sign(case: &Case, key: &str, set: &Set) -> Option<Finding> {
    let message =
        format!("the value of {key} begins with \"= \": there are spaces around the sign");
    let is_wrong = set.has_spaces && is_own(case.contracts, key);
    is_wrong.then(|| {
        let finding = Finding::new(&STAMP_VALUE_WITH_EQUALS_SIGN, message);
        finding.at(Level::Env, key).line(set.line)
    })
}

/// Takes the spaces around the sign of equality away, if the value is one word.
fn without_spaces(case: &Case, key: &str, set: &Set) -> Option<Edit> {
    let line = text_of(case, set.line)?;
    let (before, value) = line.split_once(&format!("{key} = "))?;
    let is_word = !value
        .trim()
        .contains(|c: char| c.is_whitespace() || c == '\\');
    is_word.then(|| Edit {
        remove: 1,
        ..Edit::before(set.line, vec![format!("{before}{key}={value}")])
    })
}

/// Says that a word is in place of a commit.
pub(super) fn same_word(case: &Case, level: Level, key: &str, word: &str) -> String {
    let (noun, word) = (level.noun(), case.shown(key, word));
    format!("the {noun} {key} is \"{word}\" in every build, which is not a commit")
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
