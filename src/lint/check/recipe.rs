//! Dockerfiles and bake files: does each stamp that is handed to the build reach the
//! image, as a variable and as a label?

use std::collections::BTreeSet;

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    ANNOTATION_ONLY, ANNOTATIONS_NOT_ON_INDEX, ARG_NOT_REDECLARED, BAKE_ARG_NOT_DECLARED,
    DOCKERFILE_WITHOUT_STAMP, LABEL_MULTI_LINE, Rule, SECRET_IN_BUILD_ARG, SECRET_IN_ENV,
    SECRET_IN_LABEL, STAMP_ARG_NOT_IN_ENV, STAMP_ARG_NOT_IN_LABEL, STAMP_ARG_UNUSED,
};
use crate::lint::source::{Bake, Built, Dockerfile, Entry, Target, Value, is_stamp};
use crate::lint::survey::{Level, Source};
use crate::redact;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    match &case.survey.source {
        Some(Source::Dockerfile(file)) => dockerfile(case, file, out),
        Some(Source::Bake(bake)) => targets(case, bake, out),
        None => {}
    }
}

/// The stamp arguments of a Dockerfile; those that choose a base are none.
fn stamps<'f>(case: &Case, file: &'f Dockerfile) -> impl Iterator<Item = &'f String> {
    let is_stamp = |name: &&String| is_stamp(name, case.contracts) && !file.in_from.contains(*name);
    file.arguments.keys().filter(is_stamp)
}

fn dockerfile(case: &Case, file: &Dockerfile, out: &mut Vec<Finding>) {
    let images = file.images();
    for name in stamps(case, file) {
        let line = file.arguments.get(name).map(|(line, _)| *line);
        let reaches = |image: &&&Built| image.in_environment(name) && image.in_labels(name);
        let Some(last) = images.first() else { continue };
        if images.iter().find(reaches).is_none() {
            out.extend(unreached(name, last, |rule, message| {
                Finding::new(rule, message).line(line)
            }));
        }
    }
    for used in &file.undeclared {
        if is_stamp(&used.name, case.contracts) {
            let message = format!(
                "{} takes {}, which its stage does not declare: it is empty",
                used.by, used.name
            );
            out.push(
                Finding::new(&ARG_NOT_REDECLARED, message)
                    .at(Level::BuildArg, &used.name)
                    .line(Some(used.line)),
            );
        }
    }
    let stamped = |built: &Built| {
        let keys = built.environment.keys().chain(built.labels.keys());
        keys.into_iter().any(|key| is_stamp_key(case, key))
    };
    if stamps(case, file).next().is_none() && !images.iter().any(|built| stamped(built)) {
        let message = "no ARG, ENV or LABEL says from which commit or build the image is";
        out.push(Finding::new(&DOCKERFILE_WITHOUT_STAMP, message).line(Some(1)));
    }
    values(file, out);
}

/// True for a variable or label that any contract reads.
fn is_stamp_key(case: &Case, key: &str) -> bool {
    let contracts = case.contracts.all().iter();
    let mut stamps = contracts.flat_map(|contract| &contract.stamps);
    stamps.any(|stamp| {
        stamp
            .environment
            .iter()
            .chain(&stamp.label)
            .any(|known| known == key)
    })
}

/// What is missing on the way of an argument into an image.
fn unreached(
    name: &str,
    image: &Built,
    finding: impl Fn(&Rule, String) -> Finding,
) -> Option<Finding> {
    let (rule, message) = match (image.in_environment(name), image.in_labels(name)) {
        (true, true) => return None,
        (true, false) => (
            &STAMP_ARG_NOT_IN_LABEL,
            format!("{name} reaches a variable of the image and no label"),
        ),
        (false, true) => (
            &STAMP_ARG_NOT_IN_ENV,
            format!("{name} reaches a label of the image and no variable"),
        ),
        (false, false) => {
            let why = if image.in_commands.contains(name) {
                "a command takes it, which importers do not see"
            } else if image.declared.contains(name) {
                "the last stage declares it and does nothing with it"
            } else {
                "the last stage does not declare it"
            };
            let message = format!("{name} reaches no variable and no label of the image: {why}");
            (&STAMP_ARG_UNUSED, message)
        }
    };
    Some(finding(rule, message).at(Level::BuildArg, name))
}

/// Values that are written out and should not be.
fn values(file: &Dockerfile, out: &mut Vec<Finding>) {
    let mut secret = |rule: &Rule, level: Level, key: &str, value: Option<&String>, line: u32| {
        if value.is_some_and(|value| redact::is_secret(key, value)) {
            let message = format!(
                "the {} {key} is set to what looks like a secret",
                level.noun()
            );
            out.push(Finding::new(rule, message).at(level, key).line(Some(line)));
        }
    };
    for (name, (line, default)) in &file.arguments {
        secret(
            &SECRET_IN_BUILD_ARG,
            Level::BuildArg,
            name,
            default.as_ref(),
            *line,
        );
    }
    let mut seen = BTreeSet::new();
    for built in file.images() {
        for (rule, level, set) in [
            (&SECRET_IN_ENV, Level::Env, &built.environment),
            (&SECRET_IN_LABEL, Level::Label, &built.labels),
        ] {
            for (key, value) in set {
                if seen.insert((level, key, value.line)) {
                    secret(rule, level, key, value.literal.as_ref(), value.line);
                }
            }
        }
    }
}

fn targets(case: &Case, bake: &Bake, out: &mut Vec<Finding>) {
    for target in &bake.targets {
        annotations(target, out);
        for (list, level, rule) in [
            (&target.arguments, Level::BuildArg, &SECRET_IN_BUILD_ARG),
            (&target.labels, Level::Label, &SECRET_IN_LABEL),
        ] {
            for entry in list {
                literal(target, entry, level, rule, out);
            }
        }
        if let Some(file) = &target.file {
            arguments(case, target, file, out);
        }
    }
}

/// A finding about a target.
fn of(target: &Target, rule: &Rule, message: &str, line: u32) -> Finding {
    Finding::new(rule, format!("target {}: {message}", target.name))
        .on(Some(&target.name))
        .line(Some(line))
}

fn literal(target: &Target, entry: &Entry, level: Level, secret: &Rule, out: &mut Vec<Finding>) {
    let Value::Literal(value) = &entry.value else {
        return;
    };
    let key = entry.key.as_str();
    if redact::is_secret(key, value) {
        let message = format!(
            "the {} {key} is set to what looks like a secret",
            level.noun()
        );
        out.push(of(target, secret, &message, entry.line).at(level, key));
    }
    if level == Level::Label && value.contains(['\n', '\r']) {
        let message = format!("the label {key} has a line break");
        out.push(of(target, &LABEL_MULTI_LINE, &message, entry.line).at(level, key));
    }
}

fn annotations(target: &Target, out: &mut Vec<Finding>) {
    let on_index = |key: &str| {
        target.annotations.iter().any(|annotation| {
            annotation.entry.key == key
                && annotation
                    .levels
                    .iter()
                    .any(|level| level.starts_with("index") && !level.starts_with("index-"))
        })
    };
    let label = |key: &str| {
        let built = target
            .file
            .as_ref()
            .map(|file| file.image(target.stage.as_deref()));
        target.labels.iter().any(|entry| entry.key == key)
            || built.is_some_and(|built| built.labels.contains_key(key))
    };
    for annotation in &target.annotations {
        let Entry { key, line, .. } = &annotation.entry;
        if target.platforms.is_some_and(|count| count > 1) && !on_index(key) {
            let message = format!(
                "the annotation {key} is for the manifests of its platforms only, and not for their index"
            );
            out.push(
                of(target, &ANNOTATIONS_NOT_ON_INDEX, &message, *line)
                    .at(Level::IndexAnnotation, key)
                    .change(format!("write it as index,manifest:{key}=…")),
            );
        }
        if target.is_whole && !label(key) {
            let message = format!("the annotation {key} has no label of the same name");
            out.push(
                of(target, &ANNOTATION_ONLY, &message, *line).at(Level::ManifestAnnotation, key),
            );
        }
    }
}

/// Stamp arguments, on their way through the Dockerfile.
fn arguments(case: &Case, target: &Target, file: &Dockerfile, out: &mut Vec<Finding>) {
    let built = file.image(target.stage.as_deref());
    for entry in target
        .arguments
        .iter()
        .filter(|e| is_stamp(&e.key, case.contracts))
    {
        let name = entry.key.as_str();
        if file.in_from.contains(name) {
            continue;
        }
        if !file.arguments.contains_key(name) {
            let message = format!("its Dockerfile does not declare ARG {name}");
            out.push(
                of(target, &BAKE_ARG_NOT_DECLARED, &message, entry.line).at(Level::BuildArg, name),
            );
            continue;
        }
        // A label that bake itself sets from the same variable will do.
        let labelled = target
            .labels
            .iter()
            .any(|label| shares(&label.value, &entry.value));
        let mut built = built.clone();
        if labelled {
            let label = built.labels.entry(String::new()).or_default();
            label.arguments.insert(name.to_owned());
        }
        out.extend(unreached(name, &built, |rule, message| {
            of(target, rule, &message, entry.line)
        }));
    }
}

/// True when both are made of one variable, or are one text.
fn shares(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Literal(a), Value::Literal(b)) => a == b,
        (Value::Made(a), Value::Made(b)) => !a.is_disjoint(b),
        _ => false,
    }
}
