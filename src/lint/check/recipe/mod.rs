//! Dockerfiles and bake files: does each stamp that is handed to the build reach the
//! image, as a variable and as a label?

mod dockerfile;
mod keys;
mod mend;

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    ANNOTATION_ONLY, ANNOTATIONS_NOT_ON_INDEX, BAKE_ARG_NOT_DECLARED, LABEL_MULTI_LINE, Rule,
    SECRET_IN_BUILD_ARG, SECRET_IN_LABEL,
};
use crate::lint::source::{Bake, Dockerfile, Entry, Target, Value, is_stamp};
use crate::lint::survey::{Level, Source};
use crate::redact;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    match &case.survey.source {
        Some(Source::Dockerfile(file)) => dockerfile::check(case, file, out),
        Some(Source::Bake(bake)) => targets(case, bake, out),
        None => {}
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
        let path = target.path.as_deref();
        out.extend(dockerfile::unreached(
            case,
            name,
            &built,
            path,
            |rule, message| of(target, rule, &message, entry.line),
        ));
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
