//! Stamps that were asked for: is each there, at its level, with its value?

use std::collections::BTreeMap;

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::expect::Expected;
use crate::lint::rules::{EXPECTED_STAMP_DIFFERS, EXPECTED_STAMP_MISSING};
use crate::lint::source::Value;
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
            for key in wanted.keys().filter(|key| !set.contains_key(*key)) {
                let message = format!("the {} {key} is not set in the last stage", level.noun());
                out.push(
                    Finding::new(&EXPECTED_STAMP_MISSING, message)
                        .at(level, key)
                        .change(LINES),
                );
            }
        }
    }
    if let Some(Source::Targets(targets)) = &case.survey.source {
        for target in targets.all.iter().filter(|target| target.is_whole) {
            for (key, wanted) in &expected.labels {
                let found = target.labels.iter().find(|entry| entry.key == *key);
                let differs = match found.map(|entry| &entry.value) {
                    Some(Value::Literal(value)) => value != wanted,
                    Some(Value::Default(..) | Value::Made(_)) => false,
                    None => {
                        let message = format!("{} {} has no label {key}", target.noun, target.name);
                        out.push(
                            Finding::new(&EXPECTED_STAMP_MISSING, message)
                                .at(Level::Label, key)
                                .line(Some(target.line)),
                        );
                        false
                    }
                };
                if differs {
                    let message = format!(
                        "{} {}: the label {key} is not \"{}\"",
                        target.noun,
                        target.name,
                        case.shown(key, wanted)
                    );
                    out.push(
                        Finding::new(&EXPECTED_STAMP_DIFFERS, message)
                            .at(Level::Label, key)
                            .line(found.map(|entry| entry.line)),
                    );
                }
            }
        }
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
    [
        (Level::Env, known.configuration, &expected.env),
        (Level::Label, known.configuration, &expected.labels),
        (
            Level::IndexAnnotation,
            known.index && several,
            &expected.annotations,
        ),
        (
            Level::ManifestAnnotation,
            known.manifest,
            &expected.annotations,
        ),
    ]
}

fn one(case: &Case, image: &Image, level: Level, key: &str, wanted: &str, out: &mut Vec<Finding>) {
    let (rule, message) = match image.value(level, key) {
        Some(found) if found == wanted => return,
        Some(found) => (
            &EXPECTED_STAMP_DIFFERS,
            format!(
                "the {} {key} is \"{}\", asked for was \"{}\"",
                level.noun(),
                case.shown(key, found),
                case.shown(key, wanted)
            ),
        ),
        None => (
            &EXPECTED_STAMP_MISSING,
            format!("the {} {key} is not there", level.noun()),
        ),
    };
    // An index has no platform.
    let name = image
        .name
        .as_ref()
        .filter(|_| level != Level::IndexAnnotation);
    out.push(Finding::new(rule, message).at(level, key).on(name));
}
