//! Stamps that --expect asks for: is each there, at its level, with its value?

use std::collections::BTreeMap;

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::expect::Expected;
use crate::lint::rules::{EXPECTED_STAMP_DIFFERS, EXPECTED_STAMP_MISSING};
use crate::lint::source::{Target, Value};
use crate::lint::survey::{Image, Level, Source};

/// What to change in a Dockerfile.
const LINES: &str =
    "put the lines that sqsh-prov build-args --format dockerfile prints last in the final stage";

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    let Some(expected) = case.expected else {
        return;
    };
    for image in &case.survey.images {
        for (level, known, wanted) in levels(case, image, expected) {
            for (key, value) in wanted.iter().filter(|_| known) {
                one(case, image, level, key, value, out);
            }
        }
    }
    if let Some(Source::Dockerfile(file)) = &case.survey.source {
        let image = file.image(None);
        for (level, set, wanted) in [
            (Level::Env, &image.environment, &expected.env),
            (Level::Label, &image.labels, &expected.labels),
        ] {
            let lacks = wanted.keys().filter(|key| !set.contains_key(*key));
            let found = missing(level, lacks, "the last stage does not set");
            out.extend(found.map(|it| it.change(LINES)));
        }
    }
    if let Some(Source::Targets(targets)) = &case.survey.source {
        for target in targets.all.iter().filter(|target| target.is_whole) {
            of_target(case, target, expected, out);
        }
    }
}

/// Returns the finding about all keys of a level that are missing, if there are any.
fn missing<'k>(
    level: Level,
    keys: impl Iterator<Item = &'k String>,
    verb: &str,
) -> Option<Finding> {
    let keys: Vec<&str> = keys.map(String::as_str).collect();
    let noun = level.noun();
    let (first, message) = match keys.as_slice() {
        [] => return None,
        [key] => (key, format!("{verb} the {noun} {key}")),
        [key, ..] => (key, format!("{verb} the {noun}s {}", keys.join(", "))),
    };
    Some(Finding::new(&EXPECTED_STAMP_MISSING, message).at(level, first))
}

/// Compares the labels of a target. Only literal values can be compared.
fn of_target(case: &Case, target: &Target, expected: &Expected, out: &mut Vec<Finding>) {
    let of = |key: &String| target.labels.iter().find(|entry| entry.key == *key);
    let lacks = expected.labels.keys().filter(|key| of(key).is_none());
    let verb = format!("{} {} has not", target.noun, target.name);
    out.extend(missing(Level::Label, lacks, &verb).map(|it| it.line(target.line)));
    for (key, wanted) in &expected.labels {
        let Some(found) = of(key) else { continue };
        if !matches!(&found.value, Value::Literal(value) if value != wanted) {
            continue;
        }
        let message = format!(
            "{} {}: the label {key} is not \"{}\"",
            target.noun,
            target.name,
            case.shown(key, wanted)
        );
        let finding = Finding::new(&EXPECTED_STAMP_DIFFERS, message);
        out.push(finding.at(Level::Label, key).line(found.line));
    }
}

/// Returns true if the input can show a part of the stamp.
pub(in crate::lint) fn compares(case: &Case, expected: &Expected) -> bool {
    let images = case.survey.images.iter();
    let mut levels = images.flat_map(|image| levels(case, image, expected));
    levels.any(|(_, known, wanted)| known && !wanted.is_empty())
        || match &case.survey.source {
            Some(Source::Dockerfile(_)) => true,
            Some(Source::Targets(targets)) => {
                targets.all.iter().any(|target| target.is_whole) && !expected.labels.is_empty()
            }
            None => false,
        }
}

type Wanted<'e> = &'e BTreeMap<String, String>;

/// Returns the levels of an image, whether the input can show them, and the expected pairs.
fn levels<'e>(
    case: &Case,
    image: &Image,
    expected: &'e Expected,
) -> [(Level, bool, Wanted<'e>); 4] {
    let images = case.survey.images.iter();
    let several = images.filter(|other| other.group == image.group).count() > 1;
    let known = image.known;
    let annotations = &expected.annotations;
    [
        (Level::Env, known.configuration, &expected.env),
        (Level::Label, known.configuration, &expected.labels),
        (Level::IndexAnnotation, known.index && several, annotations),
        (Level::ManifestAnnotation, known.manifest, annotations),
    ]
}

fn one(case: &Case, image: &Image, level: Level, key: &str, wanted: &str, out: &mut Vec<Finding>) {
    let noun = level.noun();
    let finding = match image.value(level, key) {
        Some(found) if found == wanted => return,
        Some(found) => {
            let (found, wanted) = (case.shown(key, found), case.shown(key, wanted));
            let message = format!("the {noun} {key} is \"{found}\", asked for was \"{wanted}\"");
            Finding::new(&EXPECTED_STAMP_DIFFERS, message)
        }
        None => {
            let message = format!("the {noun} {key} is not there");
            Finding::new(&EXPECTED_STAMP_MISSING, message)
        }
    };
    // An index has no platform.
    let name = image
        .name
        .as_ref()
        .filter(|_| level != Level::IndexAnnotation);
    out.push(finding.at(level, key).on(name));
}
