//! What an image is built by: does each stamp that the build is given reach the image as a variable and as a
//! label, and does the recipe say which commit it builds?

mod dockerfile;
mod git;
mod keys;
mod mend;
mod targets;
mod told;
mod workflow;

use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::survey::Source;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    match &case.survey.source {
        Some(Source::Dockerfile(file)) => {
            dockerfile::check(case, file, out);
            git::dockerfile(case, file, out);
        }
        Some(Source::Targets(all)) => {
            for target in &all.all {
                targets::check(case, target, out);
                git::target(case, target, out);
            }
            workflow::check(case, all, out);
        }
        None => {}
    }
}
