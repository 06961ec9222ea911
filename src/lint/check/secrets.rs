//! What looks like a secret. A finding never repeats it.

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    Rule, SECRET_IN_ANNOTATION, SECRET_IN_BUILD_ARG, SECRET_IN_ENV, SECRET_IN_HISTORY,
    SECRET_IN_LABEL,
};
use crate::lint::survey::Level;
use crate::redact;

const LEVELS: [(Level, &Rule); 6] = [
    (Level::Env, &SECRET_IN_ENV),
    (Level::Label, &SECRET_IN_LABEL),
    (Level::IndexAnnotation, &SECRET_IN_ANNOTATION),
    (Level::ManifestAnnotation, &SECRET_IN_ANNOTATION),
    (Level::DescriptorAnnotation, &SECRET_IN_ANNOTATION),
    (Level::BuildArg, &SECRET_IN_BUILD_ARG),
];

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for image in &case.survey.images {
        for (level, rule) in LEVELS {
            for pair in image.pairs(level) {
                if !redact::is_secret(&pair.key, &pair.value) {
                    continue;
                }
                let message = format!("the {} {} looks like a secret", level.noun(), pair.key);
                out.push(image.finding(rule, message).at(level, &pair.key));
            }
        }
        for pair in &image.facts.history {
            if redact::is_secret("", &pair.value) {
                let message = format!("the build step {} has what looks like a secret", pair.key);
                let finding = image.finding(&SECRET_IN_HISTORY, message);
                out.push(finding.at(Level::ConfigField, &pair.key));
            }
        }
    }
}
