//! The targets of a bake file and the services of a Compose file: does each stamp that they give to the build
//! reach the image?

use std::rc::Rc;

use super::dockerfile;
use super::keys::{self, is_word};
use super::mend::{Lacks, hand_over, line_with, with_variable};
use super::told;
use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    ANNOTATION_ONLY, ANNOTATIONS_NOT_ON_INDEX, BAKE_ARG_NOT_DECLARED, DOCKERFILE_WITHOUT_STAMP,
    LABEL_MULTI_LINE, Rule, SECRET_IN_BUILD_ARG, SECRET_IN_LABEL, STAMP_VALUE_EMPTY,
    STAMP_VALUE_FIXED, TARGET_NOT_IN_DOCKERFILE,
};
use crate::lint::source::{Built, Dockerfile, Entry, Target, Value, is_stamp};
use crate::lint::survey::Level;
use crate::redact;

pub(super) fn check(case: &Case, target: &Target, out: &mut Vec<Finding>) {
    let stage = target.stage.as_deref().unwrap_or_default();
    let has_stage = |file: &&Rc<Dockerfile>| stage.is_empty() || file.has_stage(stage);
    let file = target.file.as_ref();
    if file.is_some_and(|file| !has_stage(&file)) {
        let message = format!("its Dockerfile has no stage {stage}");
        out.push(of(target, &TARGET_NOT_IN_DOCKERFILE, &message, target.line));
    }
    let file = file.filter(has_stage);
    let file = file.map(|file| file.given(&target.given()));
    let stage = Some(stage).filter(|stage| !stage.is_empty());
    let built = file.as_ref().map(|it| it.image(stage));
    annotations(case, target, built.as_ref(), out);
    for (list, level, rule) in [
        (&target.arguments, Level::BuildArg, &SECRET_IN_BUILD_ARG),
        (&target.labels, Level::Label, &SECRET_IN_LABEL),
    ] {
        for entry in list {
            literal(target, entry, level, rule, out);
        }
    }
    for entry in &target.labels {
        if let Value::Literal(word) = &entry.value {
            let key = &entry.key;
            fixed(case, target, Level::Label, key, word, entry.line, out);
        }
    }
    if let (Some(file), Some(built)) = (&file, &built) {
        let before = out.len();
        arguments(case, target, file, built, out);
        values(case, target, built, out);
        written(case, target, file, built, out);
        not_given(case, target, file, built, out);
        if target.ci.is_none() && target.is_whole && out.len() == before {
            unstamped(case, target, file, built, out);
        }
    }
}

/// Reports a target whose image does not say what it was built from.
fn unstamped(
    case: &Case,
    target: &Target,
    file: &Dockerfile,
    built: &Built,
    out: &mut Vec<Finding>,
) {
    if told::tells(case, built, &target.labels) {
        return;
    }
    let given = target.arguments.iter().map(|it| &it.key);
    let stamps = given.chain(file.arguments.keys());
    let stamps = stamps.filter(|name| is_stamp(name, case.contracts));
    let stamps = stamps.filter(|name| !file.in_from.contains(*name)).cloned();
    let path = target.found.as_deref();
    let (message, change, edit) = told::without(case, built, &stamps.collect(), path);
    let mut finding = of(target, &DOCKERFILE_WITHOUT_STAMP, &message, target.line);
    if let Some((label, change)) = change {
        finding = finding.at(Level::Label, &label).change(change);
    }
    out.push(finding.edits(path.map(|_| edit)));
}

/// Checks what the Dockerfile writes into the image. The lines are those of the Dockerfile.
fn written(case: &Case, target: &Target, file: &Dockerfile, built: &Built, out: &mut Vec<Finding>) {
    let mut found = Vec::new();
    dockerfile::written(case, file, built, &mut found);
    for mut finding in found {
        match &target.found {
            Some(path) => {
                finding.path = Some(path.clone());
                let edits = finding.edits.iter_mut();
                edits.for_each(|edit| edit.path = Some(path.clone()));
            }
            // The lines of an inline Dockerfile are counted from its own first line.
            None => {
                finding.line = Some(target.line);
                finding.edits.clear();
            }
        }
        out.push(finding.on(Some(&target.name)));
    }
}

/// Reports a stamp whose argument has no default and is not given by the target.
fn not_given(
    case: &Case,
    target: &Target,
    file: &Dockerfile,
    built: &Built,
    out: &mut Vec<Finding>,
) {
    if !target.is_whole {
        return;
    }
    let is_empty = |name: &String| {
        let default = file.arguments.get(name).map(|(_, default)| default);
        let given = target.arguments.iter().any(|entry| entry.key == *name);
        default == Some(&None) && !given && is_stamp(name, case.contracts)
    };
    for (level, key, set) in keys::sets(built) {
        let mut names = set.arguments.iter();
        if !keys::is_commit(case.contracts, key) || set.arguments.is_empty() {
            continue;
        }
        if names.all(is_empty) {
            let names: Vec<&str> = set.arguments.iter().map(String::as_str).collect();
            let names = names.join(" and ");
            let message = format!(
                "the {} {key} uses {names}, which is not given here: it is empty, or has the base image's value",
                level.noun()
            );
            let finding = of(target, &STAMP_VALUE_EMPTY, &message, target.line).at(level, key);
            out.push(finding.change(format!("give it to the build, in args: {names}")));
            // One change mends everything that takes the argument.
            return;
        }
    }
}

/// Reports a fixed word in place of a commit.
fn fixed(
    case: &Case,
    target: &Target,
    level: Level,
    key: &str,
    word: &str,
    line: u32,
    out: &mut Vec<Finding>,
) {
    // The name of a variable has a finding of its own.
    let is_name = target.ci.is_some() && word.starts_with('$');
    if is_word(word) && !is_name && keys::is_commit(case.contracts, key) {
        let message = dockerfile::same_word(case, level, key, word);
        let finding = of(target, &STAMP_VALUE_FIXED, &message, line).at(level, key);
        let commit = target.ci.as_ref().and_then(|ci| ci.commit);
        out.push(finding.edits(with_variable(case, line, word, commit, str::to_owned)));
    }
}

/// Checks the stamps that the Dockerfile makes of the given arguments.
fn values(case: &Case, target: &Target, built: &Built, out: &mut Vec<Finding>) {
    let mut seen = Vec::new();
    for (level, key, set) in keys::sets(built) {
        // A value that this file does not give is no fault of it. One change mends everything that takes it.
        let mut given = target.arguments.iter();
        let given = given.find(|entry| set.arguments.contains(&entry.key));
        if let (Some(entry), Some(word)) = (given, &set.text)
            && keys::is_commit(case.contracts, key)
            && !seen.contains(&&entry.key)
        {
            seen.push(&entry.key);
            fixed(case, target, level, key, word, entry.line, out);
        }
    }
}

pub(super) fn of(target: &Target, rule: &Rule, message: &str, line: u32) -> Finding {
    Finding::new(rule, format!("{} {}: {message}", target.noun, target.name))
        .on(Some(&target.name))
        .line(line)
}

fn literal(target: &Target, entry: &Entry, level: Level, secret: &Rule, out: &mut Vec<Finding>) {
    let Value::Literal(value) = &entry.value else {
        return;
    };
    let key = entry.key.as_str();
    if redact::is_secret(key, value) {
        let message = dockerfile::secret_message(level, key);
        out.push(of(target, secret, &message, entry.line).at(level, key));
    }
    if level == Level::Label && value.contains(['\n', '\r']) {
        let message = format!("the label {key} has a line break");
        out.push(of(target, &LABEL_MULTI_LINE, &message, entry.line).at(level, key));
    }
}

fn annotations(case: &Case, target: &Target, built: Option<&Built>, out: &mut Vec<Finding>) {
    let on_index = |key: &str| {
        let is_index = |level: &String| level.starts_with("index") && !level.starts_with("index-");
        let mut same = target.annotations.iter().filter(|it| it.entry.key == key);
        same.any(|annotation| annotation.levels.iter().any(is_index))
    };
    let label = |key: &str| {
        target.labels.iter().any(|entry| entry.key == key)
            || built.is_some_and(|built| built.labels.contains_key(key))
    };
    for annotation in &target.annotations {
        let Entry { key, line, .. } = &annotation.entry;
        let levels = match annotation.levels.join(",") {
            levels if levels.is_empty() => levels,
            levels => format!("{levels}:"),
        };
        if target.platforms.is_some_and(|count| count > 1) && !on_index(key) {
            let message = format!(
                "the annotation {key} is for the manifests of its platforms only, and not for their index"
            );
            let new = format!("index,manifest:{key}=");
            out.push(
                of(target, &ANNOTATIONS_NOT_ON_INDEX, &message, *line)
                    .at(Level::IndexAnnotation, key)
                    .change(format!("write it as {new}…"))
                    .edits(line_with(case, *line, &format!("{levels}{key}="), &new)),
            );
        }
        if target.is_whole && !label(key) {
            let message = format!("the annotation {key} has no label of the same name");
            let finding = of(target, &ANNOTATION_ONLY, &message, *line);
            out.push(finding.at(Level::ManifestAnnotation, key));
        }
    }
}

/// Checks that the Dockerfile passes each stamp argument on to the image.
fn arguments(
    case: &Case,
    target: &Target,
    file: &Dockerfile,
    built: &Built,
    out: &mut Vec<Finding>,
) {
    let given = target.arguments.iter();
    for entry in given.filter(|it| is_stamp(&it.key, case.contracts)) {
        let name = entry.key.as_str();
        if file.in_from.contains(name) {
            continue;
        }
        let path = target.found.as_deref();
        if !file.arguments.contains_key(name) {
            let message = format!("its Dockerfile does not declare ARG {name}");
            let edit = |path| hand_over(case.contracts, name, built, Lacks::BOTH, Some(path));
            let finding = of(target, &BAKE_ARG_NOT_DECLARED, &message, entry.line);
            out.push(finding.at(Level::BuildArg, name).edits(path.map(edit)));
            continue;
        }
        if is_labelled(case, target) {
            continue;
        }
        let mut built = built.clone();
        // A label that bake itself sets from the same variable is enough.
        let mut labels = target.labels.iter();
        if labels.any(|label| shares(&label.value, &entry.value)) {
            let label = built.labels.entry(String::new()).or_default();
            label.arguments.insert(name.to_owned());
        }
        let path = path.map_or(dockerfile::Path::Unknown, dockerfile::Path::Other);
        let finding = |rule: &Rule, message: String| of(target, rule, &message, entry.line);
        out.extend(dockerfile::unreached(case, name, &built, path, finding));
    }
}

/// Returns true if a workflow gives the build a label with the commit, or labels that another action makes. The
/// image then names its commit, even if an argument is for a command only.
fn is_labelled(case: &Case, target: &Target) -> bool {
    let Some(ci) = &target.ci else { return false };
    let is_told = |label: &Entry| {
        let fixed = label.value.literal().is_some_and(is_word);
        keys::is_commit(case.contracts, &label.key) && !fixed
    };
    ci.opaque || target.labels.iter().any(is_told)
}

/// Returns true if both use the same variable, or are the same text.
fn shares(a: &Value, b: &Value) -> bool {
    match (a.names(), b.names()) {
        (None, None) => a == b,
        (Some(a), Some(b)) => !a.is_disjoint(b),
        _ => false,
    }
}
